/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/crc32c.h"

/* The vectors of RFC 3720 appendix B.4. */
static void
the_vectors_of_rfc3720_hold(void **state)
{
	uint8_t data[32];

	memset(data, 0, sizeof(data));
	assert_true(crc32c(0, data, sizeof(data)) == 0x8a9136aa);
	memset(data, 0xff, sizeof(data));
	assert_true(crc32c(0, data, sizeof(data)) == 0x62a8ab43);
	for (uint8_t i = 0; i < sizeof(data); i++)
		data[i] = i;
	assert_true(crc32c(0, data, sizeof(data)) == 0x46dd794e);
}

static void
a_crc_in_pieces_is_the_crc_of_the_whole(void **state)
{
	const char *text = "The quick brown fox jumps over the lazy dog";

	for (size_t cut = 0; cut <= strlen(text); cut++)
		assert_true(crc32c(crc32c(0, text, cut), text + cut, strlen(text) - cut) ==
			    crc32c(0, text, strlen(text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vectors_of_rfc3720_hold),
	    cmocka_unit_test(a_crc_in_pieces_is_the_crc_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
