// SPDX-License-Identifier: GPL-2.0
/*
 * libmount understands a line; it is given one at a time, for it doesn't keep
 * the numbers of those that it has understood.
 */
#include "key_file.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "key_record.h"

#define EXPECTED	"SOURCE MAP/KEY FSTYPE [OPTIONS [0 0]]"

/* So many bad lines are named. */
#define NAMED	20

/**
 * struct reader - a file that is being read
 * @file: what it says
 * @faults: who is told of bad lines
 * @table: libmount's
 * @refused: libmount couldn't understand the line
 * @number: the line
 */
struct reader {
	struct amfs_key_file *file;
	FILE *faults;
	struct libmnt_table *table;
	bool refused;
	unsigned long number;
};

static void tell(struct amfs_key_file *file, FILE *faults, unsigned long number,
		 const struct amfs_fault *fault)
{
	if (file->bad++ < NAMED)
		fprintf(faults, "%s:%lu: %s\n", file->name, number, fault->text);
}

static int refuse_line(struct libmnt_table *table, const char *name, int line)
{
	struct reader *reader = mnt_table_get_userdata(table);

	(void)name;
	(void)line;
	reader->refused = true;
	return 1;
}

/* Has libmount put what the line says, if anything, into the empty table. */
static void parse_line(struct reader *reader, char *line, size_t len)
{
	FILE *stream = fmemopen(line, len, "re");
	int error;

	if (!stream)
		amfs_die(errno, "%s", reader->file->name);
	mnt_reset_table(reader->table);
	reader->refused = false;
	error = mnt_table_parse_stream(reader->table, stream,
				       reader->file->name);
	fclose(stream);
	if (error < 0)
		amfs_die(-error, "%s", reader->file->name);
}

static void begin(struct reader *reader)
{
	char line[] = "none none none\n";

	reader->table = mnt_new_table();
	if (!reader->table ||
	    mnt_table_set_userdata(reader->table, reader) ||
	    mnt_table_set_parser_errcb(reader->table, refuse_line))
		amfs_die(ENOMEM, "%s", reader->file->name);
	/* By the first line libmount guesses which kind of table it is. */
	parse_line(reader, line, strlen(line));
}

/* Also as fstab(5) writes it: libmount would cut the word there. */
static bool has_nul(const char *line, size_t len)
{
	return memchr(line, '\0', len) || strstr(line, "\\000") ||
	       strstr(line, "\\400");
}

static void add_line(struct reader *reader, const char *map,
		     const struct amfs_key_record *record)
{
	struct amfs_key_file *file = reader->file;
	struct amfs_key_line *line;

	if (file->count == file->room) {
		file->room = file->room ? file->room * 2 : 64;
		file->lines = reallocarray(file->lines, file->room,
					   sizeof(*file->lines));
		if (!file->lines)
			amfs_die(ENOMEM, "%s", file->name);
	}
	line = &file->lines[file->count++];
	line->number = reader->number;
	line->map = strdup(map);
	line->record = malloc(record->size);
	if (!line->map || !line->record)
		amfs_die(ENOMEM, "%s", file->name);
	memcpy(line->record, record, record->size);
}

/* Cuts "MAP/KEY" in two. Return: the key, or NULL with @fault. */
static char *split_target(char *target, struct amfs_fault *fault)
{
	char *slash = strchr(target, '/');
	char *key = NULL;

	if (!slash)
		amfs_fault_set(fault, "%s: MAP/KEY is expected", target);
	else if (slash == target)
		amfs_fault_set(fault, "%s: MAP/KEY is expected: the map's name, not where it is mounted",
			       target);
	else if (slash - target > AMFS_NAME_LEN)
		amfs_fault_set(fault, "the map's name has %td bytes, %d are allowed",
			       slash - target, AMFS_NAME_LEN);
	/* A key may have slashes; that of a direct point begins with one: MAP//usr. */
	else
		key = slash + 1;
	if (key)
		*slash = '\0';
	return key;
}

static int take_fs(struct reader *reader, struct libmnt_fs *fs,
		   struct amfs_fault *fault)
{
	struct amfs_key_words words = {
		.fstype = mnt_fs_get_fstype(fs),
		.source = mnt_fs_get_source(fs),
		.options = mnt_fs_get_options(fs),
	};
	const char *target = mnt_fs_get_target(fs);
	union amfs_key_room room;
	int error = -EINVAL;
	char *map;

