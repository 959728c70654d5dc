/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of console.conf.  Their documentation is what the operator reads in the sample
 * file, in portcullis-console.conf(5) and in errors.
 */
#include "console-server/config_schema.h"

#define SECOND (UINT64_C(1000))
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct config_key console_keys[] = {
    {
	.name = "Name",
	.type = CONFIG_NAME,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_main, name),
	.fallback = "main",
	.doc = "What this console calls itself in records, pages and messages to third "
	       "parties. Its identity is the CN of its certificate, not this.",
    },
    {
	.name = "StateDirectory",
	.type = CONFIG_PATH,
	.offset = offsetof(struct console_config_main, state_directory),
	.fallback = "/var/lib/portcullis-console",
	.doc = "Where events, failures, certificates, keys and CRLs are kept.",
    },
    {
	.name = "RuntimeDirectory",
	.type = CONFIG_PATH,
	.offset = offsetof(struct console_config_main, runtime_directory),
	.fallback = "/run/portcullis/console",
	.doc = "Where the control socket is made.",
    },
    {
	.name = "User",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct console_config_main, user),
	.none = "off",
	.fallback = "portcullis-console",
	.max = 32,
	.doc = "The user that the daemon becomes when it is started as root; with off it "
	       "stays root. As a systemd service it is never root and this has no effect.",
    },
    {
	.name = "ControlGroup",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct console_config_main, control_group),
	.fallback = "portcullis",
	.max = 32,
	.doc = "Members of this group may read through the control socket: status, sensors, "
	       "failures, events.",
    },
    {
	.name = "AdminGroup",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct console_config_main, admin_group),
	.fallback = "portcullis-admin",
	.max = 32,
	.doc = "Members of this group (and of ControlGroup) may change things through the "
	       "control socket, as root may.",
    },
    {
	.name = "KeyPassphraseFile",
	.type = CONFIG_PATH,
	.offset = offsetof(struct console_config_main, key_passphrase_file),
	.none = "off",
	.fallback = "off",
	.example = "${CREDENTIALS_DIRECTORY}/key-passphrase",
	.doc = "A file whose first line is the passphrase that protects the private keys in "
	       "the state directory. ${CREDENTIALS_DIRECTORY}/key-passphrase takes it from "
	       "LoadCredential= of the service.",
    },
    {0},
};

static const struct config_key listen_keys[] = {
    {
	.name = "Address",
	.type = CONFIG_LISTEN,
	.flags = CONFIG_LIST,
	.offset = offsetof(struct console_config_listen, addresses),
	.fallback = "0.0.0.0:8443",
	.port = 8443,
	.doc = "Where sensors and the other console of a pair connect.",
    },
    {
	.name = "Workers",
	.type = CONFIG_U64,
	.offset = offsetof(struct console_config_listen, workers),
	.none = "auto",
	.fallback = "auto",
	.min = 1,
	.max = 256,
	.unit = "processes",
	.doc = "How many processes serve the links of the sensors; auto is one for each "
	       "processor.",
    },
    {0},
};

static const struct config_key link_keys[] = {
    {
	.name = "HandshakeTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, handshake_timeout_ms),
	.fallback = "10s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a TLS handshake may take.",
    },
    {
	.name = "HelloTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, hello_timeout_ms),
	.fallback = "30s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a peer may be silent after its handshake before it is dropped.",
    },
    {
	.name = "ParkTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, park_timeout_ms),
	.fallback = "10s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a connection waits for a CRL that is not at hand; then it is refused "
	       "with crl-unreachable.",
    },
    {
	.name = "Heartbeat",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, heartbeat_ms),
	.fallback = "15s",
	.min = SECOND,
	.max = 10 * MINUTE,
	.doc = "After how much silence a link is probed.",
    },
    {
	.name = "HeartbeatMisses",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, heartbeat_misses),
	.fallback = "3",
	.min = 1,
	.max = 100,
	.unit = "heartbeats",
	.doc = "After how many unanswered heartbeats a link is dead.",
    },
    {
	.name = "Relay",
	.type = CONFIG_BOOL,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_link, relay),
	.fallback = "on",
	.doc = "Whether CRLs are passed to sensors that can't reach the CRL server, and "
	       "exchanged with the other console. Each side believes a CRL for its signature "
	       "alone, never for who brought it.",
    },
    {0},
};

