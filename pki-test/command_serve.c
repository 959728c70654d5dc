/* SPDX-License-Identifier: Apache-2.0
 *
 * `serve`, `proxy` and `control`: the servers, until they are told to stop.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/loop/loop.h"
#include "pki-test/commands.h"
#include "pki-test/control.h"
#include "pki-test/crl_serve.h"
#include "pki-test/net.h"
#include "pki-test/proxy.h"

enum {
	CONTROL_TIMEOUT_MS = 5000,
};

#define SERVER_OPTIONS                                                                        \
	{.name = "fault", .argument = "FAULT", .help = "what to do wrong from the start"},    \
	    {.name = "control",                                                               \
		.argument = "PATH",                                                           \
		.help = "take orders at this UNIX socket"},                                   \
	    {.name = "port-file", .argument = "FILE", .help = "write the port to this file"}, \
	{                                                                                     \
		.name = "stop-at-eof", .help = "stop when standard input ends"                \
	}

const struct command_option command_serve_options[] = {
    {.name = "listen", .argument = "ADDRESS", .help = "default 127.0.0.1:0, any free port"},
    {.name = "port", .argument = "PORT", .help = "the same as --listen 127.0.0.1:PORT"},
    SERVER_OPTIONS,
    {0},
};

const struct command_option command_proxy_options[] = {
    {.name = "listen", .argument = "ADDRESS", .help = "default 127.0.0.1:0, any free port"},
    {.name = "to", .argument = "ADDRESS", .help = "where to forward to (127.0.0.1:8443)"},
    SERVER_OPTIONS,
    {0},
};

/* A running server: the loop and what stops it. */
struct server {
	struct loop *loop;
	struct loop_signal *term, *interrupt;
	struct loop_io *input;
	struct control *control;
};

static void
server_stop(void *arg)
{
	struct server *server = arg;

	loop_stop(server->loop);
}

static void
server_on_input(unsigned ready, void *arg)
{
	char scratch[256];

	if (read(STDIN_FILENO, scratch, sizeof(scratch)) <= 0)
		server_stop(arg);
}

static void
server_init(struct server *server, const struct command_call *call)
{
	*server = (struct server){.loop = loop_new()};
	server->term = loop_signal_new(server->loop, SIGTERM, server_stop, server);
	server->interrupt = loop_signal_new(server->loop, SIGINT, server_stop, server);
	if (command_has(call, "stop-at-eof")) {
		server->input =
		    loop_io_new(server->loop, STDIN_FILENO, LOOP_NOW, server_on_input, server);
		loop_io_want(server->input, LOOP_READ);
	}
}

static void
server_done(struct server *server)
{
	control_free(server->control);
	loop_io_free(server->input);
	loop_signal_free(server->term);
	loop_signal_free(server->interrupt);
	loop_free(server->loop);
}

/* Opens the listening socket; an exit code. */
static int
server_listen(const struct command_call *call, const char *text, int *ret_fd,
    uint16_t *ret_port)
{
	struct net_address address;
	enum status status;

	if (net_parse(text, &address) != STATUS_OK)
		return command_fail(call, COMMAND_USAGE, "write it as 127.0.0.1:8080",
		    "%s is not an address with a port", text);
	status = net_listen(&address, ret_fd, ret_port);
	if (status != STATUS_OK)
		return command_fail(call, (int)command_exit_of(status), NULL,
		    "can't listen on %s: %s", text, status_text(status));
	return COMMAND_OK;
}

/* The first line of output: whoever reads it knows that the server is ready. */
static void
server_say_port(const struct output *out, uint16_t port)
{
	struct json_write json;
	struct buf line;

	buf_init(&line, 100);
	json = json_write_to(&line);
	json_open_object(&json, NULL);
	json_u64(&json, "port", port);
	json_close_object(&json);
	if (out->json)
		output_json(out, &line);
	else
		output_line(out, OUTPUT_PLAIN, "port %u", port);
	fflush(out->file);
	buf_done(&line);
}

/* Says where it listens, and runs until it is told to stop; an exit code. */
static int
server_run(struct server *server, struct command_call *call, uint16_t port,
    void (*on_line)(const char *line, struct buf *answer, void *arg), void *arg)
{
	const char *control = command_value(call, "control");
	const char *port_file = command_value(call, "port-file");
	enum status status = STATUS_OK;

	if (control != NULL)
		status = control_new(server->loop, control, on_line, arg, &server->control);
	if (status != STATUS_OK)
		return command_fail(call, (int)command_exit_of(status), NULL,
		    "can't take orders at %s: %s", control, status_text(status));
	if (port_file != NULL)
		status = net_write_port(port_file, port);
	if (status != STATUS_OK)
		return command_fail(call, (int)command_exit_of(status), NULL,
		    "can't write %s: %s", port_file, status_text(status));
	server_say_port(&call->out, port);
	loop_run(server->loop);
	return COMMAND_OK;
}

/* Splits a line at its first space; the rest, or NULL. */
static char *
order_split(char *line)
{
	char *space = strchr(line, ' ');

	if (space == NULL)
		return NULL;
	*space = '\0';
	return space + 1;
}

