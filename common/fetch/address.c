/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and URLs that may be fetched from.
 */
#include "common/fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "common/base/text.h"

enum {
	URL_MAX = 1024
};

/* a is in host byte order */
static bool
address_allowed_ipv4(uint32_t a, bool allow_loopback)
{
	if (a >> 24 == 127)
		return allow_loopback;
	return a >> 24 != 0 &&      /* this network */
	       a >> 16 != 0xa9fe && /* 169.254/16, link-local */
	       a >> 28 != 0xe &&    /* multicast */
	       a >> 28 != 0xf;      /* reserved, broadcast */
}

static uint32_t
address_embedded_ipv4(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool
address_allowed_ipv6(const uint8_t a[16], bool allow_loopback)
{
	static const uint8_t zeros[16];
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return address_allowed_ipv4(address_embedded_ipv4(a + 12), allow_loopback);
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return address_allowed_ipv4(address_embedded_ipv4(a + 2), allow_loopback);
	if (memcmp(a, zeros, 15) == 0 && a[15] == 1)
		return allow_loopback;
	if (memcmp(a, zeros, 12) == 0) /* unspecified, IPv4-compatible */
		return false;
	return a[0] != 0xff &&                           /* multicast */
	       !(a[0] == 0xfe && (a[1] & 0xc0) == 0x80); /* link-local */
}

bool
address_allowed(const struct sockaddr *address, bool allow_loopback)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in =
		    (const struct sockaddr_in *)(const void *)address;

		return address_allowed_ipv4(ntohl(in->sin_addr.s_addr), allow_loopback);
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 =
		    (const struct sockaddr_in6 *)(const void *)address;

		return address_allowed_ipv6(in6->sin6_addr.s6_addr, allow_loopback);
	}
	return false;
}

void
address_text(const struct sockaddr *address, struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in =
		    (const struct sockaddr_in *)(const void *)address;

		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		buf_printf(out, "%s:%u", text, ntohs(in->sin_port));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 =
		    (const struct sockaddr_in6 *)(const void *)address;

		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		buf_printf(out, "[%s]:%u", text, ntohs(in6->sin6_port));
	} else {
		buf_put_text(out, "?");
	}
}

static bool
address_printable(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
			return false;
	}
	return true;
}

bool
address_parse_url(struct bytes url, struct bytes *ret_host)
{
	static const char scheme[] = "http://";
	struct bytes rest, host;
	size_t len = 0;
	const uint8_t *end;

	if (url.len > URL_MAX || url.len < sizeof(scheme) || !address_printable(url) ||
	    !text_equal_nocase(bytes_of(url.data, sizeof(scheme) - 1), bytes_of_text(scheme)))
		return false;
	rest = bytes_of(url.data + sizeof(scheme) - 1, url.len - (sizeof(scheme) - 1));
	while (len < rest.len && strchr("/?#", rest.data[len]) == NULL)
		len++;
	host = bytes_of(rest.data, len);
	if (memchr(host.data, '@', host.len) != NULL ||
	    memchr(host.data, '\\', host.len) != NULL)
		return false;
	if (host.len > 0 && host.data[0] == '[') {
		end = memchr(host.data, ']', host.len);
		if (end == NULL)
			return false;
		host = bytes_of(host.data + 1, (size_t)(end - host.data) - 1);
	} else {
		end = memchr(host.data, ':', host.len);
		if (end != NULL)
			host.len = (size_t)(end - host.data);
	}
	if (host.len == 0)
		return false;
	*ret_host = host;
	return true;
}

bool
address_host_listed(struct bytes host, const struct bytes *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes entry = list[i];
		bool below = entry.len > 0 && entry.data[0] == '.';

		if (text_equal_nocase(host, entry))
			return true;
		if (below && host.len > entry.len &&
		    text_equal_nocase(bytes_of(host.data + host.len - entry.len, entry.len),
			entry))
			return true;
	}
	return count == 0;
}
