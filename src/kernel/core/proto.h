/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of read(2) and the checks of what a daemon hands in. Pure.
 */
#ifndef AMFS_CORE_PROTO_H
#define AMFS_CORE_PROTO_H

#include <linux/amfs.h>
#include <linux/types.h>

u32 amfs_proto_msg_size(u32 name_len);
u32 amfs_proto_put_msg(void *buf, u32 room, const struct amfs_msg *head, const char *name);
void amfs_proto_map_name(char *name);
int amfs_proto_check_head(u32 size, u32 version, u32 known);
int amfs_proto_check_bind(const struct amfs_bind *bind);
int amfs_proto_check_release(const struct amfs_release *release);
int amfs_proto_check_target(const struct amfs_target *target);
int amfs_proto_check_done(const struct amfs_done *done);
int amfs_proto_check_expire(const struct amfs_expire *expire);
int amfs_proto_check_list(const struct amfs_list *list);

/* proto_key.c */
int amfs_proto_check_keys(const struct amfs_keys *keys);
u32 amfs_proto_key_data(const struct amfs_key_record *record);
int amfs_proto_check_key(const struct amfs_key_record *record, bool whole);
u32 amfs_proto_put_key(void *buf, u32 room, const struct amfs_key_record *head, const char *data);

#endif /* AMFS_CORE_PROTO_H */
