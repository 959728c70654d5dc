/* SPDX-License-Identifier: Apache-2.0
 *
 * Showing certificates, requests and keys.
 */
#include "common/cli/cert_describe.h"

#include "common/base/text.h"
#include "common/pki/dist_point.h"
#include "common/pki/general_name.h"
#include "common/pki/name.h"

enum {
	CERT_DESCRIBE_MAX = 64 * 1024,
};

static void
cert_describe_name(struct report *report, const char *title, const char *key, struct bytes der)
{
	struct buf text;

	buf_init(&text, CERT_DESCRIBE_MAX);
	name_text(der, &text);
	report_escaped(report, title, key, buf_text(&text));
	buf_done(&text);
}

static void
cert_describe_pubkey(struct report *report, const struct pubkey *pubkey)
{
	struct buf text;

	buf_init(&text, CERT_DESCRIBE_MAX);
	pubkey_text(pubkey, &text);
	report_escaped(report, "Key", "key", buf_text(&text));
	buf_done(&text);
	report_hex(report, "Key SHA-256", "key_sha256",
	    bytes_of(pubkey->sha256, PUBKEY_HASH_SIZE));
}

static void
cert_describe_algorithm(struct report *report, const struct algorithm *algorithm)
{
	struct buf text;

	buf_init(&text, CERT_DESCRIBE_MAX);
	algorithm_text(algorithm, &text);
	report_escaped(report, "Signature", "signature", buf_text(&text));
	buf_done(&text);
}

/* "DNS:a, IP:192.0.2.1"; nothing where there is none. */
static void
cert_describe_sans(struct report *report, const struct cert *cert)
{
	struct cert_san_walk walk;
	struct general_name name;
	struct buf text;

	buf_init(&text, CERT_DESCRIBE_MAX);
	cert_san_begin(cert, &walk);
	while (cert_san_next(&walk, &name)) {
		if (text.len > 0)
			buf_put_text(&text, ", ");
		general_name_text(&name, &text);
	}
	if (text.len > 0)
		report_escaped(report, "Names", "names", buf_text(&text));
	buf_done(&text);
}

static void
cert_describe_crl_urls(struct report *report, const struct cert *cert)
{
	struct dist_point_walk walk;
	struct dist_point point;
	struct buf text;

	if (!cert->crl_dist_points.present)
		return;
	buf_init(&text, CERT_DESCRIBE_MAX);
	dist_point_begin(&walk, cert->crl_dist_points.value);
	while (dist_point_next(&walk, &point)) {
		for (size_t i = 0; point.has_names && i < point.names.count; i++) {
			if (text.len > 0)
				buf_put_text(&text, ", ");
			general_name_text(&point.names.full[i], &text);
		}
	}
	report_escaped(report, "CRL", "crl", buf_text(&text));
	buf_done(&text);
}

void
cert_describe(struct report *report, const struct cert *cert)
{
	cert_describe_name(report, "Subject", "subject", cert->subject.der);
	cert_describe_name(report, "Issuer", "issuer", cert->issuer.der);
	report_hex(report, "Serial", "serial", cert->serial);
	report_time(report, "Valid from", "not_before", cert->not_before_s);
	report_time(report, "Valid to", "not_after", cert->not_after_s);
	cert_describe_sans(report, cert);
	cert_describe_crl_urls(report, cert);
	cert_describe_pubkey(report, &cert->key);
	cert_describe_algorithm(report, &cert->algorithm);
	report_hex(report, "SHA-256", "sha256", bytes_of(cert->sha256, PUBKEY_HASH_SIZE));
}

void
cert_describe_request(struct report *report, const struct request *request)
{
	cert_describe_name(report, "Subject", "subject", request->subject);
	cert_describe_pubkey(report, &request->key);
	cert_describe_algorithm(report, &request->algorithm);
}

void
cert_describe_key(struct report *report, const struct key_file *key)
{
	report_text(report, "Form", "form", key_form_text(key_file_form(key)));
	cert_describe_pubkey(report, key_file_pubkey(key));
}
