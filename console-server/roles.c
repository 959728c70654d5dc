/* SPDX-License-Identifier: Apache-2.0
 *
 * The console's role table.  What a role may do is in its own file; who may talk to whom
 * is the table of edges below.
 */
#include "console-server/roles.h"

#include <unistd.h>

#include "common/daemon/describe.h"
#include "common/daemon/place.h"
#include "common/fetch/fetch.h"
#include "common/key/key.h"
#include "common/trust/trust_role.h"
#include "console-server/config_schema.h"
#include "console-server/link/worker.h"
#include "console-server/store/store_role.h"
#include "console-server/view/view_role.h"

enum {
	LISTEN_MAX = 16,
	WORKERS_MAX = PROC_INSTANCES_MAX,
};

/* What the supervisor opens once, before the first role: roles get copies. */
static struct {
	struct place_user user;
	unsigned int workers;
	int listen_fds[WORKERS_MAX][LISTEN_MAX];
	size_t listen_count;
	int control_fd;
} opened;

/* from: the end nearer to the outside */
static const struct proc_edge edges[] = {
    {.name = "link-key", .from = "link", .to = "key", .call = true},
    {.name = "link-identity", .from = "link", .to = "key"},
    {.name = "link-trust", .from = "link", .to = "trust"},
    {.name = "link-store", .from = "link", .to = "store"},
    {.name = "trust-fetch", .from = "fetch", .to = "trust"},
    {.name = "admin-store", .from = "view", .to = "store"},
    {.name = "admin-trust", .from = "view", .to = "trust"},
    {.name = "admin-key", .from = "view", .to = "key"},
};

static size_t
roles_table(const void *values, struct proc_role roles[static DAEMON_ROLES_MAX])
{
	const struct proc_role all[] = {key_role, fetch_role, trust_role, store_role, view_role,
	    worker_role};
	size_t count = sizeof(all) / sizeof(all[0]);

	for (size_t i = 0; i < count; i++) {
		roles[i] = all[i];
		roles[i].uid = opened.user.uid;
		roles[i].gid = opened.user.gid;
	}
	if (opened.workers > 0)
		roles[count - 1].instances = opened.workers;
	return count;
}

static const struct config_log *
roles_log(const void *values)
{
	return &((const struct console_config *)values)->log;
}

/* --- before the first role --- */

static enum status
roles_make_dirs(const struct console_config *config, struct buf *reterr_text)
{
	static const char *const below[] = {"identity", "trust", "store", NULL};

	return place_make_dirs(config->console.state_directory, below,
	    config->console.runtime_directory, &opened.user, reterr_text);
}

/* A socket for each worker and address, so that each has a queue of its own. */
static enum status
roles_listen(const struct console_config *config, struct buf *reterr_text)
{
	const struct config_address *addresses = config->listen.addresses.items;
	enum status status = STATUS_OK;

	opened.listen_count = config->listen.addresses.count;
	if (opened.listen_count > LISTEN_MAX) {
		buf_printf(reterr_text, "at most %d addresses to listen on", LISTEN_MAX);
		return STATUS_LIMIT;
	}
	for (size_t i = 0; i < opened.listen_count && status == STATUS_OK; i++)
		status = place_check_tcp(&addresses[i], reterr_text);
	for (unsigned int w = 0; w < opened.workers; w++) {
		for (size_t i = 0; i < opened.listen_count && status == STATUS_OK; i++)
			status = place_listen_tcp(&addresses[i], true, &opened.listen_fds[w][i],
			    reterr_text);
	}
	return status;
}

static unsigned int
roles_count_workers(const struct console_config *config)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t workers = config->listen.workers;

	if (workers == 0)
		workers = processors > 0 ? (uint64_t)processors : 1;
	return workers > WORKERS_MAX ? WORKERS_MAX : (unsigned int)workers;
}

