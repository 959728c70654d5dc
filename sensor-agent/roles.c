/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor's role table.  What a role may do is in its own file; who may talk to whom is
 * the table of edges below.
 */
#include "sensor-agent/roles.h"

#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/crc32c.h"
#include "common/daemon/describe.h"
#include "common/daemon/place.h"
#include "common/fetch/fetch.h"
#include "common/key/key.h"
#include "common/log/log.h"
#include "common/trust/trust_role.h"
#include "sensor-agent/config_schema.h"
#include "sensor-agent/link/uplink.h"
#include "sensor-agent/spool_role.h"

enum {
	SOCKETS_MAX = FDS_MAX - 1, /* of inputs: they go with the control socket */
	INPUT_MAX = PLACE_PATH_SIZE + 256,
	CONSOLES_MAX = 8, /* protocol.md: CONSOLES */
	CONSOLE_MAX = 1024,
};

/* What the supervisor opens: roles get copies. */
static struct {
	struct place_user user;
	gid_t read_gid;
	int control_fd;
	/* of inputs; one that a reload takes away stays here until the end */
	struct {
		char *path;
		int fd;
	} sockets[SOCKETS_MAX];
	size_t socket_count;
} opened;

/* from: the end nearer to the outside */
static const struct proc_edge edges[] = {
    {.name = "link-key", .from = "link", .to = "key", .call = true},
    {.name = "link-identity", .from = "link", .to = "key"},
    {.name = "link-trust", .from = "link", .to = "trust"},
    {.name = "link-fetch", .from = "link", .to = "fetch"},
    {.name = "link-spool", .from = "link", .to = "spool"},
    {.name = "trust-fetch", .from = "fetch", .to = "trust"},
    {.name = "admin-trust", .from = "spool", .to = "trust"},
    {.name = "admin-key", .from = "spool", .to = "key"},
};

static size_t
roles_table(const void *values, struct proc_role roles[static DAEMON_ROLES_MAX])
{
	const struct proc_role all[] = {key_role, fetch_role, trust_role, spool_role,
	    uplink_role};
	size_t count = sizeof(all) / sizeof(all[0]);

	for (size_t i = 0; i < count; i++) {
		roles[i] = all[i];
		roles[i].uid = opened.user.uid;
		roles[i].gid = opened.user.gid;
	}
	return count;
}

static const struct config_log *
roles_log(const void *values)
{
	return &((const struct sensor_config *)values)->log;
}

/* --- before the first role --- */

static enum status
roles_make_dirs(const struct sensor_config *config, struct buf *reterr_text)
{
	static const char *const below[] = {"identity", "trust", "spool", NULL};

	return place_make_dirs(config->sensor.state_directory, below,
	    config->sensor.runtime_directory, &opened.user, reterr_text);
}

static enum status
roles_open(const void *values, struct buf *reterr_text)
{
	const struct sensor_config *config = values;
	char path[PLACE_PATH_SIZE];
	enum status status = place_find_user(config->sensor.user, &opened.user, reterr_text);

	opened.read_gid = place_find_group(config->sensor.control_group);
	if (status == STATUS_OK)
		status = roles_make_dirs(config, reterr_text);
	if (status == STATUS_OK)
		status = place_listen_unix(place_path(path, config->sensor.runtime_directory,
					       "sensor.sock"),
		    &opened.user, opened.read_gid, &opened.control_fd, reterr_text);
	return status;
}

/* --- what each role is told --- */

/* The socket of an input, made when it is asked for first; -1 (and said) where that cannot
 * be done. */
static int
roles_input_socket(const struct sensor_config_input *input)
{
	struct buf text;
	int fd = -1;

	for (size_t i = 0; i < opened.socket_count; i++) {
		if (strcmp(opened.sockets[i].path, input->path) == 0)
			return opened.sockets[i].fd;
	}
	buf_init(&text, PROC_REASON_MAX);
	if (opened.socket_count == SOCKETS_MAX)
		buf_printf(&text, "at most %d inputs may be sockets", SOCKETS_MAX);
	else if (place_listen_unix(input->path, &opened.user, opened.read_gid, &fd, &text) ==
		 STATUS_OK)
		opened.sockets[opened.socket_count++].fd = fd;
	if (fd < 0)
		log_error("input-socket", LOG_TEXT("input", input->name),
		    LOG_TEXT("path", input->path), LOG_MESSAGE(buf_text(&text)));
	else
		opened.sockets[opened.socket_count - 1].path = alloc_text(input->path);
	buf_done(&text);
	return fd;
}

/* Descriptors of socket inputs go in their order; the first that is missing ends them, and
 * the role refuses the input that has none. */
static void
roles_describe_inputs(const struct sensor_config *config, struct buf *messages,
    struct edge_list *ret_list, struct fds *fds)
{
	const struct sensor_config_input *inputs = config->inputs.items;
	size_t ends[EDGE_LIST_MAX], start = 0;
	bool missing = false;

