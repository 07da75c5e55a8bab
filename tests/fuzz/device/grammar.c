// SPDX-License-Identifier: GPL-2.0
/* Numbers, names and option strings: mostly good, often nearly good. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

uint64_t next_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

unsigned int pick(struct worker *w, unsigned int below)
{
	return (next_random(&w->seed) >> 33) % below;
}

int chance(struct worker *w, unsigned int percent)
{
	return pick(w, 100) < percent;
}

uint32_t a_number(struct worker *w)
{
	static const uint32_t odd[] = {
		0, 1, 2, 4, 7, 8, 255, 256, 257, 511, 512, 1023, 1024, 4095, 4096, 4097, 65535,
		65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xfffffffe, 0xffffffff,
	};

	if (chance(w, 20))
		return next_random(&w->seed);
	return odd[pick(w, ARRAY_SIZE(odd))];
}

static const char *long_name(char *buf, size_t len)
{
	memset(buf, 'x', len);
	buf[len] = 0;
	return buf;
}

const char *a_key(struct worker *w, char buf[600])
{
	static const char * const odd[] = {
		".", "..", "", "/", "a b", "new\nline", "\xff\xfe", "$(id)", "f", "f/", "f//k0",
		"f/../k0", "\\040", "k0/hello", "*",
	};

	if (chance(w, 88))
		snprintf(buf, 600, "k%u", pick(w, KEYS));
	else if (chance(w, 50))
		snprintf(buf, 600, "f/k%u", pick(w, KEYS));
	else if (chance(w, 15))
		return long_name(buf, 254 + pick(w, 3));
	else
		snprintf(buf, 600, "%s", odd[pick(w, ARRAY_SIZE(odd))]);
	return buf;
}

/* All 256 bytes of a name in a structure; a long one has no NUL there. */
void put_name(char to[AMFS_NAME_SIZE], const char *name)
{
	memcpy(to, name, strnlen(name, AMFS_NAME_SIZE));
}

const char *a_map(struct worker *w, char buf[600])
{
	static const char * const odd[] = { "", "/", "none", "a b", "\n", "m0/", "//", "\xff" };

	if (chance(w, 90))
		snprintf(buf, 600, "m%u", pick(w, MAPS));
	else if (chance(w, 40))
		snprintf(buf, 600, "/some/where/m%u", pick(w, MAPS));
	else if (chance(w, 30))
		return long_name(buf, 254 + pick(w, 3));
	else
		snprintf(buf, 600, "%s", odd[pick(w, ARRAY_SIZE(odd))]);
	return buf;
}

const char *a_point(struct worker *w, char buf[1400])
{
	snprintf(buf, 1400, "%s/p%u", w->base, pick(w, POINTS));
	return buf;
}

/* Mostly a key, or something below it; never what is above the points. */
const char *a_path(struct worker *w, char buf[1400])
{
	static const char * const below[] = { "", "", "", "/", "/hello", "/hello", "/new", "/part" };
	char key[600];

	if (chance(w, 8))
		return a_point(w, buf);
	snprintf(buf, 1400, "%s/p%u/%s%s", w->base, pick(w, POINTS),
		 strcmp(a_key(w, key), "..") ? key : "k0/../k1", below[pick(w, ARRAY_SIZE(below))]);
	return buf;
}

/* This name in a key, for what needs somebody else to have made it; or any path. */
const char *a_file(struct worker *w, char buf[1400], const char *name)
{
	if (chance(w, 40))
		return a_path(w, buf);
	snprintf(buf, 1400, "%s/p%u/k%u/%s", w->base, pick(w, POINTS), pick(w, KEYS), name);
	return buf;
}

/* --- mount options ------------------------------------------------------------ */

static const char * const seconds[] = { "0", "1", "1", "1", "2", "300", "4294967295" };
static const char * const ids[] = { "0", "1", "1000", "65534" };
static const char * const modes[] = { "0", "0755", "755", "1777", "7777", "0700" };
static const char * const routes[] = { "fd", "path", "kernel" };
static const char * const answers[] = { "yes", "no" };
static const char * const keys[] = { "k0", "/usr/local", "k1/part", "x" };
static const char * const wrong[] = {
	"", "-1", "4294967296", "abc", "0x10", "1 ", " 1", "99999999999999999999", "FD", "10000",
	"yes,no", "\xff", "%s%s%n", "\n", "k0\\054",
};

static const struct {
	const char *name;
	const char * const *values;
	unsigned int count;
	unsigned int weight;
} known[] = {
	{ "timeout", seconds, ARRAY_SIZE(seconds), 6 },
	{ "deadline", seconds, ARRAY_SIZE(seconds), 6 },
	{ "grace", seconds, ARRAY_SIZE(seconds), 6 },
	{ "negative", seconds, ARRAY_SIZE(seconds), 6 },
	{ "uid", ids, ARRAY_SIZE(ids), 2 },
	{ "gid", ids, ARRAY_SIZE(ids), 2 },
	{ "mode", modes, ARRAY_SIZE(modes), 3 },
	{ "route", routes, ARRAY_SIZE(routes), 8 },
	{ "nsattach", answers, ARRAY_SIZE(answers), 4 },
	{ "direct", keys, ARRAY_SIZE(keys), 3 },
	{ "offset", keys, ARRAY_SIZE(keys), 2 },
	{ "source", NULL, 0, 1 },
	{ "ro", NULL, 0, 1 },
	{ "nonsense", ids, ARRAY_SIZE(ids), 1 },
};

static unsigned int find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known) - 1; i++)
		if (!strcmp(known[i].name, name))
			break;
	return i;
}

const char *option_name(struct worker *w)
{
	unsigned int sum = 0, i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		sum += known[i].weight;
	sum = pick(w, sum);
	for (i = 0; sum >= known[i].weight; i++)
		sum -= known[i].weight;
	return known[i].name;
}

const char *option_value(struct worker *w, const char *name, char buf[600])
{
	unsigned int i = find(name);

	if (known[i].count && chance(w, 96))
		return known[i].values[pick(w, known[i].count)];
	if (!strcmp(name, "source"))
		return a_map(w, buf);
	if (chance(w, 20))
		return long_name(buf, 255 + pick(w, 2));
	return wrong[pick(w, ARRAY_SIZE(wrong))];
}

/* What mount(2) takes: a page at most. Those without a value stand alone. */
const char *options(struct worker *w, char buf[5000])
{
	unsigned int count = pick(w, 5), i;
	char value[600];
	size_t len = 0;

	/* Nobody is to be waited for in vain for long, as a rule. */
	if (chance(w, 90))
		len = snprintf(buf, 5000, "deadline=1,grace=1,timeout=1,");
	buf[len] = 0;
	for (i = 0; i < count && len < 4000; i++) {
		const char *name = option_name(w);

		if (!known[find(name)].count || chance(w, 2))
			len += snprintf(buf + len, 5000 - len, "%s", name);
		else
			len += snprintf(buf + len, 5000 - len, "%s=%s", name,
					option_value(w, name, value));
		len += snprintf(buf + len, 5000 - len, "%s", chance(w, 97) ? "," : ",,=,");
	}
	if (len && chance(w, 90))
		buf[len - 1] = 0;
	if (chance(w, 1))
		long_name(buf, 4095 + pick(w, 3));
	return buf;
}
