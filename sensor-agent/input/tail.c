/* SPDX-License-Identifier: Apache-2.0
 *
 * The follower.
 */
#include "sensor-agent/input/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "sensor-agent/input/line.h"
#include "sensor-agent/input/rotated.h"

enum {
	READ_STEP = 64 << 10,
	READS_MAX = 32 /* of one poll */
};

struct tail {
	struct spool *spool;
	char source[RECORD_SOURCE_MAX + 1];
	char *dir;
	char *base;
	char *path;
	int fd;
	struct spool_position at; /* behind the last line that was taken */
	struct buf in;            /* what was read behind it */
	size_t taken;             /* of in: lines that are in the spool */
	size_t searched;          /* of in behind taken: no line feed in these bytes */
	struct line_long *big;    /* a line that is too long for in; in is part of it */
	bool big_complete;        /* its end was found */
	uint8_t head[ROTATED_MARK_MAX];
	size_t head_len;
	int64_t quiet_ms; /* when the file was found to have lost its name; 0: it has it */
	struct tail_status status;
};

struct tail *
tail_new(struct spool *spool, const char *source, const char *dir, const char *base)
{
	struct tail *tail = NEW(struct tail);
	struct buf path;

	tail->spool = spool;
	memcpy(tail->source, source, strnlen(source, RECORD_SOURCE_MAX));
	tail->dir = alloc_text(dir);
	tail->base = alloc_text(base);
	buf_init(&path, 8192);
	buf_printf(&path, "%s/%s", dir, base);
	tail->path = buf_take_text(&path);
	tail->fd = -1;
	buf_init(&tail->in, LINE_MAX_LEN + READ_STEP);
	return tail;
}

/* Forgets the present file. */
static void
tail_close(struct tail *tail)
{
	fileio_close(tail->fd);
	tail->fd = -1;
	buf_clear(&tail->in);
	tail->taken = tail->searched = 0;
	line_long_free(tail->big);
	tail->big = NULL;
	tail->big_complete = false;
	tail->quiet_ms = 0;
}

void
tail_free(struct tail *tail)
{
	if (tail == NULL)
		return;
	tail_close(tail);
	buf_done(&tail->in);
	free(tail->dir);
	free(tail->base);
	free(tail->path);
	free(tail);
}

/* Where reading goes on. */
static uint64_t
tail_read_offset(const struct tail *tail)
{
	uint64_t big = tail->big != NULL ? line_long_len(tail->big) : 0;

	return tail->at.offset + big + tail->in.len - tail->taken;
}

/* The position len bytes further, with the mark that the file can have by then. */
static struct spool_position
tail_position(struct tail *tail, uint64_t len)
{
	struct spool_position next = tail->at;
	size_t mark_len = ROTATED_MARK_MAX;

	next.offset += len;
	if (next.offset < mark_len)
		mark_len = (size_t)next.offset;
	if (mark_len > tail->head_len)
		mark_len = tail->head_len;
	if (next.mark_len != mark_len) {
		next.mark = rotated_mark(bytes_of(tail->head, mark_len));
		next.mark_len = (uint32_t)mark_len;
	}
	return next;
}

/* A file from its beginning, or from a position in it. */
static void
tail_begin(struct tail *tail, int fd, const struct stat *info,
    const struct spool_position *position)
{
	tail_close(tail);
	tail->fd = fd;
	tail->at = position != NULL
		       ? *position
		       : (struct spool_position){.device = info->st_dev, .inode = info->st_ino};
	tail->head_len = tail->at.mark_len;
	if (tail->head_len > 0 &&
	    fileio_pread_all(fd, tail->head, tail->head_len, 0) != STATUS_OK)
		tail->head_len = 0; /* it shrank just now: tail_changed notices */
	tail->status.trouble = STATUS_OK;
}

