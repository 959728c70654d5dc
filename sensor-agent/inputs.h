/* SPDX-License-Identifier: Apache-2.0
 *
 * The inputs of the spool role on its loop: polls files, serves sockets, waits when the spool
 * is full, and tells who waits for it that a record is safe.  What a line is and where a
 * file went is the business of input/.
 */
#ifndef PORTCULLIS_SENSOR_INPUTS_H
#define PORTCULLIS_SENSOR_INPUTS_H

#include <stdbool.h>

#include "common/base/json_write.h"
#include "common/base/status.h"
#include "common/proc/fds.h"
#include "common/wire/edge_message.h"
#include "sensor-agent/spool/spool.h"

struct loop;
struct inputs;

struct inputs_ops {
	/* Something was appended to the spool. */
	void (*appended)(void *arg);
	/* The spool failed. */
	void (*failed)(void *arg, enum status why);
};

enum {
	INPUTS_MAX = 64
};

struct inputs *inputs_new(struct loop *loop, struct spool *spool, const struct inputs_ops *ops,
    void *arg);
void inputs_free(struct inputs *inputs);

/* Makes the inputs of a list of spool_input_settings, beside those in force.  Sockets take
 * their descriptors from fds, from number 1 on.  STATUS_INVALID and others with a text. */
enum status inputs_prepare(struct inputs *inputs, const struct edge_list *settings,
    struct fds *fds, struct buf *reterr_text) MUST_USE;

/* Those prepared take the place of those in force (what did not change goes on), or go. */
void inputs_commit(struct inputs *inputs);
void inputs_abort(struct inputs *inputs);

/* The directories that those prepared read from: number i, or NULL behind the last. */
const char *inputs_prepared_dir(const struct inputs *inputs, size_t i);

/* Begins to read. */
void inputs_start(struct inputs *inputs);

/* What was appended so far is durable. */
void inputs_synced(struct inputs *inputs);

/* There may be room again. */
void inputs_resume(struct inputs *inputs);

/* An array: what each is, what came of it, and what is wrong with it. */
void inputs_put_status(const struct inputs *inputs, const char *key, struct json_write *json);

#endif
