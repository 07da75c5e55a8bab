/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON piece by piece. Each function says whether it had the memory; what a
 * failed allocation leaves out makes the whole useless.
 */
#ifndef AMFS_CTL_JSON_PUT_H
#define AMFS_CTL_JSON_PUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Adds a member; @value is taken over, NULL is no memory. */
bool amfs_put(struct json_object *object, const char *name,
	      struct json_object *value);

bool amfs_put_number(struct json_object *object, const char *name,
		     uint64_t value);
bool amfs_put_string(struct json_object *object, const char *name,
		     const char *value);

/*
 * Adds bytes of any kind twice: readable as @name, and exact in hexadecimal as
 * @hex_name, since no JSON string can hold all of them.
 */
bool amfs_put_bytes(struct json_object *object, const char *name,
		    const char *hex_name, const char *bytes, size_t len);

/* The two forms of them by themselves; NULL when there is no memory. */
struct json_object *amfs_json_text(const char *bytes, size_t len);
struct json_object *amfs_json_hex(const char *bytes, size_t len);

/* Adds an element to an array; @value is taken over, NULL is no memory. */
bool amfs_json_append(struct json_object *array, struct json_object *value);

/* Adds an empty object to an array. Return: it, NULL when there is no memory. */
struct json_object *amfs_json_entry(struct json_object *array);

/* Writes it with a line end. Return: 0, or -1 when there is no memory. */
int amfs_json_print(struct json_object *root, FILE *out);

#endif /* AMFS_CTL_JSON_PUT_H */
