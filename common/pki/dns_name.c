/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of hosts.
 */
#include "common/pki/dns_name.h"

#include <arpa/inet.h>

#include "common/base/text.h"

static bool
dns_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
dns_labels_valid(struct bytes name, bool underscores)
{
	size_t label = 0; /* where the present one begins */

	if (name.len == 0 || name.len > DNS_NAME_MAX)
		return false;
	for (size_t i = 0; i <= name.len; i++) {
		if (i == name.len || name.data[i] == '.') {
			if (i == label || i - label > DNS_LABEL_MAX || name.data[i - 1] == '-')
				return false;
			label = i + 1;
		} else if (name.data[i] == '-') {
			if (i == label)
				return false;
		} else if (!dns_alnum(name.data[i]) && !(underscores && name.data[i] == '_')) {
			return false;
		}
	}
	return true;
}

bool
dns_name_valid(struct bytes name)
{
	return dns_labels_valid(name, true);
}

bool
dns_name_is_host(struct bytes name)
{
	return dns_labels_valid(name, false);
}

/* What follows the first n bytes. */
static struct bytes
dns_after(struct bytes name, size_t n)
{
	return bytes_of(name.data + n, name.len - n);
}

bool
dns_name_is_wildcard(struct bytes name)
{
	return name.len > 2 && name.data[0] == '*' && name.data[1] == '.' &&
	       dns_name_valid(dns_after(name, 2));
}

bool
dns_name_matches(struct bytes name, struct bytes host)
{
	const uint8_t *dot;
	struct bytes base;

	if (!dns_name_valid(host) || dns_name_is_ipv4(host))
		return false;
	if (!dns_name_is_wildcard(name))
		return dns_name_valid(name) && text_equal_nocase(name, host);
	base = dns_after(name, 2);
	dot = memchr(host.data, '.', host.len);
	if (dot == NULL || memchr(base.data, '.', base.len) == NULL)
		return false;
	return text_equal_nocase(base, dns_after(host, (size_t)(dot - host.data) + 1));
}

bool
email_split(struct bytes email, struct bytes *ret_local, struct bytes *ret_host)
{
	const uint8_t *at = email.len > 0 ? memchr(email.data, '@', email.len) : NULL;
	size_t local_len;
	struct bytes host;

	if (at == NULL || at == email.data)
		return false;
	local_len = (size_t)(at - email.data);
	host = dns_after(email, local_len + 1);
	if (host.len == 0 || memchr(host.data, '@', host.len) != NULL)
		return false;
	*ret_local = bytes_of(email.data, local_len);
	*ret_host = host;
	return true;
}

/* Cuts what is from the first of these characters on. */
static struct bytes
dns_until(struct bytes text, const char *characters)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(characters, text.data[i]) != NULL && text.data[i] != '\0')
			return bytes_of(text.data, i);
	return text;
}

bool
uri_host(struct bytes uri, struct bytes *ret_host)
{
	struct bytes scheme = dns_until(uri, ":/?#");
	struct bytes rest = dns_after(uri, scheme.len), user;

	if (scheme.len == 0 || rest.len < 3 || memcmp(rest.data, "://", 3) != 0)
		return false;
	rest = dns_until(dns_after(rest, 3), "/?#");
	user = dns_until(rest, "@");
	if (user.len < rest.len)
		rest = dns_after(rest, user.len + 1);
	if (rest.len > 0 && rest.data[0] == '[')
		rest = dns_until(rest, "]");
	else
		rest = dns_until(rest, ":");
	if (rest.len == 0)
		return false;
	*ret_host = rest;
	return true;
}

bool
dns_name_is_ipv4(struct bytes text)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr address;

	if (text.len == 0 || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET, copy, &address) == 1;
}
