/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdlib.h>

#include "common/base/fileio.h"
#include "common/pki/pem.h"
#include "tests/lib/shared.h"

#define ABC_BLOCK                       \
	"-----BEGIN CERTIFICATE-----\n" \
	"QUJD\n"                        \
	"-----END CERTIFICATE-----\n"

/* The first item of a text that is expected to fail: its message. */
static const char *
error_of(const char *text, enum status status)
{
	static struct pem pem;
	struct pem_item item;

	pem_init(&pem, bytes_of_text(text), 1000);
	assert_int_equal(pem_next(&pem, &item), status);
	pem_done(&pem);
	return pem.error;
}

static void
blocks_are_found_between_any_other_text(void **state)
{
	const char *text = "Bag Attributes\n    localKeyID: 01\nsubject=CN = a\nissuer=CN = b\n"
			   "-----BEGIN CERTIFICATE-----\r\nQU\r\nJD \r\n"
			   "-----END CERTIFICATE-----\r\n"
			   "more\n"
			   "  -----BEGIN X509 CRL-----\n  REU=\n  -----END X509 CRL-----";
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of_text(text), 1000);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_true(bytes_equal_text(item.label, "CERTIFICATE"));
	assert_true(bytes_equal_text(item.der, "ABC"));
	assert_int_equal(item.line, 5);
	assert_int_equal(item.headers.len, 0);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_true(bytes_equal_text(item.label, "X509 CRL"));
	assert_true(bytes_equal_text(item.der, "DE"));
	assert_int_equal(item.line, 10);
	assert_int_equal(pem_next(&pem, &item), STATUS_END);
	assert_int_equal(pem_next(&pem, &item), STATUS_END);
	pem_done(&pem);
}

static void
header_lines_are_kept_apart_from_the_base64(void **state)
{
	const char *text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
			   "DEK-Info: AES-128-CBC,00\n\nQUJD\n-----END RSA PRIVATE KEY-----\n";
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of_text(text), 1000);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_true(
	    bytes_equal_text(item.headers, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00"));
	assert_true(bytes_equal_text(item.der, "ABC"));
	pem_done(&pem);
}

static void
a_der_file_is_one_item(void **state)
{
	static const uint8_t der[] = {0x30, 0x02, 0x05, 0x00};
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of(der, sizeof der), 4);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_int_equal(item.label.len, 0);
	assert_int_equal(item.line, 0);
	assert_true(bytes_equal(item.der, bytes_of(der, sizeof der)));
	assert_int_equal(pem_next(&pem, &item), STATUS_END);
	pem_done(&pem);

	pem_init(&pem, bytes_of(der, sizeof der), 3);
	assert_int_equal(pem_next(&pem, &item), STATUS_LIMIT);
	assert_string_equal(pem.error, "larger than 3 bytes");
	assert_int_equal(pem_next(&pem, &item), STATUS_END);
	pem_done(&pem);
}

static void
text_before_a_block_may_begin_like_der(void **state)
{
	const char *text = "0 is the first certificate\n" ABC_BLOCK;
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of_text(text), 1000);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_int_equal(item.line, 2);
	pem_done(&pem);
}

static void
a_byte_order_mark_before_the_first_line_is_skipped(void **state)
{
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of_text("\xef\xbb\xbf" ABC_BLOCK), 1000);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	pem_done(&pem);
}

static void
what_is_wrong_is_said_with_its_line(void **state)
{
	assert_string_equal(error_of("\n-----BEGIN X-----\nQUJD\nQU|D\n-----END X-----\n",
				STATUS_INVALID),
	    "malformed base64 near line 4");
	assert_string_equal(error_of("-----BEGIN X-----\nQUJ\n-----END X-----\n",
				STATUS_INVALID),
	    "malformed base64 near line 3");
	assert_string_equal(error_of("-----BEGIN X-----\nQUJD\n-----END Y-----\n",
				STATUS_INVALID),
	    "the END in line 3 does not belong to the BEGIN in line 1");
	assert_string_equal(error_of("\n-----BEGIN X-----\nQUJD\n", STATUS_INVALID),
	    "no END for the BEGIN in line 2");
	assert_string_equal(error_of("-----BEGIN X-----\n" ABC_BLOCK, STATUS_INVALID),
	    "no END for the BEGIN in line 1");
	assert_string_equal(error_of("", STATUS_INVALID), "the file is empty");
	assert_string_equal(error_of("<html>\n", STATUS_INVALID), "neither PEM nor DER");
	assert_string_equal(error_of("\xff\xfe-", STATUS_INVALID),
	    "the file is UTF-16 text; save it as plain text");
}

static void
a_block_may_be_as_large_as_the_maximum_and_no_larger(void **state)
{
	struct pem_item item;
	struct pem pem;

	pem_init(&pem, bytes_of_text(ABC_BLOCK), 3);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	pem_done(&pem);
	pem_init(&pem, bytes_of_text(ABC_BLOCK), 2);
	assert_int_equal(pem_next(&pem, &item), STATUS_LIMIT);
	assert_string_equal(pem.error, "the block in line 1 is larger than 2 bytes");
	pem_done(&pem);
}

static void
what_is_written_is_read_again(void **state)
{
	uint8_t data[100];
	struct pem_item item;
	struct pem pem;
	struct buf out;

	memset(data, 0x5a, sizeof data);
	buf_init(&out, 1000);
	pem_write(&out, "CERTIFICATE", bytes_of(data, sizeof data));
	pem_init(&pem, buf_bytes(&out), 1000);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	assert_true(bytes_equal(item.der, bytes_of(data, sizeof data)));
	pem_done(&pem);
	buf_done(&out);
}

/* The sample certificate of the user's own documents has a '|' in line 115. */
static void
the_sample_certificate_of_the_documents_names_its_line(void **state)
{
	char path[SHARED_PATH_SIZE];
	struct pem_item item;
	struct pem pem;
	struct buf file;

	if (!shared_path(path, "seeds/000_9cac2bb5a741b8c1.txt"))
		return; /* said so */
	buf_init(&file, 1 << 20);
	assert_int_equal(fileio_read(AT_FDCWD, path, &file), STATUS_OK);
	pem_init(&pem, buf_bytes(&file), 65536);
	assert_int_equal(pem_next(&pem, &item), STATUS_INVALID);
	assert_string_equal(pem.error, "malformed base64 near line 115");
	pem_done(&pem);
	buf_done(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(blocks_are_found_between_any_other_text),
	    cmocka_unit_test(header_lines_are_kept_apart_from_the_base64),
	    cmocka_unit_test(a_der_file_is_one_item),
	    cmocka_unit_test(text_before_a_block_may_begin_like_der),
	    cmocka_unit_test(a_byte_order_mark_before_the_first_line_is_skipped),
	    cmocka_unit_test(what_is_wrong_is_said_with_its_line),
	    cmocka_unit_test(a_block_may_be_as_large_as_the_maximum_and_no_larger),
	    cmocka_unit_test(what_is_written_is_read_again),
	    cmocka_unit_test(the_sample_certificate_of_the_documents_names_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
