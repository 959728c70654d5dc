/* SPDX-License-Identifier: Apache-2.0
 *
 * The key role over its edges.
 */
#include "common/key/key.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/key/identity.h"
#include "common/wire/edge_key.h"

enum {
	LINKS_MAX = PROC_INSTANCES_MAX,
	ANSWER_MAX = IDENTITY_FILE_MAX,
	/* Signatures an edge is given a second: far above what a worker can use, and a bound
	 * on what one that was taken over can. */
	SIGNATURES_A_SECOND = 4000,
};

static const char *const use_names[EDGE_KEY_USE_COUNT] = {"appliance", "web", "forward"};

#define AT(member) offsetof(struct key_settings, member)

const struct edge_field key_settings_fields[] = {
    {EDGE_FIELD_BYTES, AT(directory)},
    {EDGE_FIELD_END, 0},
};

/* How many signatures an edge has had in the present second. */
struct quota {
	int64_t second;
	unsigned int used;
};

struct key {
	struct proc *proc;
	int dir_fd;
	struct identity *current;  /* of the appliance; NULL: none is installed */
	struct identity *previous; /* handshakes that began with it may still ask */
	struct identity *staged;   /* read and matched, not installed */
	uint64_t staged_id;
	struct quota quotas[LINKS_MAX];
};

static const struct identity *
key_find(const struct key *key, uint32_t generation)
{
	if (key->current != NULL && key->current->generation == generation)
		return key->current;
	if (key->previous != NULL && key->previous->generation == generation)
		return key->previous;
	return NULL;
}

static bool
key_take_quota(struct key *key, unsigned instance)
{
	struct quota *quota = &key->quotas[instance];
	int64_t second = clock_mono_ms() / 1000;

	if (quota->second != second)
		*quota = (struct quota){.second = second};
	return quota->used++ < SIGNATURES_A_SECOND;
}

static enum status
key_sign(struct key *key, unsigned instance, const struct edge_key_sign *sign, struct buf *out)
{
	const struct identity *identity = key_find(key, sign->generation);

	if (sign->use != EDGE_KEY_APPLIANCE)
		return STATUS_DENIED;
	if (!key_take_quota(key, instance))
		return STATUS_LIMIT;
	if (identity == NULL)
		return STATUS_NOT_FOUND;
	return signer_sign(identity->signer, sign->scheme, sign->digest, out);
}

static enum status
key_on_link_call(void *state, struct edge *edge, struct edge_frame *frame)
{
	struct key *key = state;
	struct edge_key_signed answer;
	struct edge_key_sign sign;
	struct buf signature, payload;
	enum status status;

	if (frame->type != EDGE_KEY_SIGN ||
	    edge_message_get(frame->payload, edge_key_sign_fields, sizeof(sign), &sign) !=
		STATUS_OK)
		return STATUS_INVALID;
	buf_init(&signature, SIGNER_SIGNATURE_MAX);
	buf_init(&payload, SIGNER_SIGNATURE_MAX + 16);
	answer.status = (uint8_t)key_sign(key, edge_instance(edge), &sign, &signature);
	answer.signature = buf_bytes(&signature);
	edge_message_put(&payload, edge_key_signed_fields, &answer);
	status = edge_reply(edge, frame->ticket, EDGE_KEY_SIGNED, buf_bytes(&payload));
	buf_done(&signature);
	buf_done(&payload);
	return status == STATUS_CLOSED ? STATUS_OK : status;
}

static struct edge_list
key_chain(const struct identity *identity)
{
	struct edge_list list = {.count = 0};

	for (size_t i = 0; identity != NULL && i < identity->count; i++)
		list.items[list.count++] = identity->chain[i];
	return list;
}

