/* SPDX-License-Identifier: Apache-2.0
 *
 * Asking the daemon.
 */
#include "common/daemon/client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/daemon/place.h"

const struct command_option client_options[] = {
    CLIENT_OPTIONS,
    {.name = NULL},
};

/* --- the request --- */

void
client_request_init(struct client_request *request, const char *command)
{
	*request = (struct client_request){.message.command = bytes_of_text(command)};
}

void
client_request_done(struct client_request *request)
{
	struct edge_list *args = &request->message.args;

	for (size_t i = 0; i < args->count; i++) {
		void *data = (void *)(uintptr_t)args->items[i].data;

		explicit_bzero(data, args->items[i].len); /* one may be a passphrase */
		free(data);
	}
	args->count = 0;
	fds_close(&request->fds);
}

void
client_request_add(struct client_request *request, struct bytes argument)
{
	struct edge_list *args = &request->message.args;

	if (args->count == EDGE_LIST_MAX)
		abort(); /* commands check their operands: least, most */
	args->items[args->count++] =
	    bytes_of(alloc_text_copy(argument.data, argument.len), argument.len);
}

void
client_request_addf(struct client_request *request, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, CONTROL_REQUEST_MAX);
	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	client_request_add(request, buf_bytes(&text));
	buf_done(&text);
}

int
client_request_open(struct client_request *request, const struct command_call *call,
    const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat info;

	if (fd < 0)
		return command_fail(call, (int)command_exit_of(status_from_errno(errno)), NULL,
		    "%s: %s", path, strerror(errno));
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		fileio_close(fd);
		return command_fail(call, COMMAND_USAGE, NULL, "%s is not a file", path);
	}
	fds_add(&request->fds, fd);
	return COMMAND_OK;
}

/* --- where the daemon is --- */

int
client_load_config(const struct command_call *call, struct config **ret_config)
{
	const struct client_program *program = call->program->context;
	const char *file = command_value(call, "config");
	struct config_errors errors;
	enum status status;

	if (file == NULL)
		file = program->config_path;
	status = config_load(program->schema, file, 1, ret_config, &errors);
	if (status == STATUS_INVALID)
		command_fail(call, COMMAND_FAILURE, "check-config says what",
		    "%s: %zu errors in the configuration", file, errors.count + errors.more);
	else if (status != STATUS_OK)
		command_fail(call, (int)command_exit_of(status), "give its place with --config",
		    "%s: %s", file, status_text(status));
	config_errors_done(&errors);
	return (int)command_exit_of(status);
}

/* Out of the configuration; COMMAND_OK or the exit code, said already. */
static int
client_find_socket(const struct command_call *call, char path[static PLACE_PATH_SIZE])
{
	const struct client_program *program = call->program->context;
	struct config *config = NULL;
	int code = client_load_config(call, &config);

	if (code != COMMAND_OK)
		return code;
	place_path(path, program->runtime_directory(config_values(config)),
	    program->socket_name);
	config_free(config);
	return COMMAND_OK;
}

int
client_ask_rows(struct command_call *call, struct client_request *request,
    void (*row)(struct bytes json, void *arg), void *arg)
{
	const char *socket = command_value(call, "socket");
	char path[PLACE_PATH_SIZE];
	char *text = NULL;
	int code = COMMAND_OK;

	if (socket == NULL)
		code = client_find_socket(call, path);
	if (code == COMMAND_OK) {
		/* a daemon that ends the connection is told by its status, not by a signal */
		signal(SIGPIPE, SIG_IGN);
		code = control_ask(socket != NULL ? socket : path, &request->message,
		    &request->fds, row, arg, &text);
		if (code != COMMAND_OK)
			command_fail(call, code, NULL, "%s", text);
	}
	free(text);
	client_request_done(request);
	return code;
}

int
client_ask(struct command_call *call, struct client_request *request,
    const struct client_view *view)
{
	static const struct client_view all = {.layout = OUTPUT_FIELDS};
	struct client_print *print = client_print_new(&call->out, view != NULL ? view : &all);
	int code = client_ask_rows(call, request, client_print_row, print);

	client_print_end(print, code == COMMAND_OK);
	return code;
}
