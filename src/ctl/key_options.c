// SPDX-License-Identifier: GPL-2.0
/*
 * Words that mount(8) understands, and what becomes of them here; all others
 * are the filesystem's. So are sync, dirsync, lazytime, mand and their
 * opposites: the kernel takes them from the options of any filesystem.
 */
#include "key_options.h"

#include <errno.h>
#include <libmount/libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "device.h"

#define PRIVATE	"x-amfs."

static const char times[] =
	"access times are those of the automount point's own mount";
static const char propagation[] =
	"propagation is that of the automount point's own mount";
static const char loop[] =
	"set up a loop device with losetup(8) and name it as the source";
static const char below[] =
	"what is mounted below the source can't come along; use bind";
static const char change[] = "a key can only be mounted";

/**
 * struct word - a word that isn't for the filesystem
 * @name: the word; without any of the rest it is for fstab(5), and ignored
 * @sets: MOUNT_ATTR_* that it asks for
 * @lifts: MOUNT_ATTR_* that it takes back
 * @refusal: why it can't be had
 */
struct word {
	const char *name;
	uint32_t sets;
	uint32_t lifts;
	const char *refusal;
};

static const struct word words[] = {
	{ .name = "ro",		 .sets = MOUNT_ATTR_RDONLY },
	{ .name = "rw",		 .lifts = MOUNT_ATTR_RDONLY },
	{ .name = "nosuid",	 .sets = MOUNT_ATTR_NOSUID },
	{ .name = "suid",	 .lifts = MOUNT_ATTR_NOSUID },
	{ .name = "nodev",	 .sets = MOUNT_ATTR_NODEV },
	{ .name = "dev",	 .lifts = MOUNT_ATTR_NODEV },
	{ .name = "noexec",	 .sets = MOUNT_ATTR_NOEXEC },
	{ .name = "exec",	 .lifts = MOUNT_ATTR_NOEXEC },
	{ .name = "nosymfollow", .sets = MOUNT_ATTR_NOSYMFOLLOW },
	{ .name = "symfollow",	 .lifts = MOUNT_ATTR_NOSYMFOLLOW },
	{ .name = "atime",	 .refusal = times },
	{ .name = "noatime",	 .refusal = times },
	{ .name = "diratime",	 .refusal = times },
	{ .name = "nodiratime",	 .refusal = times },
	{ .name = "relatime",	 .refusal = times },
	{ .name = "norelatime",	 .refusal = times },
	{ .name = "strictatime", .refusal = times },
	{ .name = "nostrictatime", .refusal = times },
	{ .name = "shared",	 .refusal = propagation },
	{ .name = "rshared",	 .refusal = propagation },
	{ .name = "slave",	 .refusal = propagation },
	{ .name = "rslave",	 .refusal = propagation },
	{ .name = "private",	 .refusal = propagation },
	{ .name = "rprivate",	 .refusal = propagation },
	{ .name = "unbindable",	 .refusal = propagation },
	{ .name = "runbindable", .refusal = propagation },
	{ .name = "loop",	 .refusal = loop },
	{ .name = "rbind",	 .refusal = below },
	{ .name = "remount",	 .refusal = change },
	{ .name = "move",	 .refusal = change },
	{ .name = "defaults" }, { .name = "auto" }, { .name = "noauto" },
	{ .name = "user" }, { .name = "nouser" }, { .name = "users" },
	{ .name = "nousers" }, { .name = "owner" }, { .name = "noowner" },
	{ .name = "group" }, { .name = "nogroup" }, { .name = "_netdev" },
	{ .name = "nofail" }, { .name = "silent" }, { .name = "loud" },
};

static const struct word *find_word(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

const char *amfs_key_attr_word(uint32_t bit)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (bit && words[i].sets == bit)
			return words[i].name;
	return NULL;
}

int amfs_key_timeout_parse(uint32_t *timeout_s, const char *text,
			   struct amfs_fault *fault)
{
	unsigned long long seconds;
	char *end;

	errno = 0;
	seconds = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno ||
	    seconds >= AMFS_TIMEOUT_DEFAULT)
		return amfs_fault_set(fault, "timeout=%s: a number of seconds is expected, 0 for never",
				      text);
	*timeout_s = (uint32_t)seconds;
	return 0;
}

static int take_private(struct amfs_key_options *options, const char *name,
			const char *value, struct amfs_fault *fault)
{
	if (strcmp(name, PRIVATE "timeout"))
		return amfs_fault_set(fault, "%s: amfs has no such option; " PRIVATE "timeout=SECONDS is one",
				      name);
	return amfs_key_timeout_parse(&options->timeout_s, value ? value : "",
				      fault);
}

static bool is_for_others(const char *name)
{
	return !strncmp(name, "x-", 2) || !strncmp(name, "X-", 2) ||
	       !strcmp(name, "comment");
}

