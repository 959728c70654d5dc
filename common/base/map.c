/* SPDX-License-Identifier: Apache-2.0
 *
 * The map, over the tree of the C library.
 */
#include "common/base/map.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"

struct map {
	void *root;
	size_t count;
	size_t max;
	void (*free_value)(void *value);
};

/* Entries and look-ups compare by key alone; an entry's key bytes stand behind it. */
struct map_entry {
	struct bytes key;
	void *value;
};

struct visitor {
	void (*visit)(struct bytes key, void *value, void *arg);
	void *arg;
};

static int
map_compare(const void *a, const void *b)
{
	return bytes_compare(((const struct map_entry *)a)->key,
	    ((const struct map_entry *)b)->key);
}

struct map *
map_new(size_t max, void (*free_value)(void *value))
{
	struct map *map = NEW(struct map);

	map->max = max;
	map->free_value = free_value;
	return map;
}

void
map_free(struct map *map)
{
	if (map == NULL)
		return;
	while (map->root != NULL) {
		struct map_entry *entry = *(struct map_entry **)map->root;

		map_remove(map, entry->key);
	}
	free(map);
}

size_t
map_count(const struct map *map)
{
	return map->count;
}

static struct map_entry *
map_find(const struct map *map, struct bytes key)
{
	struct map_entry wanted = {.key = key};
	void *node = tfind(&wanted, &map->root, map_compare);

	return node != NULL ? *(struct map_entry **)node : NULL;
}

void *
map_get(const struct map *map, struct bytes key)
{
	struct map_entry *entry = map_find(map, key);

	return entry != NULL ? entry->value : NULL;
}

enum status
map_put(struct map *map, struct bytes key, void *value)
{
	struct map_entry *entry;

	if (map_find(map, key) != NULL)
		return STATUS_EXISTS;
	if (map->count == map->max)
		return STATUS_LIMIT;
	entry = alloc_zeroed(1, sizeof(*entry) + key.len);
	if (key.len > 0)
		memcpy(entry + 1, key.data, key.len);
	entry->key = bytes_of(entry + 1, key.len);
	entry->value = value;
	if (tsearch(entry, &map->root, map_compare) == NULL)
		abort();
	map->count++;
	return STATUS_OK;
}

void *
map_take(struct map *map, struct bytes key)
{
	struct map_entry *entry = map_find(map, key);
	void *value;

	if (entry == NULL)
		return NULL;
	value = entry->value;
	tdelete(entry, &map->root, map_compare);
	map->count--;
	free(entry);
	return value;
}

void
map_remove(struct map *map, struct bytes key)
{
	void *value = map_take(map, key);

	if (value != NULL && map->free_value != NULL)
		map->free_value(value);
}

static void
map_visit_node(const void *node, VISIT order, void *arg)
{
	const struct visitor *visitor = arg;
	const struct map_entry *entry = *(struct map_entry *const *)node;

	if (order == postorder || order == leaf)
		visitor->visit(entry->key, entry->value, visitor->arg);
}

void
map_each(const struct map *map, void (*visit)(struct bytes key, void *value, void *arg),
    void *arg)
{
	struct visitor visitor = {visit, arg};

	twalk_r(map->root, map_visit_node, &visitor);
}
