/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading and mending a log.
 */
#include "sensor-agent/spool/spool_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "sensor-agent/spool/spool_notice.h"
#include "sensor-agent/spool/spool_source.h"

/* What loading one segment works with. */
struct spool_loading {
	struct spool_log *log;
	int dir_fd;
	const struct spool_load *load;
	struct spool_report *report;
	struct spool_segment *segment;
	struct buf content; /* the file */
	bool copied;        /* to quarantine, before the first change */
	bool last;
	bool cut;        /* the file is shorter than it was made */
	bool after_hole; /* so the chain hash is not known */
	bool too_much;
};

bool
spool_ranges_add(struct spool_ranges *ranges, uint64_t first, uint64_t last)
{
	if (ranges->count == SPOOL_RANGES_MAX)
		return false;
	if (ranges->count % 16 == 0)
		ranges->items =
		    alloc_resize(ranges->items, ranges->count + 16, sizeof(*ranges->items));
	ranges->items[ranges->count++] = (struct spool_range){first, last};
	return true;
}

bool
spool_ranges_have(const struct spool_ranges *ranges, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (ranges->items[i].first == first && ranges->items[i].last == last)
			return true;
	return false;
}

void
spool_log_init(struct spool_log *log, const uint8_t log_id[static SPOOL_LOG_ID_SIZE])
{
	*log = (struct spool_log){.next_seq = 1, .sources = spool_sources_new()};
	memcpy(log->log_id, log_id, SPOOL_LOG_ID_SIZE);
	log->salt = spool_entry_salt(log_id);
}

void
spool_log_done(struct spool_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		spool_segment_free(log->segments[i]);
	free(log->segments);
	free(log->holes.items);
	free(log->gaps.items);
	map_free(log->sources);
	*log = (struct spool_log){0};
}

void
spool_log_take_segment(struct spool_log *log, struct spool_segment *segment)
{
	if (log->count % 16 == 0)
		log->segments =
		    alloc_resize(log->segments, log->count + 16, sizeof(*log->segments));
	log->segments[log->count++] = segment;
}

void
spool_log_drop_first(struct spool_log *log)
{
	spool_segment_free(log->segments[0]);
	memmove(log->segments, log->segments + 1, --log->count * sizeof(*log->segments));
}

enum status
spool_log_each_file(int dir_fd, bool (*wanted)(const char *name),
    void (*visit)(const char *name, void *arg), void *arg)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (dir == NULL) {
		enum status status = status_from_errno(errno);

		fileio_close(fd);
		return status;
	}
	while ((entry = readdir(dir)) != NULL)
		if (wanted(entry->d_name))
			visit(entry->d_name, arg);
	closedir(dir);
	return STATUS_OK;
}

static void
spool_log_found(struct spool_loading *l, enum spool_finding_kind kind,
    const struct spool_scan_item *item, const char *detail)
{
	struct spool_finding finding = {.kind = kind, .detail = detail};

	if (item != NULL) {
		finding.offset = item->offset;
		finding.first = item->first;
		finding.last = item->last;
	}
	spool_report_add(l->report, finding, l->segment->name);
}

/* What the name of a segment file says, for one whose header is lost. */
static void
spool_log_header_from_name(const struct spool_log *log, const char *name,
    struct spool_header *ret_header)
{
	*ret_header = (struct spool_header){.first_seq = strtoull(name + 9, NULL, 16)};
	memcpy(ret_header->log_id, log->log_id, SPOOL_LOG_ID_SIZE);
}

