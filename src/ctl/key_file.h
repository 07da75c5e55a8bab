/* SPDX-License-Identifier: GPL-2.0 */
/* Files of in-kernel keys, in the format of fstab(5). */
#ifndef AMFS_CTL_KEY_FILE_H
#define AMFS_CTL_KEY_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <linux/amfs.h>

/**
 * struct amfs_key_line - a line with a key
 * @number: counted from 1
 * @map: its map
 * @record: its key
 */
struct amfs_key_line {
	unsigned long number;
	char *map;
	struct amfs_key_record *record;
};

/**
 * struct amfs_key_file - what a file says
 * @name: the file, as the user called it
 * @lines: those of one map together, and in order
 * @count: entries in @lines
 * @room: entries that fit
 * @bad: lines that can't be used
 */
struct amfs_key_file {
	const char *name;
	struct amfs_key_line *lines;
	size_t count;
	size_t room;
	size_t bad;
};

/*
 * Reads all of @in, which the user knows as @name, and tells @faults what is
 * wrong with it, up to a point; then @file->bad isn't 0. Ends the program when
 * it can't be read.
 */
void amfs_key_file_read(struct amfs_key_file *file, FILE *in, const char *name,
			FILE *faults);

void amfs_key_file_clear(struct amfs_key_file *file);

#endif /* AMFS_CTL_KEY_FILE_H */
