/* SPDX-License-Identifier: Apache-2.0
 *
 * A daemon for the tests of common/proc: real processes whose conduct a settings file
 * commands, at the start and by reload.  Every report and what roles see goes to stdout,
 * a line each; tests/integration/proc/test_proc.py reads it.
 *
 *	oracle	answers calls
 *	sink	takes what sources send; can hold it back
 *	files	owns a directory
 *	source	two of them: send as fast as credit lets them, call the oracle, accept
 *	net	resolves a name in a thread, and connects
 *	bad	does what it must not
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/cursor.h"
#include "common/base/fileio.h"
#include "common/loop/loop.h"
#include "common/proc/notify.h"
#include "common/proc/proc.h"
#include "tests/integration/proc/acts.h"
#include "tests/integration/proc/settings.h"

enum {
	SETTINGS_MAX = 1 << 16,
	HELD_MAX = 1 << 16,
	TYPE_NUMBER = 1,
	TYPE_CONNECTION = 2,
	TYPE_FORBIDDEN = 3,
	TYPE_CALL = 4
};

/* One role process; what a role does not need stays empty. */
struct actor {
	struct proc *proc;
	char *settings, *next; /* in force, and prepared */
	struct loop_timer *timer;
	struct edge_ticket *held; /* sink */
	struct edge **held_from;
	size_t held_count;
	uint64_t numbers[2]; /* sink: received of each source; source: sent */
	uint64_t answered;   /* source: good answers of the oracle */
	int listener;        /* source */
	struct loop_io *accepting;
};

#define PAD      "################################################################"
#define SAY(...) dprintf(STDOUT_FILENO, __VA_ARGS__)

static bool
actor_set(const struct actor *actor, const char *settings, const char *key)
{
	return settings_is(settings, key, proc_name(actor->proc));
}

/* What the settings in force command. */
static void
actor_act(struct actor *actor)
{
	char *act = settings_text(actor->settings, "act");

	if (actor_set(actor, actor->settings, "who") && act != NULL)
		acts_do(act);
	free(act);
	while (actor_set(actor, actor->settings, "hang"))
		usleep(10000);
}

static enum status
actor_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct actor *actor = NEW(struct actor);
	char *dir;

	actor->proc = proc;
	actor->settings = alloc_text_copy(config->payload.data, config->payload.len);
	actor->listener = fds_take(config->fds, 0);
	if (actor_set(actor, actor->settings, "init-fails") ||
	    actor_set(actor, actor->settings, "init-slow")) {
		for (int i = 0; i < 10 && actor_set(actor, actor->settings, "init-slow"); i++) {
			usleep(100000);
			if (settings_is(actor->settings, "init-tells", "1"))
				proc_progress(proc);
		}
		buf_put_text(reterr_reason, "told to fail");
	}
	dir = settings_text(actor->settings, "dir");
	if (strcmp(proc_name(proc), "files") == 0 && dir != NULL &&
	    sandbox_allow_path(proc_sandbox(proc), dir, SANDBOX_WRITE) != STATUS_OK)
		buf_put_text(reterr_reason, "no such directory");
	free(dir);
	if (strcmp(proc_name(proc), "net") == 0 &&
	    sandbox_allow_path(proc_sandbox(proc), "/etc", SANDBOX_READ) != STATUS_OK)
		buf_put_text(reterr_reason, "no /etc");
	acts_prepare();
	*ret_state = actor;
	if (!actor_set(actor, actor->settings, "init-fails"))
		return STATUS_OK;
	free(actor->settings);
	free(actor);
	return STATUS_INVALID;
}

static void
actor_ready(void *state)
{
	actor_act(state);
}

static enum status
actor_prepare(void *state, const struct proc_config *config, struct buf *reterr_reason)
{
	struct actor *actor = state;
	char *next = alloc_text_copy(config->payload.data, config->payload.len);

	if (actor_set(actor, next, "refuses")) {
		buf_put_text(reterr_reason, "does not like it");
		free(next);
		return STATUS_INVALID;
	}
	if (actor_set(actor, next, "slow"))
		usleep(500000);
	if (actor_set(actor, next, "dies-preparing"))
		_exit(9);
	actor->next = next;
	return STATUS_OK;
}

