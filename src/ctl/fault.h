/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with what somebody wrote. */
#ifndef AMFS_CTL_FAULT_H
#define AMFS_CTL_FAULT_H

#include "text.h"

/* Bytes of a text that are kept, before they are made printable. */
#define AMFS_FAULT_LEN	511

/* One line for people, what is wrong and what is expected; printable. */
struct amfs_fault {
	char text[AMFS_TEXT_ROOM(AMFS_FAULT_LEN)];
};

/* Says it, in place of what @fault said before. Return: -EINVAL. */
int amfs_fault_set(struct amfs_fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* AMFS_CTL_FAULT_H */
