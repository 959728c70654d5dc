/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of sensor.conf.  Their documentation is what the operator reads in the sample
 * file, in portcullis-sensor.conf(5) and in errors.
 */
#include "sensor-agent/config_schema.h"

#define SECOND (UINT64_C(1000))
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

enum {
	SENSOR_CONSOLES_MAX = 16,
	SENSOR_INPUTS_MAX = 64
};

static const struct config_key sensor_keys[] = {
    {
	.name = "StateDirectory",
	.type = CONFIG_PATH,
	.offset = offsetof(struct sensor_config_main, state_directory),
	.fallback = "/var/lib/portcullis-sensor",
	.doc = "Where the spool, certificates, keys and CRLs are kept.",
    },
    {
	.name = "RuntimeDirectory",
	.type = CONFIG_PATH,
	.offset = offsetof(struct sensor_config_main, runtime_directory),
	.fallback = "/run/portcullis/sensor",
	.doc = "Where the control socket is made.",
    },
    {
	.name = "User",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct sensor_config_main, user),
	.none = "off",
	.fallback = "portcullis-sensor",
	.max = 32,
	.doc = "The user that the daemon becomes when it is started as root; with off it "
	       "stays root. As a systemd service it is never root and this has no effect.",
    },
    {
	.name = "ControlGroup",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct sensor_config_main, control_group),
	.fallback = "portcullis",
	.max = 32,
	.doc = "Members of this group may read through the control socket: status, failures, "
	       "spool.",
    },
    {
	.name = "AdminGroup",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct sensor_config_main, admin_group),
	.fallback = "portcullis-admin",
	.max = 32,
	.doc = "Members of this group (and of ControlGroup) may change things through the "
	       "control socket, as root may.",
    },
    {
	.name = "KeyPassphraseFile",
	.type = CONFIG_PATH,
	.offset = offsetof(struct sensor_config_main, key_passphrase_file),
	.none = "off",
	.fallback = "off",
	.example = "${CREDENTIALS_DIRECTORY}/key-passphrase",
	.doc = "A file whose first line is the passphrase that protects the private keys in "
	       "the state directory. ${CREDENTIALS_DIRECTORY}/key-passphrase takes it from "
	       "LoadCredential= of the service.",
    },
    {0},
};

static const struct config_key console_keys[] = {
    {
	.name = "Address",
	.type = CONFIG_ADDRESS,
	.flags = CONFIG_REQUIRED | CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_console, address),
	.example = "192.0.2.10:8443",
	.port = 8443,
	.doc = "Where this console is reached. It may be a name of its own or an IP address: "
	       "it has no part in deciding whether the console is the right one.",
    },
    {
	.name = "Order",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_console, order),
	.fallback = "50",
	.min = 1,
	.max = 100,
	.doc = "With Preference=order: the console with the lowest number is preferred.",
    },
    {0},
};

static const char *const preferences[] = {"hash", "order", NULL};

