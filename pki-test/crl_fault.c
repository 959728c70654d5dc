/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of faults.
 */
#include "pki-test/crl_fault.h"

#include <string.h>

#include "common/base/text.h"

enum {
	BOMB_RUNS = 200000 /* 51.6 MB out of 325 kB */
};

static const struct {
	const char *name;
	struct crl_fault fault; /* its number where none is given */
} fault_names[] = {
    {"none", {CRL_FAULT_NONE, 0}},
    {"slow", {CRL_FAULT_SLOW, 3000}},
    {"drip", {CRL_FAULT_DRIP, 1000}},
    {"truncated", {CRL_FAULT_TRUNCATED, 0}},
    {"stall", {CRL_FAULT_STALL, 0}},
    {"endless", {CRL_FAULT_ENDLESS, 0}},
    {"endless-chunked", {CRL_FAULT_ENDLESS_CHUNKED, 0}},
    {"endless-header", {CRL_FAULT_ENDLESS_HEADER, 0}},
    {"gzip-bomb", {CRL_FAULT_GZIP_BOMB, BOMB_RUNS}},
    {"wrong-length", {CRL_FAULT_WRONG_LENGTH, 10}},
    {"html", {CRL_FAULT_HTML, 0}},
    {"pem", {CRL_FAULT_PEM, 0}},
    {"redirect", {CRL_FAULT_REDIRECT, 302}},
    {"404", {CRL_FAULT_STATUS, 404}},
    {"500", {CRL_FAULT_STATUS, 500}},
    {"status", {CRL_FAULT_STATUS, 503}},
    {"stale", {CRL_FAULT_STALE, 0}},
    {"older", {CRL_FAULT_OLDER, 0}},
    {"other", {CRL_FAULT_OTHER, 0}},
    {"half-open", {CRL_FAULT_HALF_OPEN, 0}},
    {"reset", {CRL_FAULT_RESET, 0}},
};

const char crl_fault_help[] =
    "Faults of the CRL server:\n"
    "  none             no fault\n"
    "  slow[=MS]        the answer comes late (3000)\n"
    "  drip[=MS]        the answer comes an octet at a time (1000 between two)\n"
    "  truncated[=N]    the connection ends after N octets of the body (half of it)\n"
    "  stall[=N]        nothing more comes after N octets of the body (half of it)\n"
    "  endless          the body never ends\n"
    "  endless-chunked  the same, in chunks\n"
    "  endless-header   the header never ends\n"
    "  gzip-bomb[=N]    gzip that unpacks to N * 258 octets (200000: 52 MB)\n"
    "  wrong-length[=N] Content-Length is N less than the body (10)\n"
    "  html             a web page\n"
    "  pem              the CRL as PEM\n"
    "  redirect[=CODE]  a redirection to the right place (302)\n"
    "  404, 500, status=CODE\n"
    "  stale            the CRL made with `crl --recipe stale --beside`\n"
    "  older            the CRL made with `crl --recipe rolled-back --beside`\n"
    "  other            the CRL of the CA called other\n"
    "  half-open        accepts and says nothing\n"
    "  reset            RST instead of an answer\n";

bool
crl_fault_parse(struct bytes text, struct crl_fault *ret_fault)
{
	const uint8_t *equals = memchr(text.data, '=', text.len);
	struct bytes name = text;
	struct crl_fault fault;
	char number[24] = {0};
	size_t len;

	if (equals != NULL)
		name.len = (size_t)(equals - text.data);
	for (size_t i = 0; i < sizeof(fault_names) / sizeof(fault_names[0]); i++) {
		if (!bytes_equal_text(name, fault_names[i].name))
			continue;
		fault = fault_names[i].fault;
		if (equals != NULL) {
			len = text.len - name.len - 1;
			if (len >= sizeof(number))
				return false;
			memcpy(number, equals + 1, len);
			if (!text_parse_u64(number, 0, UINT32_MAX, &fault.number))
				return false;
		}
		*ret_fault = fault;
		return true;
	}
	return false;
}
