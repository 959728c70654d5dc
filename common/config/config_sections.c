/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the sections that both programs have.
 */
#include "common/config/config_sections.h"

#define MINUTE (60 * 1000)
#define HOUR   (60 * MINUTE)
#define DAY    (UINT64_C(24) * HOUR)

static const char *const log_formats[] = {"auto", "journal", "json", "human", NULL};
static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};

const struct config_key config_log_keys[] = {
    {
	.name = "Format",
	.type = CONFIG_ENUM,
	.choices = log_formats,
	.offset = offsetof(struct config_log, format),
	.fallback = "auto",
	.doc = "How log lines are written. auto: structured fields to the journal when started "
	       "by systemd, lines for people on a terminal, JSON lines elsewhere.",
    },
    {
	.name = "Level",
	.type = CONFIG_ENUM,
	.choices = log_levels,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_log, level),
	.fallback = "info",
	.doc = "The least important lines that are written. error: somebody has to act; "
	       "warning: something was refused or works less well; info: life cycle; debug: "
	       "everything. The audit trail is written at every level.",
    },
    {0},
};

static const char *const revocations[] = {"strict", "grace=", "off", NULL};
static const char *const profiles[] = {"appliance", "rfc5280", NULL};

const struct config_key config_validation_keys[] = {
    {
	.name = "Validation",
	.type = CONFIG_BOOL,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_validation, validation),
	.fallback = "on",
	.doc = "Whether a peer is refused when its certificate chain, its dates or its "
	       "revocation are not in order. Off: these are still checked and shown, but the "
	       "link continues; the peer must still hold the key that was enrolled for it. "
	       "For test environments only; shown wherever it is off, and audited.",
    },
    {
	.name = "Revocation",
	.type = CONFIG_MODE,
	.choices = revocations,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_validation, revocation),
	.fallback = "strict",
	.min = 1000,
	.max = 366 * DAY,
	.doc = "What is asked of CRLs. strict: each certificate of a chain needs a current "
	       "CRL that does not list it. grace=DURATION: a CRL is used that long after its "
	       "nextUpdate. off: CRLs are not asked for. A certificate that is found on a "
	       "CRL, even on an old one, is refused in strict and grace alike.",
    },
    {
	.name = "Profile",
	.type = CONFIG_ENUM,
	.choices = profiles,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_validation, profile),
	.fallback = "appliance",
	.doc =
	    "What certificates must look like. appliance: RSA of 2048 bits or more, SHA-256, "
	    "a complete subject, a CRL distribution point over http. rfc5280: whatever "
	    "RFC 5280 allows, ECDSA too; it might work, but is not supported.",
    },
    {
	.name = "LiveStale",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_validation, live_stale_ms),
	.fallback = "24h",
	.max = 366 * DAY,
	.doc = "How long a link that is up may stay after the CRL it depends on has run out; "
	       "until then it is shown as stale and alarmed. 0 drops it at once: then whoever "
	       "blocks the CRL server can switch off the fleet.",
    },
    {
	.name = "CrlMaxAge",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_validation, crl_max_age_ms),
	.none = "off",
	.fallback = "off",
	.min = MINUTE,
	.max = 3660 * DAY,
	.doc = "The greatest age (since thisUpdate) of a CRL that is used, for CAs that give "
	       "their CRLs a far nextUpdate.",
    },
    {0},
};