static const struct config_key link_keys[] = {
    {
	.name = "Preference",
	.type = CONFIG_ENUM,
	.choices = preferences,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, preference),
	.fallback = "hash",
	.doc = "Which console of several is preferred. hash: computed from the sensor's name, "
	       "so that half of the sensors prefer each console of a pair; order: by Order= "
	       "of the consoles.",
    },
    {
	.name = "Relay",
	.type = CONFIG_BOOL,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, relay),
	.fallback = "on",
	.doc = "Whether CRLs are taken from the console where the CRL server can't be reached "
	       "from here. A CRL is believed for its signature, never for who brought it.",
    },
    {
	.name = "ConnectTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, connect_timeout_ms),
	.fallback = "10s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a console may take to accept the connection.",
    },
    {
	.name = "HandshakeTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, handshake_timeout_ms),
	.fallback = "10s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long the TLS handshake may take.",
    },
    {
	.name = "ParkTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, park_timeout_ms),
	.fallback = "10s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a connection waits for a CRL that is not at hand; then the console is "
	       "refused with crl-unreachable.",
    },
    {
	.name = "AcceptTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, accept_timeout_ms),
	.fallback = "25s",
	.min = 100,
	.max = 10 * MINUTE,
	.doc = "How long the sensor waits to be accepted after the handshake. It has to be "
	       "longer than the console's ParkTimeout.",
    },
    {
	.name = "Heartbeat",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, heartbeat_ms),
	.fallback = "15s",
	.min = SECOND,
	.max = 10 * MINUTE,
	.doc = "After how much silence the link is probed.",
    },
    {
	.name = "HeartbeatMisses",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, heartbeat_misses),
	.fallback = "3",
	.min = 1,
	.max = 100,
	.unit = "heartbeats",
	.doc = "After how many unanswered heartbeats the link is dead.",
    },
    {
	.name = "RetryMin",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, retry_min_ms),
	.fallback = "1s",
	.min = 10,
	.max = HOUR,
	.doc = "The longest wait before the second attempt to connect; each further failure "
	       "doubles it. The wait itself is random from 0 to that, so that many sensors "
	       "do not come at once.",
    },
    {
	.name = "RetryMax",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, retry_max_ms),
	.fallback = "60s",
	.min = 10,
	.max = DAY,
	.doc = "Where the doubling of RetryMin ends.",
    },
    {
	.name = "RefusedRetry",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, refused_retry_ms),
	.fallback = "60s",
	.min = SECOND,
	.max = DAY,
	.doc = "The first wait after a refusal for which somebody has to act (a revoked or "
	       "expired certificate, a sensor that is not approved).",
    },
    {
	.name = "FailoverJitter",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, failover_jitter_ms),
	.fallback = "2s",
	.max = MINUTE,
	.doc = "The longest random wait before the other console is tried when a link breaks.",
    },
    {
	.name = "FailbackAfter",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, failback_after_ms),
	.fallback = "5min",
	.min = SECOND,
	.max = DAY,
	.doc = "How long the preferred console has to be healthy before the sensor goes back "
	       "to it.",
    },
    {
	.name = "FailbackJitter",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, failback_jitter_ms),
	.fallback = "10min",
	.max = DAY,
	.doc = "The longest random wait on top of FailbackAfter.",
    },
    {
	.name = "FailbackEvery",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_link, failback_every_ms),
	.fallback = "30min",
	.max = DAY,
	.doc = "The sensor goes back at most once in this time.",
    },
    {0},
};

static const char *const input_types[] = {"suricata", "zeek", "socket", NULL};

static const struct config_key input_keys[] = {
    {
	.name = "Type",
	.type = CONFIG_ENUM,
	.choices = input_types,
	.flags = CONFIG_REQUIRED | CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_input, type),
	.example = "suricata",
	.doc = "What is read. suricata: the file eve.json; zeek: a directory of JSON logs; "
	       "socket: a UNIX stream socket is made, on which programs write one JSON "
	       "object a line and get an answer when it is safe.",
    },
    {
	.name = "Path",
	.type = CONFIG_PATH,
	.flags = CONFIG_REQUIRED | CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_input, path),
	.example = "/var/log/suricata/eve.json",
	.doc = "The file, directory or socket. Rotate files by renaming them; a file that is "
	       "cut in place may lose lines, which is recorded as a gap.",
    },
    {0},
};

static const char *const when_full[] = {"block", "drop-newest", NULL};

static const struct config_key spool_keys[] = {
    {
	.name = "Quota",
	.type = CONFIG_SIZE,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_spool, quota),
	.fallback = "4G",
	.min = 64 << 20,
	.max = UINT64_C(1) << 50,
	.doc = "How much disk the spool may use. It has to hold what arrives while no console "
	       "can be reached. Alarms are raised at 80 and 95 percent.",
    },
    {
	.name = "WhenFull",
	.type = CONFIG_ENUM,
	.choices = when_full,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct sensor_config_spool, when_full),
	.fallback = "block",
	.doc = "What happens when the quota is used up. block: nothing more is read, so "
	       "nothing that was accepted is lost, and files wait where they are. "
	       "drop-newest: new events are counted and dropped, and the count is recorded.",
    },
    {0},
};

static const struct config_key web_keys[] = {
    {
	.name = "Listen",
	.type = CONFIG_LISTEN,
	.offset = offsetof(struct config_web, listen),
	.none = "off",
	.fallback = "off",
	.example = "0.0.0.0:8444",
	.port = 8444,
	.doc = "Where the page of this sensor and its REST interface are served (HTTPS). Off: "
	       "the sensor can't be reached from the network.",
    },
#include "common/config/config_web_keys.def"
    {0},
};

