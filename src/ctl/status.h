/* SPDX-License-Identifier: GPL-2.0 */
/* The state of automount points, as the kernel tells it. */
#ifndef AMFS_CTL_STATUS_H
#define AMFS_CTL_STATUS_H

#include <stddef.h>
#include <stdio.h>
#include <linux/amfs.h>

/**
 * struct amfs_status_point - an automount point
 * @info: what the kernel says
 * @places: where it is mounted in this mount namespace
 * @nr_places: entries in @places
 */
struct amfs_status_point {
	struct amfs_info_point info;
	char **places;
	size_t nr_places;
};

/**
 * struct amfs_status - what is there
 * @points: in the order of device numbers
 * @nr_points: entries in @points
 * @keys: in the order of device numbers and names
 * @nr_keys: entries in @keys
 * @requests: in the order of device numbers and ids
 * @nr_requests: entries in @requests
 */
struct amfs_status {
	struct amfs_status_point *points;
	size_t nr_points;
	struct amfs_info_key *keys;
	size_t nr_keys;
	struct amfs_info_request *requests;
	size_t nr_requests;
};

/*
 * Reads the state of the automount points of @map, or of all when it is NULL;
 * ends the program when it can't, or when there is none of @map.
 */
void amfs_status_read(struct amfs_status *status, int fd, const char *map);

void amfs_status_clear(struct amfs_status *status);

/* Name of the map that the automount point with this device serves. */
const char *amfs_status_map(const struct amfs_status *status, __u32 dev_major,
			    __u32 dev_minor);

const char *amfs_status_state(__u32 state);
const char *amfs_status_kind(__u32 kind);

/* How an automount point's keys are mounted by default. */
const char *amfs_status_route(__u32 flags);

/* Who mounted a key, "" when it isn't mounted. */
const char *amfs_status_mounted_by(__u32 flags);

/* A user's name, or the number when he has none. Valid until the next call. */
const char *amfs_status_user(__u32 uid);

/* Writes it for people. */
void amfs_status_table(const struct amfs_status *status, FILE *out);

/* Writes it for programs. Return: 0, or -1 when there is no memory. */
int amfs_status_json(const struct amfs_status *status, FILE *out);

#endif /* AMFS_CTL_STATUS_H */
