/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests about keys, anchors and CRLs.  Each waits in a table under its number until the
 * last answer came.
 */
#include "common/daemon/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/json_write.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/log/log.h"
#include "common/pki/cert.h"
#include "common/pki/reason.h"
#include "common/pki/trust.h"
#include "common/wire/edge_key.h"
#include "common/wire/edge_trust.h"

enum {
	CODE_OK = 0,
	CODE_FAILURE = 1,
	CODE_USAGE = 2,
	CODE_NOT_FOUND = 3,
	CODE_DENIED = 4,
	CODE_CHECK_FAILED = 6,
	WAITING_MAX = CONTROL_CLIENTS_MAX,
	PAYLOAD_MAX = 1 << 20,
};

/* A request on its way. */
struct waiting {
	uint64_t id;
	struct control_client *client; /* NULL: it has gone; the work goes on */
	char what[CONTROL_COMMAND_MAX];
	uid_t uid;
};

struct admin {
	struct proc *proc;
	unsigned int uses;
	struct map *waiting; /* by id */
	uint64_t next;
	struct cert *certificate; /* of the appliance; NULL: none */
};

struct admin *
admin_new(struct proc *proc, unsigned int uses)
{
	struct admin *admin = NEW(struct admin);

	admin->proc = proc;
	admin->uses = uses;
	admin->waiting = map_new(WAITING_MAX, free);
	return admin;
}

void
admin_free(struct admin *admin)
{
	if (admin == NULL)
		return;
	map_free(admin->waiting);
	cert_free(admin->certificate);
	free(admin);
}

static struct waiting *
admin_find(struct admin *admin, uint64_t id)
{
	return map_get(admin->waiting, bytes_of(&id, sizeof(id)));
}

/* The last answer: tells the client and forgets the request. */
static void
admin_finish(struct admin *admin, struct waiting *waiting, uint8_t code, const char *text)
{
	uint64_t id = waiting->id;

	if (waiting->client != NULL)
		control_end(waiting->client, code, text);
	map_remove(admin->waiting, bytes_of(&id, sizeof(id)));
}

static struct waiting *
admin_wait(struct admin *admin, struct control_client *client,
    const struct control_request *request)
{
	struct waiting *waiting = NEW(struct waiting);

	*waiting = (struct waiting){++admin->next, client, "", request->uid};
	memcpy(waiting->what, request->command, sizeof(waiting->what));
	if (map_put(admin->waiting, bytes_of(&waiting->id, sizeof(waiting->id)), waiting) !=
	    STATUS_OK) {
		free(waiting);
		return NULL;
	}
	return waiting;
}

static void
admin_send(struct admin *admin, struct waiting *waiting, const char *edge, uint8_t type,
    const struct edge_field *fields, const void *message, struct fds *fds)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, PAYLOAD_MAX);
	edge_message_put(&payload, fields, message);
	status = !buf_ok(&payload) ? STATUS_LIMIT
				   : edge_send(proc_edge(admin->proc, edge, 0), type,
					 buf_bytes(&payload), fds);
	if (payload.data != NULL)
		explicit_bzero(payload.data, payload.cap); /* a passphrase may be in it */
	buf_done(&payload);
	if (status != STATUS_OK)
		admin_finish(admin, waiting, CODE_FAILURE,
		    "the role that does this is being started; try again");
}

/* --- requests --- */

static void
admin_cert_import(struct admin *admin, struct waiting *waiting,
    const struct control_request *request)
{
	struct edge_key_load load = {.id = waiting->id, .use = EDGE_KEY_APPLIANCE};

	if (request->args.count > 0)
		load.passphrase = request->args.items[0];
	admin_send(admin, waiting, "admin-key", EDGE_KEY_LOAD, edge_key_load_fields, &load,
	    request->fds);
}

static bool
admin_purpose(struct bytes word, uint8_t *ret_purpose)
{
	enum trust_purpose purpose;
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)word.len, (const char *)word.data);
	if (!trust_purpose_from_text(text, &purpose))
		return false;
	*ret_purpose = (uint8_t)purpose;
	return true;
}

