/* SPDX-License-Identifier: Apache-2.0
 *
 * One timer polls all inputs: soon where there was more or where the kernel said that a
 * directory changed, otherwise a few times a second.  Sockets have a descriptor besides.
 */
#include "sensor-agent/inputs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "sensor-agent/config_schema.h"
#include "sensor-agent/input/line_socket.h"
#include "sensor-agent/input/log_dir.h"
#include "sensor-agent/input/tail.h"
#include "sensor-agent/input/watch.h"
#include "sensor-agent/spool_role.h"

static_assert((int)INPUTS_MAX >= (int)EDGE_LIST_MAX, "a list of settings fits");

enum {
	POLL_MS = 250,
	HINT_MS = 5,        /* after the kernel said something: what follows comes along */
	FULL_MS = 1000,     /* while the spool is full */
	POLL_LINES = 256,   /* of one input a turn */
	ZEEK_NAME_MAX = 31, /* the name of a log follows it */
};

struct input {
	struct inputs *inputs;
	enum sensor_input_type type;
	char *name;
	char *path;
	char *dir;        /* where it reads; NULL: a socket */
	const char *base; /* of a file: its name in dir */
	struct tail *tail;
	struct log_dir *logs;
	int listen_fd; /* of a socket that is prepared */
	struct line_socket *socket;
	struct loop_io *io;
};

struct input_list {
	struct input *items[INPUTS_MAX];
	size_t count;
};

struct inputs {
	struct loop *loop;
	struct spool *spool;
	const struct inputs_ops *ops;
	void *arg;
	struct input_list current, prepared;
	struct loop_timer *timer;
	int watch_fd;
	struct loop_io *watch_io;
	bool started;
	bool full; /* the spool takes nothing from files */
};

/* --- one input --- */

static void
input_free(struct input *input)
{
	if (input == NULL)
		return;
	loop_io_free(input->io);
	line_socket_free(input->socket);
	fileio_close(input->listen_fd);
	tail_free(input->tail);
	log_dir_free(input->logs);
	free(input->name);
	free(input->path);
	free(input->dir);
	free(input);
}

/* The directory of a file, and its name there. */
static void
input_split_path(struct input *input)
{
	char *slash;

	input->dir = alloc_text(input->path);
	if (input->type == SENSOR_INPUT_ZEEK)
		return;
	slash = strrchr(input->dir, '/'); /* the path is absolute */
	input->base = strrchr(input->path, '/') + 1;
	slash[slash == input->dir ? 1 : 0] = '\0';
}

static struct input *
input_new(struct inputs *inputs, const struct spool_input_settings *settings)
{
	struct input *input = NEW(struct input);

	*input = (struct input){.inputs = inputs,
	    .type = (enum sensor_input_type)settings->type,
	    .name = alloc_text_copy(settings->name.data, settings->name.len),
	    .path = alloc_text_copy(settings->path.data, settings->path.len),
	    .listen_fd = -1};
	if (input->type != SENSOR_INPUT_SOCKET)
		input_split_path(input);
	return input;
}

/* One turn: STATUS_OK where there may be more at once; AGAIN; NO_SPACE; else the spool
 * failed. */
static enum status
input_poll(struct input *input, int64_t now_ms)
{
	if (input->tail != NULL)
		return tail_poll(input->tail, now_ms, POLL_LINES);
	if (input->logs != NULL)
		return log_dir_poll(input->logs, now_ms, POLL_LINES);
	return line_socket_poll(input->socket, POLL_LINES);
}

static void
input_on_socket(unsigned ready, void *arg)
{
	struct input *input = arg;
	struct inputs *inputs = input->inputs;
	enum status status = line_socket_poll(input->socket, POLL_LINES);

	if (status != STATUS_OK && status != STATUS_AGAIN) {
		inputs->ops->failed(inputs->arg, status);
		return;
	}
	if (status == STATUS_OK) /* what was read and not yet taken makes no descriptor ready */
		loop_timer_once(inputs->timer, 0);
	inputs->ops->appended(inputs->arg);
}

static void
input_begin(struct input *input)
{
	struct inputs *inputs = input->inputs;

	if (input->socket != NULL) {
		input->io = loop_io_new(inputs->loop, line_socket_fd(input->socket), LOOP_NOW,
		    input_on_socket, input);
		loop_io_want(input->io, LOOP_READ);
	} else if (inputs->watch_fd >= 0) {
		/* without the hint the timer is enough */
		(void)!watch_add(inputs->watch_fd, input->dir);
	}
}