static const char *const purposes[] = {
    [SENSOR_PURPOSE_APPLIANCE] = "appliance",
    [SENSOR_PURPOSE_OPERATOR] = "operator",
    [SENSOR_PURPOSE_COUNT] = NULL,
};

#define SECTION(title, member, rows, text)                                            \
	{                                                                             \
		.name = title, .offset = offsetof(struct sensor_config, member),      \
		.size = sizeof(((struct sensor_config *)NULL)->member), .keys = rows, \
		.doc = text,                                                          \
	}

static const struct config_section sections[] = {
    SECTION("Sensor", sensor, sensor_keys,
	"The sensor itself. Its name is the CN of its certificate."),
    SECTION("Log", log, config_log_keys, "What is logged, and how."),
    {
	.name = "Console",
	.kind = CONFIG_NAMED,
	.example_title = "console-1.plant.example",
	.offset = offsetof(struct sensor_config, consoles),
	.size = sizeof(struct sensor_config_console),
	.max = SENSOR_CONSOLES_MAX,
	.keys = console_keys,
	.doc = "A console to deliver to; one section for each console of a pair. The title is "
	       "the CN that its certificate must have: no other console is believed.",
    },
    SECTION("Link", link, link_keys, "The link to the consoles."),
    {
	.name = "Validation",
	.kind = CONFIG_FIXED,
	.titles = purposes,
	.offset = offsetof(struct sensor_config, validation),
	.size = sizeof(struct config_validation),
	.keys = config_validation_keys,
	.doc = "How certificates are judged, for each purpose on its own: appliance (the "
	       "consoles), operator (people who sign in to the page with a certificate).",
    },
    SECTION("Crl", crl, config_crl_keys, "How certificate revocation lists are fetched."),
    SECTION("Warn", warn, config_warn_keys, "When to warn before something runs out."),
    {
	.name = "Input",
	.kind = CONFIG_NAMED,
	.example_title = "suricata",
	.offset = offsetof(struct sensor_config, inputs),
	.size = sizeof(struct sensor_config_input),
	.max = SENSOR_INPUTS_MAX,
	.keys = input_keys,
	.doc = "Something that is read; one section for each. The title is what it is called "
	       "in status and records.",
    },
    SECTION("Spool", spool, spool_keys,
	"The durable queue between the inputs and the consoles."),
    SECTION("Web", web, web_keys, "The page and the REST interface of this sensor."),
    {0},
};

/* Two sections may not mean the same thing. */
static void
sensor_check_twins(const struct sensor_config *sensor, const struct config *config,
    struct config_errors *errors)
{
	const struct sensor_config_console *consoles = sensor->consoles.items;
	const struct sensor_config_input *inputs = sensor->inputs.items;

	for (size_t i = 1; i < sensor->consoles.count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (consoles[i].address.port == consoles[k].address.port &&
			    strcmp(consoles[i].address.host, consoles[k].address.host) == 0)
				config_refuse(config, errors, "Console", consoles[i].name,
				    "Address", "is the address of another console too");
		}
	}
	for (size_t i = 1; i < sensor->inputs.count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(inputs[i].path, inputs[k].path) == 0)
				config_refuse(config, errors, "Input", inputs[i].name, "Path",
				    "is the path of another input too");
		}
	}
}

static void
sensor_check(const void *values, const struct config *config, struct config_errors *errors)
{
	const struct sensor_config *sensor = values;

	config_crl_check(&sensor->crl, config, errors);
	config_web_check(&sensor->web, config, errors);
	sensor_check_twins(sensor, config, errors);
	if (sensor->link.retry_min_ms > sensor->link.retry_max_ms)
		config_refuse(config, errors, "Link", NULL, "RetryMin",
		    "is longer than RetryMax");
}

const struct config_schema sensor_config_schema = {
    .name = "sensor",
    .size = sizeof(struct sensor_config),
    .sections = sections,
    .doc = "The configuration of portcullis-sensor(8), the agent that delivers what a "
	   "network sensor sees to its consoles.",
    .check = sensor_check,
};
