/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/text.h"
#include "common/log/log_message_id.h"
#include "common/pki/reason.h"

static const char *const ids[] = {
#define LOG_EVENT(event, id, subject, text) id,
#define LOG_REASON(slug, id)                id,
#include "common/log/message_ids.def"
#undef LOG_EVENT
#undef LOG_REASON
};

static const char *const slugs[] = {
#define LOG_EVENT(event, id, subject, text)
#define LOG_REASON(slug, id) slug,
#include "common/log/message_ids.def"
#undef LOG_EVENT
#undef LOG_REASON
};

static void
ids_are_128_bits_and_used_once(void **state)
{
	uint8_t raw[16];

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		assert_true(text_parse_hex(ids[i], raw, sizeof(raw)));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(ids[i], ids[k]);
	}
}

static void
each_reason_has_an_id(void **state)
{
	for (int i = REASON_OK + 1; i < REASON_COUNT; i++) {
		const char *slug = reason_slug((enum reason)i);

		if (log_message_id("none-such", bytes_of_text(slug)) == NULL)
			fail_msg("%s has no row in message_ids.def", slug);
	}
}

static void
each_row_is_a_reason(void **state)
{
	enum reason reason;

	for (size_t i = 0; i < COUNT_OF(slugs); i++)
		assert_true(reason_from_slug(slugs[i], &reason));
}

static void
an_unknown_event_has_none(void **state)
{
	assert_null(log_message_id("none-such", bytes_of(NULL, 0)));
	assert_non_null(log_message_id("log-suppressed", bytes_of(NULL, 0)));
	assert_string_equal(log_message_id("log-suppressed", bytes_of_text("none-such")),
	    log_message_id("log-suppressed", bytes_of(NULL, 0)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_are_128_bits_and_used_once),
	    cmocka_unit_test(each_reason_has_an_id),
	    cmocka_unit_test(each_row_is_a_reason),
	    cmocka_unit_test(an_unknown_event_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
