/* SPDX-License-Identifier: Apache-2.0
 *
 * The supervisor's side of a daemon.
 */
#include "common/daemon/daemon.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/log/log.h"
#include "common/loop/loop.h"
#include "common/proc/notify.h"

enum {
	ERROR_LINE_MAX = 4096,
	DESCRIPTORS_WANTED = 65536, /* as LimitNOFILE= of the service */
};

struct daemon {
	const struct daemon_program *program;
	const char *path;
	struct config *current;
	struct config *next; /* loaded, not in force yet */
};

enum status
daemon_open_log(const char *program, const char *role, uint8_t format, uint8_t level)
{
	return log_open(&(struct log_options){.program = program,
	    .role = role,
	    .format = (enum log_format)format,
	    .level = (enum log_level)level,
	    .fd = STDERR_FILENO});
}

/* One line for each error of a file that was refused. */
static void
daemon_log_errors(const struct config_errors *errors)
{
	struct buf line;

	buf_init(&line, ERROR_LINE_MAX);
	for (size_t i = 0; i < errors->count; i++) {
		buf_clear(&line);
		config_error_print(&errors->rows[i], &line);
		log_error("config-error", LOG_TEXT("file", errors->rows[i].file),
		    LOG_U64("line", errors->rows[i].line), LOG_MESSAGE(buf_text(&line)));
	}
	buf_done(&line);
}

static enum status
daemon_load(void *arg, uint64_t generation, struct buf *reterr_reason)
{
	struct daemon *daemon = arg;
	struct config_errors errors;
	enum status status;

	config_free(daemon->next);
	daemon->next = NULL;
	status = config_load(daemon->program->schema, daemon->path, generation, &daemon->next,
	    &errors);
	if (status != STATUS_OK) {
		daemon_log_errors(&errors);
		buf_printf(reterr_reason, "%s: %zu errors in the configuration", daemon->path,
		    errors.count + errors.more);
		log_error("config-invalid", LOG_TEXT("file", daemon->path),
		    LOG_U64("errors", errors.count + errors.more));
	}
	config_errors_done(&errors);
	return status;
}

static const struct config *
daemon_config(const struct daemon *daemon, uint64_t generation)
{
	if (daemon->next != NULL && config_generation(daemon->next) == generation)
		return daemon->next;
	return daemon->current;
}

static void
daemon_describe(void *arg, uint64_t generation, const char *role, unsigned instance,
    struct buf *payload, struct fds *fds)
{
	struct daemon *daemon = arg;
	const struct config *config = daemon_config(daemon, generation);

	daemon->program->describe(config_values(config), role, instance, payload, fds);
}

static void
daemon_log_change(const struct config_change *change, void *arg)
{
	log_info("config-changed", LOG_TEXT("section", change->section),
	    LOG_TEXT("title", change->title), LOG_TEXT("key", change->key),
	    LOG_TEXT("old", change->old_text), LOG_TEXT("new", change->new_text),
	    LOG_BOOL("restart", !change->reloadable));
}

static void
daemon_settle(void *arg, uint64_t generation, bool in_force)
{
	struct daemon *daemon = arg;

	if (!in_force) {
		config_free(daemon->next);
		daemon->next = NULL;
		return;
	}
	if (daemon->next == NULL)
		return;
	if (daemon->current != NULL)
		config_compare(daemon->current, daemon->next, daemon_log_change, NULL);
	config_free(daemon->current);
	daemon->current = daemon->next;
	daemon->next = NULL;
	log_set_level(
	    (enum log_level)daemon->program->log(config_values(daemon->current))->level);
	log_info("config-loaded", LOG_TEXT("file", daemon->path),
	    LOG_U64("generation", generation));
}

static void
daemon_log_death(const struct proc_event *event)
{
	log_error("role-died", LOG_KEY(event->role), LOG_TEXT("role_name", event->role),
	    LOG_U64("instance", event->instance), LOG_I64("pid", event->pid),
	    LOG_I64("exit_code", event->exit_code), LOG_I64("signal", event->signal),
	    LOG_I64("restart_in_ms", event->delay_ms), LOG_TEXT("cause", event->text),
	    LOG_MESSAGE(event->text));
}

#define EVENT_FIELDS(event)                                                       \
	LOG_KEY((event)->role), LOG_TEXT("role_name", (event)->role),             \
	    LOG_U64("instance", (event)->instance), LOG_I64("pid", (event)->pid), \
	    LOG_TEXT("detail", (event)->text)

