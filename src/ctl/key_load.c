// SPDX-License-Identifier: GPL-2.0
/* Loading the keys of a file, many at once. */
#include "key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "key_call.h"
#include "text.h"

/**
 * struct progress - how far it is, for who waits at a terminal
 * @start: when it began
 * @shown: there is a line to be ended
 */
struct progress {
	struct timespec start;
	bool shown;
};

static void show_progress(struct progress *progress, size_t done, size_t all)
{
	struct timespec now;

	if (!isatty(STDERR_FILENO) || clock_gettime(CLOCK_MONOTONIC, &now))
		return;
	if (now.tv_sec - progress->start.tv_sec < 2)
		return;
	fprintf(stderr, "\r%zu of %zu keys", done, all);
	progress->shown = true;
}

static void end_progress(struct progress *progress)
{
	if (progress->shown)
		fputc('\n', stderr);
	progress->shown = false;
}

static void complain(const struct amfs_key_file *file, size_t at, int error)
{
	const struct amfs_key_line *line = &file->lines[at];
	char map[AMFS_TEXT_SIZE];
	char key[AMFS_TEXT_SIZE];

	fprintf(stderr, "%s:%lu: %s: %s: %s\n", file->name, line->number,
		amfs_text_show(map, line->map, strlen(line->map)),
		amfs_text_show(key, line->record->data, line->record->key_len),
		amfs_key_error(error));
	if (at)
		fprintf(stderr, "amfsctl: %zu of %zu keys were loaded before that\n",
			at, file->count);
}

/* Lines from @at on that are of one map. */
static size_t same_map(const struct amfs_key_file *file, size_t at)
{
	size_t end = at + 1;

	while (end < file->count &&
	       !strcmp(file->lines[end].map, file->lines[at].map))
		end++;
	return end - at;
}

/* *@at is where it goes on, or what is at fault. Return: 0 or an errno. */
static int load_map(int fd, const struct amfs_key_file *file,
		    const struct amfs_key_record *const *records, bool replace,
		    size_t *at, struct progress *progress)
{
	struct amfs_keys call = amfs_key_call_new(AMFS_KEYS_ADD,
						  file->lines[*at].map);
	size_t left = same_map(file, *at);
	size_t done;
	int error = 0;

	call.flags = replace ? AMFS_KEYS_REPLACE : 0;
	while (left && !error) {
		error = amfs_key_send(fd, &call, records + *at, left, &done);
		*at += done;
		left -= done;
		show_progress(progress, *at, file->count);
	}
	return error;
}

int amfs_key_load(int fd, const struct amfs_key_file *file, bool replace)
{
	const struct amfs_key_record **records =
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): they are pointers */
		calloc(file->count + 1, sizeof(*records));
	struct progress progress = { .shown = false };
	size_t at = 0;
	int error = 0;
	size_t i;

	if (!records || clock_gettime(CLOCK_MONOTONIC, &progress.start))
		amfs_die(errno, "%s", file->name);
	for (i = 0; i < file->count; i++)
		records[i] = file->lines[i].record;
	while (at < file->count && !error)
		error = load_map(fd, file, records, replace, &at, &progress);
	end_progress(&progress);
	free(records);
	if (error) {
		complain(file, at, error);
		return AMFS_EXIT_CANNOT;
	}
	printf("%zu %s loaded\n", at, at == 1 ? "key" : "keys");
	return AMFS_EXIT_OK;
}
