// SPDX-License-Identifier: GPL-2.0
#include "amfs.h"

#include <linux/module.h>

#include "channel.h"

static int __init amfs_init(void)
{
	int err;

	amfs_compat_mnt_ns_init();
	err = amfs_source_init();
	if (err)
		return err;
	err = amfs_trigger_init();
	if (err)
		goto no_trigger;
	err = amfs_request_init();
	if (err)
		goto no_request;
	err = amfs_mounter_init();
	if (err)
		goto no_mounter;
	err = amfs_device_init();
	if (err)
		goto no_device;
	err = register_filesystem(&amfs_fs_type);
	if (err)
		goto no_filesystem;
	amfs_debugfs_init();
	return 0;

no_filesystem:
	amfs_device_exit();
no_device:
	amfs_mounter_exit();
no_mounter:
	amfs_request_exit();
no_request:
	amfs_trigger_exit();
no_trigger:
	amfs_source_exit();
	return err;
}

static void __exit amfs_exit(void)
{
	amfs_debugfs_exit();
	unregister_filesystem(&amfs_fs_type);
	amfs_device_exit();
	amfs_orphans_exit();
	amfs_keys_exit();
	amfs_mounter_exit();
	amfs_request_exit();
	amfs_trigger_exit();
	amfs_source_exit();
}

module_init(amfs_init);
module_exit(amfs_exit);

MODULE_ALIAS_FS("amfs");
MODULE_AUTHOR("amfs developers");
MODULE_DESCRIPTION("Automount filesystem");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
