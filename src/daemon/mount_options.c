// SPDX-License-Identifier: GPL-2.0
/* Options as mount(8) knows them; here they are names in tables, no flags. */
#include "mount_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

struct attr_option {
	const char *name;
	uint64_t mask;		/* of MOUNT_ATTR_*: what it speaks about */
	uint64_t set;		/* in @mask */
};

static const struct attr_option attr_options[] = {
	{ "ro",		MOUNT_ATTR_RDONLY,	MOUNT_ATTR_RDONLY },
	{ "rw",		MOUNT_ATTR_RDONLY,	0 },
	{ "nosuid",	MOUNT_ATTR_NOSUID,	MOUNT_ATTR_NOSUID },
	{ "suid",	MOUNT_ATTR_NOSUID,	0 },
	{ "nodev",	MOUNT_ATTR_NODEV,	MOUNT_ATTR_NODEV },
	{ "dev",	MOUNT_ATTR_NODEV,	0 },
	{ "noexec",	MOUNT_ATTR_NOEXEC,	MOUNT_ATTR_NOEXEC },
	{ "exec",	MOUNT_ATTR_NOEXEC,	0 },
	{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW },
	{ "symfollow",	MOUNT_ATTR_NOSYMFOLLOW,	0 },
	{ "nodiratime",	MOUNT_ATTR_NODIRATIME,	MOUNT_ATTR_NODIRATIME },
	{ "diratime",	MOUNT_ATTR_NODIRATIME,	0 },
	{ "noatime",	MOUNT_ATTR__ATIME,	MOUNT_ATTR_NOATIME },
	{ "strictatime", MOUNT_ATTR__ATIME,	MOUNT_ATTR_STRICTATIME },
	{ "relatime",	MOUNT_ATTR__ATIME,	MOUNT_ATTR_RELATIME },
	{ "atime",	MOUNT_ATTR__ATIME,	MOUNT_ATTR_RELATIME },
	{ "norelatime",	MOUNT_ATTR__ATIME,	MOUNT_ATTR_RELATIME },
	{ "nostrictatime", MOUNT_ATTR__ATIME,	MOUNT_ATTR_RELATIME },
};

static const struct {
	const char *name;
	uint64_t type;
} propagation_options[] = {
	{ "shared",	MS_SHARED },
	{ "slave",	MS_SLAVE },
	{ "private",	MS_PRIVATE },
	{ "unbindable",	MS_UNBINDABLE },
};

/*
 * For fstab(5), mount(8) and other programs; no filesystem and no helper
 * understands them.
 */
static const char *const fstab_words[] = {
	"defaults", "auto", "noauto", "user", "nouser", "users", "owner",
	"group", "_netdev", "nofail", "silent", "loud",
};

static const char *const fstab_prefixes[] = { "x-", "X-", "comment=" };

static bool is_fstab_word(const char *option)
{
	size_t i;

	for (i = 0; i < COUNT(fstab_words); i++)
		if (!strcmp(option, fstab_words[i]))
			return true;
	for (i = 0; i < COUNT(fstab_prefixes); i++)
		if (!strncmp(option, fstab_prefixes[i],
			     strlen(fstab_prefixes[i])))
			return true;
	return false;
}

/*
 * Cuts the first option off *@rest and terminates it in place; NULL at the end
 * of the list. Empty ones (",,") are passed over.
 */
static char *next_option(char **rest)
{
	bool quoted = false;
	char *start;
	char *p;

	while (**rest == ',')
		(*rest)++;
	start = *rest;
	if (!*start)
		return NULL;
	for (p = start; *p && (quoted || *p != ','); p++)
		if (*p == '"')
			quoted = !quoted;
	*rest = *p ? p + 1 : p;
	*p = '\0';
	return start;
}

static void drop_quotes(char *text)
{
	char *out = text;

	for (; *text; text++)
		if (*text != '"')
			*out++ = *text;
	*out = '\0';
}