const struct config_key config_crl_keys[] = {
    {
	.name = "Fetch",
	.type = CONFIG_BOOL,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, fetch),
	.fallback = "on",
	.doc =
	    "Whether this appliance downloads CRLs itself. Off in an air gap: CRLs then come "
	    "by crl import, by the drop directory or over the link.",
    },
    {
	.name = "Url",
	.type = CONFIG_URL,
	.flags = CONFIG_LIST | CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, urls),
	.example = "http://pki.plant.example/issuing.crl",
	.doc = "CRLs to fetch besides those that the certificates name in their CRL "
	       "distribution points.",
    },
    {
	.name = "Proxy",
	.type = CONFIG_URL,
	.flags = CONFIG_SECRET | CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, proxy),
	.none = "off",
	.fallback = "off",
	.example = "http://proxy.plant.example:3128",
	.doc = "The HTTP proxy through which CRLs are fetched, where port 80 is closed. The "
	       "proxy then decides which servers can be reached. http_proxy of the "
	       "environment is never used.",
    },
    {
	.name = "Allow",
	.type = CONFIG_HOST,
	.flags = CONFIG_LIST | CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, allow),
	.example = "pki.plant.example",
	.doc = "The only hosts from which CRLs are fetched. Without this key any host that a "
	       "validated certificate names.",
    },
    {
	.name = "AllowLocal",
	.type = CONFIG_BOOL,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, allow_local),
	.fallback = "off",
	.doc = "Whether CRLs may be fetched from loopback, link-local and multicast addresses. "
	       "Off, so that a certificate can't make this appliance talk to itself; on where "
	       "the CRL server runs on this machine.",
    },
    {
	.name = "MaxSize",
	.type = CONFIG_SIZE,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, max_size),
	.fallback = "64M",
	.min = 4096,
	.max = 1 << 30,
	.doc = "The largest CRL that is downloaded or imported.",
    },
    {
	.name = "ConnectTimeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, connect_timeout_ms),
	.fallback = "5s",
	.min = 100,
	.max = 5 * MINUTE,
	.doc = "How long a CRL server may take to accept the connection.",
    },
    {
	.name = "Timeout",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, timeout_ms),
	.fallback = "2min",
	.min = 1000,
	.max = HOUR,
	.doc = "How long one download may take in all.",
    },
    {
	.name = "RefreshMin",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, refresh_min_ms),
	.fallback = "5min",
	.min = 1000,
	.max = 30 * DAY,
	.doc = "A CRL is fetched anew at half of the time left until its nextUpdate, with "
	       "jitter, but not more often than this.",
    },
    {
	.name = "RefreshMax",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, refresh_max_ms),
	.fallback = "1h",
	.min = 1000,
	.max = 30 * DAY,
	.doc = "A CRL is fetched anew at least this often: how soon a revocation that was "
	       "published early is seen. An unchanged CRL costs one small request.",
    },
    {
	.name = "RetryMin",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, retry_min_ms),
	.fallback = "30s",
	.min = 1000,
	.max = DAY,
	.doc = "The wait after a failed download; it doubles with each failure.",
    },
    {
	.name = "RetryMax",
	.type = CONFIG_DURATION,
	.flags = CONFIG_RELOADABLE,
	.offset = offsetof(struct config_crl, retry_max_ms),
	.fallback = "15min",
	.min = 1000,
	.max = 30 * DAY,
	.doc = "The longest wait after failed downloads.",
    },
    {
	.name = "DropDirectory",
	.type = CONFIG_PATH,
	.offset = offsetof(struct config_crl, drop_directory),
	.none = "off",
	.fallback = "off",
	.example = "/srv/crl-drop",
	.doc = "A directory that is watched for CRL files (PEM or DER). Each is checked like a "
	       "downloaded one.",
    },
    {0},
};

const struct config_key config_warn_keys[] = {
    {
	.name = "Certificates",
	.type = CONFIG_DURATION,
	.flags = CONFIG_LIST | CONFIG_RELOADABLE,
	.offset = offsetof(struct config_warn, certificates),
	.fallback = "60d 30d 14d 7d 3d 1d",
	.min = MINUTE,
	.max = 3660 * DAY,
	.doc = "How long before a certificate expires it is warned of: this appliance's, its "
	       "peers' (connected or not) and the CAs'.",
    },
    {
	.name = "Crls",
	.type = CONFIG_DURATION,
	.flags = CONFIG_LIST | CONFIG_RELOADABLE,
	.offset = offsetof(struct config_warn, crls),
	.fallback = "3d 1d 6h 1h",
	.min = MINUTE,
	.max = 3660 * DAY,
	.doc = "How long before its nextUpdate a CRL in use is warned of, if no newer one has "
	       "come: a CRL that runs out takes the fleet down.",
    },
    {0},
};

void
config_crl_check(const struct config_crl *crl, const struct config *config,
    struct config_errors *errors)
{
	if (crl->refresh_min_ms > crl->refresh_max_ms)
		config_refuse(config, errors, "Crl", NULL, "RefreshMin",
		    "is longer than RefreshMax");
	if (crl->retry_min_ms > crl->retry_max_ms)
		config_refuse(config, errors, "Crl", NULL, "RetryMin",
		    "is longer than RetryMax");
}

void
config_web_check(const struct config_web *web, const struct config *config,
    struct config_errors *errors)
{
	if (web->session_idle_ms > web->session_max_ms)
		config_refuse(config, errors, "Web", NULL, "SessionIdle",
		    "is longer than SessionMax");
}
