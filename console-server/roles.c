/* SPDX-License-Identifier: Apache-2.0
 *
 * The console's role table.  What a role may do is in its own file; who may talk to whom
 * is the table of edges below.
 */
#include "console-server/roles.h"

#include "common/daemon/place.h"
#include "common/fetch/fetch.h"
#include "common/key/key.h"
#include "console-server/config_schema.h"

enum {
	SETTINGS_MAX = 65536
};

static struct place_user user; /* found once, before the first role */

static const struct proc_edge edges[] = {0};

static size_t
roles_table(const void *values, struct proc_role roles[static DAEMON_ROLES_MAX])
{
	const struct proc_role all[] = {key_role, fetch_role};
	size_t count = sizeof(all) / sizeof(all[0]);

	for (size_t i = 0; i < count; i++) {
		roles[i] = all[i];
		roles[i].uid = user.uid;
		roles[i].gid = user.gid;
	}
	return count;
}

static const struct config_log *
roles_log(const void *values)
{
	return &((const struct console_config *)values)->log;
}

static enum status
roles_open(const void *values, struct buf *reterr_text)
{
	const struct console_config *config = values;
	char path[PLACE_PATH_SIZE];
	enum status status = place_find_user(config->console.user, &user, reterr_text);

	if (status == STATUS_OK)
		status =
		    place_make_dir(config->console.state_directory, 0700, &user, reterr_text);
	if (status == STATUS_OK)
		status = place_make_dir(place_path(path, config->console.state_directory,
					    "identity"),
		    0700, &user, reterr_text);
	return status;
}

static void
roles_describe_key(const struct console_config *config, struct buf *payload)
{
	char path[PLACE_PATH_SIZE];
	struct key_settings settings = {.directory = bytes_of_text(place_path(path,
					    config->console.state_directory, "identity"))};

	edge_message_put(payload, key_settings_fields, &settings);
}

static void
roles_describe_fetch(const struct console_config *config, struct buf *payload)
{
	const char *const *hosts = config->crl.allow.items;
	struct fetch_settings settings = {.allow_loopback = config->crl.allow_local,
	    .connect_ms = (uint32_t)config->crl.connect_timeout_ms,
	    .total_ms = (uint32_t)config->crl.timeout_ms};

	for (size_t i = 0; i < config->crl.allow.count && i < EDGE_LIST_MAX; i++)
		settings.hosts.items[settings.hosts.count++] = bytes_of_text(hosts[i]);
	if (config->crl.proxy != NULL)
		settings.proxy = bytes_of_text(config->crl.proxy);
	edge_message_put(payload, fetch_settings_fields, &settings);
}

static void
roles_describe(const void *values, const char *role, unsigned instance, struct buf *payload,
    struct fds *fds)
{
	if (strcmp(role, "key") == 0)
		roles_describe_key(values, payload);
	else if (strcmp(role, "fetch") == 0)
		roles_describe_fetch(values, payload);
}

const struct daemon_program console_daemon = {
    .name = "portcullis-console",
    .schema = &console_config_schema,
    .edges = edges,
    .edge_count = 0,
    .roles = roles_table,
    .log = roles_log,
    .open = roles_open,
    .describe = roles_describe,
};