	if (!words.fstype || !words.source || !target)
		return amfs_fault_set(fault, "a word is empty; " EXPECTED " is expected");
	map = strdup(target);
	if (!map)
		amfs_die(ENOMEM, "%s", reader->file->name);
	words.name = split_target(map, fault);
	if (words.name)
		error = amfs_key_record_make(&room, &words, fault);
	if (!error)
		add_line(reader, map, &room.record);
	free(map);
	return error;
}

static void take_line(struct reader *reader, char *line, size_t len)
{
	struct amfs_fault fault;
	struct libmnt_fs *fs;
	int error = 0;

	if (has_nul(line, len)) {
		error = amfs_fault_set(&fault, "there is a NUL byte in it");
	} else {
		parse_line(reader, line, len);
		if (reader->refused)
			error = amfs_fault_set(&fault, "no line of fstab(5); " EXPECTED " is expected");
		else if (!mnt_table_first_fs(reader->table, &fs))
			error = take_fs(reader, fs, &fault);
	}
	if (error)
		tell(reader->file, reader->faults, reader->number, &fault);
}

static int compare_numbers(const struct amfs_key_line *x,
			   const struct amfs_key_line *y)
{
	return x->number < y->number ? -1 : x->number > y->number;
}

/* The slash comes first: what is below a key follows it at once. */
static int rank(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

static int compare_names(const char *x, const char *y)
{
	while (*x && *x == *y) {
		x++;
		y++;
	}
	return rank(*x) - rank(*y);
}

static int compare_keys(const void *a, const void *b)
{
	const struct amfs_key_line *x = a;
	const struct amfs_key_line *y = b;
	int order = strcmp(x->map, y->map);

	if (!order)
		order = compare_names(x->record->data, y->record->data);
	return order ? order : compare_numbers(x, y);
}

static int compare_lines(const void *a, const void *b)
{
	const struct amfs_key_line *x = a;
	const struct amfs_key_line *y = b;
	int order = strcmp(x->map, y->map);

	return order ? order : compare_numbers(x, y);
}

/*
 * Whether the key of @line begins with all of @before; the paths of direct automount
 * points have nothing to do with each other.
 */
static bool lies_in(const char *before, const char *line)
{
	size_t len = strlen(before);

	return *before != '/' && !strncmp(line, before, len) && line[len] == '/';
}

/* What the kernel wouldn't take beside the line before. */
static void find_conflicts(struct amfs_key_file *file, FILE *faults)
{
	const struct amfs_key_line *line;
	struct amfs_fault fault;
	const char *before;
	const char *key;
	size_t i;

	for (i = 1; i < file->count; i++) {
		line = &file->lines[i];
		key = line->record->data;
		before = line[-1].record->data;
		if (strcmp(line->map, line[-1].map))
			continue;
		if (!strcmp(key, before))
			amfs_fault_set(&fault, "%s/%s: there is such a key in line %lu already",
				       line->map, key, line[-1].number);
		else if (lies_in(before, key))
			amfs_fault_set(&fault, "%s/%s: it lies in the key %s of line %lu, and the kernel mounts nothing inside of a key",
				       line->map, key, before, line[-1].number);
		else
			continue;
		tell(file, faults, line->number, &fault);
	}
}

static void read_lines(struct reader *reader, FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, in)) > 0) {
		reader->number++;
		take_line(reader, line, (size_t)len);
	}
	if (!feof(in))
		amfs_die(errno, "%s", reader->file->name);
	free(line);
}

void amfs_key_file_read(struct amfs_key_file *file, FILE *in, const char *name,
			FILE *faults)
{
	struct reader reader = { .file = file, .faults = faults };

	memset(file, 0, sizeof(*file));
	file->name = name;
	begin(&reader);
	read_lines(&reader, in);
	mnt_unref_table(reader.table);
	/* qsort(3) mustn't be given NULL. */
	if (file->count) {
		qsort(file->lines, file->count, sizeof(*file->lines),
		      compare_keys);
		find_conflicts(file, faults);
		qsort(file->lines, file->count, sizeof(*file->lines),
		      compare_lines);
	}
	if (file->bad > NAMED)
		fprintf(faults, "%s: and %zu more bad lines\n", name,
			file->bad - NAMED);
}

void amfs_key_file_clear(struct amfs_key_file *file)
{
	size_t i;

	for (i = 0; i < file->count; i++) {
		free(file->lines[i].map);
		free(file->lines[i].record);
	}
	free(file->lines);
	memset(file, 0, sizeof(*file));
}
