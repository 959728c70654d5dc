/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/pki/crl_index.h"
#include "common/pki/crl_index_map.h"
#include "tests/lib/pki_build.h"

#define BYTES(...) \
	bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct pki_key *ca_key;
static const uint8_t key_hash[PUBKEY_HASH_SIZE] = {1, 2, 3};
static const uint8_t other_hash[PUBKEY_HASH_SIZE] = {4, 5, 6};

static int
make_key(void **state)
{
	ca_key = pki_key_new();
	return 0;
}

static int
free_key(void **state)
{
	pki_key_free(ca_key);
	return 0;
}

static void
free_image(struct bytes image)
{
	free((void *)image.data);
}

/* The image of a CRL that is built; the caller frees. */
static struct buf
image_of(const struct pki_crl_spec *spec, const uint8_t *key_sha256)
{
	struct pki_crl_spec whole = *spec;
	struct buf der, image;
	struct crl crl;

	if (whole.issuer == NULL)
		whole.issuer = "CA";
	buf_init(&der, 1 << 24);
	buf_init(&image, 1 << 24);
	pki_build_crl(&whole, ca_key, &der);
	assert_int_equal(crl_read(buf_bytes(&der), CRL_LEN_MAX, &crl), REASON_OK);
	assert_int_equal(crl_index_build(&crl, key_sha256, &image), REASON_OK);
	crl_done(&crl);
	buf_done(&der);
	return image;
}

static struct crl_index *
index_of_key(const struct pki_crl_spec *spec, const uint8_t *key_sha256)
{
	struct buf image = image_of(spec, key_sha256);
	struct crl_index *index;

	assert_int_equal(crl_index_open_take(buf_bytes(&image), free_image, &index), STATUS_OK);
	return index;
}

static struct crl_index *
index_of(const struct pki_crl_spec *spec)
{
	return index_of_key(spec, key_hash);
}

/* The canonical form of CN=text; the caller frees. */
static struct buf
canonical_of(const char *cn)
{
	struct der_build build;
	struct der_fault fault;
	struct buf canonical;
	struct der der;

	der_build_init(&build);
	der_build_name(&build, cn);
	buf_init(&canonical, 4096);
	der = der_begin(der_build_bytes(&build), &fault);
	(void)name_read(&der, &canonical);
	der_build_done(&build);
	return canonical;
}

/* The reason code of an entry; -100 where there is none. */
static int
find(const struct crl_index *index, const char *issuer, struct bytes serial)
{
	struct buf canonical = canonical_of(issuer);
	struct crl_index_entry entry;
	bool found = crl_index_find(index, buf_bytes(&canonical), serial, &entry);

	buf_done(&canonical);
	return found ? entry.reason : -100;
}

static void
an_image_keeps_what_matters_of_the_crl(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(5)};
	struct pki_crl_spec spec = {
	    .number = 300,
	    .base = 2,
	    .entries = &entry,
	    .entry_count = 1,
	    .idp = BYTES(0x81, 1, 0xff),
	};
	struct crl_index *index = index_of(&spec);
	struct buf canonical = canonical_of("CA");

	assert_memory_equal(index->key_sha256, key_hash, sizeof key_hash);
	assert_true(bytes_equal(index->issuer.canonical, buf_bytes(&canonical)));
	assert_int_equal(index->this_update_s, PKI_BUILD_NOW - PKI_BUILD_DAY);
	assert_int_equal(index->next_update_s, PKI_BUILD_NOW + PKI_BUILD_DAY);
	assert_true(index->number.present);
	assert_int_equal(index->number.len, 2);
	assert_true(index->base.present);
	assert_true(index->scope.only_user_certs);
	assert_true(bytes_equal_text(index->authority_key, "key"));
	assert_int_equal(index->entry_count, 1);
	buf_done(&canonical);
	crl_index_unref(index);
}

static void
serial_numbers_are_told_apart_by_length_and_bytes(void **state)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(0x00, 0x85), .reason = 1},
	    {.serial = BYTES(0x05), .reason = 2},
	    {.serial = BYTES(0x05, 0x00), .reason = 3},
	    {.serial = BYTES(0x05, 0x00, 0x00), .reason = 4},
	    {.serial = BYTES(0x00), .reason = 5},
	};
	struct pki_crl_spec spec = {.entries = entries, .entry_count = COUNT_OF(entries)};
	struct crl_index *index = index_of(&spec);

	for (size_t i = 0; i < COUNT_OF(entries); i++)
		assert_int_equal(find(index, "CA", entries[i].serial), entries[i].reason);
	assert_int_equal(find(index, "CA", BYTES(0x85)), -100);
	assert_int_equal(find(index, "CA", BYTES(0x00, 0x05)), -100);
	assert_int_equal(find(index, "CA", BYTES(0x00, 0x00)), -100);
	assert_int_equal(find(index, "CA", BYTES(0x05, 0x00, 0x00, 0x00)), -100);
	assert_int_equal(find(index, "CA", BYTES(0x04)), -100);
	assert_int_equal(find(index, "CA", BYTES(0x06)), -100);
	assert_int_equal(find(index, "CA", (struct bytes){0}), -100);
	assert_int_equal(find(index, "Other", BYTES(0x05)), -100);
	crl_index_unref(index);
}

