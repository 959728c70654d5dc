/* SPDX-License-Identifier: Apache-2.0
 *
 * A bounded map from bytes to a pointer.  It is a balanced tree (tsearch(3)), so keys
 * chosen by an enemy cost no more than others.
 */
#ifndef PORTCULLIS_BASE_MAP_H
#define PORTCULLIS_BASE_MAP_H

#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

struct map;

/* At most max entries.  free_value may be NULL; it is called for what is removed. */
struct map *map_new(size_t max, void (*free_value)(void *value));
void map_free(struct map *map);

size_t map_count(const struct map *map);

/* The value under a key, or NULL. */
void *map_get(const struct map *map, struct bytes key);

/* Adds; the key is copied.  STATUS_EXISTS or STATUS_LIMIT leave the map as it was and the
 * value with the caller. */
enum status map_put(struct map *map, struct bytes key, void *value) MUST_USE;

/* Removes the entry and frees its value; nothing where there is none. */
void map_remove(struct map *map, struct bytes key);

/* Removes the entry and gives its value to the caller; NULL where there is none. */
void *map_take(struct map *map, struct bytes key);

/* Calls visit for each entry in the order of the keys.  visit must not change the map. */
void map_each(const struct map *map, void (*visit)(struct bytes key, void *value, void *arg),
    void *arg);

#endif
