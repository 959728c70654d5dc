/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "common/proc/channel.h"

enum {
	PAYLOAD_MAX = 100000,
	OUT_MAX = 1 << 20
};

/* One channel under test and the bare socket of its peer. */
struct fixture {
	struct loop *loop;
	struct channel channel;
	int peer;
	unsigned frames;
	uint8_t type; /* of the last frame */
	size_t len;
	struct fds fds;   /* as it came */
	ino_t inodes[64]; /* of the first descriptor, by the type of its frame */
	size_t counts[64];
	bool take; /* the first descriptor */
	int taken;
	enum status answer; /* to the next frame */
	unsigned ended;
	enum status why;
	int open_before, open_set_up;
};

static int
count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static enum status
on_frame(void *arg, struct channel_frame *frame)
{
	struct fixture *f = arg;
	struct stat info = {.st_ino = 0};

	f->frames++;
	f->type = frame->type;
	f->len = frame->payload.len;
	f->fds = frame->fds;
	if (frame->fds.count > 0)
		assert_int_equal(fstat(frame->fds.fd[0], &info), 0);
	if (frame->type < 64) {
		f->inodes[frame->type] = info.st_ino;
		f->counts[frame->type] = frame->fds.count;
	}
	if (f->take)
		f->taken = fds_take(&frame->fds, 0);
	return f->answer;
}

static void
on_ended(void *arg, enum status why)
{
	struct fixture *f = arg;

	f->ended++;
	f->why = why;
	channel_close(&f->channel);
}

static const struct channel_ops ops = {.frame = on_frame, .ended = on_ended};

static int
setup(void **state)
{
	struct fixture *f = NEW(struct fixture);
	int pair[2];

	f->open_before = count_open();
	f->loop = loop_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	channel_init(&f->channel, f->loop, &ops, f, PAYLOAD_MAX, OUT_MAX);
	channel_open(&f->channel, pair[0]);
	f->peer = pair[1];
	f->open_set_up = count_open();
	*state = f;
	return 0;
}

/* No test leaves a descriptor behind, whatever the peer did. */
static int
teardown(void **state)
{
	struct fixture *f = *state;

	if (f->peer >= 0)
		close(f->peer);
	channel_close(&f->channel);
	loop_free(f->loop);
	channel_done(&f->channel);
	assert_int_equal(count_open(), f->open_before);
	free(f);
	return 0;
}

static void
turn(struct fixture *f, int times)
{
	for (int i = 0; i < times; i++)
		loop_turn(f->loop, 0);
}

/* The peer sends raw bytes, with descriptors. */
static void
peer_send(struct fixture *f, const void *data, size_t len, const int *fds, size_t count)
{
	char control[CMSG_SPACE(sizeof(int) * 64)] = {0};
	struct iovec part = {(void *)(uintptr_t)data, len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (count > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
	}
	assert_int_equal(sendmsg(f->peer, &message, 0), (ssize_t)len);
}

static int
new_fd(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static ino_t
inode_of(int fd)
{
	struct stat info;

	assert_int_equal(fstat(fd, &info), 0);
	return info.st_ino;
}

static void
frames_are_whole_however_the_bytes_come(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {3, 0, 0, 0, 7, 'a', 'b', 'c', 0, 0, 0, 0, 9};

	for (size_t i = 0; i < sizeof(raw); i++) {
		peer_send(f, raw + i, 1, NULL, 0);
		turn(f, 1);
		assert_int_equal(f->frames, (i >= 7) + (i >= 12));
	}
	assert_int_equal(f->type, 9);
	peer_send(f, raw, sizeof(raw), NULL, 0);
	turn(f, 1);
	assert_int_equal(f->frames, 4);
	assert_int_equal(f->ended, 0);
}

static void
a_frame_over_the_limit_ends_it_before_its_bytes_come(void **state)
{
	struct fixture *f = *state;
	const uint32_t len = PAYLOAD_MAX + 1;
	uint8_t raw[5] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), 0, 1};

	peer_send(f, raw, sizeof(raw), NULL, 0);
	turn(f, 1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->why, STATUS_INVALID);
	assert_int_equal(f->frames, 0);
}

