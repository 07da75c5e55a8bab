/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a due queue still a leftist heap, and does it give in order?
 */
#ifndef AMFS_KUNIT_DUEQ_SHAPE_H
#define AMFS_KUNIT_DUEQ_SHAPE_H

#include "core/dueq.h"

const char *dueq_fault(const struct amfs_dueq *queue, unsigned int count);
const char *dueq_drain(struct amfs_dueq *queue, unsigned int count);

#endif /* AMFS_KUNIT_DUEQ_SHAPE_H */
