/* SPDX-License-Identifier: Apache-2.0
 *
 * The view role: requests of the control socket, to the database or to their owners.
 */
#include "console-server/view/view_role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/map.h"
#include "common/base/text.h"
#include "common/daemon/admin.h"
#include "common/daemon/control.h"
#include "common/daemon/daemon.h"
#include "common/log/log.h"
#include "common/pki/profile.h"
#include "console-server/store/store_role.h"
#include "console-server/view/questions.h"

enum {
	PATH_SIZE = 4096,
	ACTS_MAX = CONTROL_CLIENTS_MAX,
	CODE_FAILURE = 1,
	CODE_USAGE = 2,
	CODE_NOT_FOUND = 3,
	CODE_DENIED = 4,
};

const struct edge_field view_settings_fields[] = {
    {EDGE_FIELD_BYTES, offsetof(struct view_settings, directory)},
    {EDGE_FIELD_U32, offsetof(struct view_settings, read_gid)},
    {EDGE_FIELD_U32, offsetof(struct view_settings, change_gid)},
    {EDGE_FIELD_U8, offsetof(struct view_settings, log_format)},
    {EDGE_FIELD_U8, offsetof(struct view_settings, log_level)},
    {EDGE_FIELD_END, 0},
};

struct view {
	struct proc *proc;
	struct db db;
	struct {
		int fd;
		gid_t read_gid, change_gid;
	} listen;
	struct control *control;
	struct admin *admin;
	struct map *acts; /* by number: struct act */
	uint64_t next;
	enum log_level prepared_level; /* of a reload */
};

/* A change that the store was asked for. */
struct act {
	uint64_t id;
	struct control_client *client; /* NULL: gone */
	char what[CONTROL_COMMAND_MAX];
	char name[80];
	uid_t uid;
};

static const struct {
	const char *command;
	enum store_act_kind kind;
	size_t args;
} acts[] = {
    {"sensors approve", STORE_APPROVE, 1},
    {"sensors retire", STORE_RETIRE, 1},
    {"sensors accept-key", STORE_ACCEPT_KEY, 1},
    {"peer add", STORE_PEER_SET, 2},
    {"peer remove", STORE_PEER_REMOVE, 0},
};

/* --- reading --- */

static bool
view_on_row(void *arg, struct bytes json)
{
	return control_row(arg, json) == STATUS_OK;
}

static void
view_ask(struct view *view, struct control_client *client,
    const struct control_request *request)
{
	enum status status =
	    question_ask(&view->db, request->command, &request->args, view_on_row, client);

	if (status == STATUS_OK)
		control_end(client, 0, NULL);
	else if (status == STATUS_INVALID)
		control_end(client, CODE_USAGE, "no such filter, or not a number");
	else if (status == STATUS_LIMIT)
		control_end(client, CODE_FAILURE,
		    "there is more than one answer can hold; narrow it with --limit or another "
		    "filter");
	else if (status == STATUS_TIMEOUT)
		control_end(client, CODE_FAILURE,
		    "this took too long; narrow it with --since or another filter");
	else
		control_end(client, CODE_FAILURE, db_error(&view->db));
}

/* --- changing --- */

static struct bytes
view_key(const uint64_t *id)
{
	return bytes_of(id, sizeof(*id));
}

static void
view_send_act(struct view *view, struct act *act, const struct store_act *message)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, CONTROL_REQUEST_MAX);
	edge_message_put(&payload, store_act_fields, message);
	status = edge_send(proc_edge(view->proc, "admin-store", 0), STORE_ADMIN_ACT,
	    buf_bytes(&payload), NULL);
	buf_done(&payload);
	if (status == STATUS_OK)
		return;
	control_end(act->client, CODE_FAILURE, "the store is being started; try again");
	map_remove(view->acts, view_key(&act->id));
}