static void
daemon_report(void *arg, const struct proc_event *event)
{
	struct daemon *daemon = arg;

	switch (event->kind) {
	case PROC_EVENT_STARTED:
		log_debug("role-started", EVENT_FIELDS(event));
		break;
	case PROC_EVENT_READY:
		log_info("role-ready", EVENT_FIELDS(event));
		break;
	case PROC_EVENT_INIT_FAILED:
		log_error("role-init-failed", EVENT_FIELDS(event), LOG_MESSAGE(event->text));
		break;
	case PROC_EVENT_DIED:
		daemon_log_death(event);
		break;
	case PROC_EVENT_STOPPED:
		log_debug("role-stopped", EVENT_FIELDS(event));
		break;
	case PROC_EVENT_HUNG:
		log_error("role-hung", EVENT_FIELDS(event));
		break;
	case PROC_EVENT_EDGE_BROKEN:
		log_error("edge-broken", EVENT_FIELDS(event));
		break;
	case PROC_EVENT_RUNNING:
		log_info("ready", LOG_TEXT("version", PORTCULLIS_VERSION));
		break;
	case PROC_EVENT_RELOADED:
		log_info("reloaded", LOG_U64("generation", event->generation));
		break;
	case PROC_EVENT_RELOAD_FAILED:
		log_error("reload-failed", LOG_TEXT("file", daemon->path),
		    LOG_TEXT("detail", event->text));
		break;
	case PROC_EVENT_STOPPING:
		log_info("stopping", LOG_MESSAGE("stopping"));
		break;
	}
}

/* Up to the point where the roles are started: configuration, log, sockets. */
static enum status
daemon_open(struct daemon *daemon)
{
	const struct daemon_program *program = daemon->program;
	struct buf text;
	enum status status;

	buf_init(&text, PROC_REASON_MAX);
	/* what is wrong with the configuration is said before it can say how to log */
	status = daemon_open_log(program->name, "supervisor", LOG_FORMAT_AUTO, LOG_LEVEL_INFO);
	if (status == STATUS_OK)
		status = daemon_load(daemon, 1, &text);
	if (status == STATUS_OK) {
		const void *values = config_values(daemon->next);

		const struct config_log *log = program->log(values);

		status = daemon_open_log(program->name, "supervisor", (uint8_t)log->format,
		    (uint8_t)log->level);
		if (status == STATUS_OK)
			status = program->open(values, &text);
		if (status != STATUS_OK)
			log_error("start-failed", LOG_TEXT("cause", status_text(status)),
			    LOG_MESSAGE(buf_text(&text)));
	}
	buf_done(&text);
	return status;
}

static struct proc_program
daemon_proc_program(const struct daemon_program *program, const void *values,
    struct proc_role roles[static DAEMON_ROLES_MAX])
{
	return (struct proc_program){.name = program->name,
	    .roles = roles,
	    .role_count = program->roles(values, roles),
	    .edges = program->edges,
	    .edge_count = program->edge_count,
	    .load = daemon_load,
	    .describe = daemon_describe,
	    .settle = daemon_settle,
	    .report = daemon_report};
}

/* Started by hand the limit is 1,024, which is for the sake of programs that use select(). */
static void
daemon_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
		return;
	limit.rlim_cur =
	    limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* without it there is room for fewer */
}

int
daemon_run(const struct daemon_program *program, const char *config_path)
{
	struct daemon daemon = {.program = program, .path = config_path};
	struct proc_role roles[DAEMON_ROLES_MAX];
	struct proc_program proc_program;
	struct loop *loop;
	int code = EXIT_FAILURE;

	daemon_raise_descriptors();
	if (daemon_open(&daemon) == STATUS_OK) {
		log_info("started", LOG_TEXT("version", PORTCULLIS_VERSION),
		    LOG_TEXT("config", config_path));
		proc_program = daemon_proc_program(program, config_values(daemon.next), roles);
		loop = loop_new();
		code = proc_supervise(&proc_program, loop, &daemon);
		loop_free(loop);
	}
	config_free(daemon.current);
	config_free(daemon.next);
	log_close();
	return code;
}

int
daemon_role(const struct daemon_program *program, char *argv[])
{
	struct proc_role roles[DAEMON_ROLES_MAX];
	struct proc_program proc_program = daemon_proc_program(program, NULL, roles);

	return proc_role_run(&proc_program, argv);
}
