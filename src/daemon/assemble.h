/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts mounts on folders of a mount that nobody sees yet, so that the whole can
 * be moved to its place in one step.
 */
#ifndef AMFS_DAEMON_ASSEMBLE_H
#define AMFS_DAEMON_ASSEMBLE_H

#include <stddef.h>

/**
 * struct amfs_piece - a mount and its place
 * @folder: O_PATH descriptor of a folder of the root mount
 * @mount: descriptor of a detached mount
 */
struct amfs_piece {
	int folder;
	int mount;
};

/*
 * Puts the @count mounts of @pieces on the detached mount @root. Nothing here
 * waits for a server. The caller closes all descriptors.
 *
 * Return: a descriptor of the whole, detached; a negative errno.
 */
int amfs_assemble(int root, const struct amfs_piece *pieces, size_t count);

#endif /* AMFS_DAEMON_ASSEMBLE_H */