static void
view_act(struct view *view, struct control_client *client,
    const struct control_request *request, size_t row)
{
	struct store_act message = {.kind = (uint8_t)acts[row].kind};
	struct act *act;

	if (!request->may_change) {
		control_end(client, CODE_DENIED,
		    "only root and members of the admin group may change this");
		return;
	}
	if (request->args.count != acts[row].args) {
		control_end(client, CODE_USAGE, "which one?");
		return;
	}
	act = NEW(struct act);
	*act = (struct act){.id = ++view->next, .client = client, .uid = request->uid};
	memcpy(act->what, request->command, sizeof(act->what));
	if (request->args.count > 0) {
		message.name = request->args.items[0];
		snprintf(act->name, sizeof(act->name), "%.*s", (int)message.name.len,
		    (const char *)message.name.data);
		for (char *c = act->name; *c != '\0'; c++)
			*c = text_lower(*c);
		message.name = bytes_of_text(act->name);
	}
	if (request->args.count > 1)
		message.address = request->args.items[1];
	message.id = act->id;
	if (map_put(view->acts, view_key(&act->id), act) != STATUS_OK) {
		control_end(client, CODE_FAILURE, "too much is asked at once");
		free(act);
		return;
	}
	view_send_act(view, act, &message);
}

static enum status
view_on_store(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct view *view = state;
	struct store_done done;
	struct act *act;

	if (frame->type != STORE_ADMIN_DONE ||
	    edge_message_get(frame->payload, store_done_fields, sizeof(done), &done) !=
		STATUS_OK)
		return STATUS_INVALID;
	act = map_get(view->acts, view_key(&done.id));
	if (act == NULL)
		return STATUS_OK;
	log_audit("changed", LOG_TEXT("what", act->what), LOG_TEXT("name", act->name),
	    LOG_U64("uid", act->uid),
	    LOG_TEXT("result", status_text((enum status)done.status)));
	if (act->client != NULL && done.status == STATUS_OK)
		control_end(act->client, 0, NULL);
	else if (act->client != NULL && done.status == STATUS_NOT_FOUND)
		control_end(act->client, CODE_NOT_FOUND, "there is no such row; see `sensors`");
	else if (act->client != NULL && done.status == STATUS_INVALID)
		control_end(act->client, CODE_FAILURE, "no other key waits for this name");
	else if (act->client != NULL)
		control_end(act->client, CODE_FAILURE, status_text((enum status)done.status));
	map_remove(view->acts, view_key(&done.id));
	return STATUS_OK;
}

/* --- the control socket --- */

static void
view_on_request(void *arg, struct control_client *client, const struct control_request *request)
{
	struct view *view = arg;

	if (question_known(request->command)) {
		view_ask(view, client, request);
		return;
	}
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(request->command, acts[i].command) == 0) {
			view_act(view, client, request, i);
			return;
		}
	}
	if (!admin_request(view->admin, client, request))
		control_end(client, CODE_USAGE, "this daemon does not know that request");
}

static void
view_forget_client(struct bytes key, void *value, void *arg)
{
	struct act *act = value;

	if (act->client == arg)
		act->client = NULL;
}

static void
view_on_gone(void *arg, struct control_client *client)
{
	struct view *view = arg;

	map_each(view->acts, view_forget_client, client);
	admin_gone(view->admin, client);
}

static const struct control_ops control_ops = {.request = view_on_request,
    .gone = view_on_gone};

/* --- edges to those who own things --- */

static enum status
view_on_key(void *state, struct edge *edge, struct edge_frame *frame)
{
	return admin_on_key(((struct view *)state)->admin, edge, frame);
}

static enum status
view_on_trust(void *state, struct edge *edge, struct edge_frame *frame)
{
	return admin_on_trust(((struct view *)state)->admin, edge, frame);
}

static void
view_on_admin_down(void *state, struct edge *edge)
{
	admin_on_down(((struct view *)state)->admin);
}

static void
view_end_act(struct bytes key, void *value, void *arg)
{
	struct act *act = value;

	if (act->client != NULL)
		control_end(act->client, CODE_FAILURE,
		    "the store was started again; look at the result");
}