static enum status
roles_open(const void *values, struct buf *reterr_text)
{
	const struct console_config *config = values;
	char path[PLACE_PATH_SIZE];
	enum status status = place_find_user(config->console.user, &opened.user, reterr_text);

	opened.workers = roles_count_workers(config);
	if (status == STATUS_OK)
		status = roles_make_dirs(config, reterr_text);
	if (status == STATUS_OK)
		status = roles_listen(config, reterr_text);
	if (status == STATUS_OK)
		status = place_listen_unix(place_path(path, config->console.runtime_directory,
					       "console.sock"),
		    &opened.user, place_find_group(config->console.control_group),
		    &opened.control_fd, reterr_text);
	return status;
}

/* --- what each role is told --- */

static void
roles_describe_trust(const struct console_config *config, struct buf *payload)
{
	const struct config_validation *const validation[] =
	    {[TRUST_APPLIANCE] = &config->validation[CONSOLE_PURPOSE_APPLIANCE],
		[TRUST_FORWARD] = &config->validation[CONSOLE_PURPOSE_FORWARD],
		[TRUST_OPERATOR] = &config->validation[CONSOLE_PURPOSE_OPERATOR]};
	char path[PLACE_PATH_SIZE];

	describe_trust(place_path(path, config->console.state_directory, "trust"), &config->crl,
	    validation, payload);
}

static void
roles_describe_store(const struct console_config *config, struct buf *payload)
{
	char path[PLACE_PATH_SIZE];
	struct store_settings settings = {.directory = bytes_of_text(place_path(path,
					      config->console.state_directory, "store")),
	    .log_format = (uint8_t)config->log.format,
	    .log_level = (uint8_t)config->log.level};

	edge_message_put(payload, store_settings_fields, &settings);
}

static void
roles_describe_view(const struct console_config *config, struct buf *payload, struct fds *fds)
{
	char path[PLACE_PATH_SIZE];
	struct view_settings settings = {.directory = bytes_of_text(place_path(path,
					     config->console.state_directory, "store")),
	    .read_gid = place_find_group(config->console.control_group),
	    .change_gid = place_find_group(config->console.admin_group),
	    .log_format = (uint8_t)config->log.format,
	    .log_level = (uint8_t)config->log.level};

	edge_message_put(payload, view_settings_fields, &settings);
	fds_add_copy(fds, opened.control_fd);
}

static void
roles_describe_worker(const struct console_config *config, unsigned instance,
    struct buf *payload, struct fds *fds)
{
	struct worker_settings settings = {.name = bytes_of_text(config->console.name),
	    .half_open_max = (uint32_t)config->limits.half_open_per_worker,
	    .half_open_per_address = (uint32_t)config->limits.half_open_per_address,
	    .log_format = (uint8_t)config->log.format,
	    .log_level = (uint8_t)config->log.level};

	edge_message_put(payload, worker_settings_fields, &settings);
	for (size_t i = 0; i < opened.listen_count; i++)
		fds_add_copy(fds, opened.listen_fds[instance][i]);
}

static void
roles_describe(const void *values, const char *role, unsigned instance, struct buf *payload,
    struct fds *fds)
{
	const struct console_config *config = values;
	char path[PLACE_PATH_SIZE];

	if (strcmp(role, "key") == 0)
		describe_key(place_path(path, config->console.state_directory, "identity"),
		    payload);
	else if (strcmp(role, "fetch") == 0)
		describe_fetch(&config->crl, payload);
	else if (strcmp(role, "trust") == 0)
		roles_describe_trust(config, payload);
	else if (strcmp(role, "store") == 0)
		roles_describe_store(config, payload);
	else if (strcmp(role, "view") == 0)
		roles_describe_view(config, payload, fds);
	else
		roles_describe_worker(config, instance, payload, fds);
}

const struct daemon_program console_daemon = {
    .name = "portcullis-console",
    .schema = &console_config_schema,
    .edges = edges,
    .edge_count = sizeof(edges) / sizeof(edges[0]),
    .roles = roles_table,
    .log = roles_log,
    .open = roles_open,
    .describe = roles_describe,
};
