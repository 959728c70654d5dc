/* SPDX-License-Identifier: Apache-2.0
 *
 * What the proxy does wrong, and the one decision it makes again and again: what may happen
 * now to octets that wait in one direction.  No sockets, no clock.
 */
#ifndef PORTCULLIS_PKI_TEST_PROXY_FAULT_H
#define PORTCULLIS_PKI_TEST_PROXY_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proxy_fault_kind {
	PROXY_NONE,
	PROXY_DELAY,      /* number: milliseconds */
	PROXY_DRIBBLE,    /* number: milliseconds between two octets */
	PROXY_CUT,        /* number: octets after which both sides are closed */
	PROXY_RESET,      /* number: octets after which both sides get RST */
	PROXY_HALF_OPEN,  /* number: octets after which nothing is read nor forwarded */
	PROXY_BLACK_HOLE, /* takes everything, forwards nothing */
	PROXY_REFUSE,     /* RST to new connections */
	PROXY_DUPLICATE,  /* connects twice, both get what the client sends */
};

enum proxy_way {
	PROXY_UP = 1,   /* from who connected to the target */
	PROXY_DOWN = 2, /* back */
	PROXY_BOTH = 3,
};

struct proxy_fault {
	enum proxy_fault_kind kind;
	enum proxy_way way; /* directions that have it */
	uint64_t number;
};

/* Reads "NAME", "NAME=N", "NAME-up=N", "NAME-down=N". */
bool proxy_fault_parse(const char *text, struct proxy_fault *ret_fault);

/* The faults, one a line, for --help. */
extern const char proxy_fault_help[];

/* A direction of a connection, as far as the decision needs it. */
struct proxy_state {
	enum proxy_way way;    /* PROXY_UP or PROXY_DOWN */
	size_t waiting;        /* octets, > 0 */
	uint64_t passed;       /* octets forwarded since the connection began */
	int64_t since_read_ms; /* since the oldest waiting octet was read */
	int64_t since_pass_ms; /* since the last one was forwarded */
};

enum proxy_action {
	PROXY_PASS,    /* forward len octets */
	PROXY_WAIT,    /* ask again in wait_ms */
	PROXY_STOP,    /* leave them, until the fault changes */
	PROXY_DISCARD, /* throw them away */
	PROXY_CLOSE,   /* close both sides */
	PROXY_ABORT,   /* reset both sides */
};

struct proxy_step {
	enum proxy_action action;
	size_t len;
	int64_t wait_ms;
};

struct proxy_step proxy_fault_step(const struct proxy_fault *fault,
    const struct proxy_state *state);

/* True when so many octets were forwarded that the end has come, also when none wait. */
bool proxy_fault_is_due(const struct proxy_fault *fault, enum proxy_way way, uint64_t passed);

#endif