static void
actor_commit(void *state)
{
	struct actor *actor = state;

	free(actor->settings);
	actor->settings = actor->next;
	actor->next = NULL;
	SAY("committed %s %u\n", proc_name(actor->proc), proc_instance(actor->proc));
	actor_act(actor);
}

static void
actor_abort(void *state)
{
	struct actor *actor = state;

	free(actor->next);
	actor->next = NULL;
	SAY("aborted %s %u\n", proc_name(actor->proc), proc_instance(actor->proc));
}

static void
actor_stop(void *state)
{
	struct actor *actor = state;

	SAY("stopping %s %u\n", proc_name(actor->proc), proc_instance(actor->proc));
	if (!actor_set(actor, actor->settings, "stuck"))
		proc_exit(actor->proc);
}

static void
actor_done(void *state)
{
	struct actor *actor = state;

	loop_timer_free(actor->timer);
	loop_io_free(actor->accepting);
	fileio_close(actor->listener);
	free(actor->held);
	free(actor->held_from);
	free(actor->settings);
	free(actor->next);
	free(actor);
}

/* --- oracle --- */

static enum status
oracle_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct actor *actor = state;
	struct cursor cursor = cursor_of(frame->payload);
	uint64_t answer = cursor_u64le(&cursor) + 1;

	if (!cursor_finished(&cursor))
		return STATUS_INVALID;
	usleep(settings_number(actor->settings, "oracle-sleep-us", 0));
	return edge_reply(edge, frame->ticket, TYPE_CALL, bytes_of(&answer, sizeof(answer)));
}

static const struct edge_ops oracle_ops = {.frame = oracle_frame};

/* --- sink --- */

static void
sink_up(void *state, struct edge *edge)
{
	struct actor *actor = state;

	actor->numbers[edge_instance(edge)] = 0;
	SAY("sink up %u\n", edge_instance(edge));
}

static void
sink_down(void *state, struct edge *edge)
{
	struct actor *actor = state;

	SAY("sink down %u after %" PRIu64 "\n", edge_instance(edge),
	    actor->numbers[edge_instance(edge)]);
}

static enum status
sink_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct actor *actor = state;
	struct cursor cursor = cursor_of(frame->payload);
	uint64_t *expected = &actor->numbers[edge_instance(edge)];
	int connection;

	if (frame->type == TYPE_CONNECTION) {
		connection = fds_take(&frame->fds, 0);
		SAY("sink cloexec %d count %zu\n", fcntl(connection, F_GETFD),
		    frame->fds.count);
		(void)!send(connection, "from the sink", 13, MSG_NOSIGNAL);
		fileio_close(connection);
		edge_release(edge, frame->ticket);
		return STATUS_OK;
	}
	if (frame->type != TYPE_NUMBER)
		return STATUS_INVALID;
	if (cursor_u64le(&cursor) != (*expected)++)
		SAY("sink lost the sequence\n");
	if (settings_is(actor->settings, "sink-holds", "1") && actor->held_count < HELD_MAX) {
		actor->held[actor->held_count] = frame->ticket;
		actor->held_from[actor->held_count++] = edge;
		return STATUS_OK;
	}
	edge_release(edge, frame->ticket);
	return STATUS_OK;
}

static void
sink_on_timer(void *arg)
{
	struct actor *actor = arg;

	if (!settings_is(actor->settings, "sink-holds", "1")) {
		for (size_t i = 0; i < actor->held_count; i++)
			edge_release(actor->held_from[i], actor->held[i]);
		actor->held_count = 0;
	}
	SAY("sink counts %" PRIu64 " %" PRIu64 "\n", actor->numbers[0], actor->numbers[1]);
}

