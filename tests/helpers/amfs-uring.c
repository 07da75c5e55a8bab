// SPDX-License-Identifier: GPL-2.0
/*
 * amfs-uring HOW PATH: stat a path by io_uring, whose walks are done by a thread of
 * the kernel's making; the exit status is the errno.
 *
 * HOW: wait for the answer; cancel: say "asked", have it cancelled when a line comes
 * in, and wait for the answer all the same; leave: say "asked", and end when a line
 * comes in. Status 77: there is no io_uring here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WALK = 1, CANCEL = 2 };

static struct {
	int fd;
	struct io_uring_params params;
	struct io_uring_sqe *sqes;
	char *sq;
	char *cq;
} ring;

static uint32_t *word(char *base, uint32_t offset)
{
	return (uint32_t *)(base + offset);
}

static void *map(size_t size, off_t what)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd, what);
}

static int make_ring(void)
{
	struct io_uring_params *p = &ring.params;

	ring.fd = (int)syscall(SYS_io_uring_setup, 4, p);
	if (ring.fd < 0)
		return -1;
	ring.sq = map(p->sq_off.array + p->sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	ring.cq = map(p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	ring.sqes = map(p->sq_entries * sizeof(*ring.sqes), IORING_OFF_SQES);
	return ring.sq == MAP_FAILED || ring.cq == MAP_FAILED || ring.sqes == MAP_FAILED ? -1 : 0;
}

static int submit(const struct io_uring_sqe *sqe)
{
	uint32_t *tail = word(ring.sq, ring.params.sq_off.tail);
	uint32_t at = *tail & *word(ring.sq, ring.params.sq_off.ring_mask);

	ring.sqes[at] = *sqe;
	word(ring.sq, ring.params.sq_off.array)[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0) == 1 ? 0 : -1;
}

/* What became of the walk. */
static int answer(void)
{
	uint32_t *head = word(ring.cq, ring.params.cq_off.head);
	uint32_t *tail = word(ring.cq, ring.params.cq_off.tail);
	uint32_t mask = *word(ring.cq, ring.params.cq_off.ring_mask);
	struct io_uring_cqe *cqes = (void *)(ring.cq + ring.params.cq_off.cqes);
	struct io_uring_cqe cqe;

	for (;;) {
		while (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
			if (syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS,
				    NULL, 0) < 0 && errno != EINTR)
				return 254;
		cqe = cqes[*head & mask];
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
		if (cqe.user_data == WALK)
			return -cqe.res;
	}
}

static void wait_for_line(void)
{
	puts("asked");
	fflush(stdout);
	while (getchar() != '\n' && !feof(stdin))
		;
}

int main(int argc, char **argv)
{
	struct statx stx = { 0 };
	struct io_uring_sqe walk = {
		.opcode = IORING_OP_STATX,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)(argc == 3 ? argv[2] : ""),
		.len = STATX_BASIC_STATS,
		.off = (uintptr_t)&stx,
		.user_data = WALK,
	};
	struct io_uring_sqe cancel = {
		.opcode = IORING_OP_ASYNC_CANCEL,
		.fd = -1,
		.addr = WALK,
		.user_data = CANCEL,
	};

	if (argc != 3)
		return 254;
	if (make_ring())
		return errno == ENOSYS || errno == EPERM ? 77 : errno;
	if (submit(&walk))
		return errno;
	if (strcmp(argv[1], "wait"))
		wait_for_line();
	if (!strcmp(argv[1], "leave"))
		return 0;
	if (!strcmp(argv[1], "cancel") && submit(&cancel))
		return errno;
	return answer();
}
