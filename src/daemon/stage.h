/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's side of a mount helper. */
#ifndef AMFS_DAEMON_STAGE_H
#define AMFS_DAEMON_STAGE_H

#include <stdbool.h>
#include <stddef.h>

struct amfs_job;
struct amfs_mount_spec;
struct amfs_why;

/* Room for "/usr/sbin/mount.TYPE". */
#define AMFS_STAGE_PROGRAM	300

/*
 * Looks for the type's helper.
 *
 * Return: whether there is one, its path in @program; @needs_type is set when
 * it serves several types and wants to be told which.
 */
bool amfs_stage_find(const char *fstype, char program[AMFS_STAGE_PROGRAM],
		     bool *needs_type);

/*
 * Runs the helper @program for @job: on @target, or without one in a private
 * place. Cancelling the job ends it.
 *
 * Return: with @target 0, else a descriptor of the detached mount; a negative
 * errno with @why.
 */
int amfs_stage_mount(struct amfs_job *job, const char *program,
		     bool needs_type, const struct amfs_mount_spec *spec,
		     const char *target, struct amfs_why *why);

#endif /* AMFS_DAEMON_STAGE_H */
