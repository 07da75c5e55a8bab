// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"

#define MAX_WORDS 4096

void make_dirs(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0755);
		*slash = '/';
	}
	mkdir(part, 0755);
}

bool put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

char *get_file(const char *path, size_t *size)
{
	size_t room = 65536, used = 0;
	char *data = malloc(room + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t part;

	if (fd < 0 || !data) {
		free(data);
		return NULL;
	}
	while ((part = read(fd, data + used, room - used)) > 0) {
		used += part;
		if (used == room) {
			room *= 2;
			data = realloc(data, room + 1);
			if (!data)
				fail("no memory for %s", path);
		}
	}
	close(fd);
	data[used] = '\0';
	if (size)
		*size = used;
	return data;
}

char **get_words(const char *path)
{
	static char *none[] = { NULL };
	size_t size, n = 0;
	char *data = get_file(path, &size);
	char **words = calloc(MAX_WORDS + 1, sizeof(*words));

	if (!data || !words)
		return none;
	for (char *word = data; word < data + size && n < MAX_WORDS; word += strlen(word) + 1)
		words[n++] = word;
	return words;
}

const char *setting(const char *name)
{
	static char **settings;

	if (!settings)
		settings = get_words("/vm/settings");
	for (char **s = settings; *s; s++)
		if (!strncmp(*s, name, strlen(name)) && (*s)[strlen(name)] == '=')
			return *s + strlen(name) + 1;
	return NULL;
}
