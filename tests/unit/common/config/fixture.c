/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema of the tests.
 */
#include "tests/unit/common/config/fixture.h"

#include "tests/lib/test.h"

static const char *const choices[] = {"red", "green", "blue", NULL};
static const char *const modes[] = {"strict", "grace=", "off", NULL};
static const char *const purposes[] = {"appliance", "forward", NULL};

#define AT(member) offsetof(struct fixture_types, member)

static const struct config_key type_keys[] = {
    {.name = "Flag", .type = CONFIG_BOOL, .offset = AT(flag), .fallback = "on", .doc = "A."},
    {.name = "Number",
	.type = CONFIG_U64,
	.flags = CONFIG_RELOADABLE,
	.offset = AT(number),
	.fallback = "7",
	.min = 1,
	.max = 256,
	.unit = "connections",
	.doc = "A."},
    {.name = "Threads",
	.type = CONFIG_U64,
	.offset = AT(threads),
	.none = "auto",
	.fallback = "auto",
	.min = 1,
	.max = 8,
	.doc = "A."},
    {.name = "Size",
	.type = CONFIG_SIZE,
	.offset = AT(size),
	.fallback = "64M",
	.min = 4096,
	.max = 1 << 30,
	.doc = "A."},
    {.name = "Duration",
	.type = CONFIG_DURATION,
	.offset = AT(duration_ms),
	.fallback = "10s",
	.min = 1000,
	.max = 3600000,
	.doc = "A."},
    {.name = "Choice",
	.type = CONFIG_ENUM,
	.offset = AT(choice),
	.choices = choices,
	.fallback = "green",
	.doc = "A."},
    {.name = "Mode",
	.type = CONFIG_MODE,
	.offset = AT(mode),
	.choices = modes,
	.fallback = "strict",
	.min = 1000,
	.doc = "A."},
    {.name = "Text", .type = CONFIG_TEXT, .offset = AT(text), .fallback = "t", .doc = "A."},
    {.name = "Path",
	.type = CONFIG_PATH,
	.offset = AT(path),
	.none = "off",
	.fallback = "off",
	.doc = "A."},
    {.name = "Name", .type = CONFIG_NAME, .offset = AT(name), .fallback = "main", .doc = "A."},
    {.name = "Host",
	.type = CONFIG_HOST,
	.offset = AT(host),
	.fallback = "localhost",
	.doc = "A."},
    {.name = "Address",
	.type = CONFIG_ADDRESS,
	.offset = AT(address),
	.fallback = "localhost:1",
	.doc = "A."},
    {.name = "Listen",
	.type = CONFIG_LISTEN,
	.offset = AT(listen),
	.port = 8443,
	.none = "off",
	.fallback = "0.0.0.0",
	.doc = "A."},
    {.name = "Url", .type = CONFIG_URL, .offset = AT(url), .fallback = "http://a", .doc = "A."},
    {.name = "SecretUrl",
	.type = CONFIG_URL,
	.flags = CONFIG_SECRET,
	.offset = AT(secret_url),
	.none = "off",
	.fallback = "off",
	.doc = "A."},
    {.name = "Hosts",
	.type = CONFIG_HOST,
	.flags = CONFIG_LIST | CONFIG_RELOADABLE,
	.offset = AT(hosts),
	.example = "a.example",
	.doc = "A."},
    {.name = "Addresses",
	.type = CONFIG_LISTEN,
	.flags = CONFIG_LIST,
	.offset = AT(addresses),
	.port = 8443,
	.fallback = "0.0.0.0:8443 [::]:8443",
	.doc = "A."},
    {.name = "LiveStale",
	.type = CONFIG_DURATION,
	.offset = AT(live_stale_ms),
	.fallback = "24h",
	.doc = "How long a link may stay up after the CRL it depends on has run out; until "
	       "then it is shown as stale_ and *alarmed*."},
    {0},
};

static const struct config_key item_keys[] = {
    {.name = "Weight",
	.type = CONFIG_U64,
	.offset = offsetof(struct fixture_item, weight),
	.fallback = "50",
	.doc = "A."},
    {.name = "Address",
	.type = CONFIG_ADDRESS,
	.flags = CONFIG_REQUIRED,
	.offset = offsetof(struct fixture_item, address),
	.example = "a.example:1",
	.doc = "A."},
    {0},
};

static const struct config_key purpose_keys[] = {
    {.name = "Strict",
	.type = CONFIG_BOOL,
	.offset = offsetof(struct fixture_purpose, strict),
	.fallback = "yes",
	.doc = "A."},
    {0},
};

static const struct config_section sections[] = {
    {.name = "Types",
	.offset = offsetof(struct fixture, types),
	.size = sizeof(struct fixture_types),
	.keys = type_keys,
	.doc = "All types."},
    {.name = "Purpose",
	.kind = CONFIG_FIXED,
	.titles = purposes,
	.offset = offsetof(struct fixture, purposes),
	.size = sizeof(struct fixture_purpose),
	.keys = purpose_keys,
	.doc = "Fixed titles."},
    {.name = "Item",
	.kind = CONFIG_NAMED,
	.example_title = "item-1",
	.offset = offsetof(struct fixture, items),
	.size = sizeof(struct fixture_item),
	.max = 3,
	.keys = item_keys,
	.doc = "Named sections."},
    {0},
};

static void
fixture_check(const void *values, const struct config *config, struct config_errors *errors)
{
	const struct fixture *fixture = values;

	if (fixture->types.number == 13)
		config_refuse(config, errors, "Types", NULL, "Number", "is unlucky");
}

const struct config_schema fixture_schema = {
    .name = "fixture",
    .size = sizeof(struct fixture),
    .sections = sections,
    .doc = "The fixture.",
    .check = fixture_check,
};

static char *
fixture_errors(const struct config_errors *errors)
{
	struct buf buf;

	buf_init(&buf, 1 << 20);
	for (size_t i = 0; i < errors->count; i++) {
		config_error_print(&errors->rows[i], &buf);
		buf_put_text(&buf, "\n");
	}
	if (errors->more > 0)
		buf_printf(&buf, "and %zu more\n", errors->more);
	return buf_take_text(&buf);
}

struct config *
fixture_parse(const char *text)
{
	struct config_errors errors;
	struct config *config;

	if (config_parse(&fixture_schema, "t.conf", bytes_of_text(text), 1, &config, &errors) !=
	    STATUS_OK)
		fail_msg("refused: %s", fixture_errors(&errors));
	config_errors_done(&errors);
	return config;
}

char *
fixture_refuse_bytes(struct bytes text)
{
	struct config_errors errors;
	struct config *config = NULL;
	char *lines;

	assert_int_equal(config_parse(&fixture_schema, "t.conf", text, 1, &config, &errors),
	    STATUS_INVALID);
	assert_null(config);
	lines = fixture_errors(&errors);
	config_errors_done(&errors);
	return lines;
}

char *
fixture_refuse(const char *text)
{
	return fixture_refuse_bytes(bytes_of_text(text));
}

const struct fixture *
fixture_values(const struct config *config)
{
	return config_values(config);
}