static void
sink_ready(void *state)
{
	struct actor *actor = state;

	actor->held = alloc_zeroed(HELD_MAX, sizeof(*actor->held));
	actor->held_from = alloc_zeroed(HELD_MAX, sizeof(*actor->held_from));
	actor->timer = loop_timer_new(proc_loop(actor->proc), sink_on_timer, actor);
	loop_timer_every(actor->timer, 50);
	actor_act(actor);
}

static const struct edge_ops sink_ops = {.up = sink_up, .down = sink_down, .frame = sink_frame};

/* --- source --- */

static void
source_pump(void *state, struct edge *edge)
{
	struct actor *actor = state;
	uint8_t payload[512] = {0};
	enum status status;

	if (settings_is(actor->settings, "source-quiet", "1"))
		return;
	do {
		memcpy(payload, &actor->numbers[0], sizeof(actor->numbers[0]));
		status = edge_send(edge, TYPE_NUMBER, bytes_of(payload, sizeof(payload)), NULL);
		actor->numbers[0] += status == STATUS_OK;
	} while (status == STATUS_OK);
}

static void
source_up(void *state, struct edge *edge)
{
	struct actor *actor = state;

	actor->numbers[0] = 0;
	SAY("source %u up %s\n", proc_instance(actor->proc), edge_peer(edge));
	source_pump(state, edge);
}

static void
source_down(void *state, struct edge *edge)
{
	struct actor *actor = state;

	SAY("source %u down %s\n", proc_instance(actor->proc), edge_peer(edge));
}

static enum status
source_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return STATUS_INVALID;
}

/* Asks the oracle; 0 good, else what went wrong is said. */
static void
source_ask(struct actor *actor)
{
	struct edge *oracle = proc_edge(actor->proc, "source-oracle", 0);
	uint64_t question = actor->answered * 1000, answer = 0;
	int64_t timeout_ms = settings_number(actor->settings, "call-ms", 2000);
	struct bytes reply;
	uint8_t type;
	enum status status;

	if (!edge_is_up(oracle))
		return;
	status = edge_call(oracle, TYPE_CALL, bytes_of(&question, sizeof(question)), timeout_ms,
	    &type, &reply);
	if (status == STATUS_OK && reply.len == sizeof(answer))
		memcpy(&answer, reply.data, sizeof(answer));
	if (status == STATUS_OK && answer == question + 1)
		actor->answered++;
	else
		SAY("source %u call: %s\n", proc_instance(actor->proc),
		    status == STATUS_OK ? "a wrong answer" : status_text(status));
}

static void
source_on_timer(void *arg)
{
	struct actor *actor = arg;
	struct edge *sink = proc_edge(actor->proc, "source-sink", 0);

	source_ask(actor);
	SAY("source %u unanswered %zu sent %" PRIu64 " answered %" PRIu64 "\n",
	    proc_instance(actor->proc), edge_unanswered(sink), actor->numbers[0],
	    actor->answered);
	if (settings_is(actor->settings, "source-forbidden", "1") && edge_is_up(sink) &&
	    edge_send(sink, TYPE_FORBIDDEN, bytes_of(NULL, 0), NULL) != STATUS_OK)
		SAY("source %u could not misbehave\n", proc_instance(actor->proc));
}

