// SPDX-License-Identifier: GPL-2.0
/* How often a function of the kernel is called meanwhile, by a kprobe. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"
#define ENABLE TRACING "events/kprobes/bench/enable"

static void write_line(const char *path, int flags, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);

	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		die("%s: %s: %m", path, line);
	close(fd);
}

static unsigned long read_hits(void)
{
	unsigned long hits = 0;
	char line[256];
	FILE *f = fopen(TRACING "kprobe_profile", "re");

	if (!f || !fgets(line, sizeof(line), f) || sscanf(line, " bench %lu", &hits) != 1)
		die("kprobe_profile: %m");
	fclose(f);
	return hits;
}

void probe_start(const char *function)
{
	char line[96];

	snprintf(line, sizeof(line), "p:bench %s", function);
	write_line(TRACING "kprobe_events", O_APPEND, line);
	write_line(ENABLE, 0, "1");
}

unsigned long probe_stop(void)
{
	unsigned long hits = read_hits();

	write_line(ENABLE, 0, "0");
	write_line(TRACING "kprobe_events", O_APPEND, "-:bench");
	return hits;
}
