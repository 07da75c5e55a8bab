// SPDX-License-Identifier: GPL-2.0
/*
 * amfs_kunit.ko: the pure core (src/kernel/core) linked with its tests. Every
 * other file here registers its own suite; they run when the module is loaded.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of the amfs core");
MODULE_LICENSE("GPL");