static void
view_on_store_down(void *state, struct edge *edge)
{
	struct view *view = state;

	map_each(view->acts, view_end_act, NULL);
	map_free(view->acts);
	view->acts = map_new(ACTS_MAX, free);
}

/* --- start and end --- */

static void
view_done(void *state)
{
	struct view *view = state;

	control_free(view->control);
	admin_free(view->admin);
	map_free(view->acts);
	db_close(&view->db);
	free(view);
}

static enum status
view_open(struct view *view, const struct proc_config *config, struct buf *reterr_reason)
{
	struct view_settings settings;
	char path[PATH_SIZE], file[PATH_SIZE + 16];
	enum status status = edge_message_get(config->payload, view_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		status = daemon_open_log("portcullis-console", proc_name(view->proc),
		    settings.log_format, settings.log_level);
	if (status != STATUS_OK)
		return status;
	snprintf(path, sizeof(path), "%.*s", (int)settings.directory.len,
	    (const char *)settings.directory.data);
	snprintf(file, sizeof(file), "%s/console.db", path);
	/* a reader of WAL writes its index (-shm); query_only keeps the rest from it */
	status = sandbox_allow_path(proc_sandbox(view->proc), path, SANDBOX_WRITE);
	if (status == STATUS_OK)
		status = db_open_reader(file, &view->db);
	if (status != STATUS_OK)
		buf_printf(reterr_reason, "%s: %s", file, status_text(status));
	view->listen.fd = fds_take(config->fds, 0);
	view->listen.read_gid = settings.read_gid;
	view->listen.change_gid = settings.change_gid;
	if (status == STATUS_OK && view->listen.fd < 0) {
		buf_put_text(reterr_reason, "no control socket");
		status = STATUS_INTERNAL;
	}
	return status;
}

static enum status
view_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct view *view = NEW(struct view);
	enum status status;

	view->proc = proc;
	view->acts = map_new(ACTS_MAX, free);
	view->admin = admin_new(proc, PROFILE_USE_LISTENS);
	status = view_open(view, config, reterr_reason);
	if (status != STATUS_OK) {
		view_done(view);
		return status;
	}
	*ret_state = view;
	return STATUS_OK;
}

/* Its sockets and groups do not change while it runs. */
static enum status
view_prepare(void *state, const struct proc_config *config, struct buf *reterr_reason)
{
	struct view *view = state;
	struct view_settings settings;
	enum status status = edge_message_get(config->payload, view_settings_fields,
	    sizeof(settings), &settings);

	if (status == STATUS_OK)
		view->prepared_level = (enum log_level)settings.log_level;
	return status;
}

static void
view_commit(void *state)
{
	log_set_level(((struct view *)state)->prepared_level);
}

static void
view_ready(void *state)
{
	struct view *view = state;

	view->control = control_new_take(proc_loop(view->proc), view->listen.fd,
	    view->listen.read_gid, view->listen.change_gid, &control_ops, view);
}

static const struct edge_ops store_ops = {.release_on_return = true,
    .down = view_on_store_down,
    .frame = view_on_store};
static const struct edge_ops key_ops = {.release_on_return = true,
    .down = view_on_admin_down,
    .frame = view_on_key};
static const struct edge_ops trust_ops = {.release_on_return = true,
    .down = view_on_admin_down,
    .frame = view_on_trust};

static const struct proc_edge_use view_edges[] = {
    {"admin-store", &store_ops},
    {"admin-key", &key_ops},
    {"admin-trust", &trust_ops},
};

const struct proc_role view_role = {
    .name = "view",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_FILES | SANDBOX_ACCEPT},
    .edges = view_edges,
    .edge_count = sizeof(view_edges) / sizeof(view_edges[0]),
    .init = view_init,
    .ready = view_ready,
    .prepare = view_prepare,
    .commit = view_commit,
    .done = view_done,
};