static void
each_of_many_serial_numbers_is_found_and_no_other(void **state)
{
	enum {
		COUNT = 5000
	};
	struct pki_crl_entry *entries = alloc_zeroed(COUNT, sizeof *entries);
	uint8_t(*serials)[4] = alloc_zeroed(COUNT, sizeof *serials);
	struct pki_crl_spec spec = {.entries = entries, .entry_count = COUNT};
	struct crl_index *index;

	/* 7919 and 65536 have no common factor: all different, in no order */
	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t value = 0x40000000 + i * 7919 % 65536 * 2;

		for (size_t k = 0; k < 4; k++)
			serials[i][k] = (uint8_t)(value >> (24 - 8 * k));
		entries[i].serial = bytes_of(serials[i], 4);
		entries[i].reason = 1 + (int)(i % 5);
	}
	index = index_of(&spec);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(find(index, "CA", entries[i].serial), entries[i].reason);
		serials[i][3] |= 1; /* the odd ones are not there */
		assert_int_equal(find(index, "CA", entries[i].serial), -100);
	}
	crl_index_unref(index);
	free(serials);
	free(entries);
}

static void
dates_long_ago_and_far_ahead_are_kept(void **state)
{
	static const int64_t dates[] = {-631152000, -1, 1, 253402300799};
	struct buf canonical = canonical_of("CA");

	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		struct pki_crl_entry entry = {.serial = BYTES(5), .date_s = dates[i]};
		struct crl_index *index =
		    index_of(&(struct pki_crl_spec){.entries = &entry, .entry_count = 1});
		struct crl_index_entry found;

		assert_true(crl_index_find(index, buf_bytes(&canonical), BYTES(5), &found));
		assert_int_equal(found.revoked_at_s, dates[i]);
		assert_int_equal(found.reason, CRL_REASON_NONE);
		crl_index_unref(index);
	}
	buf_done(&canonical);
}

static void
an_entry_that_revokes_comes_before_one_that_removes(void **state)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(5), .reason = CRL_REASON_REMOVE},
	    {.serial = BYTES(5), .reason = 10},
	    {.serial = BYTES(6), .reason = CRL_REASON_REMOVE},
	};
	struct pki_crl_spec spec = {
	    .number = 2,
	    .base = 1,
	    .entries = entries,
	    .entry_count = COUNT_OF(entries),
	};
	struct crl_index *index = index_of(&spec);

	assert_int_equal(find(index, "CA", BYTES(5)), 10);
	assert_int_equal(find(index, "CA", BYTES(6)), CRL_REASON_REMOVE);
	crl_index_unref(index);
}

static void
an_entry_of_an_indirect_crl_belongs_to_the_issuer_named_last(void **state)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(1)},
	    {.serial = BYTES(2), .issuer = "Zebra"},
	    {.serial = BYTES(3)},
	    {.serial = BYTES(2), .issuer = "Ant"},
	    {.serial = BYTES(4), .issuer = "zebra"},
	};
	struct pki_crl_spec spec = {
	    .entries = entries,
	    .entry_count = COUNT_OF(entries),
	    .idp = BYTES(0x84, 1, 0xff),
	};
	static const char *const issuers[] = {"CA", "Zebra", "Ant", "Nobody"};
	static const bool listed[][4] = {
	    {true, false, false, false},
	    {false, true, true, true},
	    {false, true, false, false},
	    {false, false, false, false},
	};
	struct crl_index *index = index_of(&spec);

	for (size_t i = 0; i < COUNT_OF(issuers); i++)
		for (uint8_t serial = 1; serial <= 4; serial++)
			assert_int_equal(find(index, issuers[i], BYTES(serial)) ==
					     CRL_REASON_NONE,
			    listed[i][serial - 1]);
	crl_index_unref(index);
}

