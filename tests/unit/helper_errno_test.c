// SPDX-License-Identifier: GPL-2.0
/*
 * The errno behind what mount helpers print, and text made fit for the log.
 *
 * unit-sources: src/daemon/helper_errno.c src/daemon/escape.c
 */
#include "../../src/daemon/helper_errno.h"
#include "../../src/daemon/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int cases;
static int failures;

static void check(bool good, const char *name)
{
	printf("%s %s\n", good ? "ok" : "FAIL", name);
	cases++;
	failures += !good;
}

static const struct {
	int error;
	const char *text;
} printed[] = {
	{ EIO, "" },
	{ EIO, "\n\n" },
	{ EIO, "something went wrong\n" },
	{ EACCES, "mount.nfs: access denied by server while mounting h:/x\n" },
	{ EHOSTUNREACH, "mount.nfs: Failed to resolve server h: Name or service not known\n" },
	{ EHOSTUNREACH, "mount.nfs: Failed to resolve server h: Temporary failure in name resolution" },
	{ ECONNREFUSED, "mount.nfs: Connection refused for h:/x on /run/y\n" },
	{ ETIMEDOUT, "mount.nfs: Connection timed out\n" },
	{ ENOENT, "mount.nfs: mounting h:/x failed, reason given by server: No such file or directory\n" },
	{ ENOENT, "mount.nfs: rpc.statd is not running but is required for remote locking.\n"
		  "mount.nfs: Either use '-o nolock' to keep locks local, or start statd.\n"
		  "mount.nfs: mounting h:/x failed, reason given by server: No such file or directory\n" },
	{ ENOLCK, "mount.nfs: rpc.statd is not running but is required for remote locking.\n"
		  "mount.nfs: Either use '-o nolock' to keep locks local, or start statd.\n" },
	{ EACCES, "mount error(13): Permission denied\n"
		  "Refer to the mount.cifs(8) manual page (e.g. man mount.cifs) and kernel log messages (dmesg)\n" },
	{ EHOSTDOWN, "mount error(112): Host is down\n" },
	{ EPROTONOSUPPORT, "mount.nfs: requested NFS version or transport protocol is not supported for /x\n" },
	{ EINVAL, "mount.nfs: an incorrect mount option was specified for /x" },
	{ ENODEV, "mount.x: unknown filesystem type 'x'" },
	{ ENODEV, "mount.x: No such device" },
	{ ENXIO, "mount.x: No such device or address" },
	{ EPERM, "fuse: mount failed: Operation not permitted\n" },
	{ ENOTSUP, "x: OPERATION NOT SUPPORTED\n" },
	{ ESTALE, "mount.nfs: Stale file handle\n" },
};

static void test_printed(void)
{
	size_t i;

	for (i = 0; i < sizeof(printed) / sizeof(printed[0]); i++)
		check(amfs_helper_errno(printed[i].text) == printed[i].error,
		      strerror(printed[i].error));
}

/* Each errno's own text leads back to it; EOPNOTSUPP and ENOTSUP are one. */
static void test_all(void)
{
	char line[256];
	int wrong = 0;
	int known = 0;
	int error;

	for (error = 1; error < 200; error++) {
		if (!strerrordesc_np(error))
			continue;
		known++;
		snprintf(line, sizeof(line), "mount.x: %s\n", strerror(error));
		wrong += amfs_helper_errno(line) != error;
	}
	check(known > 100 && !wrong, "each errno's own text");
}

static void test_long_line(void)
{
	static char text[4097];

	memset(text, 'a', sizeof(text) - 1);
	check(amfs_helper_errno(text) == EIO, "a line without end");
	memcpy(text + 4000, "\nStale file handle\n", 19);
	check(amfs_helper_errno(text) == ESTALE, "a line among long ones");
}

static void check_escape(const char *in, size_t len, const char *wanted)
{
	char out[AMFS_ESCAPED_SIZE];

	check(!strcmp(amfs_escape(out, sizeof(out), in, len), wanted), wanted);
}

static void test_escape(void)
{
	char all[255];
	char out[AMFS_ESCAPED_SIZE];
	char small[6];

	check_escape("", 0, "");
	check_escape("a b", 3, "a b");
	check_escape("a\nb", 3, "a\\x0ab");
	check_escape("a\\x0a", 5, "a\\x5cx0a");
	check_escape("\xc3\xa4\x7f", 3, "\\xc3\\xa4\\x7f");
	memset(all, 0xff, sizeof(all));
	check(strlen(amfs_escape(out, sizeof(out), all, sizeof(all))) == 1020,
	      "the longest name");
	check(!strcmp(amfs_escape(small, sizeof(small), "a\n\n", 3), "a\\x0a"),
	      "cut between characters");
}

static void check_line(const char *in, const char *wanted)
{
	char out[64];

	check(!strcmp(amfs_one_line(out, sizeof(out), in), wanted), wanted);
}

static void test_one_line(void)
{
	char small[8];

	check_line("", "");
	check_line("\n\n", "");
	check_line("a\n", "a");
	check_line("a\nb\r\n\nc \n", "a; b; c");
	check_line("a\tb\x1b[0m", "a?b?[0m");
	/* U+009B begins a sequence as well; U+00A0 and what isn't whole don't. */
	check_line("a\xc2\x9b" "31m", "a?31m");
	check_line("\xc2\x80\xc2\x9f\xc2\xa0\xc2", "??\xc2\xa0\xc2");
	check(strlen(amfs_one_line(small, sizeof(small),
				   "long\nlong\nlong")) < sizeof(small),
	      "cut to size");
}

int main(void)
{
	test_printed();
	test_all();
	test_long_line();
	test_escape();
	test_one_line();
	printf("1..%d\n", cases);
	return failures != 0;
}