static void
the_end_comes_after_what_was_sent_before_it(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {0, 0, 0, 0, 5};

	peer_send(f, raw, sizeof(raw), NULL, 0);
	close(f->peer);
	f->peer = -1;
	turn(f, 3);
	assert_int_equal(f->frames, 1);
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->why, STATUS_END);
}

static void
a_handler_that_refuses_ends_it(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {0, 0, 0, 0, 5, 0, 0, 0, 0, 6};

	f->answer = STATUS_INVALID;
	peer_send(f, raw, sizeof(raw), NULL, 0);
	turn(f, 2);
	assert_int_equal(f->frames, 1);
	assert_int_equal(f->why, STATUS_INVALID);
}

/* Two channels on one loop: what one puts the other hands out. */
static void
descriptors_come_with_their_own_frame_and_close_on_exec(void **state)
{
	struct fixture *f = *state;
	struct channel sender;
	struct fds fds = {.count = 0};
	ino_t inodes[40];

	channel_init(&sender, f->loop, &ops, f, PAYLOAD_MAX, OUT_MAX);
	channel_open(&sender, f->peer);
	f->peer = -1;
	for (int i = 0; i < 40; i++) {
		for (int j = 0; i % 2 == 0 && j <= i % FDS_MAX; j++)
			fds_add(&fds, new_fd());
		inodes[i] = fds.count > 0 ? inode_of(fds.fd[0]) : 0;
		assert_int_equal(channel_put(&sender, (uint8_t)i, bytes_of("x", 1),
				     bytes_of("yz", 2), &fds),
		    STATUS_OK);
		assert_int_equal(fds.count, 0);
	}
	for (int i = 0; i < 100 && f->frames < 40; i++)
		loop_turn(f->loop, 10);
	assert_int_equal(f->frames, 40);
	assert_int_equal(f->len, 3);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(f->inodes[i], inodes[i]);
		assert_int_equal(f->counts[i], i % 2 == 0 ? i % FDS_MAX + 1 : 0);
	}
	channel_close(&sender);
	turn(f, 2);
	channel_done(&sender);
}

