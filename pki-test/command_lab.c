/* SPDX-License-Identifier: Apache-2.0
 *
 * `lab`: a whole laboratory, from CAs to the folders that appliances are given.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/text.h"
#include "pki-test/commands.h"
#include "pki-test/issue.h"
#include "pki-test/publish.h"

enum {
	SENSORS_MAX = 10000,
};

const struct command_option command_lab_options[] = {
    {.name = "sensors", .argument = "N", .help = "how many sensors (default 3)"},
    {.name = "domain", .argument = "NAME", .help = "their domain (default plant.example)"},
    {.name = "crl-url",
	.argument = "URL",
	.help = "where CRLs will be served (default http://127.0.0.1:8080/)"},
    {.name = "key", .argument = "KIND", .help = "rsa2048 (default), rsa4096, p256, ..."},
    {.name = "key-cache", .argument = "DIR", .help = "take keys from here, put new ones there"},
    {.name = "seed", .argument = "TEXT", .help = "of the serial numbers (default 1)"},
    {.name = "now", .argument = "TIME", .help = "the time to issue at (RFC 3339)"},
    {0},
};

static const char *const lab_cas[] = {"root", "issuing", "other", "operator", "forward"};

/* Servers that are not appliances, each under the CA of its purpose. */
static const struct {
	const char *name, *cn, *issuer;
} lab_servers[] = {
    {"page-a", "console-a", "issuer=operator"},
    {"page-b", "console-b", "issuer=operator"},
    {"siem", "siem", "issuer=forward"},
};

/* CRLs beside the published ones, for the faults `stale` and `older` of `serve`. */
static const char *const lab_crls[] = {"stale", "rolled-back"};

static enum status
lab_issue_named(struct lab *lab, const char *name, const char *label, const char *const *set,
    size_t set_count)
{
	char *cn = NULL;
	struct issue_request request = {
	    .recipe = recipe_find(RECIPE_LEAF, "good"),
	    .name = name,
	    .set = set,
	    .set_count = set_count,
	};
	enum status status;

	if (asprintf(&cn, "%s.%s", label, lab->domain) < 0)
		abort();
	request.cn = cn;
	status = issue_certificate(lab, &request);
	free(cn);
	return status;
}

static enum status
lab_issue_cas(struct lab *lab)
{
	struct lab_entry *ca = NULL;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < sizeof(lab_cas) / sizeof(lab_cas[0]); i++)
		status = issue_find_ca(lab, lab_cas[i], &ca);
	return status;
}

static enum status
lab_issue_servers(struct lab *lab)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(lab_servers) / sizeof(lab_servers[0]); i++) {
		const char *const set[] = {lab_servers[i].issuer, "eku=server",
		    "san=dns:%c,dns:localhost,ip:127.0.0.1"};

		if (status == STATUS_OK)
			status = lab_issue_named(lab, lab_servers[i].name, lab_servers[i].cn,
			    set, sizeof(set) / sizeof(set[0]));
	}
	return status;
}

static enum status
lab_issue_crls(struct lab *lab)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < sizeof(lab_crls) / sizeof(lab_crls[0]); i++) {
		struct publish_request request = {
		    .recipe = recipe_find(RECIPE_CRL, lab_crls[i]),
		    .beside = true,
		};

		if (status == STATUS_OK)
			status = publish_crl(lab, lab_find(lab, "issuing"), &request);
		if (status == STATUS_OK)
			status = publish_crl(lab, lab_find(lab, "root"), &request);
	}
	return status;
}

static enum status
lab_copy(struct lab *lab, const char *folder, const char *name, const char *suffix,
    const char *to_folder, const char *to_name)
{
	enum status status;
	struct buf data;

	buf_init(&data, LAB_FILE_MAX);
	status = lab_read(lab, folder, name, suffix, &data);
	if (status == STATUS_OK)
		status = lab_write(lab, to_folder, to_name, suffix, buf_bytes(&data));
	buf_done(&data);
	return status;
}