static const struct config_key limits_keys[] = {
    {
	.name = "HalfOpenPerWorker",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, half_open_per_worker),
	.fallback = "1024",
	.min = 16,
	.max = 65536,
	.unit = "connections",
	.doc = "How many connections of one worker may be in the handshake; beyond it the "
	       "oldest is dropped.",
    },
    {
	.name = "HalfOpenPerAddress",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, half_open_per_address),
	.fallback = "64",
	.min = 1,
	.max = 65536,
	.unit = "connections",
	.doc = "How many of them may come from one address (IPv6: from one /64). Raise it "
	       "where many sensors stand behind one NAT address.",
    },
    {
	.name = "HandshakeSteps",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, handshake_steps),
	.fallback = "8",
	.min = 1,
	.max = 1024,
	.unit = "steps",
	.doc = "How many handshake steps a worker does before it serves established links "
	       "again, so that a storm of connections does not slow the others.",
    },
    {
	.name = "Parked",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, parked),
	.fallback = "1024",
	.min = 1,
	.max = 65536,
	.unit = "connections",
	.doc = "How many connections of one worker may wait for a CRL.",
    },
    {
	.name = "ParkedPerIdentity",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, parked_per_identity),
	.fallback = "4",
	.min = 1,
	.max = 1024,
	.unit = "connections",
	.doc = "How many of them may show the same certificate name.",
    },
    {
	.name = "Pending",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_limits, pending),
	.fallback = "1000",
	.min = 1,
	.max = 100000,
	.unit = "sensors",
	.doc = "How many sensors that are not approved yet are remembered; beyond it the "
	       "oldest is forgotten.",
    },
    {0},
};

static const struct config_key store_keys[] = {
    {
	.name = "RetentionAge",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_store, retention_age_ms),
	.none = "off",
	.fallback = "365d",
	.min = HOUR,
	.max = 36600 * DAY,
	.doc = "How long events are kept. What a sensor or the other console still waits for "
	       "is never removed.",
    },
    {
	.name = "RetentionSize",
	.type = CONFIG_SIZE,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_store, retention_size),
	.none = "off",
	.fallback = "100G",
	.min = UINT64_C(64) << 20,
	.max = UINT64_C(1) << 50,
	.doc = "How large the store of events may become; beyond it the oldest are removed, "
	       "even within RetentionAge.",
    },
    {0},
};

static const char *const peer_policies[] = {"strict", "degrade", NULL};

static const struct config_key peer_keys[] = {
    {
	.name = "Policy",
	.type = CONFIG_ENUM,
	.choices = peer_policies,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_peer, policy),
	.fallback = "degrade",
	.doc = "What happens while the other console of the pair is away. strict: sensors keep "
	       "every event until both consoles hold it; when a spool is full its sensor "
	       "stops reading. degrade: one console is enough once a spool fills; what was "
	       "let go so is shown exactly. Without a pair this has no effect.",
    },
    {
	.name = "DegradeAfter",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_peer, degrade_after_ms),
	.fallback = "30s",
	.min = SECOND,
	.max = DAY,
	.doc = "How long the other console has to be out of reach before this one says "
	       "DEGRADED.",
    },
    {
	.name = "ClockAlarm",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_peer, clock_alarm_ms),
	.fallback = "5min",
	.min = SECOND,
	.max = DAY,
	.doc = "How far the clocks of the two consoles may be apart before both raise an "
	       "alarm.",
    },
    {0},
};

