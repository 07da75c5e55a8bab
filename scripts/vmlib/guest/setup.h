// SPDX-License-Identifier: GPL-2.0
/* Makes a machine out of a kernel and an initramfs: see setup.c. */
#ifndef SETUP_H
#define SETUP_H

/* Mounts everything below /guest and loads the modules. */
void set_up(void);

/* Moves there; the initramfs is out of reach from then on. */
void enter_root(void);

#endif
