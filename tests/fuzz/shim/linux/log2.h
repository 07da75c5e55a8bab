/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LOG2_H
#define SHIM_LINUX_LOG2_H

/* Of 0 it is -1. */
static inline unsigned int ilog2(unsigned int value)
{
	return value ? 31 - __builtin_clz(value) : -1U;
}

#endif /* SHIM_LINUX_LOG2_H */
