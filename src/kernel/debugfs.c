// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: amfs/points, amfs/keys and amfs/requests, a line for each, for those
 * who look at a machine without amfsctl. The records are those of AMFS_IOC_LIST.
 */
#include "amfs.h"

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static struct dentry *folder;

/* Every kind of record fits. */
union record {
	struct amfs_info_point point;
	struct amfs_info_key key;
	struct amfs_info_request request;
};

static void name(struct seq_file *m, const char *bytes, u32 len)
{
	seq_escape_mem(m, bytes, len, ESCAPE_ANY | ESCAPE_NAP | ESCAPE_APPEND, " \"\\");
}

static void show_point(struct seq_file *m, const union record *record)
{
	const struct amfs_info_point *info = &record->point;

	seq_printf(m, "%u:%u map=\"", info->dev_major, info->dev_minor);
	name(m, info->map, info->map_len);
	seq_printf(m, "\" daemon=%u orphan_ms=%llu mounted=%u pending=%u failed=%u requests=%u unreached=%u\n",
		   info->daemon_pid, info->orphan_ms, info->mounted, info->pending, info->failed,
		   info->requests, info->unreached);
}

static void show_key(struct seq_file *m, const union record *record)
{
	const struct amfs_info_key *info = &record->key;

	seq_printf(m, "%u:%u key=\"", info->dev_major, info->dev_minor);
	name(m, info->name, info->name_len);
	seq_printf(m, "\" state=%s error=%u idle_ms=%llu due_ms=%llu kernel=%d daemon=%d\n",
		   amfs_state_name(info->state), info->error, info->idle_ms, info->due_ms,
		   !!(info->flags & AMFS_INFO_F_KERNEL), !!(info->flags & AMFS_INFO_F_DAEMON));
}

static void show_request(struct seq_file *m, const union record *record)
{
	const struct amfs_info_request *info = &record->request;

	seq_printf(m, "%u:%u id=%llu %s key=\"", info->dev_major, info->dev_minor, info->id,
		   info->kind == AMFS_MSG_MOUNT ? "mount" : "expire");
	name(m, info->name, info->name_len);
	seq_printf(m, "\" delivered=%u waiters=%u age_ms=%llu left_ms=%llu pid=%u uid=%u mnt_ns=%u user_ns=%u comm=\"",
		   info->delivered, info->waiters, info->age_ms, info->left_ms, info->pid,
		   info->uid, info->mnt_ns, info->user_ns);
	name(m, info->comm, strnlen(info->comm, sizeof(info->comm)));
	seq_puts(m, "\"\n");
}

static int show_all(struct seq_file *m, enum amfs_list_what what,
		    void (*show)(struct seq_file *m, const union record *record))
{
	union record record = {};
	u64 cursor[2] = {};

	while (amfs_list_fill(what, cursor, &record, sizeof(record))) {
		show(m, &record);
		/* The buffer is grown and all is shown again; no use going on. */
		if (seq_has_overflowed(m))
			break;
		record = (union record){};
	}
	return 0;
}

static int points_show(struct seq_file *m, void *unused)
{
	return show_all(m, AMFS_LIST_POINTS, show_point);
}
DEFINE_SHOW_ATTRIBUTE(points);

static int keys_show(struct seq_file *m, void *unused)
{
	return show_all(m, AMFS_LIST_KEYS, show_key);
}
DEFINE_SHOW_ATTRIBUTE(keys);

static int requests_show(struct seq_file *m, void *unused)
{
	return show_all(m, AMFS_LIST_REQUESTS, show_request);
}
DEFINE_SHOW_ATTRIBUTE(requests);

/**
 * amfs_debugfs_init - make the files
 *
 * Without debugfs there are none, and nothing else is different.
 */
void amfs_debugfs_init(void)
{
	folder = debugfs_create_dir("amfs", NULL);
	debugfs_create_file("points", 0400, folder, NULL, &points_fops);
	debugfs_create_file("keys", 0400, folder, NULL, &keys_fops);
	debugfs_create_file("requests", 0400, folder, NULL, &requests_fops);
}

/**
 * amfs_debugfs_exit - take them away
 */
void amfs_debugfs_exit(void)
{
	debugfs_remove_recursive(folder);
}