static void
admin_trust_add(struct admin *admin, struct waiting *waiting,
    const struct control_request *request)
{
	struct edge_trust_add add = {.id = waiting->id};

	if (request->args.count != 2 || !admin_purpose(request->args.items[0], &add.purpose)) {
		admin_finish(admin, waiting, CODE_USAGE, "which purpose?");
		return;
	}
	add.anchor = bytes_equal_text(request->args.items[1], "anchor");
	admin_send(admin, waiting, "admin-trust", EDGE_TRUST_ADD, edge_trust_add_fields, &add,
	    request->fds);
}

static void
admin_trust_remove(struct admin *admin, struct waiting *waiting,
    const struct control_request *request)
{
	struct edge_trust_remove remove = {.id = waiting->id};
	char hex[2 * sizeof(remove.sha256) + 1] = "";

	if (request->args.count == 2 && request->args.items[1].len == sizeof(hex) - 1)
		memcpy(hex, request->args.items[1].data, sizeof(hex) - 1);
	if (request->args.count != 2 ||
	    !admin_purpose(request->args.items[0], &remove.purpose) ||
	    !text_parse_hex(hex, remove.sha256, sizeof(remove.sha256))) {
		admin_finish(admin, waiting, CODE_USAGE, "which purpose, which sha256?");
		return;
	}
	admin_send(admin, waiting, "admin-trust", EDGE_TRUST_REMOVE, edge_trust_remove_fields,
	    &remove, NULL);
}

static void
admin_crl_import(struct admin *admin, struct waiting *waiting,
    const struct control_request *request)
{
	struct edge_trust_import import = {.id = waiting->id};

	admin_send(admin, waiting, "admin-trust", EDGE_TRUST_IMPORT, edge_trust_import_fields,
	    &import, request->fds);
}

static void
admin_trust_list(struct admin *admin, struct waiting *waiting,
    const struct control_request *request)
{
	struct edge_trust_list list = {.id = waiting->id,
	    .crls = strcmp(request->command, "crl list") == 0};

	admin_send(admin, waiting, "admin-trust", EDGE_TRUST_LIST, edge_trust_list_fields,
	    &list, NULL);
}

static const struct {
	const char *command;
	bool changes;
	void (*run)(struct admin *admin, struct waiting *waiting,
	    const struct control_request *request);
} requests[] = {
    {"cert import", true, admin_cert_import},
    {"trust list", false, admin_trust_list},
    {"trust add", true, admin_trust_add},
    {"trust remove", true, admin_trust_remove},
    {"crl list", false, admin_trust_list},
    {"crl import", true, admin_crl_import},
};

bool
admin_request(struct admin *admin, struct control_client *client,
    const struct control_request *request)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct waiting *waiting;

		if (strcmp(request->command, requests[i].command) != 0)
			continue;
		if (requests[i].changes && !request->may_change) {
			control_end(client, CODE_DENIED,
			    "only root and members of the admin group may change this");
			return true;
		}
		waiting = admin_wait(admin, client, request);
		if (waiting == NULL)
			control_end(client, CODE_FAILURE, "too much is asked at once");
		else
			requests[i].run(admin, waiting, request);
		return true;
	}
	return false;
}

static void
admin_forget_client(struct bytes key, void *value, void *arg)
{
	struct waiting *waiting = value;

	if (waiting->client == arg)
		waiting->client = NULL;
}

void
admin_gone(struct admin *admin, struct control_client *client)
{
	map_each(admin->waiting, admin_forget_client, client);
}

static void
admin_first(struct bytes key, void *value, void *arg)
{
	struct waiting **first = arg;

	if (*first == NULL)
		*first = value;
}

void
admin_on_down(struct admin *admin)
{
	struct waiting *waiting;

	do {
		waiting = NULL;
		map_each(admin->waiting, admin_first, &waiting);
		if (waiting != NULL)
			admin_finish(admin, waiting, CODE_FAILURE,
			    "the role that does this was started again; look at the result");
	} while (waiting != NULL);
}