static int append(struct amfs_key_options *options, const char *name,
		  const char *value, struct amfs_fault *fault)
{
	size_t value_len = value ? strlen(value) : 0;
	size_t name_len = strlen(name);
	size_t size = name_len + (value ? 1 + value_len : 0) + 1;
	char *end = options->data + options->len;

	if (size > sizeof(options->data) - options->len)
		return amfs_fault_set(fault, "the options have more than %d bytes",
				      AMFS_KEY_OPTIONS_LEN);
	end = mempcpy(end, name, name_len);
	if (value) {
		*end++ = '=';
		end = mempcpy(end, value, value_len);
	}
	*end = '\0';
	options->len += (uint32_t)size;
	return 0;
}

/* A word that means something without a value may be an option with one. */
static int take_word(struct amfs_key_options *options, const struct word *word,
		     const char *value, struct amfs_fault *fault)
{
	if (word->refusal)
		return amfs_fault_set(fault, "option %s: %s", word->name,
				      word->refusal);
	if (!word->sets && !word->lifts)
		return value ? append(options, word->name, value, fault) : 0;
	if (value)
		return amfs_fault_set(fault, "option %s takes no value",
				      word->name);
	options->attr |= word->sets;
	options->attr &= ~word->lifts;
	return 0;
}

static void drop_quotes(char *text)
{
	char *out = text;

	for (; *text; text++)
		if (*text != '"')
			*out++ = *text;
	*out = '\0';
}

static int take(struct amfs_key_options *options, char *name, char *value,
		struct amfs_fault *fault)
{
	const struct word *word;

	drop_quotes(name);
	if (value)
		drop_quotes(value);
	if (!*name || *name == '=')
		return amfs_fault_set(fault, "an option without a name");
	if (!strncmp(name, PRIVATE, strlen(PRIVATE)))
		return take_private(options, name, value, fault);
	if (is_for_others(name))
		return 0;
	word = find_word(name);
	if (word)
		return take_word(options, word, value, fault);
	if (strcmp(name, "bind"))
		return append(options, name, value, fault);
	if (value)
		return amfs_fault_set(fault, "option bind takes no value");
	options->bind = true;
	return 0;
}

/* libmount takes the rest of a list with such a quote for its end. */
static bool has_open_quote(const char *list)
{
	bool open = false;

	for (; *list; list++)
		if (*list == '"')
			open = !open;
	return open;
}

static int take_all(struct amfs_key_options *options, char *rest,
		    struct amfs_fault *fault)
{
	size_t value_len;
	size_t name_len;
	char *value;
	char *name;
	int more;
	int error;

	while (*rest) {
		more = mnt_optstr_next_option(&rest, &name, &name_len, &value,
					      &value_len);
		if (more < 0)
			return amfs_fault_set(fault, "the options can't be understood; a list such as ro,size=1m is expected");
		if (more)
			break;
		/* Behind both is what separated them, and has been read. */
		name[name_len] = '\0';
		if (value)
			value[value_len] = '\0';
		error = take(options, name, value, fault);
		if (error)
			return error;
	}
	return 0;
}

int amfs_key_options_parse(struct amfs_key_options *options, const char *list,
			   struct amfs_fault *fault)
{
	char *copy;
	int error;

	memset(options, 0, sizeof(*options));
	options->timeout_s = AMFS_TIMEOUT_DEFAULT;
	if (!list)
		return 0;
	if (has_open_quote(list))
		return amfs_fault_set(fault, "a double quote in the options isn't closed");
	copy = strdup(list);
	if (!copy)
		amfs_die(ENOMEM, "the options");
	error = take_all(options, copy, fault);
	free(copy);
	return error;
}

/* With quotes where a comma would end it; @out has room for them. */
static char *put_option(char *out, const char *option)
{
	const char *value = strchr(option, '=');

	if (!strchr(option, ','))
		return mempcpy(out, option, strlen(option));
	value = value ? value + 1 : option;
	out = mempcpy(out, option, (size_t)(value - option));
	*out++ = '"';
	out = mempcpy(out, value, strlen(value));
	*out++ = '"';
	return out;
}

static char *put_attr(char *out, uint32_t attr)
{
	const char *name;
	uint32_t bit;

	for (bit = 1; bit; bit <<= 1) {
		name = attr & bit ? amfs_key_attr_word(bit) : NULL;
		if (!name)
			continue;
		out = mempcpy(out, name, strlen(name));
		*out++ = ',';
	}
	return out;
}

char *amfs_key_options_list(uint32_t attr, const char *options, size_t len)
{
	const char *end = options + len;
	/* An option of one byte and its NUL may become four bytes. */
	char *list = malloc(128 + 2 * len);
	char *out = list;

	if (!list)
		amfs_die(ENOMEM, "the list");
	out = put_attr(out, attr);
	for (; options < end; options += strlen(options) + 1) {
		out = put_option(out, options);
		*out++ = ',';
	}
	if (out > list)
		out--;
	*out = '\0';
	return list;
}
