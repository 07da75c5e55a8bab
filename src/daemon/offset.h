/* SPDX-License-Identifier: GPL-2.0 */
/* The automount points of the parts of a tree. */
#ifndef AMFS_DAEMON_OFFSET_H
#define AMFS_DAEMON_OFFSET_H

struct amfs_job;
struct amfs_why;

/*
 * Makes the automount point of the part @offset of @name, a key or itself a part
 * of one, with the options of the automount point that @job came from.
 *
 * Return: a descriptor of the detached mount; a negative errno with @why.
 */
int amfs_offset_make(struct amfs_job *job, const char *name,
		     const char *offset, struct amfs_why *why);

/*
 * The name of a part, as the kernel has it.
 *
 * Return: text that the caller frees; NULL when there is no memory.
 */
char *amfs_offset_name(const char *name, const char *offset);

#endif /* AMFS_DAEMON_OFFSET_H */