static void
source_on_accept(unsigned ready, void *arg)
{
	struct actor *actor = arg;
	struct fds fds = {.count = 0};
	int connection = accept4(actor->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (connection < 0)
		return;
	fds_add(&fds, connection);
	if (edge_send(proc_edge(actor->proc, "source-sink", 0), TYPE_CONNECTION,
		bytes_of(NULL, 0), &fds) != STATUS_OK)
		SAY("source could not pass it\n");
	fds_close(&fds);
}

static void
source_ready(void *state)
{
	struct actor *actor = state;

	actor->timer = loop_timer_new(proc_loop(actor->proc), source_on_timer, actor);
	loop_timer_every(actor->timer, 50);
	if (actor->listener >= 0) {
		actor->accepting = loop_io_new(proc_loop(actor->proc), actor->listener,
		    LOOP_LATER, source_on_accept, actor);
		loop_io_want(actor->accepting, LOOP_READ);
	}
	actor_act(actor);
}

static const struct edge_ops source_sink_ops = {.up = source_up,
    .down = source_down,
    .frame = source_frame,
    .credit = source_pump};
static const struct edge_ops source_oracle_ops = {.up = NULL};

/* --- files --- */

static void
files_ready(void *state)
{
	struct actor *actor = state;
	char *dir = settings_text(actor->settings, "dir");
	char path[300];
	int inside, outside;

	if (dir != NULL) {
		snprintf(path, sizeof(path), "%s/inside", dir);
		inside = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		snprintf(path, sizeof(path), "%s/../outside", dir);
		outside = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		SAY("files inside %s outside %s locks %s\n", inside >= 0 ? "yes" : "no",
		    outside >= 0 ? "yes" : "no", mlock(path, 1) == 0 ? "yes" : "no");
		fileio_close(inside);
		fileio_close(outside);
	}
	free(dir);
	actor_act(actor);
}

/* --- net --- */

static void *
net_resolve(void *arg)
{
	static int failed;
	struct addrinfo *addresses;

	failed = getaddrinfo("localhost", NULL, NULL, &addresses);
	if (failed == 0)
		freeaddrinfo(addresses);
	return &failed;
}

static void
net_ready(void *state)
{
	struct actor *actor = state;
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)settings_number(actor->settings, "port", 0))};
	pthread_t thread;
	void *failed = NULL;
	int fd;

	if (address.sin_port != 0) {
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (pthread_create(&thread, NULL, net_resolve, NULL) == 0)
			pthread_join(thread, &failed);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		SAY("net thread %s resolved %s connected %s\n", failed != NULL ? "yes" : "no",
		    failed != NULL && *(int *)failed == 0 ? "yes" : "no",
		    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? "yes"
										   : "no");
		fileio_close(fd);
	}
	actor_act(actor);
}

/* --- the program --- */

static const struct proc_edge_use oracle_edges[] = {{"source-oracle", &oracle_ops}};
static const struct proc_edge_use sink_edges[] = {{"source-sink", &sink_ops}};
static const struct proc_edge_use source_edges[] = {
    {"source-sink", &source_sink_ops},
    {"source-oracle", &source_oracle_ops},
};

#define ACTOR                                                                 \
	.init = actor_init, .prepare = actor_prepare, .commit = actor_commit, \
	.abort = actor_abort, .stop = actor_stop, .done = actor_done

static const char *const files_calls[] = {"mlock", NULL};

static struct proc_role roles[] = {
    {.name = "oracle",
	.instances = 1,
	.edges = oracle_edges,
	.edge_count = 1,
	.ready = actor_ready,
	ACTOR},
    {.name = "sink",
	.instances = 1,
	.edges = sink_edges,
	.edge_count = 1,
	.ready = sink_ready,
	ACTOR},
    {.name = "files",
	.instances = 1,
	.sandbox = {.flags = SANDBOX_FILES, .syscalls = files_calls},
	.ready = files_ready,
	ACTOR},
    {.name = "source",
	.instances = 2,
	.sandbox = {.flags = SANDBOX_ACCEPT},
	.edges = source_edges,
	.edge_count = 2,
	.ready = source_ready,
	ACTOR},
    {.name = "net",
	.instances = 1,
	.sandbox = {.flags = SANDBOX_FILES | SANDBOX_CONNECT | SANDBOX_THREADS},
	.ready = net_ready,
	ACTOR},
    {.name = "bad", .instances = 1, .ready = actor_ready, ACTOR},
};

static const struct proc_edge edges[] = {
    {.name = "source-sink", .from = "source", .to = "sink", .credit_bytes = 1 << 16},
    {.name = "source-oracle",
	.from = "source",
	.to = "oracle",
	.credit_bytes = 4096,
	.call = true},
};

/* The supervisor's side. */
struct program {
	const char *path;
	char *in_force, *loaded;
	int listener;
};