static const struct config_key forward_keys[] = {
    {
	.name = "RateCount",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_forward, rate_count),
	.fallback = "50",
	.min = 1,
	.max = 1000000,
	.unit = "messages",
	.doc = "How many messages a forwarding action sends in one RateInterval at most; the "
	       "others wait.",
    },
    {
	.name = "RateInterval",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_forward, rate_interval_ms),
	.fallback = "10s",
	.min = 100,
	.max = HOUR,
	.doc = "The interval of RateCount.",
    },
    {
	.name = "Takeover",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct console_config_forward, takeover_ms),
	.fallback = "60s",
	.min = SECOND,
	.max = DAY,
	.doc = "How long the console that forwards for the pair has to be unseen before the "
	       "other one forwards in its place.",
    },
    {0},
};

static const struct config_key web_keys[] = {
    {
	.name = "Listen",
	.type = CONFIG_LISTEN,
	.offset = offsetof(struct config_web, listen),
	.none = "off",
	.fallback = "0.0.0.0:8444",
	.port = 8444,
	.doc = "Where the page and the REST interface are served (HTTPS). A socket from "
	       "portcullis-console.socket (port 443) is served as well.",
    },
#include "common/config/config_web_keys.def"
    {0},
};

static const char *const purposes[] = {
    [CONSOLE_PURPOSE_APPLIANCE] = "appliance",
    [CONSOLE_PURPOSE_FORWARD] = "forward",
    [CONSOLE_PURPOSE_OPERATOR] = "operator",
    [CONSOLE_PURPOSE_COUNT] = NULL,
};

#define SECTION(title, member, rows, text)                                             \
	{                                                                              \
		.name = title, .offset = offsetof(struct console_config, member),      \
		.size = sizeof(((struct console_config *)NULL)->member), .keys = rows, \
		.doc = text,                                                           \
	}

static const struct config_section sections[] = {
    SECTION("Console", console, console_keys, "The console itself."),
    SECTION("Log", log, config_log_keys, "What is logged, and how."),
    SECTION("Listen", listen, listen_keys, "Where appliances connect."),
    SECTION("Link", link, link_keys, "The links of the appliances."),
    {
	.name = "Validation",
	.kind = CONFIG_FIXED,
	.titles = purposes,
	.offset = offsetof(struct console_config, validation),
	.size = sizeof(struct config_validation),
	.keys = config_validation_keys,
	.doc = "How certificates are judged, for each purpose on its own: appliance (sensors "
	       "and the other console), forward (the servers of forwarding rules), operator "
	       "(people who sign in with a certificate).",
    },
    SECTION("Crl", crl, config_crl_keys, "How certificate revocation lists are fetched."),
    SECTION("Warn", warn, config_warn_keys, "When to warn before something runs out."),
    SECTION("Limits", limits, limits_keys,
	"What strangers may use up before they have proved who they are."),
    SECTION("Store", store, store_keys, "The store of events."),
    SECTION("Peer", peer, peer_keys,
	"The pair of consoles. The other console is named by peer add, not here."),
    SECTION("Forward", forward, forward_keys,
	"Forwarding to third parties. The rules are made in the page or by command."),
    SECTION("Web", web, web_keys, "The page and the REST interface."),
    {0},
};

static void
console_check(const void *values, const struct config *config, struct config_errors *errors)
{
	const struct console_config *console = values;

	config_crl_check(&console->crl, config, errors);
	config_web_check(&console->web, config, errors);
	if (console->limits.half_open_per_address > console->limits.half_open_per_worker)
		config_refuse(config, errors, "Limits", NULL, "HalfOpenPerAddress",
		    "is more than HalfOpenPerWorker");
}

const struct config_schema console_config_schema = {
    .name = "console",
    .size = sizeof(struct console_config),
    .sections = sections,
    .doc = "The configuration of portcullis-console(8), the management console of OT network "
	   "sensors.",
    .check = console_check,
};
