/* SPDX-License-Identifier: GPL-2.0 */
/* Where automount points are mounted. */
#ifndef AMFS_CTL_PLACES_H
#define AMFS_CTL_PLACES_H

struct amfs_status;

/* Fills in the places of all points of @status; ends the program when the
 * mount table can't be read.
 */
void amfs_places_find(struct amfs_status *status);

#endif /* AMFS_CTL_PLACES_H */