static void
order_answer(struct buf *answer, bool good, const char *problem)
{
	buf_put_text(answer, good ? "ok" : "error: ");
	if (!good)
		buf_put_text(answer, problem);
}

static void
serve_on_line(const char *line, struct buf *answer, void *arg)
{
	struct crl_httpd *httpd = arg;
	char *order = alloc_text(line);
	char *fault = order_split(order);
	char *name = fault != NULL ? order_split(fault) : NULL;

	if (strcmp(order, "stats") == 0) {
		crl_httpd_stats(httpd, answer);
	} else if (strcmp(order, "clear") == 0) {
		crl_httpd_reset(httpd);
		order_answer(answer, true, NULL);
	} else if (strcmp(order, "fault") == 0 && fault != NULL) {
		order_answer(answer, crl_httpd_order(httpd, fault, name) == STATUS_OK,
		    "no such fault");
	} else {
		order_answer(answer, false, "fault FAULT [NAME], stats, or clear");
	}
	free(order);
}

int
command_serve(struct command_call *call)
{
	const char *fault = command_value(call, "fault");
	const char *port_text = command_value(call, "port");
	const char *listen_text = command_value(call, "listen");
	struct crl_serve *serve;
	struct crl_httpd *httpd;
	struct server server;
	uint16_t port;
	struct buf text;
	int fd, code;

	buf_init(&text, 4096 + LAB_NAME_MAX);
	buf_printf(&text, "127.0.0.1:%s", port_text != NULL ? port_text : "0");
	code = server_listen(call, listen_text != NULL ? listen_text : buf_text(&text), &fd,
	    &port);
	if (code != COMMAND_OK) {
		buf_done(&text);
		return code;
	}
	server_init(&server, call);
	buf_clear(&text);
	buf_printf(&text, "%s/crl", call->operands[0]);
	httpd = crl_httpd_new(buf_text(&text));
	serve = crl_serve_new(server.loop, fd, httpd);
	if (fault != NULL && crl_httpd_order(httpd, fault, NULL) != STATUS_OK)
		code = command_fail(call, COMMAND_USAGE, NULL, "no fault is called %s", fault);
	else
		code = server_run(&server, call, port, serve_on_line, httpd);
	crl_serve_free(serve);
	crl_httpd_free(httpd);
	server_done(&server);
	buf_done(&text);
	return code;
}

static void
proxy_on_line(const char *line, struct buf *answer, void *arg)
{
	struct proxy *proxy = arg;
	struct proxy_fault fault;

	if (strcmp(line, "stats") == 0) {
		proxy_stats(proxy, answer);
	} else if (strcmp(line, "drop") == 0) {
		proxy_drop(proxy);
		order_answer(answer, true, NULL);
	} else if (strncmp(line, "fault ", 6) == 0) {
		if (proxy_fault_parse(line + 6, &fault)) {
			proxy_set_fault(proxy, &fault);
			order_answer(answer, true, NULL);
		} else {
			order_answer(answer, false, "no such fault");
		}
	} else {
		order_answer(answer, false, "fault FAULT, drop, or stats");
	}
}

int
command_proxy(struct command_call *call)
{
	const char *listen_text = command_value(call, "listen");
	const char *to = command_value(call, "to");
	const char *fault_text = command_value(call, "fault");
	struct proxy_fault fault = {.kind = PROXY_NONE, .way = PROXY_BOTH};
	struct net_address target;
	struct server server;
	struct proxy *proxy;
	uint16_t port;
	int fd, code;

	if (to == NULL || net_parse(to, &target) != STATUS_OK)
		return command_fail(call, COMMAND_USAGE, "--to 127.0.0.1:8443",
		    "--to needs an address with a port");
	if (fault_text != NULL && !proxy_fault_parse(fault_text, &fault))
		return command_fail(call, COMMAND_USAGE, NULL, "no fault is called %s",
		    fault_text);
	code =
	    server_listen(call, listen_text != NULL ? listen_text : "127.0.0.1:0", &fd, &port);
	if (code != COMMAND_OK)
		return code;
	server_init(&server, call);
	proxy = proxy_new(server.loop, fd, &target);
	proxy_set_fault(proxy, &fault);
	code = server_run(&server, call, port, proxy_on_line, proxy);
	proxy_free(proxy);
	server_done(&server);
	return code;
}

int
command_control(struct command_call *call)
{
	struct buf line, answer;
	enum status status;
	int code = COMMAND_OK;

	buf_init(&line, 4096);
	buf_init(&answer, 1024 * 1024);
	for (size_t i = 1; i < call->operand_count; i++)
		buf_printf(&line, "%s%s", i > 1 ? " " : "", call->operands[i]);
	status = control_call(call->operands[0], buf_text(&line), CONTROL_TIMEOUT_MS, &answer);
	if (status != STATUS_OK)
		code = command_fail(call, (int)command_exit_of(status), NULL, "%s: %s",
		    call->operands[0], status_text(status));
	else if (strncmp(buf_text(&answer), "error: ", 7) == 0)
		code = command_fail(call, COMMAND_USAGE, NULL, "%s", buf_text(&answer) + 7);
	else
		fprintf(call->out.file, "%s\n", buf_text(&answer));
	buf_done(&line);
	buf_done(&answer);
	return code;
}
