/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "pki-test/gzip_bomb.h"

/* What it unpacks to is asserted in tests/integration; here are sizes and the ends. */
static void
a_run_takes_13_bits(void **state)
{
	struct buf out;

	buf_init(&out, 1000000);
	gzip_bomb_write(0, &out);
	assert_int_equal(out.len, 10 + 3 + 8); /* head, 18 bits, trailer */
	assert_memory_equal(out.data, "\x1f\x8b\x08", 3);
	assert_memory_equal(out.data + out.len - 8, "\x8d\xef\x02\xd2\x01\0\0\0", 8);
	buf_clear(&out);
	gzip_bomb_write(8000, &out);
	assert_int_equal(out.len, 10 + 13003 + 8);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_run_takes_13_bits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