static void
spool_log_add_file(const char *name, void *arg)
{
	struct spool_loading *l = arg;
	uint8_t bytes[SPOOL_HEADER_SIZE] = {0};
	struct spool_header header;
	char tag[SPOOL_NAME_SIZE];
	int fd = openat(l->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct spool_segment *segment;
	bool intact;

	if (fd < 0 || l->log->count == SPOOL_SEGMENTS_MAX)
		return;
	if (pread(fd, bytes, sizeof(bytes), 0) < 0)
		memset(bytes, 0, sizeof(bytes));
	close(fd);
	intact = spool_header_parse(bytes, &header);
	if (!intact) {
		spool_log_header_from_name(l->log, name, &header);
		spool_segment_name(&header, tag);
		if (memcmp(tag, name, 8) != 0 || header.first_seq == 0)
			return;
	} else if (memcmp(header.log_id, l->log->log_id, SPOOL_LOG_ID_SIZE) != 0) {
		return;
	}
	segment = NEW(struct spool_segment);
	segment->fd = -1;
	segment->header = header;
	segment->header_lost = !intact;
	segment->next_seq = header.first_seq;
	snprintf(segment->name, sizeof(segment->name), "%s", name);
	spool_log_take_segment(l->log, segment);
}

static int
spool_log_compare(const void *a, const void *b)
{
	uint64_t first = (*(struct spool_segment *const *)a)->header.first_seq;
	uint64_t second = (*(struct spool_segment *const *)b)->header.first_seq;

	return (first > second) - (first < second);
}

/* Keeps a copy of a damaged segment for those who want to know what was in it.  Without
 * one the log is mended all the same. */
static void
spool_log_quarantine(struct spool_loading *l)
{
	char name[SPOOL_NAME_SIZE + 16];

	if (l->copied)
		return;
	l->copied = true;
	for (int i = 0; i < SPOOL_QUARANTINE_MAX; i++) {
		snprintf(name, sizeof(name), "quarantine-%d", i);
		if (faccessat(l->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (fileio_replace(l->dir_fd, name, 0600, l->content.data, l->content.len) ==
		    STATUS_OK)
			return;
		break;
	}
	spool_log_found(l, SPOOL_FOUND_FAILED, NULL, "no copy of the damaged segment was kept");
}

/* Writes zeros from offset to the last byte that is not zero. */
static enum status
spool_log_erase(struct spool_loading *l, size_t offset)
{
	size_t end = spool_entry_filled(buf_bytes(&l->content));
	enum status status;
	uint8_t *zeros;

	if (end <= offset)
		return STATUS_OK;
	status = status_from_errno(FAULT_POINT("spool.mend.erase"));
	if (status != STATUS_OK)
		return status;
	zeros = alloc_zeroed(end - offset, 1);
	status = fileio_pwrite_all(l->segment->fd, zeros, end - offset, (off_t)offset);
	free(zeros);
	return status;
}

/* Puts a hole in place of damaged bytes.  Done again after a crash it does the same. */
static enum status
spool_log_mend(struct spool_loading *l, const struct spool_scan_item *item)
{
	bool to_end = item->offset + item->len == l->content.len;
	struct spool_entry entry = {.seq = item->first, .prev_hash = l->log->chain};
	uint32_t skip = to_end ? 0 : (uint32_t)(item->len - SPOOL_ENTRY_HOLE_SIZE);
	enum status status = STATUS_OK;
	struct buf hole;

	if (item->len == 0) /* records are missing, but no bytes: the gap record says so */
		return STATUS_OK;
	if (to_end)
		status = spool_log_erase(l, item->offset);
	if (status != STATUS_OK || item->len < SPOOL_ENTRY_HOLE_SIZE)
		return status;
	entry.durable = item->first - 1;
	status = status_from_errno(FAULT_POINT("spool.mend.hole"));
	if (status != STATUS_OK)
		return status;
	buf_init(&hole, SPOOL_ENTRY_HOLE_SIZE);
	status = spool_entry_put_hole(&hole, l->log->salt, &entry, item->last, skip);
	if (status == STATUS_OK)
		status =
		    fileio_pwrite_all(l->segment->fd, hole.data, hole.len, (off_t)item->offset);
	if (status == STATUS_OK && to_end)
		l->segment->used = item->offset + hole.len;
	buf_done(&hole);
	return status;
}

/* Numbers that cannot be read any more. */
static void
spool_log_lose(struct spool_loading *l, uint64_t first, uint64_t last)
{
	l->after_hole = true;
	if (last >= first && !spool_ranges_add(&l->log->holes, first, last))
		l->too_much = true;
	l->log->next_seq = last + 1;
}

static enum status
spool_log_damage(struct spool_loading *l, const struct spool_scan_item *item)
{
	bool missing = item->len == 0 || l->segment->sealed;
	enum status status = STATUS_OK;

	spool_log_found(l, missing ? SPOOL_FOUND_MISSING : SPOOL_FOUND_DAMAGE, item, NULL);
	if (l->load->repair) {
		if (!missing)
			spool_log_quarantine(l);
		status = spool_log_mend(l, item);
	}
	spool_log_lose(l, item->first, item->last);
	return status;
}

/* Appending saw to it that there are not too many; where damage took the words that say
 * that a file is finished there may be, and one file more is read twice. */
static void
spool_log_position(struct spool_log *log, struct bytes source,
    const struct spool_position *position)
{
	(void)!spool_sources_set(log->sources, source, position);
}

static void
spool_log_record(struct spool_loading *l, const struct spool_scan_item *item)
{
	struct spool_log *log = l->log;
	struct spool_position position;
	struct cursor cursor = cursor_of(item->entry.record);
	struct bytes raw, source, none;
	struct record record;
	bool carried;
	uint8_t origin[SPOOL_LOG_ID_SIZE];
	uint64_t first, last;

	if (!l->after_hole && memcmp(log->chain, item->entry.prev_hash, SPOOL_HASH_SIZE) != 0) {
		struct spool_scan_item at = {.offset = item->offset, .first = item->entry.seq};

		spool_log_found(l, SPOOL_FOUND_CHAIN, &at, NULL);
	}
	l->after_hole = false;
	log->next_seq = item->entry.seq + 1;
	spool_entry_hash(&item->entry, log->chain);
	if (!record_next(&cursor, &record, &raw))
		return;
	if (record_split_source(record.payload, &source, &none) &&
	    spool_position_parse(item->entry.tail, &position, &none))
		spool_log_position(log, source, &position);
	carried = record.flags & RECORD_FLAG_CARRIED; /* it speaks of another log */
	if (record.type == RECORD_GAP && !carried &&
	    spool_notice_range(record.payload, &first, &last) &&
	    !spool_ranges_add(&log->gaps, first, last))
		l->too_much = true;
	if (carried)
		log->moved_next++;
	else if (record.type == RECORD_ORIGIN &&
		 spool_notice_origin(record.payload, origin, &first))
		log->moved_next = first;
}

static void
spool_log_entry(struct spool_loading *l, const struct spool_scan_item *item)
{
	struct spool_log *log = l->log;
	const struct spool_entry *entry = &item->entry;
	struct spool_position position;
	struct bytes source;
	uint64_t last;
	uint32_t skip;

	l->segment->used = item->offset + item->len;
	switch (entry->kind) {
	case SPOOL_ENTRY_RECORD:
		spool_segment_note(l->segment, entry->seq, item->offset);
		spool_log_record(l, item);
		break;
	case SPOOL_ENTRY_POSITION:
		if (spool_position_parse(entry->tail, &position, &source))
			spool_log_position(log, source, &position);
		break;
	case SPOOL_ENTRY_HOLE:
		if (spool_entry_hole(entry, &last, &skip)) {
			l->segment->used += skip;
			spool_log_lose(l, entry->seq, last);
		}
		break;
	case SPOOL_ENTRY_SEAL:
		l->segment->sealed = true;
		break;
	case SPOOL_ENTRY_MARK:
		(void)spool_entry_mark(entry, &log->mark);
		break;
	}
	if (l->load->visit != NULL)
		l->load->visit(l->segment, item, l->load->arg);
}

/* The file whole, and open for writing where it may be mended.  One that is shorter than it
 * was made was cut by something else than a crash: it gets its length again, and what
 * stood there counts as damaged. */
static enum status
spool_log_read(struct spool_loading *l)
{
	struct spool_segment *segment = l->segment;
	enum status status;

	buf_clear(&l->content);
	status = fileio_read(l->dir_fd, segment->name, &l->content);
	if (status == STATUS_OK && l->load->repair)
		status = spool_segment_open(l->dir_fd, segment);
	if (status != STATUS_OK)
		return status;
	if (segment->header_lost)
		segment->header.size =
		    l->load->segment_size > 0 ? l->load->segment_size : l->content.len;
	if (segment->header.size > SPOOL_SEGMENT_SIZE_MAX)
		return STATUS_CORRUPT;
	l->cut = l->content.len < segment->header.size;
	if (l->cut) {
		size_t more = segment->header.size - l->content.len;

		memset(buf_reserve(&l->content, more), 0, more);
		buf_claim(&l->content, more);
	}
	segment->size = l->content.len;
	return STATUS_OK;
}

/* The first entry of a segment knows the hash that its header lost. */
static enum status
spool_log_mend_header(struct spool_loading *l)
{
	struct spool_header *header = &l->segment->header;
	struct bytes rest =
	    bytes_of(l->content.data + SPOOL_HEADER_SIZE, l->content.len - SPOOL_HEADER_SIZE);
	uint8_t bytes[SPOOL_HEADER_SIZE];
	struct spool_entry entry;

	spool_log_found(l, SPOOL_FOUND_HEADER, NULL, NULL);
	if (spool_entry_parse(l->log->salt, rest, &entry, NULL) == STATUS_OK)
		memcpy(header->prev_hash, entry.prev_hash, SPOOL_HASH_SIZE);
	memcpy(header->machine, l->load->machine, SPOOL_HASH_SIZE);
	header->size = l->content.len;
	if (!l->load->repair)
		return STATUS_OK;
	spool_log_quarantine(l);
	spool_header_put(header, bytes);
	return fileio_pwrite_all(l->segment->fd, bytes, sizeof(bytes), 0);
}

/* How many records there is room for in len bytes. */
static uint64_t
spool_log_bound(size_t len)
{
	return len / (SPOOL_ENTRY_MIN + RECORD_HEADER_SIZE);
}

/* What is known to have been synced in the last segment, besides what it says itself. */
static uint64_t
spool_log_known(const struct spool_loading *l)
{
	const uint8_t *at = l->content.data + SPOOL_HEADER_SIZE;
	size_t len = l->content.len - SPOOL_HEADER_SIZE;
	bool empty = at[0] == 0 && memcmp(at, at + 1, len - 1) == 0;

	/* A segment without its header and without an entry: both were there once, and how
	 * much more nobody knows. */
	if (l->segment->header_lost && empty && l->last)
		return l->segment->header.first_seq + spool_log_bound(len);
	return l->log->mark.acked;
}

static enum status
spool_log_end(struct spool_loading *l, const struct spool_scan_item *item)
{
	if (item->kind == SPOOL_SCAN_TORN && !l->cut)
		spool_log_found(l, SPOOL_FOUND_TORN_TAIL, item, NULL);
	if (!l->load->repair)
		return STATUS_OK;
	return spool_log_erase(l, l->segment->used);
}

/* The last segment says that there is another one, and there is none; or its own end was
 * cut off.  How much was there nobody knows: numbers that may have been used are not used
 * again. */
static enum status
spool_log_end_is_gone(struct spool_loading *l)
{
	size_t len = l->content.len - l->segment->used;
	struct spool_scan_item item = {.offset = l->segment->used,
	    .len = len,
	    .first = l->log->next_seq,
	    .last =
		l->log->next_seq + spool_log_bound(l->segment->sealed ? l->content.len : len)};

	return spool_log_damage(l, &item);
}

static enum status
spool_log_scan(struct spool_loading *l, uint64_t end)
{
	struct spool_scan scan;
	struct spool_scan_item item;
	enum status status = STATUS_OK;

	spool_scan_init(&scan, buf_bytes(&l->content), l->log->salt,
	    l->segment->header.first_seq, spool_log_known(l), end);
	l->segment->used = SPOOL_HEADER_SIZE;
	do {
		spool_scan_next(&scan, &item);
		if (item.kind == SPOOL_SCAN_ENTRY)
			spool_log_entry(l, &item);
		else if (item.kind == SPOOL_SCAN_DAMAGE)
			status = spool_log_damage(l, &item);
		else
			status = spool_log_end(l, &item);
	} while (status == STATUS_OK && !l->too_much &&
		 (item.kind == SPOOL_SCAN_ENTRY || item.kind == SPOOL_SCAN_DAMAGE));
	if (status == STATUS_OK && l->last && (l->segment->sealed || l->cut))
		status = spool_log_end_is_gone(l);
	l->segment->next_seq = l->log->next_seq;
	return status;
}

/* One segment; end is the first number of the next one, 0 for the last. */
static enum status
spool_log_load_segment(struct spool_loading *l, uint64_t end)
{
	struct spool_log *log = l->log;
	enum status status = spool_log_read(l);

	if (status == STATUS_OK && l->content.len < SPOOL_SEGMENT_SIZE_MIN)
		status = STATUS_CORRUPT;
	if (status != STATUS_OK)
		return status;
	l->last = end == 0;
	l->copied = false;
	if (l->segment->header_lost)
		status = spool_log_mend_header(l);
	log->other_host |=
	    memcmp(l->segment->header.machine, l->load->machine, SPOOL_HASH_SIZE) != 0;
	log->next_seq = l->segment->header.first_seq;
	memcpy(log->chain, l->segment->header.prev_hash, SPOOL_HASH_SIZE);
	if (status == STATUS_OK)
		status = spool_log_scan(l, end);
	if (status == STATUS_OK && l->load->repair && l->cut)
		status = status_from_errno(
		    posix_fallocate(l->segment->fd, 0, (off_t)l->segment->size));
	if (status == STATUS_OK && l->load->repair)
		status = spool_segment_sync(l->segment);
	if (!l->last) {
		fileio_close(l->segment->fd);
		l->segment->fd = -1;
	}
	return status;
}

/* Gives files that have each other's names their own. */
static enum status
spool_log_mend_names(struct spool_loading *l)
{
	struct spool_log *log = l->log;
	char name[SPOOL_NAME_SIZE], aside[SPOOL_NAME_SIZE];
	bool wrong = false;

	for (size_t i = 0; i < log->count; i++) {
		l->segment = log->segments[i];
		spool_segment_name(&l->segment->header, name);
		if (strcmp(name, l->segment->name) == 0)
			continue;
		wrong = true;
		spool_log_found(l, SPOOL_FOUND_NAME, NULL, NULL);
		if (!l->load->repair)
			continue;
		/* Another file may have the name; no log reaches this number. */
		snprintf(aside, sizeof(aside), "%.8s-%016" PRIx64 ".seg", name,
		    UINT64_MAX - l->segment->header.first_seq);
		if (renameat(l->dir_fd, l->segment->name, l->dir_fd, aside) != 0)
			return status_from_errno(errno);
		snprintf(l->segment->name, sizeof(l->segment->name), "%s", aside);
	}
	if (!wrong || !l->load->repair)
		return STATUS_OK;
	for (size_t i = 0; i < log->count; i++) {
		spool_segment_name(&log->segments[i]->header, name);
		if (renameat(l->dir_fd, log->segments[i]->name, l->dir_fd, name) != 0)
			return status_from_errno(errno);
		snprintf(log->segments[i]->name, sizeof(log->segments[i]->name), "%s", name);
	}
	return fileio_sync_dir(l->dir_fd);
}

/* Records between what was acknowledged and the first segment are missing too. */
static void
spool_log_check_start(struct spool_loading *l)
{
	struct spool_log *log = l->log;
	uint64_t first = log->count > 0 ? log->segments[0]->header.first_seq : 1;
	struct spool_scan_item item = {.first = log->mark.acked + 1, .last = first - 1};

	if (item.first >= first)
		return;
	l->segment = log->segments[0];
	if (!spool_ranges_have(&log->gaps, item.first, item.last))
		spool_log_found(l, SPOOL_FOUND_MISSING, &item, NULL);
	if (!spool_ranges_add(&log->holes, item.first, item.last))
		l->too_much = true;
}

enum status
spool_log_load(struct spool_log *log, int dir_fd, const struct spool_load *load,
    struct spool_report *report)
{
	struct spool_loading l = {.log = log, .dir_fd = dir_fd, .load = load, .report = report};
	enum status status =
	    spool_log_each_file(dir_fd, spool_segment_named, spool_log_add_file, &l);

	if (log->count > 1)
		qsort(log->segments, log->count, sizeof(struct spool_segment *),
		    spool_log_compare);
	if (status == STATUS_OK)
		status = spool_log_mend_names(&l);
	buf_init(&l.content, SPOOL_SEGMENT_SIZE_MAX);
	for (size_t i = 0; status == STATUS_OK && i < log->count && !l.too_much; i++) {
		bool last = i + 1 == log->count;

		l.segment = log->segments[i];
		status = spool_log_load_segment(&l,
		    last ? 0 : log->segments[i + 1]->header.first_seq);
	}
	buf_done(&l.content);
	if (status == STATUS_OK)
		spool_log_check_start(&l);
	if (log->next_seq <= log->mark.acked) {
		log->next_seq = log->mark.acked + 1;
		memcpy(log->chain, log->mark.acked_hash, SPOOL_HASH_SIZE);
	}
	return status == STATUS_OK && l.too_much ? STATUS_CORRUPT : status;
}