/* --- reading --- */

static void
inputs_poll(void *arg)
{
	struct inputs *inputs = arg;
	int64_t now_ms = clock_mono_ms();
	bool more = false;

	inputs->full = false;
	for (size_t i = 0; i < inputs->current.count; i++) {
		enum status status = input_poll(inputs->current.items[i], now_ms);

		if (status != STATUS_OK && status != STATUS_AGAIN &&
		    status != STATUS_NO_SPACE) {
			inputs->ops->failed(inputs->arg, status);
			return;
		}
		inputs->full = inputs->full || status == STATUS_NO_SPACE;
		more = more || status == STATUS_OK;
		inputs->ops->appended(inputs->arg);
	}
	loop_timer_once(inputs->timer, more ? 0 : inputs->full ? FULL_MS : POLL_MS);
}

static void
inputs_on_watch(unsigned ready, void *arg)
{
	struct inputs *inputs = arg;

	watch_drain(inputs->watch_fd);
	if (!inputs->full)
		loop_timer_once(inputs->timer, HINT_MS);
}

/* --- start, reload, end --- */

struct inputs *
inputs_new(struct loop *loop, struct spool *spool, const struct inputs_ops *ops, void *arg)
{
	struct inputs *inputs = NEW(struct inputs);

	*inputs = (struct inputs){.loop = loop, .spool = spool, .ops = ops, .arg = arg};
	inputs->timer = loop_timer_new(loop, inputs_poll, inputs);
	inputs->watch_fd = -1;
	if (watch_new(&inputs->watch_fd) == STATUS_OK)
		inputs->watch_io =
		    loop_io_new(loop, inputs->watch_fd, LOOP_NOW, inputs_on_watch, inputs);
	return inputs;
}

static void
inputs_clear(struct input_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		input_free(list->items[i]);
	list->count = 0;
}

void
inputs_free(struct inputs *inputs)
{
	if (inputs == NULL)
		return;
	inputs_clear(&inputs->current);
	inputs_clear(&inputs->prepared);
	loop_timer_free(inputs->timer);
	loop_io_free(inputs->watch_io);
	fileio_close(inputs->watch_fd);
	free(inputs);
}

/* Its name stands in every record as their source. */
static enum status
inputs_check(const struct spool_input_settings *settings, struct buf *reterr_text)
{
	size_t max = settings->type == SENSOR_INPUT_ZEEK ? ZEEK_NAME_MAX : RECORD_SOURCE_MAX;

	if (settings->type > SENSOR_INPUT_SOCKET || settings->path.len == 0 ||
	    settings->path.data[0] != '/')
		return STATUS_INVALID;
	if (settings->name.len <= max && spool_source_valid(settings->name))
		return STATUS_OK;
	buf_printf(reterr_text,
	    "input \"%.*s\": the name has to be at most %zu printable ASCII characters without "
	    "spaces",
	    (int)settings->name.len, (const char *)settings->name.data, max);
	return STATUS_INVALID;
}

enum status
inputs_prepare(struct inputs *inputs, const struct edge_list *settings, struct fds *fds,
    struct buf *reterr_text)
{
	enum status status = STATUS_OK;
	size_t sockets = 0;

	inputs_abort(inputs);
	for (size_t i = 0; i < settings->count && status == STATUS_OK; i++) {
		struct spool_input_settings one;
		struct input *input;

		status = edge_message_get(settings->items[i], spool_input_settings_fields,
		    sizeof(one), &one);
		if (status == STATUS_OK)
			status = inputs_check(&one, reterr_text);
		if (status != STATUS_OK)
			break;
		input = input_new(inputs, &one);
		inputs->prepared.items[inputs->prepared.count++] = input;
		if (input->type != SENSOR_INPUT_SOCKET)
			continue;
		input->listen_fd = fds_take(fds, ++sockets);
		if (input->listen_fd < 0) {
			buf_printf(reterr_text,
			    "input %s: the socket %s could not be made; the log says why",
			    input->name, input->path);
			status = STATUS_NOT_FOUND;
		}
	}
	return status;
}

