/* SPDX-License-Identifier: Apache-2.0
 *
 * What the supervisor and a role say to each other over the control channel.  Numbers are
 * little-endian; "text" is the rest of the payload.  Both are the same binary, so there is
 * no version; the supervisor believes nothing a role says but takes each as it is meant.
 */
#ifndef PORTCULLIS_PROC_CONTROL_H
#define PORTCULLIS_PROC_CONTROL_H

enum {
	CONTROL_FD = 3,    /* in a role process, by inheritance */
	LAST_WORDS_FD = 4, /* a pipe: the number of the system call it dies of, int32 */
};

/* Descriptors go with CONTROL_START and CONTROL_PREPARE (of the configuration) and with
 * CONTROL_JOIN (the edge). */
enum control_type {
	/* supervisor to role */
	CONTROL_START = 1, /* u64 generation, u32 heartbeat_ms, u8 n, n x {u8 edge, u8 peers};
			    * the rest is the configuration */
	CONTROL_JOIN,      /* u8 edge, u8 instance of the peer: here is the connection */
	CONTROL_PREPARE,   /* u64 generation, the rest is the configuration */
	CONTROL_COMMIT,    /* u64 generation */
	CONTROL_ABORT,     /* u64 generation */
	CONTROL_STOP,

	/* role to supervisor */
	CONTROL_READY = 32,  /* text: what the sandbox holds */
	CONTROL_INIT_FAILED, /* text: the reason; the role ends */
	CONTROL_ALIVE,       /* a sign of life */
	CONTROL_PREPARED,    /* u64 generation */
	CONTROL_REFUSED,     /* u64 generation, text: the reason; the old one stays */
	CONTROL_BROKEN       /* u8 edge, u8 instance of the peer: it broke the rules */
};

#endif