/* --- answers --- */

static void
admin_audit(const struct waiting *waiting, const char *result)
{
	log_audit("changed", LOG_TEXT("what", waiting->what), LOG_U64("uid", waiting->uid),
	    LOG_TEXT("result", result));
}

/* A refusal: the reason's sentence, what exactly, and what to do. */
static void
admin_refuse(struct admin *admin, struct waiting *waiting, uint8_t reason_number,
    enum status status, struct bytes detail)
{
	const struct reason_info *info =
	    reason_info(reason_number < REASON_COUNT ? (enum reason)reason_number : REASON_OK);
	struct buf text;

	admin_audit(waiting, reason_number != REASON_OK ? info->slug : status_text(status));
	buf_init(&text, 4096);
	if (reason_number != REASON_OK)
		buf_printf(&text, "%s: %s", info->slug, info->sentence);
	else
		buf_put_text(&text, status_text(status));
	if (detail.len > 0)
		buf_printf(&text, " (%.*s)", (int)detail.len, (const char *)detail.data);
	if (reason_number != REASON_OK)
		buf_printf(&text, " %s", info->advice);
	admin_finish(admin, waiting,
	    reason_number != REASON_OK   ? CODE_CHECK_FAILED
	    : status == STATUS_NOT_FOUND ? CODE_NOT_FOUND
					 : CODE_FAILURE,
	    buf_text(&text));
	buf_done(&text);
}

static enum status
admin_on_loaded(struct admin *admin, const struct edge_frame *frame)
{
	struct edge_trust_judge judge = {.uses = (uint8_t)admin->uses};
	struct edge_key_loaded loaded;
	struct waiting *waiting;

	if (edge_message_get(frame->payload, edge_key_loaded_fields, sizeof(loaded), &loaded) !=
	    STATUS_OK)
		return STATUS_INVALID;
	waiting = admin_find(admin, loaded.id);
	if (waiting == NULL)
		return STATUS_OK;
	if (loaded.status != STATUS_OK) {
		admin_refuse(admin, waiting, loaded.reason, (enum status)loaded.status,
		    loaded.detail);
		return STATUS_OK;
	}
	judge.id = loaded.id;
	judge.chain = loaded.chain;
	admin_send(admin, waiting, "admin-trust", EDGE_TRUST_JUDGE, edge_trust_judge_fields,
	    &judge, NULL);
	return STATUS_OK;
}

static enum status
admin_on_installed(struct admin *admin, const struct edge_frame *frame)
{
	struct edge_key_installed installed;
	struct waiting *waiting;

	if (edge_message_get(frame->payload, edge_key_installed_fields, sizeof(installed),
		&installed) != STATUS_OK)
		return STATUS_INVALID;
	waiting = admin_find(admin, installed.id);
	if (waiting == NULL)
		return STATUS_OK;
	if (installed.status != STATUS_OK) {
		admin_refuse(admin, waiting, REASON_OK, (enum status)installed.status,
		    bytes_of("", 0));
		return STATUS_OK;
	}
	admin_audit(waiting, "ok");
	admin_finish(admin, waiting, CODE_OK, NULL);
	return STATUS_OK;
}

static enum status
admin_on_identity(struct admin *admin, const struct edge_frame *frame)
{
	struct edge_key_identity identity;
	struct cert *cert = NULL;

	if (edge_message_get(frame->payload, edge_key_identity_fields, sizeof(identity),
		&identity) != STATUS_OK ||
	    (identity.chain.count > 0 &&
		cert_parse(identity.chain.items[0], &cert, NULL) != STATUS_OK))
		return STATUS_INVALID;
	cert_free(admin->certificate);
	admin->certificate = cert;
	return STATUS_OK;
}