static void
an_image_that_is_damaged_or_cut_off_anywhere_is_refused(void **state)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(1)},
	    {.serial = BYTES(2), .issuer = "Other"},
	};
	struct pki_crl_spec spec = {
	    .entries = entries,
	    .entry_count = COUNT_OF(entries),
	    .idp = BYTES(0x84, 1, 0xff),
	};
	struct buf image = image_of(&spec, key_hash);
	struct crl_index *index;

	for (size_t i = 0; i < image.len; i++) {
		uint8_t *cut = malloc(i + 1);

		memcpy(cut, image.data, i);
		assert_int_not_equal(crl_index_open_take(bytes_of(cut, i), free_image, &index),
		    STATUS_OK);
		image.data[i] ^= 0x10;
		assert_int_equal(crl_index_open_take(buf_bytes(&image), NULL, &index),
		    i < 8 ? STATUS_UNSUPPORTED : STATUS_CORRUPT);
		image.data[i] ^= 0x10;
	}
	buf_put_u8(&image, 0);
	assert_int_equal(crl_index_open_take(buf_bytes(&image), NULL, &index), STATUS_CORRUPT);
	buf_done(&image);
}

static void
a_buffer_that_is_too_small_gets_nothing(void **state)
{
	struct pki_crl_entry entry = {.serial = BYTES(5)};
	struct pki_crl_spec spec = {.issuer = "CA", .entries = &entry, .entry_count = 1};
	struct buf der, image, small;
	struct crl crl;

	buf_init(&der, 1 << 20);
	pki_build_crl(&spec, ca_key, &der);
	assert_int_equal(crl_read(buf_bytes(&der), CRL_LEN_MAX, &crl), REASON_OK);
	image = image_of(&spec, key_hash);
	buf_init(&small, image.len - 1);
	assert_int_equal(crl_index_build(&crl, key_hash, &small), REASON_CRL_TOO_LARGE);
	assert_int_equal(small.len, 0);
	crl_done(&crl);
	buf_done(&small);
	buf_done(&image);
	buf_done(&der);
}

static void
the_image_goes_with_the_last_reference(void **state)
{
	struct crl_index *index = index_of(&(struct pki_crl_spec){0});

	assert_ptr_equal(crl_index_ref(index), index);
	crl_index_unref(index);
	assert_int_equal(find(index, "CA", BYTES(1)), -100);
	crl_index_unref(index);
	crl_index_unref(NULL);
}

/* What replacing one issue of a list by another gives. */
static enum reason
replace(const struct pki_crl_spec *old_spec, const struct pki_crl_spec *new_spec)
{
	struct crl_index *old = index_of(old_spec), *new = index_of(new_spec);
	enum reason reason;

	assert_true(crl_index_same_list(old, new));
	reason = crl_index_replace(old, new);
	crl_index_unref(old);
	crl_index_unref(new);
	return reason;
}

static void
an_older_issue_never_replaces_a_newer_one(void **state)
{
	const int64_t now = PKI_BUILD_NOW;
	struct pki_crl_spec five = {.number = 5, .this_s = now};
	struct pki_crl_spec none = {.number = -1, .no_authority_key = true, .this_s = now};

	assert_int_equal(replace(&five, &five), REASON_OK);
	assert_int_equal(replace(&five, &(struct pki_crl_spec){.number = 6, .this_s = now}),
	    REASON_OK);
	assert_int_equal(replace(&five,
			     &(struct pki_crl_spec){.number = 256, .this_s = now + 1}),
	    REASON_OK);
	assert_int_equal(replace(&five, &(struct pki_crl_spec){.number = 4, .this_s = now + 1}),
	    REASON_CRL_ROLLBACK);
	assert_int_equal(replace(&five, &(struct pki_crl_spec){.number = 6, .this_s = now - 1}),
	    REASON_CRL_ROLLBACK);
	assert_int_equal(replace(&five, &none), REASON_CRL_ROLLBACK);
	assert_int_equal(replace(&none, &five), REASON_OK);
	assert_int_equal(replace(&none, &none), REASON_OK);
}

static void
lists_differ_by_issuer_key_scope_and_kind(void **state)
{
	struct crl_index *base = index_of(&(struct pki_crl_spec){0});
	struct crl_index *others[] = {
	    index_of(&(struct pki_crl_spec){.issuer = "Other"}),
	    index_of_key(&(struct pki_crl_spec){0}, other_hash),
	    index_of(&(struct pki_crl_spec){.idp = BYTES(0x81, 1, 0xff)}),
	    index_of(&(struct pki_crl_spec){.number = 2, .base = 1}),
	};

	assert_true(crl_index_same_list(base, base));
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		assert_false(crl_index_same_list(base, others[i]));
		crl_index_unref(others[i]);
	}
	crl_index_unref(base);
}