/* Tells a worker, or who answers operators, what is shown to peers now. */
static void
key_announce(void *state, struct edge *edge)
{
	const struct key *key = state;
	struct edge_key_identity message = {.use = EDGE_KEY_APPLIANCE,
	    .chain = key_chain(key->current)};
	struct buf payload;

	if (key->current != NULL) {
		message.generation = key->current->generation;
		message.kind = (uint8_t)signer_kind(key->current->signer);
	}
	buf_init(&payload, ANSWER_MAX);
	edge_message_put(&payload, edge_key_identity_fields, &message);
	/* one small message an installation: credit can not run out by it, and an edge that
	 * is down hears it when it comes up */
	(void)!edge_send(edge, EDGE_KEY_IDENTITY, buf_bytes(&payload), NULL);
	buf_done(&payload);
}

static enum status
key_refuse_frame(void *state, struct edge *edge, struct edge_frame *frame)
{
	return STATUS_INVALID; /* this edge only tells */
}

static enum status
key_read_fd(struct fds *fds, size_t i, struct buf *buf)
{
	int fd = fds_take(fds, i);
	enum status status = fd >= 0 ? fileio_read_fd(fd, buf) : STATUS_OK;

	fileio_close(fd);
	return status;
}

/* Reads the operator's files and keeps them staged. */
static enum status
key_load(struct key *key, const struct edge_key_load *load, struct fds *fds,
    enum reason *reterr_reason, struct buf *reterr_text)
{
	struct buf files[3]; /* certificate, key, chain */
	struct identity *identity;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < 3; i++)
		buf_init(&files[i], IDENTITY_FILE_MAX);
	for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
		status = key_read_fd(fds, i, &files[i]);
	if (status != STATUS_OK) {
		*reterr_reason = REASON_LIMITS;
		buf_printf(reterr_text, "a file can't be read: %s", status_text(status));
	} else {
		status =
		    identity_read(&(struct identity_files){.certificate = buf_bytes(&files[0]),
				      .key = buf_bytes(&files[1]),
				      .chain = buf_bytes(&files[2]),
				      .passphrase = load->passphrase},
			&identity, reterr_reason, reterr_text);
	}
	if (files[1].data != NULL)
		explicit_bzero(files[1].data, files[1].cap);
	for (size_t i = 0; i < 3; i++)
		buf_done(&files[i]);
	if (status != STATUS_OK)
		return status;
	identity_free(key->staged);
	key->staged = identity;
	key->staged_id = load->id;
	return STATUS_OK;
}

static enum status
key_send(struct edge *edge, uint8_t type, const struct edge_field *fields, const void *message)
{
	struct buf payload;
	enum status status;

	buf_init(&payload, ANSWER_MAX);
	edge_message_put(&payload, fields, message);
	status = edge_send(edge, type, buf_bytes(&payload), NULL);
	buf_done(&payload);
	return status == STATUS_CLOSED ? STATUS_OK : status;
}

static enum status
key_on_load(struct key *key, struct edge *edge, struct edge_frame *frame)
{
	struct edge_key_loaded answer = {0};
	enum reason reason = REASON_OK;
	struct edge_key_load load;
	struct buf text;
	enum status status;

	if (edge_message_get(frame->payload, edge_key_load_fields, sizeof(load), &load) !=
		STATUS_OK ||
	    load.use != EDGE_KEY_APPLIANCE)
		return STATUS_INVALID;
	buf_init(&text, 1024);
	answer.id = load.id;
	answer.status = (uint8_t)key_load(key, &load, &frame->fds, &reason, &text);
	answer.reason = (uint8_t)reason;
	answer.detail = buf_bytes(&text);
	if (answer.status == STATUS_OK)
		answer.chain = key_chain(key->staged);
	status = key_send(edge, EDGE_KEY_LOADED, edge_key_loaded_fields, &answer);
	buf_done(&text);
	return status;
}

static void
key_announce_all(struct key *key)
{
	static const char *const edges[] = {"link-identity", "admin-key"};

	for (size_t e = 0; e < sizeof(edges) / sizeof(edges[0]); e++) {
		for (unsigned i = 0; i < proc_edge_count(key->proc, edges[e]); i++) {
			struct edge *edge = proc_edge(key->proc, edges[e], i);

			if (edge_is_up(edge))
				key_announce(key, edge);
		}
	}
}