static char *
program_read(const struct program *program)
{
	struct buf settings;

	buf_init(&settings, SETTINGS_MAX);
	if (fileio_read(AT_FDCWD, program->path, &settings) != STATUS_OK)
		abort();
	return buf_take_text(&settings);
}

static enum status
program_load(void *arg, uint64_t generation, struct buf *reterr_reason)
{
	struct program *program = arg;

	program->loaded = program_read(program);
	if (!settings_is(program->loaded, "load-fails", "1"))
		return STATUS_OK;
	buf_put_text(reterr_reason, "told not to load");
	free(program->loaded);
	program->loaded = NULL;
	return STATUS_INVALID;
}

static void
program_describe(void *arg, uint64_t generation, const char *role, unsigned instance,
    struct buf *payload, struct fds *fds)
{
	struct program *program = arg;
	const char *settings = program->loaded != NULL ? program->loaded : program->in_force;
	size_t pad;

	buf_put_text(payload, settings);
	pad = settings_number(settings, "pad", 0);
	while (payload->len < pad && buf_ok(payload))
		buf_put_text(payload, payload->len + 64 <= pad ? PAD : "#");
	if (strcmp(role, "source") == 0 && instance == 0)
		fds_add(fds, fcntl(program->listener, F_DUPFD_CLOEXEC, 0));
}

static void
program_settle(void *arg, uint64_t generation, bool in_force)
{
	struct program *program = arg;

	if (in_force) {
		free(program->in_force);
		program->in_force = program->loaded;
	} else {
		free(program->loaded);
	}
	program->loaded = NULL;
}

static void
program_report(void *arg, const struct proc_event *event)
{
	SAY("event %s %s %u pid=%d exit=%d signal=%d delay=%" PRId64 " generation=%" PRIu64
	    " text=%s\n",
	    proc_event_name(event->kind), event->role != NULL ? event->role : "-",
	    event->instance, (int)event->pid, event->exit_code, event->signal, event->delay_ms,
	    event->generation, event->text);
}

/* A listening socket from the service manager, or one on loopback whose port is said. */
static int
program_listen(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	struct notify_socket sockets[NOTIFY_SOCKETS_MAX];
	size_t count;
	int fd;

	if (notify_sockets(sockets, NOTIFY_SOCKETS_MAX, &count) != STATUS_OK)
		abort();
	if (count > 0) {
		SAY("activated %zu %s\n", count, sockets[0].name);
		return sockets[0].fd;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	SAY("port %d\n", ntohs(address.sin_port));
	return fd;
}

int
main(int argc, char *argv[])
{
	struct proc_program table = {.name = "proc-daemon",
	    .roles = roles,
	    .role_count = sizeof(roles) / sizeof(roles[0]),
	    .edges = edges,
	    .edge_count = sizeof(edges) / sizeof(edges[0]),
	    .load = program_load,
	    .describe = program_describe,
	    .settle = program_settle,
	    .report = program_report};
	struct program program = {.path = argv[1]};
	struct loop *loop;
	char *settings;
	int code;

	if (proc_is_role(argc, argv))
		return proc_role_run(&table, argv);
	if (argc != 2)
		return 2;
	settings = program_read(&program);
	table.timing = (struct proc_timing){
	    .start_ms = settings_number(settings, "start-ms", 0),
	    .hang_ms = settings_number(settings, "hang-ms", 0),
	    .prepare_ms = settings_number(settings, "prepare-ms", 0),
	    .stop_ms = settings_number(settings, "stop-ms", 0),
	    .restart_base_ms = settings_number(settings, "restart-base-ms", 10),
	    .restart_cap_ms = settings_number(settings, "restart-cap-ms", 200),
	};
	for (size_t i = 0; i < table.role_count; i++)
		roles[i].uid = roles[i].gid = settings_number(settings, "uid", 0);
	free(settings);
	program.listener = program_listen();
	loop = loop_new();
	code = proc_supervise(&table, loop, &program);
	loop_free(loop);
	fileio_close(program.listener);
	free(program.in_force);
	return code;
}