static bool
overrules(const struct pki_crl_spec *new_spec, const struct pki_crl_spec *old_spec)
{
	struct crl_index *old = index_of(old_spec), *new = index_of(new_spec);
	bool result = crl_index_overrules(new, old);

	crl_index_unref(old);
	crl_index_unref(new);
	return result;
}

static void
a_later_list_overrules_what_it_says_again(void **state)
{
	const int64_t now = PKI_BUILD_NOW;
	struct pki_crl_spec complete5 = {.number = 5, .this_s = now};
	struct pki_crl_spec complete6 = {.number = 6, .this_s = now + 60};
	struct pki_crl_spec late5 = {.number = 5, .this_s = now + 60};
	struct pki_crl_spec early6 = {.number = 6, .this_s = now - 60};
	struct pki_crl_spec delta6 = {.number = 6, .base = 5, .this_s = now + 60};
	struct pki_crl_spec delta7 = {.number = 7, .base = 5, .this_s = now + 120};
	struct pki_crl_spec far_delta9 = {.number = 9, .base = 8, .this_s = now + 180};
	struct pki_crl_spec split = {.number = 6,
	    .this_s = now + 60,
	    .idp = BYTES(0x81, 1, 0xff)};

	assert_true(overrules(&complete6, &complete5));
	assert_true(overrules(&late5, &complete5));
	assert_false(overrules(&complete5, &complete5));
	assert_false(overrules(&complete5, &complete6));
	assert_false(overrules(&early6, &complete5));
	assert_false(overrules(&split, &complete5));
	assert_true(overrules(&complete6, &delta6));
	assert_false(overrules(&complete5, &delta6));
	assert_true(overrules(&delta7, &delta6));
	assert_false(overrules(&far_delta9, &delta7));
	assert_false(overrules(&delta6, &complete5));
}

static bool
applies(const struct pki_crl_spec *delta_spec, const struct pki_crl_spec *complete_spec)
{
	struct crl_index *delta = index_of(delta_spec), *complete = index_of(complete_spec);
	bool result = crl_index_applies(delta, complete);

	crl_index_unref(delta);
	crl_index_unref(complete);
	return result;
}

static void
a_delta_applies_from_its_base_up_to_its_own_number(void **state)
{
	struct pki_crl_spec delta = {.number = 7, .base = 5};
	struct pki_crl_spec none = {.number = -1, .no_authority_key = true};

	assert_false(applies(&delta, &(struct pki_crl_spec){.number = 4}));
	assert_true(applies(&delta, &(struct pki_crl_spec){.number = 5}));
	assert_true(applies(&delta, &(struct pki_crl_spec){.number = 6}));
	assert_false(applies(&delta, &(struct pki_crl_spec){.number = 7}));
	assert_false(applies(&delta, &none));
	assert_false(applies(&delta, &delta));
	assert_false(applies(&(struct pki_crl_spec){.number = 7}, &delta));
	assert_false(
	    applies(&delta, &(struct pki_crl_spec){.number = 5, .idp = BYTES(0x81, 1, 0xff)}));
}

static void
what_can_not_be_mapped_is_no_index(void **state)
{
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct crl_index *index;
	int pipe_fds[2];

	assert_int_equal(crl_index_map(-1, &index), STATUS_IO);
	assert_int_equal(crl_index_map(directory, &index), STATUS_IO);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(crl_index_map(pipe_fds[0], &index), STATUS_CORRUPT);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_can_not_be_mapped_is_no_index),
	    cmocka_unit_test(an_image_keeps_what_matters_of_the_crl),
	    cmocka_unit_test(serial_numbers_are_told_apart_by_length_and_bytes),
	    cmocka_unit_test(each_of_many_serial_numbers_is_found_and_no_other),
	    cmocka_unit_test(dates_long_ago_and_far_ahead_are_kept),
	    cmocka_unit_test(an_entry_that_revokes_comes_before_one_that_removes),
	    cmocka_unit_test(an_entry_of_an_indirect_crl_belongs_to_the_issuer_named_last),
	    cmocka_unit_test(an_image_that_is_damaged_or_cut_off_anywhere_is_refused),
	    cmocka_unit_test(a_buffer_that_is_too_small_gets_nothing),
	    cmocka_unit_test(the_image_goes_with_the_last_reference),
	    cmocka_unit_test(an_older_issue_never_replaces_a_newer_one),
	    cmocka_unit_test(lists_differ_by_issuer_key_scope_and_kind),
	    cmocka_unit_test(a_later_list_overrules_what_it_says_again),
	    cmocka_unit_test(a_delta_applies_from_its_base_up_to_its_own_number),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
