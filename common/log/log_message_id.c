/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-up in message_ids.def.
 */
#include "common/log/log_message_id.h"

#include <stddef.h>

struct message_id {
	const char *name;
	const char *id;
};

static const struct message_id events[] = {
#define LOG_EVENT(name, id, subject, text) {name, id},
#define LOG_REASON(slug, id)
#include "common/log/message_ids.def"
#undef LOG_EVENT
#undef LOG_REASON
    {NULL, NULL},
};

static const struct message_id reasons[] = {
#define LOG_EVENT(name, id, subject, text)
#define LOG_REASON(slug, id) {slug, id},
#include "common/log/message_ids.def"
#undef LOG_EVENT
#undef LOG_REASON
    {NULL, NULL},
};

static const char *
message_id_find(const struct message_id *rows, struct bytes name)
{
	for (; rows->name != NULL; rows++) {
		if (bytes_equal_text(name, rows->name))
			return rows->id;
	}
	return NULL;
}

const char *
log_message_id(const char *event, struct bytes reason)
{
	const char *id = NULL;

	if (reason.data != NULL)
		id = message_id_find(reasons, reason);
	return id != NULL ? id : message_id_find(events, bytes_of_text(event));
}
