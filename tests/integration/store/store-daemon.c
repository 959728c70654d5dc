/* SPDX-License-Identifier: Apache-2.0
 *
 * The store role as a real process, with a role at the other end of its edges that hands
 * everything to and from a test: store-daemon SOCKET-FD DIRECTORY.  On the socket a message
 * of either side is its edge (0 link, 1 admin), its type, its length in four octets, little
 * end first, and its payload.  What happens to the roles goes to stdout, a line each.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/cursor.h"
#include "common/base/fileio.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "common/proc/proc.h"
#include "console-server/store/store_role.h"

enum {
	HEADER_SIZE = 6,
	INPUT_MAX = 8 << 20,
	EDGE_COUNT = 2,
	TYPE_UP = 0, /* told to the test: the edge is up, or down */
	TYPE_DOWN = 1,
};

static const char *const edge_names[EDGE_COUNT] = {"link-store", "admin-store"};

/* The role at the other end. */
struct bridge {
	struct proc *proc;
	int fd;
	struct loop_io *io;
	struct buf input;
};

static void
bridge_tell(const struct bridge *bridge, uint8_t edge, uint8_t type, struct bytes payload)
{
	struct buf out;

	buf_init(&out, HEADER_SIZE + payload.len);
	buf_put_u8(&out, edge);
	buf_put_u8(&out, type);
	buf_put_u32le(&out, (uint32_t)payload.len);
	buf_put_bytes(&out, payload);
	/* blocking: the test reads */
	if (send(bridge->fd, out.data, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
		proc_exit(bridge->proc);
	buf_done(&out);
}

static uint8_t
bridge_number(const struct edge *edge)
{
	return strcmp(edge_name(edge), edge_names[0]) != 0;
}

static void
bridge_on_up(void *state, struct edge *edge)
{
	bridge_tell(state, bridge_number(edge), TYPE_UP, bytes_of("", 0));
}

static void
bridge_on_down(void *state, struct edge *edge)
{
	bridge_tell(state, bridge_number(edge), TYPE_DOWN, bytes_of("", 0));
}

static enum status
bridge_on_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	bridge_tell(state, bridge_number(edge), frame->type, frame->payload);
	return STATUS_OK;
}

/* Sends the message at the front of the input; false where it is not there whole. */
static bool
bridge_send_next(struct bridge *bridge)
{
	struct cursor cursor = cursor_of(buf_bytes(&bridge->input));
	uint8_t edge = cursor_u8(&cursor), type = cursor_u8(&cursor);
	size_t len = cursor_u32le(&cursor);
	struct bytes payload = cursor_bytes(&cursor, len);

	if (!cursor_ok(&cursor) || edge >= EDGE_COUNT)
		return false;
	if (edge_send(proc_edge(bridge->proc, edge_names[edge], 0), type, payload, NULL) !=
	    STATUS_OK)
		dprintf(STDOUT_FILENO, "lost a message: no credit, or no store\n");
	buf_drain(&bridge->input, HEADER_SIZE + len);
	return true;
}

static void
bridge_on_ready(unsigned ready, void *arg)
{
	struct bridge *bridge = arg;
	uint8_t *room = buf_reserve(&bridge->input, 1 << 16);
	ssize_t got = room != NULL ? recv(bridge->fd, room, 1 << 16, MSG_DONTWAIT) : -1;

	if (got <= 0) {
		proc_exit(bridge->proc);
		return;
	}
	buf_claim(&bridge->input, (size_t)got);
	while (bridge_send_next(bridge))
		;
}

static enum status
bridge_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct bridge *bridge = NEW(struct bridge);

	bridge->proc = proc;
	bridge->fd = fds_take(config->fds, 0);
	buf_init(&bridge->input, INPUT_MAX);
	*ret_state = bridge;
	return STATUS_OK;
}

static void
bridge_ready(void *state)
{
	struct bridge *bridge = state;

	bridge->io =
	    loop_io_new(proc_loop(bridge->proc), bridge->fd, LOOP_NOW, bridge_on_ready, bridge);
	loop_io_want(bridge->io, LOOP_READ);
}

static void
bridge_done(void *state)
{
	struct bridge *bridge = state;

	loop_io_free(bridge->io);
	fileio_close(bridge->fd);
	buf_done(&bridge->input);
	free(bridge);
}

static const struct edge_ops bridge_ops = {.release_on_return = true,
    .up = bridge_on_up,
    .down = bridge_on_down,
    .frame = bridge_on_frame};

static const struct proc_edge_use bridge_edges[EDGE_COUNT] = {
    {"link-store", &bridge_ops},
    {"admin-store", &bridge_ops},
};

static const struct proc_edge edges[EDGE_COUNT] = {
    {.name = "link-store", .from = "bridge", .to = "store"},
    {.name = "admin-store", .from = "bridge", .to = "store"},
};

/* --- the program --- */

struct program {
	int socket;
	const char *directory;
};

static enum status
program_load(void *arg, uint64_t generation, struct buf *reterr_reason)
{
	return STATUS_OK;
}

static void
program_describe(void *arg, uint64_t generation, const char *role, unsigned instance,
    struct buf *payload, struct fds *fds)
{
	const struct program *program = arg;
	struct store_settings settings = {.directory = bytes_of_text(program->directory),
	    .log_format = LOG_FORMAT_JSON,
	    .log_level = LOG_LEVEL_INFO};

	if (strcmp(role, "store") == 0)
		edge_message_put(payload, store_settings_fields, &settings);
	else
		fds_add(fds, fcntl(program->socket, F_DUPFD_CLOEXEC, 0));
}

static void
program_settle(void *arg, uint64_t generation, bool in_force)
{
}

static void
program_report(void *arg, const struct proc_event *event)
{
	printf("%s %s %d %s\n", proc_event_name(event->kind),
	    event->role != NULL ? event->role : "-", (int)event->pid, event->text);
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	struct proc_role roles[] = {store_role, {.name = "bridge",
						    .instances = 1,
						    .edges = bridge_edges,
						    .edge_count = EDGE_COUNT,
						    .init = bridge_init,
						    .ready = bridge_ready,
						    .done = bridge_done}};
	struct proc_program table = {.name = "store-daemon",
	    .roles = roles,
	    .role_count = sizeof(roles) / sizeof(roles[0]),
	    .edges = edges,
	    .edge_count = EDGE_COUNT,
	    .timing = {.restart_base_ms = 10, .restart_cap_ms = 100},
	    .load = program_load,
	    .describe = program_describe,
	    .settle = program_settle,
	    .report = program_report};
	struct program program;
	struct loop *loop;
	int code;

	if (proc_is_role(argc, argv))
		return proc_role_run(&table, argv);
	if (argc != 3)
		return 2;
	program = (struct program){.socket = atoi(argv[1]), .directory = argv[2]};
	loop = loop_new();
	code = proc_supervise(&table, loop, &program);
	loop_free(loop);
	return code;
}
