// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the table of src/kernel/core/state.c for the model, or, with any
 * argument, as the lines of Documentation/lifecycle.rst.
 */
#include <stdio.h>

#include "core/state.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const states[] = {
	[AMFS_IDLE] = "IDLE",		[AMFS_PENDING] = "PENDING",
	[AMFS_MOUNTED] = "MOUNTED",	[AMFS_EXPIRING] = "EXPIRING",
	[AMFS_FAILED] = "FAILED",
};

static const char *const events[] = {
	[AMFS_EV_ASK] = "ASK",
	[AMFS_EV_MOUNT_OK] = "MOUNT_OK",
	[AMFS_EV_MOUNT_FAIL] = "MOUNT_FAIL",
	[AMFS_EV_MOUNT_DROP] = "MOUNT_DROP",
	[AMFS_EV_EXPIRE] = "EXPIRE",
	[AMFS_EV_EXPIRE_OK] = "EXPIRE_OK",
	[AMFS_EV_EXPIRE_NO] = "EXPIRE_NO",
	[AMFS_EV_FOUND] = "FOUND",
	[AMFS_EV_GONE] = "GONE",
	[AMFS_EV_TTL] = "TTL",
};

/* A new state or event has to be thought of here, and in the model. */
_Static_assert(COUNT(states) == AMFS_STATES, "states");
_Static_assert(COUNT(events) == AMFS_EVENTS, "events");

static void for_model(void)
{
	int state, event, next, closing = 0;

	for (state = 0; state < AMFS_STATES; state++)
		printf("#define %s %d\n", states[state], state);
	for (event = 0; event < AMFS_EVENTS; event++)
		printf("#define EV_%s %d\n", events[event], event);
	printf("#define FORBIDDEN %d\n#define NEXT(state, event)", AMFS_STATES);
	for (state = 0; state < AMFS_STATES; state++) {
		for (event = 0; event < AMFS_EVENTS; event++) {
			next = amfs_state_next(state, event);
			if (next < 0)
				continue;
			printf(" \\\n\t((state) == %s && (event) == EV_%s -> %s : (",
			       states[state], events[event], states[next]);
			closing++;
		}
	}
	printf(" \\\n\tFORBIDDEN");
	while (closing--)
		printf("))");
	printf("\n");
}

static void for_people(void)
{
	int state, event, next;

	for (event = 0; event < AMFS_EVENTS; event++) {
		printf("%s", events[event]);
		for (state = 0; state < AMFS_STATES; state++) {
			next = amfs_state_next(state, event);
			printf(" %s", next < 0 ? "." : states[next]);
		}
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		for_people();
	else
		for_model();
	return 0;
}