static void
a_taken_descriptor_is_ours_and_the_others_are_closed(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {1, 0, 0, 0, CHANNEL_TYPE_FDS, 2, 0, 0, 0, 0, 5};
	int fds[2] = {new_fd(), new_fd()};

	f->take = true;
	peer_send(f, raw, sizeof(raw), fds, 2);
	turn(f, 1);
	assert_int_equal(f->frames, 1);
	assert_int_equal(f->fds.count, 2);
	assert_int_equal(inode_of(f->taken), inode_of(fds[0]));
	assert_int_equal(fcntl(f->taken, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(f->fds.fd[1], F_GETFD), -1);
	close(f->taken);
	close(fds[0]);
	close(fds[1]);
}

static void
lies_about_descriptors_end_it_and_leave_none_open(void **state)
{
	struct fixture *f = *state;
	/* bytes that the peer sends, and how many descriptors with them */
	const struct {
		const char *bytes;
		size_t len;
		size_t count;
	} lies[] = {
	    {"\1\0\0\0\xff\2\0\0\0\0\5", 11, 1},     /* announces more than come */
	    {"\1\0\0\0\xff\1\0\0\0\0\5", 11, 0},     /* announces and sends none */
	    {"\1\0\0\0\xff\1\0\0\0\0\5", 11, 2},     /* sends more than it announces */
	    {"\0\0\0\0\5", 5, 1},                    /* announces nothing */
	    {"\1\0\0\0\xff\0\0\0\0\0\5", 11, 1},     /* announces zero */
	    {"\2\0\0\0\xff\1\1\0\0\0\0\5", 12, 1},   /* announces in two bytes */
	    {"\1\0\0\0\xff\1\1\0\0\0\xff\1", 12, 2}, /* announces twice */
	    {"\1\0\0\0\xff\x11\0\0\0\0\5", 11, 17},  /* more than fit a frame */
	    {"\0\0\0\0\5", 5, 60},                   /* more than fit the read */
	};
	int fds[64];

	for (size_t i = 0; i < COUNT_OF(lies); i++) {
		int pair[2];

		for (size_t j = 0; j < lies[i].count; j++)
			fds[j] = new_fd();
		peer_send(f, lies[i].bytes, lies[i].len, fds, lies[i].count);
		turn(f, 2);
		for (size_t j = 0; j < lies[i].count; j++)
			close(fds[j]);
		assert_int_equal(f->ended, i + 1);
		assert_int_equal(f->why, STATUS_INVALID);
		close(f->peer);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		channel_open(&f->channel, pair[0]);
		f->peer = pair[1];
		assert_int_equal(count_open(), f->open_set_up);
	}
}

static void
what_waits_is_bounded_and_its_descriptors_go_with_the_channel(void **state)
{
	struct fixture *f = *state;
	uint8_t *payload = alloc_zeroed(1, PAYLOAD_MAX);
	struct fds fds = {.count = 0};
	enum status status;
	size_t parcels = 0;

	do {
		fds_add(&fds, new_fd());
		status =
		    channel_put(&f->channel, 1, bytes_of(payload, 1), bytes_of(NULL, 0), &fds);
		parcels += status == STATUS_OK;
	} while (status == STATUS_OK);
	assert_int_equal(status, STATUS_LIMIT);
	assert_int_equal(parcels, CHANNEL_FDS_QUEUE);
	assert_int_equal(fds.count, 1); /* still ours */
	fds_close(&fds);

	do {
		status = channel_put(&f->channel, 1, bytes_of(payload, PAYLOAD_MAX),
		    bytes_of(NULL, 0), NULL);
		turn(f, 1); /* the peer reads nothing: the socket fills, then the queue */
	} while (status == STATUS_OK);
	assert_int_equal(status, STATUS_LIMIT);
	assert_true(f->channel.queued - channel_written(&f->channel) <= OUT_MAX);
	free(payload);
}

static void
a_peer_that_reads_no_more_is_still_heard(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {0, 0, 0, 0, 5};

	peer_send(f, raw, sizeof(raw), NULL, 0);
	shutdown(f->peer, SHUT_RD);
	assert_int_equal(channel_put(&f->channel, 1, bytes_of("x", 1), bytes_of(NULL, 0), NULL),
	    STATUS_OK);
	(void)channel_flush(&f->channel);
	assert_int_equal(channel_put(&f->channel, 1, bytes_of("x", 1), bytes_of(NULL, 0), NULL),
	    STATUS_OK);
	turn(f, 2);
	assert_int_equal(f->frames, 1);
	assert_int_equal(f->ended, 0);
}

static void
waiting_without_the_loop_reads_writes_and_keeps_its_deadline(void **state)
{
	struct fixture *f = *state;
	const uint8_t raw[] = {0, 0, 0, 0, 5};
	int64_t begun_ms = clock_mono_ms();
	char bytes[6];

	assert_int_equal(channel_put(&f->channel, 1, bytes_of("x", 1), bytes_of(NULL, 0), NULL),
	    STATUS_OK);
	while (channel_wait(&f->channel, begun_ms + 50) == STATUS_OK)
		;
	assert_true(clock_mono_ms() - begun_ms >= 50);
	assert_int_equal(recv(f->peer, bytes, sizeof(bytes), MSG_DONTWAIT), 6);
	peer_send(f, raw, sizeof(raw), NULL, 0);
	assert_int_equal(channel_wait(&f->channel, clock_mono_ms()), STATUS_OK);
	assert_int_equal(f->frames, 1);
	close(f->peer);
	f->peer = -1;
	assert_int_equal(channel_wait(&f->channel, clock_mono_ms() + 1000), STATUS_END);
	assert_int_equal(f->ended, 0); /* told by the status */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    CASE(frames_are_whole_however_the_bytes_come),
	    CASE(a_frame_over_the_limit_ends_it_before_its_bytes_come),
	    CASE(the_end_comes_after_what_was_sent_before_it),
	    CASE(a_handler_that_refuses_ends_it),
	    CASE(descriptors_come_with_their_own_frame_and_close_on_exec),
	    CASE(a_taken_descriptor_is_ours_and_the_others_are_closed),
	    CASE(lies_about_descriptors_end_it_and_leave_none_open),
	    CASE(what_waits_is_bounded_and_its_descriptors_go_with_the_channel),
	    CASE(a_peer_that_reads_no_more_is_still_heard),
	    CASE(waiting_without_the_loop_reads_writes_and_keeps_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
