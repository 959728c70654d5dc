/* SPDX-License-Identifier: Apache-2.0
 *
 * The chosen faults and the count of places passed.
 */
#include "common/base/fault_point.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_SIZE = 48,
	CHOSEN_MAX = 4,
	KILL = -1
};

bool fault_points_on;

static struct {
	char name[NAME_SIZE];
	unsigned hit;
	int action; /* an errno, or KILL */
} chosen[CHOSEN_MAX];
static size_t chosen_count;

static struct {
	const char *name;
	unsigned hits;
} passed[FAULT_POINTS_MAX];
static size_t passed_count;

static unsigned
fault_point_count(const char *name)
{
	for (size_t i = 0; i < passed_count; i++)
		if (strcmp(passed[i].name, name) == 0)
			return ++passed[i].hits;
	if (passed_count == FAULT_POINTS_MAX)
		return 0;
	passed[passed_count].name = name;
	passed[passed_count++].hits = 1;
	return 1;
}

int
fault_point_hit(const char *name)
{
	unsigned hit = fault_point_count(name);

	for (size_t i = 0; i < chosen_count; i++) {
		if (chosen[i].hit != hit || strcmp(chosen[i].name, name) != 0)
			continue;
		if (chosen[i].action == KILL)
			raise(SIGKILL);
		return chosen[i].action;
	}
	return 0;
}

/* One NAME:HIT:ACTION. */
static bool
fault_point_choose(const char *spec, size_t len)
{
	char text[NAME_SIZE + 32], action[8];

	if (len >= sizeof(text) || chosen_count == CHOSEN_MAX)
		return false;
	memcpy(text, spec, len);
	text[len] = '\0';
	if (sscanf(text, "%47[^:]:%u:%7s", chosen[chosen_count].name, &chosen[chosen_count].hit,
		action) != 3)
		return false;
	if (strcmp(action, "kill") == 0)
		chosen[chosen_count].action = KILL;
	else if (strcmp(action, "EIO") == 0)
		chosen[chosen_count].action = EIO;
	else if (strcmp(action, "ENOSPC") == 0)
		chosen[chosen_count].action = ENOSPC;
	else
		return false;
	chosen_count++;
	return true;
}

enum status
fault_point_arm(const char *spec)
{
	chosen_count = passed_count = 0;
	fault_points_on = spec != NULL;
	while (spec != NULL && *spec != '\0') {
		size_t len = strcspn(spec, ",");

		if (!fault_point_choose(spec, len))
			return STATUS_INVALID;
		spec += len + (spec[len] == ',');
	}
	return STATUS_OK;
}

const char *
fault_point_passed(size_t index, unsigned *ret_hits)
{
	if (index >= passed_count)
		return NULL;
	*ret_hits = passed[index].hits;
	return passed[index].name;
}

#if FAULT_POINTS
/* A test that chose a fault in vain would pass for the wrong reason: end at once. */
__attribute__((constructor)) static void
fault_point_from_environment(void)
{
	const char *spec = secure_getenv("PORTCULLIS_FAULT");

	if (spec != NULL && fault_point_arm(spec) != STATUS_OK) {
		fprintf(stderr, "PORTCULLIS_FAULT: not NAME:HIT:ACTION\n");
		_Exit(2);
	}
}
#endif