static enum status
lab_write_anchors(struct lab *lab)
{
	static const struct {
		const char *ca, *purpose;
	} anchors[] = {{"root", "appliance"}, {"operator", "operator"}, {"forward", "forward"}};
	enum status status = STATUS_OK;
	struct buf data;

	buf_init(&data, LAB_FILE_MAX);
	for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
		buf_clear(&data);
		if (status == STATUS_OK)
			status = lab_read(lab, "ca", anchors[i].ca, ".crt", &data);
		if (status == STATUS_OK)
			status = lab_write(lab, "trust", anchors[i].purpose, ".pem",
			    buf_bytes(&data));
	}
	buf_done(&data);
	return status;
}

/* The folder of an appliance: NAME.crt, .key, .chain.pem, trust/, crl/. */
static enum status
lab_make_folder(struct lab *lab, const char *name)
{
	static const char *const suffixes[] = {".crt", ".key", ".chain.pem"};
	static const char *const purposes[] = {"appliance", "operator", "forward"};
	static const char *const crls[] = {"root", "issuing", "operator", "forward"};
	char trust[LAB_NAME_MAX + 8], crl[LAB_NAME_MAX + 8];
	enum status status = STATUS_OK;

	snprintf(trust, sizeof(trust), "%s/trust", name);
	snprintf(crl, sizeof(crl), "%s/crl", name);
	status = lab_make_dir(lab, name);
	if (status == STATUS_OK)
		status = lab_make_dir(lab, trust);
	if (status == STATUS_OK)
		status = lab_make_dir(lab, crl);
	for (size_t i = 0; status == STATUS_OK && i < 3; i++)
		status = lab_copy(lab, "certs", name, suffixes[i], name, name);
	for (size_t i = 0; status == STATUS_OK && i < 3; i++)
		status = lab_copy(lab, "trust", purposes[i], ".pem", trust, purposes[i]);
	for (size_t i = 0; status == STATUS_OK && i < 4; i++)
		status = lab_copy(lab, "crl", crls[i], ".crl", crl, crls[i]);
	return status;
}

static enum status
lab_issue_appliances(struct lab *lab, uint64_t sensors)
{
	char name[32];
	enum status status = STATUS_OK;

	for (uint64_t i = 0; status == STATUS_OK && i < sensors + 2; i++) {
		if (i < 2)
			snprintf(name, sizeof(name), "console-%c", i == 0 ? 'a' : 'b');
		else
			snprintf(name, sizeof(name), "sensor-%llu", (unsigned long long)i - 1);
		status = lab_issue_named(lab, name, name, NULL, 0);
		if (status == STATUS_OK)
			status = lab_make_folder(lab, name);
	}
	return status;
}

static enum status
lab_fill(struct lab *lab, uint64_t sensors)
{
	enum status status = lab_issue_cas(lab);

	if (status == STATUS_OK)
		status = lab_issue_servers(lab);
	if (status == STATUS_OK)
		status = lab_issue_crls(lab);
	if (status == STATUS_OK)
		status = lab_write_anchors(lab);
	if (status == STATUS_OK)
		status = lab_issue_appliances(lab, sensors);
	return status;
}

int
command_lab(struct command_call *call)
{
	struct lab_params params = {
	    .domain = command_value(call, "domain"),
	    .crl_url = command_value(call, "crl-url"),
	    .key = command_value(call, "key"),
	    .seed = command_value(call, "seed"),
	    .cache = command_value(call, "key-cache"),
	};
	const char *sensors_text = command_value(call, "sensors");
	uint64_t sensors = 3;
	struct lab *lab;
	enum status status;
	int64_t now_s;

	if (sensors_text != NULL && !text_parse_u64(sensors_text, 0, SENSORS_MAX, &sensors))
		return command_fail(call, COMMAND_USAGE, NULL,
		    "--sensors=%s is not a number from 0 to %d", sensors_text, SENSORS_MAX);
	if (!command_now(call, &now_s))
		return COMMAND_USAGE;
	status = lab_make(call->operands[0], &params, now_s, &lab);
	if (status == STATUS_OK)
		status = lab_fill(lab, sensors);
	return command_close_lab(call, lab, status);
}