void
admin_put_certificate(const struct admin *admin, const char *key, struct json_write *json)
{
	const struct cert *cert = admin->certificate;
	struct buf text;

	if (cert == NULL) {
		json_none(json, key);
		return;
	}
	buf_init(&text, PAYLOAD_MAX);
	json_open_object(json, key);
	name_text(cert->subject.der, &text);
	json_bytes(json, "subject", buf_bytes(&text));
	buf_clear(&text);
	name_text(cert->issuer.der, &text);
	json_bytes(json, "issuer", buf_bytes(&text));
	json_hex(json, "serial", cert->serial);
	json_time_s(json, "not_before", cert->not_before_s);
	json_time_s(json, "not_after", cert->not_after_s);
	json_hex(json, "sha256", bytes_of(cert->sha256, sizeof(cert->sha256)));
	json_close_object(json);
	buf_done(&text);
}

enum status
admin_on_key(struct admin *admin, struct edge *edge, struct edge_frame *frame)
{
	if (frame->type == EDGE_KEY_IDENTITY)
		return admin_on_identity(admin, frame);
	if (frame->type == EDGE_KEY_LOADED)
		return admin_on_loaded(admin, frame);
	if (frame->type == EDGE_KEY_INSTALLED)
		return admin_on_installed(admin, frame);
	return STATUS_INVALID;
}

/* All that was found against a certificate, as one row. */
static void
admin_put_findings(struct control_client *client, struct bytes findings)
{
	struct json_write json;
	struct buf row;

	buf_init(&row, CONTROL_ROW_MAX);
	json = json_write_to(&row);
	json_open_object(&json, NULL);
	json_raw(&json, "findings", findings);
	json_close_object(&json);
	if (buf_ok(&row))
		(void)!control_row(client, buf_bytes(&row)); /* the end says it too */
	buf_done(&row);
}

/* The verdict on a certificate to install, or the end of another request. */
static enum status
admin_on_done(struct admin *admin, const struct edge_frame *frame)
{
	struct edge_trust_done done;
	struct waiting *waiting;

	if (edge_message_get(frame->payload, edge_trust_done_fields, sizeof(done), &done) !=
	    STATUS_OK)
		return STATUS_INVALID;
	waiting = admin_find(admin, done.id);
	if (waiting == NULL)
		return STATUS_OK;
	if (done.status == STATUS_OK && strcmp(waiting->what, "cert import") == 0) {
		struct edge_key_install install = {.id = done.id};

		admin_send(admin, waiting, "admin-key", EDGE_KEY_INSTALL,
		    edge_key_install_fields, &install, NULL);
	} else if (done.status == STATUS_OK) {
		admin_audit(waiting, "ok");
		admin_finish(admin, waiting, CODE_OK, NULL);
	} else {
		if (done.json.len > 0 && waiting->client != NULL)
			admin_put_findings(waiting->client, done.json);
		admin_refuse(admin, waiting, done.reason, (enum status)done.status,
		    done.detail);
	}
	return STATUS_OK;
}

static enum status
admin_on_listed(struct admin *admin, const struct edge_frame *frame)
{
	struct edge_trust_listed listed;
	struct waiting *waiting;

	if (edge_message_get(frame->payload, edge_trust_listed_fields, sizeof(listed),
		&listed) != STATUS_OK)
		return STATUS_INVALID;
	waiting = admin_find(admin, listed.id);
	if (waiting == NULL)
		return STATUS_OK;
	if (listed.last)
		admin_finish(admin, waiting, CODE_OK, NULL);
	else if (waiting->client != NULL &&
		 control_row(waiting->client, listed.json) != STATUS_OK)
		admin_finish(admin, waiting, CODE_FAILURE,
		    "the list is too long to be read so slowly");
	return STATUS_OK;
}

enum status
admin_on_trust(struct admin *admin, struct edge *edge, struct edge_frame *frame)
{
	if (frame->type == EDGE_TRUST_DONE)
		return admin_on_done(admin, frame);
	if (frame->type == EDGE_TRUST_LISTED)
		return admin_on_listed(admin, frame);
	return STATUS_INVALID;
}
