// SPDX-License-Identifier: GPL-2.0
/*
 * amfs-walk WHAT PATH: do one thing to a path; the exit status is the errno.
 *
 * For the cases' walkers, which in an emulated debug kernel would spend their
 * seconds starting an interpreter. stat prints st_dev, list the sorted names.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int do_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int do_stat(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	printf("%lu\n", (unsigned long)st.st_dev);
	return 0;
}

static int visible(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int do_list(const char *path)
{
	struct dirent **entry;
	int count = scandir(path, &entry, visible, by_name), i;

	if (count < 0)
		return errno;
	for (i = 0; i < count; i++)
		printf("%s%s", i ? " " : "", entry[i]->d_name);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";

	if (!strcmp(what, "open"))
		return do_open(argv[2], O_RDONLY);
	if (!strcmp(what, "opath"))
		return do_open(argv[2], O_PATH);
	if (!strcmp(what, "create"))
		return do_open(argv[2], O_CREAT | O_WRONLY);
	if (!strcmp(what, "stat"))
		return do_stat(argv[2]);
	if (!strcmp(what, "list"))
		return do_list(argv[2]);
	if (!strcmp(what, "mkdir"))
		return mkdir(argv[2], 0777) ? errno : 0;
	if (!strcmp(what, "rmdir"))
		return rmdir(argv[2]) ? errno : 0;
	if (!strcmp(what, "chmod"))
		return chmod(argv[2], 0755) ? errno : 0;
	fputs("usage: amfs-walk open|opath|create|stat|list|mkdir|rmdir|chmod PATH\n", stderr);
	return 254;
}
