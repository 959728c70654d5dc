/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert convert`.
 */
#include "common/cli/cert_convert.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/cli/pki_input.h"
#include "common/pki/pkcs12_file.h"

enum {
	CONVERT_OUT_MAX = 128 << 20, /* bytes: PEM of the largest input */
	CONVERT_KEY_MODE = 0600,
	CONVERT_CERT_MODE = 0644,
};

const struct command_option cert_convert_options[] = {
    {"to", "FORM", "pem or der; for keys pkcs8, pkcs1 or encrypted", 0, false},
    {"passphrase-file", "FILE", "the passphrase of what is read (else it is asked for)", 0,
	false},
    {"new-passphrase-file", "FILE", "the passphrase for --to=encrypted", 0, false},
    {"force", NULL, "overwrite files that are there", 'f', false},
    {.name = NULL},
};

const char cert_convert_notes[] =
    "Without --to certificates, requests and CRLs become PEM, keys PKCS#8.  A PKCS#12 file\n"
    "becomes OUTPUT.crt (the certificate), OUTPUT.key (its key) and OUTPUT.pem (the chain).\n"
    "Keys are written readable by their owner only.\n";

/* Creates a file, or says why not.  Without force it must not be there. */
static int
convert_write(const struct command_call *call, const char *path, mode_t mode,
    const struct buf *contents)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	enum status status = fd >= 0 ? STATUS_OK : status_from_errno(errno);

	if (status == STATUS_OK) {
		status = fileio_write_all(fd, contents->data, contents->len);
		if (status == STATUS_OK && fsync(fd) != 0)
			status = status_from_errno(errno);
		fileio_close(fd);
		if (status != STATUS_OK)
			unlink(path); /* half a key is worse than none */
	}
	if (status == STATUS_EXISTS)
		return command_fail(call, COMMAND_FAILURE, "--force overwrites",
		    "%s exists already", path);
	if (status != STATUS_OK)
		return command_fail(call, command_exit_of(status), NULL, "cannot write %s: %s",
		    path, status_text(status));
	return COMMAND_OK;
}

/* The same over a file that may be there: readers see the old one or the new one. */
static int
convert_replace(const struct command_call *call, const char *path, mode_t mode,
    const struct buf *contents)
{
	char *dir_copy = alloc_text(path), *name_copy = alloc_text(path);
	int dir_fd = open(dirname(dir_copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status status = dir_fd >= 0 ? STATUS_OK : status_from_errno(errno);

	if (status == STATUS_OK)
		status = fileio_replace(dir_fd, basename(name_copy), mode, contents->data,
		    contents->len);
	fileio_close(dir_fd);
	free(dir_copy);
	free(name_copy);
	if (status != STATUS_OK)
		return command_fail(call, command_exit_of(status), NULL, "cannot write %s: %s",
		    path, status_text(status));
	return COMMAND_OK;
}

/* Writes a file and names it. */
static int
convert_put(const struct command_call *call, const char *path, mode_t mode,
    const struct buf *contents)
{
	static const struct output_column columns[] = {{.title = "Written", .key = "file"}};
	int code = command_has(call, "force") ? convert_replace(call, path, mode, contents)
					      : convert_write(call, path, mode, contents);
	struct output_table *table;

	if (code != COMMAND_OK)
		return code;
	table = output_table_new(&call->out, OUTPUT_FIELDS, columns, 1);
	output_cell_text(table, path);
	output_row_end(table);
	output_table_end(table, NULL);
	return COMMAND_OK;
}

/* What --to asks of keys; false where it is no form of a key. */
static bool
convert_key_form(const char *to, enum key_form *ret_form)
{
	static const struct {
		const char *word;
		enum key_form form;
	} rows[] = {{"pkcs8", KEY_FORM_PKCS8}, {"pem", KEY_FORM_PKCS8},
	    {"pkcs1", KEY_FORM_PKCS1}, {"sec1", KEY_FORM_SEC1},
	    {"encrypted", KEY_FORM_PKCS8_ENCRYPTED}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (to == NULL || strcmp(to, rows[i].word) == 0) {
			*ret_form = rows[i].form;
			return true;
		}
	}
	return false;
}

/* The passphrase for an encrypted key: from its file, or typed twice. */
static int
convert_new_passphrase(const struct command_call *call, char passphrase[PASSPHRASE_SIZE])
{
	const char *path = command_value(call, "new-passphrase-file");
	char again[PASSPHRASE_SIZE];
	enum status status;
	bool same;

	if (path != NULL) {
		status = passphrase_from_file(path, passphrase);
		if (status != STATUS_OK)
			return command_fail(call, command_exit_of(status), NULL,
			    "cannot read the passphrase in %s: %s", path, status_text(status));
		return COMMAND_OK;
	}
	if (passphrase_ask("New passphrase: ", passphrase) != STATUS_OK)
		return command_fail(call, COMMAND_USAGE, "--new-passphrase-file",
		    "no passphrase to encrypt the key with");
	same = passphrase_ask("Again: ", again) == STATUS_OK && strcmp(passphrase, again) == 0;
	explicit_bzero(again, sizeof(again));
	if (!same)
		return command_fail(call, COMMAND_USAGE, NULL, "the passphrases differ");
	return COMMAND_OK;
}

static int
convert_key(const struct command_call *call, const struct key_file *key, const char *path)
{
	char passphrase[PASSPHRASE_SIZE] = "";
	int code = COMMAND_OK;
	enum key_form form;
	enum status status;
	struct buf out;

	if (!convert_key_form(command_value(call, "to"), &form))
		return command_fail(call, COMMAND_USAGE, "pkcs8, pkcs1, sec1 or encrypted",
		    "a key can't become %s", command_value(call, "to"));
	if (form == KEY_FORM_PKCS8_ENCRYPTED)
		code = convert_new_passphrase(call, passphrase);
	if (code != COMMAND_OK)
		return code;
	buf_init(&out, 4 * KEY_FILE_LEN_MAX);
	status = key_file_write(key, form, passphrase, &out);
	if (status == STATUS_UNSUPPORTED)
		code = command_fail(call, COMMAND_USAGE, "--to=pkcs8 takes every key",
		    "%s does not take this kind of key", key_form_text(form));
	else if (status != STATUS_OK)
		code = command_fail(call, COMMAND_FAILURE, NULL, "cannot write the key: %s",
		    status_text(status));
	else
		code = convert_put(call, path, CONVERT_KEY_MODE, &out);
	key_file_wipe(&out);
	explicit_bzero(passphrase, sizeof(passphrase));
	return code;
}

static const char *
convert_label(enum content_kind kind)
{
	switch (kind) {
	case CONTENT_CERTIFICATE:
		return "CERTIFICATE";
	case CONTENT_CRL:
		return "X509 CRL";
	case CONTENT_REQUEST:
		return "CERTIFICATE REQUEST";
	case CONTENT_PUBLIC_KEY:
		return "PUBLIC KEY";
	case CONTENT_UNKNOWN:
	case CONTENT_KEY:
	case CONTENT_PKCS12:
		break;
	}
	return NULL;
}

/* Certificates, requests and CRLs, as many as there are. */
static int
convert_objects(const struct pki_input *input, const char *path)
{
	const char *to = command_value(input->call, "to");
	bool der = to != NULL && strcmp(to, "der") == 0;
	struct buf out;
	int code;

	if (to != NULL && !der && strcmp(to, "pem") != 0)
		return command_fail(input->call, COMMAND_USAGE, "pem or der",
		    "what is in %s can't become %s", input->items[0].file, to);
	if (der && input->count > 1)
		return command_fail(input->call, COMMAND_USAGE, "--to=pem holds many",
		    "%s holds %zu objects, and a DER file one", input->items[0].file,
		    input->count);
	buf_init(&out, CONVERT_OUT_MAX);
	for (size_t i = 0; i < input->count; i++) {
		if (der)
			buf_put_bytes(&out, input->items[i].der);
		else
			pem_write(&out, convert_label(input->items[i].kind),
			    input->items[i].der);
	}
	code = buf_ok(&out) ? convert_put(input->call, path, CONVERT_CERT_MODE, &out)
			    : command_fail(input->call, COMMAND_FAILURE, NULL, "too large");
	buf_done(&out);
	return code;
}

/* A path with something behind it; freed with free(). */
static char *
convert_path(const char *base, const char *suffix)
{
	struct buf path;
	char *text;

	buf_init(&path, 8192);
	buf_printf(&path, "%s%s", base, suffix);
	text = buf_take_text(&path);
	buf_done(&path);
	return text;
}

/* Writes certificates [from, count) as one PEM file; nothing where there are none. */
static int
convert_certs(const struct pki_input *input, size_t from, size_t most, const char *path)
{
	struct buf out;
	int code = COMMAND_OK;

	buf_init(&out, CONVERT_OUT_MAX);
	for (size_t i = 0, seen = 0; i < input->count; i++) {
		if (input->items[i].kind == CONTENT_CERTIFICATE && seen++ >= from &&
		    seen <= from + most)
			pem_write(&out, "CERTIFICATE", input->items[i].der);
	}
	if (out.len > 0)
		code = convert_put(input->call, path, CONVERT_CERT_MODE, &out);
	buf_done(&out);
	return code;
}

/* Several things in one file: .crt, .key and .pem. */
static int
convert_split(const struct pki_input *input, const char *base)
{
	static const char *const suffixes[] = {".crt", ".key", ".pem"};
	char *paths[3];
	int code = COMMAND_OK;

	for (size_t i = 0; i < 3; i++) {
		paths[i] = convert_path(base, suffixes[i]);
		/* all or nothing, as far as one can know before */
		if (code == COMMAND_OK && !command_has(input->call, "force") &&
		    access(paths[i], F_OK) == 0)
			code = command_fail(input->call, COMMAND_FAILURE, "--force overwrites",
			    "%s exists already", paths[i]);
	}
	if (code == COMMAND_OK)
		code = convert_certs(input, 0, 1, paths[0]);
	for (size_t i = 0; code == COMMAND_OK && i < input->count; i++) {
		if (input->items[i].key != NULL)
			code = convert_key(input->call, input->items[i].key, paths[1]);
	}
	if (code == COMMAND_OK)
		code = convert_certs(input, 1, PKI_INPUT_ITEM_MAX, paths[2]);
	for (size_t i = 0; i < 3; i++)
		free(paths[i]);
	return code;
}

static int
convert_input(const struct pki_input *input, const char *path)
{
	size_t keys = 0;

	for (size_t i = 0; i < input->count; i++) {
		const struct pki_item *item = &input->items[i];

		if (item->reason != REASON_OK)
			return command_fail(input->call, COMMAND_CHECK_FAILED, NULL, "%s: %s",
			    item->file, item->error);
		keys += item->key != NULL;
	}
	if (keys > 1)
		return command_fail(input->call, COMMAND_FAILURE, "split the file",
		    "%s holds %zu keys", input->items[0].file, keys);
	if (keys == 1 && input->count == 1)
		return convert_key(input->call, input->items[0].key, path);
	return keys == 1 ? convert_split(input, path) : convert_objects(input, path);
}

int
cert_convert_run(struct command_call *call)
{
	struct pki_input *input = pki_input_new(call);
	int code = pki_input_passphrase(input);

	if (code == COMMAND_OK)
		code = pki_input_add(input, call->operands[0]);
	if (code == COMMAND_OK)
		code = convert_input(input, call->operands[1]);
	pki_input_free(input);
	return code;
}