/* Takes the input of the same name, kind and path out of a list. */
static struct input *
inputs_take_same(struct input_list *list, const struct input *like)
{
	for (size_t i = 0; i < list->count; i++) {
		struct input *input = list->items[i];

		if (input->type != like->type || strcmp(input->name, like->name) != 0 ||
		    strcmp(input->path, like->path) != 0)
			continue;
		list->items[i] = list->items[--list->count];
		return input;
	}
	return NULL;
}

static enum status
inputs_open(struct inputs *inputs, struct input *input)
{
	enum status status = STATUS_OK;

	if (input->type == SENSOR_INPUT_SURICATA) {
		input->tail = tail_new(inputs->spool, input->name, input->dir, input->base);
	} else if (input->type == SENSOR_INPUT_ZEEK) {
		input->logs = log_dir_new(inputs->spool, input->name, input->dir);
	} else {
		status = line_socket_new(inputs->spool, input->name, input->listen_fd,
		    &input->socket);
		input->listen_fd = -1;
	}
	return status;
}

void
inputs_commit(struct inputs *inputs)
{
	struct input_list old = inputs->current;

	inputs->current.count = 0;
	for (size_t i = 0; i < inputs->prepared.count; i++) {
		struct input *input = inputs->prepared.items[i];
		struct input *same = inputs_take_same(&old, input);

		if (same != NULL) {
			input_free(input);
			input = same;
		} else if (inputs_open(inputs, input) != STATUS_OK) {
			abort(); /* out of descriptors: the role begins anew */
		} else if (inputs->started) {
			input_begin(input);
		}
		inputs->current.items[inputs->current.count++] = input;
	}
	inputs->prepared.count = 0;
	inputs_clear(&old);
}

void
inputs_abort(struct inputs *inputs)
{
	inputs_clear(&inputs->prepared);
}

const char *
inputs_prepared_dir(const struct inputs *inputs, size_t i)
{
	for (size_t k = 0; k < inputs->prepared.count; k++) {
		const struct input *input = inputs->prepared.items[k];

		if (input->dir != NULL && i-- == 0)
			return input->dir;
	}
	return NULL;
}

void
inputs_start(struct inputs *inputs)
{
	inputs->started = true;
	if (inputs->watch_io != NULL)
		loop_io_want(inputs->watch_io, LOOP_READ);
	for (size_t i = 0; i < inputs->current.count; i++)
		input_begin(inputs->current.items[i]);
	loop_timer_once(inputs->timer, 0);
}

void
inputs_synced(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->current.count; i++) {
		if (inputs->current.items[i]->socket != NULL)
			line_socket_synced(inputs->current.items[i]->socket);
	}
}

void
inputs_resume(struct inputs *inputs)
{
	if (inputs->full)
		loop_timer_once(inputs->timer, 0);
}

/* --- status --- */

static void
input_put_tail(const struct tail_status *status, struct json_write *json)
{
	json_u64(json, "lines", status->lines);
	json_u64(json, "raw", status->raw);
	json_u64(json, "oversize", status->oversize);
	json_u64(json, "gaps", status->gaps);
	json_text(json, "trouble",
	    status->trouble != STATUS_OK ? status_text(status->trouble) : NULL);
}

static void
input_put_status(const struct input *input, struct json_write *json)
{
	static const char *const types[] = {"suricata", "zeek", "socket"};
	struct line_socket_status socket;
	struct log_dir_status logs;
	struct tail_status tail;

	json_open_object(json, NULL);
	json_text(json, "name", input->name);
	json_text(json, "type", types[input->type]);
	json_text(json, "path", input->path);
	if (input->tail != NULL) {
		tail_get_status(input->tail, &tail);
		json_bool(json, "open", tail.open);
		json_u64(json, "offset", tail.offset);
		input_put_tail(&tail, json);
	} else if (input->logs != NULL) {
		log_dir_get_status(input->logs, &logs);
		json_u64(json, "logs", logs.logs);
		json_u64(json, "refused", logs.refused);
		input_put_tail(&logs.sum, json);
	} else {
		line_socket_get_status(input->socket, &socket);
		json_u64(json, "clients", socket.clients);
		json_u64(json, "lines", socket.lines);
		json_u64(json, "refused", socket.refused);
		json_u64(json, "rejected", socket.rejected);
	}
	json_close_object(json);
}

void
inputs_put_status(const struct inputs *inputs, const char *key, struct json_write *json)
{
	json_open_array(json, key);
	for (size_t i = 0; i < inputs->current.count; i++)
		input_put_status(inputs->current.items[i], json);
	json_close_array(json);
}