static bool take_attr(struct amfs_mount_options *options, const char *name)
{
	const struct attr_option *attr;
	size_t i;

	for (i = 0; i < COUNT(attr_options); i++) {
		attr = &attr_options[i];
		if (strcmp(name, attr->name))
			continue;
		options->attr_set &= ~attr->mask;
		options->attr_set |= attr->set;
		if (attr->mask == MOUNT_ATTR__ATIME)
			options->attr_clear |= MOUNT_ATTR__ATIME;
		if (attr->mask == MOUNT_ATTR_RDONLY)
			options->read_only = attr->set;
		return true;
	}
	return false;
}

static bool take_propagation(struct amfs_mount_options *options,
			     const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(propagation_options); i++) {
		if (strcmp(name, propagation_options[i].name))
			continue;
		options->propagation = propagation_options[i].type;
		return true;
	}
	return false;
}

static bool take_bind(struct amfs_mount_options *options, const char *name)
{
	if (strcmp(name, "bind") && strcmp(name, "rbind"))
		return false;
	options->bind = true;
	options->recursive = *name == 'r';
	return true;
}

static int parse_size(const char *name, const char *value, uint64_t *out,
		      struct amfs_why *why)
{
	char *end;

	errno = 0;
	if (value && *value >= '0' && *value <= '9') {
		*out = strtoull(value, &end, 0);
		if (!errno && !*end)
			return 0;
	}
	amfs_why_set(why, "option %s needs a number of bytes", name);
	return -EINVAL;
}

/* Return: 1 taken, 0 not one of these, -EINVAL with @why. */
static int take_loop(struct amfs_mount_options *options, const char *name,
		     const char *value, struct amfs_why *why)
{
	int error;

	if (!strcmp(name, "loop")) {
		/* A regular file gets a loop device anyhow. */
		if (!value)
			return 1;
		amfs_why_set(why, "option loop=%s: a loop device can't be chosen, write loop or leave it out",
			     value);
		return -EINVAL;
	}
	if (!strcmp(name, "offset"))
		error = parse_size(name, value, &options->loop_offset, why);
	else if (!strcmp(name, "sizelimit"))
		error = parse_size(name, value, &options->loop_size, why);
	else
		return 0;
	return error ? error : 1;
}

static int take(struct amfs_mount_options *options, char *option,
		struct amfs_why *why)
{
	char *value = strchr(option, '=');
	int error;

	if (is_fstab_word(option))
		return 0;
	drop_quotes(option);
	if (!value) {
		if (take_attr(options, option) ||
		    take_propagation(options, option) ||
		    take_bind(options, option))
			return 0;
	} else {
		*value++ = '\0';
	}
	error = take_loop(options, option, value, why);
	if (error)
		return error < 0 ? error : 0;
	options->list[options->count].name = option;
	options->list[options->count].value = value;
	options->count++;
	return 0;
}

static size_t count_commas(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == ',';
	return n;
}

int amfs_mount_options_parse(struct amfs_mount_options *options,
			     const char *text, struct amfs_why *why)
{
	char *option;
	char *rest;
	int error;

	memset(options, 0, sizeof(*options));
	options->text = strdup(text);
	options->list = calloc(count_commas(text) + 1, sizeof(*options->list));
	if (!options->text || !options->list) {
		amfs_mount_options_clear(options);
		return -ENOMEM;
	}
	rest = options->text;
	while ((option = next_option(&rest))) {
		error = take(options, option, why);
		if (error) {
			amfs_mount_options_clear(options);
			return error;
		}
	}
	return 0;
}

void amfs_mount_options_clear(struct amfs_mount_options *options)
{
	free(options->list);
	free(options->text);
	memset(options, 0, sizeof(*options));
}

char *amfs_mount_options_for_helper(const char *text)
{
	char *copy = strdup(text);
	char *kept = malloc(strlen(text) + 1);
	char *rest = copy;
	char *out = kept;
	char *option;

	if (!copy || !kept) {
		free(copy);
		free(kept);
		return NULL;
	}
	while ((option = next_option(&rest))) {
		if (is_fstab_word(option) || !strcmp(option, "bg"))
			continue;
		if (out != kept)
			*out++ = ',';
		out = mempcpy(out, option, strlen(option));
	}
	*out = '\0';
	free(copy);
	return kept;
}