	for (size_t i = 0; i < config->inputs.count && i < EDGE_LIST_MAX; i++) {
		struct spool_input_settings one = {.name = bytes_of_text(inputs[i].name),
		    .type = (uint8_t)inputs[i].type,
		    .path = bytes_of_text(inputs[i].path)};

		edge_message_put(messages, spool_input_settings_fields, &one);
		ends[ret_list->count++] = messages->len;
		if (inputs[i].type == SENSOR_INPUT_SOCKET && !missing) {
			int fd = roles_input_socket(&inputs[i]);

			missing = fd < 0;
			if (!missing)
				fds_add_copy(fds, fd);
		}
	}
	/* the buffer has grown to its place: now there can be views into it */
	for (size_t i = 0; i < ret_list->count; i++) {
		ret_list->items[i] = bytes_of(messages->data + start, ends[i] - start);
		start = ends[i];
	}
}

static void
roles_describe_spool(const struct sensor_config *config, struct buf *payload, struct fds *fds)
{
	char path[PLACE_PATH_SIZE];
	struct spool_settings settings = {.directory = bytes_of_text(place_path(path,
					      config->sensor.state_directory, "spool")),
	    .quota = config->spool.quota,
	    .drop_newest = config->spool.when_full == SENSOR_WHEN_FULL_DROP_NEWEST,
	    .read_gid = opened.read_gid,
	    .change_gid = place_find_group(config->sensor.admin_group),
	    .log_format = (uint8_t)config->log.format,
	    .log_level = (uint8_t)config->log.level};
	struct buf inputs;

	buf_init(&inputs, EDGE_LIST_MAX * INPUT_MAX);
	fds_add_copy(fds, opened.control_fd);
	roles_describe_inputs(config, &inputs, &settings.inputs, fds);
	edge_message_put(payload, spool_settings_fields, &settings);
	buf_done(&inputs);
}

static void
roles_describe_trust(const struct sensor_config *config, struct buf *payload)
{
	const struct config_validation *const validation[TRUST_PURPOSE_COUNT] =
	    {[TRUST_APPLIANCE] = &config->validation[SENSOR_PURPOSE_APPLIANCE],
		[TRUST_OPERATOR] = &config->validation[SENSOR_PURPOSE_OPERATOR]};
	char path[PLACE_PATH_SIZE];

	describe_trust(place_path(path, config->sensor.state_directory, "trust"), &config->crl,
	    validation, payload);
}

/* Which console comes first: as configured, or by rendezvous (the highest hash of its name
 * and ours), so that a fleet spreads over both and each sensor keeps to one. */
static uint32_t
roles_rank(const struct sensor_config *config, const struct sensor_config_console *console)
{
	char host[256] = "";

	if (config->link.preference == SENSOR_PREFERENCE_ORDER)
		return (uint32_t)(UINT32_MAX - console->order);
	(void)gethostname(host, sizeof(host) - 1);
	return crc32c(crc32c(0, host, strlen(host)), console->name, strlen(console->name));
}

static void
roles_describe_link(const struct sensor_config *config, struct buf *payload)
{
	const struct sensor_config_console *consoles = config->consoles.items;
	struct uplink_settings settings = {.connect_ms =
					       (uint32_t)config->link.connect_timeout_ms,
	    .retry_min_ms = (uint32_t)config->link.retry_min_ms,
	    .retry_max_ms = (uint32_t)config->link.retry_max_ms,
	    .refused_ms = (uint32_t)config->link.refused_retry_ms,
	    .failover_jitter_ms = (uint32_t)config->link.failover_jitter_ms,
	    .log_format = (uint8_t)config->log.format,
	    .log_level = (uint8_t)config->log.level};
	struct buf messages[CONSOLES_MAX];
	size_t count = config->consoles.count;
	bool taken[CONSOLES_MAX] = {false};

	if (count > CONSOLES_MAX)
		count = CONSOLES_MAX;
	for (size_t i = 0; i < count; i++) {
		struct uplink_console_settings one;
		size_t best = count;

		for (size_t k = 0; k < count; k++) {
			if (!taken[k] &&
			    (best == count || roles_rank(config, &consoles[k]) >
						  roles_rank(config, &consoles[best])))
				best = k;
		}
		taken[best] = true;
		one =
		    (struct uplink_console_settings){.name = bytes_of_text(consoles[best].name),
			.host = bytes_of_text(consoles[best].address.host),
			.port = consoles[best].address.port};
		buf_init(&messages[i], CONSOLE_MAX);
		edge_message_put(&messages[i], uplink_console_settings_fields, &one);
		settings.consoles.items[settings.consoles.count++] = buf_bytes(&messages[i]);
	}
	edge_message_put(payload, uplink_settings_fields, &settings);
	for (size_t i = 0; i < count; i++)
		buf_done(&messages[i]);
}

static void
roles_describe(const void *values, const char *role, unsigned instance, struct buf *payload,
    struct fds *fds)
{
	const struct sensor_config *config = values;
	char path[PLACE_PATH_SIZE];

	if (strcmp(role, "key") == 0)
		describe_key(place_path(path, config->sensor.state_directory, "identity"),
		    payload);
	else if (strcmp(role, "fetch") == 0)
		describe_fetch(&config->crl, payload);
	else if (strcmp(role, "trust") == 0)
		roles_describe_trust(config, payload);
	else if (strcmp(role, "link") == 0)
		roles_describe_link(config, payload);
	else
		roles_describe_spool(config, payload, fds);
}

const struct daemon_program sensor_daemon = {
    .name = "portcullis-sensor",
    .schema = &sensor_config_schema,
    .edges = edges,
    .edge_count = sizeof(edges) / sizeof(edges[0]),
    .roles = roles_table,
    .log = roles_log,
    .open = roles_open,
    .describe = roles_describe,
};