/* Opens the file of the name.  *ret_info is set with it. */
static enum status
tail_open_path(struct tail *tail, int *ret_fd, struct stat *ret_info)
{
	int fd = open(tail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum status status = STATUS_OK;

	if (fd < 0)
		return status_from_errno(errno);
	if (fstat(fd, ret_info) != 0)
		status = status_from_errno(errno);
	else if (!S_ISREG(ret_info->st_mode))
		status = STATUS_INVALID;
	if (status != STATUS_OK)
		close(fd);
	else
		*ret_fd = fd;
	return status;
}

/* The file is new to the spool: its position says so before its first line does. */
static enum status
tail_start(struct tail *tail, int fd, const struct stat *info)
{
	struct spool_position position = {.device = info->st_dev, .inode = info->st_ino};
	enum status status = spool_move_to(tail->spool, tail->source, &position);

	if (status != STATUS_OK) {
		close(fd);
		return status;
	}
	tail_begin(tail, fd, info, NULL);
	return STATUS_OK;
}

/* Neither the name nor a renamed file is what was being read. */
static enum status
tail_lost(struct tail *tail, int fd, const struct stat *info,
    const struct spool_position *known)
{
	struct spool_position position = {.device = info->st_dev, .inode = info->st_ino};
	enum status status =
	    line_gap(tail->spool, tail->source, known->offset, "file-gone", &position);

	if (status != STATUS_OK) {
		close(fd);
		return status;
	}
	tail->status.gaps++;
	tail_begin(tail, fd, info, NULL);
	return STATUS_OK;
}

/* Finds the file that was being read, or the first one. */
static enum status
tail_open(struct tail *tail)
{
	struct spool_position known;
	struct stat info = {0};
	int fd = -1, old_fd;
	enum status status = tail_open_path(tail, &fd, &info);

	tail->status.trouble = status;
	if (!spool_position(tail->spool, tail->source, &known) || known.inode == 0) {
		if (status != STATUS_OK)
			return STATUS_AGAIN;
		return tail_start(tail, fd, &info);
	}
	if (status == STATUS_OK && rotated_is(fd, &known)) {
		tail_begin(tail, fd, &info, &known);
		return STATUS_OK;
	}
	if (rotated_find(tail->dir, &known, &old_fd) == STATUS_OK) {
		fileio_close(fd);
		tail_begin(tail, old_fd, &info, &known);
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return STATUS_AGAIN;
	return tail_lost(tail, fd, &info, &known);
}

/* Whether the file is not the one that was read any more: shorter, or with another
 * beginning. */
static bool
tail_changed(struct tail *tail)
{
	uint8_t head[ROTATED_MARK_MAX];
	struct stat info;

	if (fstat(tail->fd, &info) != 0 || (uint64_t)info.st_size < tail_read_offset(tail))
		return true;
	return tail->head_len > 0 &&
	       (fileio_pread_all(tail->fd, head, tail->head_len, 0) != STATUS_OK ||
		   memcmp(head, tail->head, tail->head_len) != 0);
}

/* Copied away and truncated: what came between is lost, and the file begins anew. */
static enum status
tail_truncated(struct tail *tail)
{
	struct spool_position start = {.device = tail->at.device, .inode = tail->at.inode};
	enum status status =
	    line_gap(tail->spool, tail->source, tail->at.offset, "truncated", &start);
	int fd = tail->fd;

	if (status != STATUS_OK)
		return status;
	tail->status.gaps++;
	tail->fd = -1;
	tail_begin(tail, fd, NULL, &start);
	return STATUS_OK;
}

/* Keeps the first bytes of the file, by which it is known again. */
static void
tail_keep_head(struct tail *tail, uint64_t offset, struct bytes data)
{
	size_t take = ROTATED_MARK_MAX - tail->head_len;

	if (offset != tail->head_len)
		return;
	if (take > data.len)
		take = data.len;
	memcpy(tail->head + tail->head_len, data.data, take);
	tail->head_len += take;
}

/* Makes room in the buffer: lines that are taken go, and what is read of a line that is too
 * long. */
static void
tail_make_room(struct tail *tail)
{
	buf_drain(&tail->in, tail->taken);
	tail->taken = 0;
	if (tail->in.len <= LINE_MAX_LEN && tail->big == NULL)
		return;
	if (tail->big == NULL)
		tail->big = line_long_new(tail->at.offset);
	line_long_add(tail->big, buf_bytes(&tail->in));
	buf_clear(&tail->in);
	tail->searched = 0;
}

/* Reads on.  STATUS_END at the end of the file. */
static enum status
tail_read(struct tail *tail)
{
	uint64_t offset;
	uint8_t *room;
	ssize_t got;
	int error = FAULT_POINT("input.read");

	tail_make_room(tail);
	offset = tail_read_offset(tail);
	room = buf_reserve(&tail->in, READ_STEP);
	got = pread(tail->fd, room, READ_STEP, (off_t)offset);
	if (got < 0 || error != 0) {
		tail->status.trouble = status_from_errno(error != 0 ? error : errno);
		return STATUS_AGAIN;
	}
	if (tail_changed(tail))
		return tail_truncated(tail);
	if (got == 0)
		return STATUS_END;
	tail_keep_head(tail, offset, bytes_of(room, (size_t)got));
	buf_claim(&tail->in, (size_t)got);
	tail->quiet_ms = 0;
	return STATUS_OK;
}

/* Takes the line of len bytes that is next; feed: a line feed stands behind it.  Called
 * again after STATUS_NO_SPACE it goes on. */
static enum status
tail_take(struct tail *tail, size_t len, bool feed)
{
	struct bytes line = bytes_of(tail->in.data + tail->taken, len);
	enum record_type type = RECORD_OVERSIZE;
	struct spool_position next;
	enum status status = STATUS_OK;
	uint64_t seq;

	if (tail->big == NULL && len > LINE_MAX_LEN)
		tail->big = line_long_new(tail->at.offset);
	if (tail->big != NULL && !tail->big_complete) {
		line_long_add(tail->big, line);
		tail->taken += len;
		tail->big_complete = true;
		len = 0;
	}
	if (tail->big != NULL) {
		next = tail_position(tail, line_long_len(tail->big) + feed);
		status = line_long_append(tail->big, tail->spool, tail->source, &next, &seq);
	} else {
		next = tail_position(tail, len + feed);
		type = line_type(line);
		if (len > 0)
			status =
			    line_append(tail->spool, type, tail->source, line, &next, &seq);
	}
	if (status != STATUS_OK)
		return status;
	tail->status.lines += len > 0 || tail->big != NULL;
	tail->status.oversize += tail->big != NULL;
	tail->status.raw += len > 0 && type == RECORD_RAW;
	line_long_free(tail->big);
	tail->big = NULL;
	tail->big_complete = false;
	tail->taken += len + feed;
	tail->searched = 0;
	tail->at = next;
	return STATUS_OK;
}

/* The file will not grow any more: what stands behind its last line feed is a line. */
static enum status
tail_take_rest(struct tail *tail)
{
	size_t len = tail->in.len - tail->taken;

	return len > 0 || tail->big != NULL ? tail_take(tail, len, false) : STATUS_OK;
}

/* The file that follows the present one, which has lost its name: another renamed one, or
 * the one that has the name now. */
static enum status
tail_next_file(struct tail *tail, int *ret_fd, struct stat *ret_info)
{
	struct stat old;

	if (fstat(tail->fd, &old) != 0)
		return status_from_errno(errno);
	if (rotated_successor(tail->dir, tail->base, &old, ret_fd) != STATUS_OK)
		return tail_open_path(tail, ret_fd, ret_info);
	if (fstat(*ret_fd, ret_info) == 0)
		return STATUS_OK;
	close(*ret_fd);
	return STATUS_IO;
}

/* Ends the present file and begins the next one. */
static enum status
tail_switch(struct tail *tail, int fd, const struct stat *info)
{
	enum status status = tail_take_rest(tail);

	if (status == STATUS_OK)
		return tail_start(tail, fd, info);
	close(fd);
	return status;
}

/* The present file is deleted and read to its end, and no other one is there. */
static enum status
tail_finish(struct tail *tail)
{
	static const struct spool_position none;
	enum status status = tail_take_rest(tail);

	if (status == STATUS_OK)
		status = spool_move_to(tail->spool, tail->source, &none);
	if (status != STATUS_OK)
		return status;
	tail_close(tail);
	return STATUS_AGAIN;
}

/* At the end of the file: is it still the one of the name? */
static enum status
tail_at_end(struct tail *tail, int64_t now_ms)
{
	struct stat named, held, next;
	bool there = stat(tail->path, &named) == 0;
	int fd;

	if (fstat(tail->fd, &held) != 0)
		return STATUS_AGAIN;
	if (there && named.st_dev == held.st_dev && named.st_ino == held.st_ino) {
		tail->quiet_ms = 0;
		return STATUS_AGAIN;
	}
	if (tail->quiet_ms == 0)
		tail->quiet_ms = now_ms;
	if (now_ms - tail->quiet_ms < TAIL_GRACE_MS)
		return STATUS_AGAIN;
	if (tail_next_file(tail, &fd, &next) == STATUS_OK)
		return tail_switch(tail, fd, &next);
	tail->quiet_ms = now_ms; /* look again after as long */
	return held.st_nlink == 0 ? tail_finish(tail) : STATUS_AGAIN;
}

enum status
tail_poll(struct tail *tail, int64_t now_ms, unsigned max_lines)
{
	enum status status = tail->fd < 0 ? tail_open(tail) : STATUS_OK;
	unsigned reads = 0;

	while (status == STATUS_OK && max_lines > 0 && reads < READS_MAX) {
		size_t len = tail->in.len - tail->taken;
		const uint8_t *line = len > 0 ? tail->in.data + tail->taken : NULL;
		const uint8_t *feed = NULL;

		if (len > tail->searched)
			feed = memchr(line + tail->searched, '\n', len - tail->searched);
		if (feed != NULL) {
			status = tail_take(tail, (size_t)(feed - line), true);
			max_lines--;
			continue;
		}
		tail->searched = len;
		status = tail_read(tail);
		reads++;
	}
	if (status == STATUS_END)
		status = tail_at_end(tail, now_ms);
	if (status != STATUS_LIMIT)
		return status;
	tail->status.trouble = status; /* more sources than the spool keeps positions of */
	return STATUS_AGAIN;
}

void
tail_get_status(const struct tail *tail, struct tail_status *ret_status)
{
	*ret_status = tail->status;
	ret_status->offset = tail->at.offset;
	ret_status->open = tail->fd >= 0;
}