static enum status
key_install_staged(struct key *key, uint64_t id)
{
	enum status status;

	if (key->staged == NULL || key->staged_id != id)
		return STATUS_NOT_FOUND;
	status = identity_install(key->dir_fd, use_names[EDGE_KEY_APPLIANCE], key->staged);
	if (status != STATUS_OK)
		return status;
	identity_free(key->previous);
	key->previous = key->current;
	key->current = key->staged;
	key->staged = NULL;
	return STATUS_OK;
}

static enum status
key_on_install(struct key *key, struct edge *edge, struct edge_frame *frame)
{
	struct edge_key_installed answer = {0};
	struct edge_key_install install;
	enum status status;

	if (edge_message_get(frame->payload, edge_key_install_fields, sizeof(install),
		&install) != STATUS_OK)
		return STATUS_INVALID;
	answer.id = install.id;
	answer.status = (uint8_t)key_install_staged(key, install.id);
	if (answer.status == STATUS_OK)
		answer.generation = key->current->generation;
	status = key_send(edge, EDGE_KEY_INSTALLED, edge_key_installed_fields, &answer);
	if (answer.status == STATUS_OK)
		key_announce_all(key);
	return status;
}

static enum status
key_on_admin(void *state, struct edge *edge, struct edge_frame *frame)
{
	if (frame->type == EDGE_KEY_LOAD)
		return key_on_load(state, edge, frame);
	if (frame->type == EDGE_KEY_INSTALL)
		return key_on_install(state, edge, frame);
	return STATUS_INVALID;
}

static void
key_done(void *state)
{
	struct key *key = state;

	identity_free(key->current);
	identity_free(key->previous);
	identity_free(key->staged);
	fileio_close(key->dir_fd);
	free(key);
}

/* Opens the directory, and the identity in it where there is one. */
static enum status
key_open(struct key *key, const char *path, struct buf *reterr_reason)
{
	enum status status = fileio_open_dir(path, 0700, &key->dir_fd);

	if (status == STATUS_OK)
		status = sandbox_allow_path(proc_sandbox(key->proc), path, SANDBOX_WRITE);
	if (status != STATUS_OK) {
		buf_printf(reterr_reason, "%s: %s", path, status_text(status));
		return status;
	}
	status = identity_load(key->dir_fd, use_names[EDGE_KEY_APPLIANCE], &key->current,
	    reterr_reason);
	/* without an identity the daemon runs, refuses every link and says how to get one */
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status
key_init(struct proc *proc, const struct proc_config *config, void **ret_state,
    struct buf *reterr_reason)
{
	struct key_settings settings;
	struct key *key;
	enum status status;
	char *path;

	status =
	    edge_message_get(config->payload, key_settings_fields, sizeof(settings), &settings);
	if (status != STATUS_OK)
		return status;
	status = signer_prepare_process();
	if (status != STATUS_OK && status != STATUS_DENIED)
		return status;
	key = NEW(struct key);
	key->proc = proc;
	key->dir_fd = -1;
	path = alloc_text_copy(settings.directory.data, settings.directory.len);
	status = key_open(key, path, reterr_reason);
	free(path);
	if (status != STATUS_OK) {
		key_done(key);
		return status;
	}
	*ret_state = key;
	return STATUS_OK;
}

static const struct edge_ops call_ops = {.frame = key_on_link_call};
static const struct edge_ops identity_ops = {.release_on_return = true,
    .up = key_announce,
    .frame = key_refuse_frame};
static const struct edge_ops admin_ops = {.release_on_return = true,
    .up = key_announce,
    .frame = key_on_admin};

static const struct proc_edge_use key_edges[] = {
    {"link-key", &call_ops},
    {"link-identity", &identity_ops},
    {"admin-key", &admin_ops},
};

const struct proc_role key_role = {
    .name = "key",
    .instances = 1,
    .sandbox = {.flags = SANDBOX_FILES},
    .edges = key_edges,
    .edge_count = sizeof(key_edges) / sizeof(key_edges[0]),
    .init = key_init,
    .done = key_done,
};
