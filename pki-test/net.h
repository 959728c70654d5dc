/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets of the laboratory's servers: numeric addresses only, nothing that waits.
 */
#ifndef PORTCULLIS_PKI_TEST_NET_H
#define PORTCULLIS_PKI_TEST_NET_H

#include <stdint.h>
#include <sys/socket.h>

#include "common/base/status.h"

struct net_address {
	struct sockaddr_storage storage;
	socklen_t len;
};

/* Reads "127.0.0.1:80" or "[::1]:80". */
enum status net_parse(const char *text, struct net_address *ret_address) MUST_USE;

/* A listening socket, non-blocking; port 0 takes one that is free.  *ret_port is the one
 * it has. */
enum status net_listen(const struct net_address *address, int *ret_fd,
    uint16_t *ret_port) MUST_USE;

/* The next connection, non-blocking; STATUS_AGAIN when there is none. */
enum status net_accept(int listener, int *ret_fd) MUST_USE;

/* Begins a connection; the socket becomes writable when it stands or has failed. */
enum status net_connect(const struct net_address *address, int *ret_fd) MUST_USE;

/* Closes with RST: what was not sent is thrown away and the peer sees an error. */
void net_reset(int fd);

/* Writes "PORT\n" to a file, whole. */
enum status net_write_port(const char *path, uint16_t port) MUST_USE;

#endif
