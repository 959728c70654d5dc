/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading files of certificates and keys.
 */
#include "common/cli/pki_input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/pki/pkcs12_file.h"

struct pki_input *
pki_input_new(const struct command_call *call)
{
	struct pki_input *input = NEW(struct pki_input);

	input->call = call;
	return input;
}

void
pki_input_free(struct pki_input *input)
{
	if (input == NULL)
		return;
	for (size_t i = 0; i < input->count; i++) {
		free((void *)input->items[i].der.data);
		cert_free(input->items[i].cert);
		request_free(input->items[i].request);
		key_file_free(input->items[i].key);
	}
	explicit_bzero(input->passphrase, sizeof(input->passphrase));
	free(input);
}

int
pki_input_passphrase(struct pki_input *input)
{
	const char *path = command_value(input->call, "passphrase-file");
	enum status status;

	if (path == NULL)
		return COMMAND_OK;
	status = passphrase_from_file(path, input->passphrase);
	if (status != STATUS_OK)
		return command_fail(input->call, command_exit_of(status), NULL,
		    "cannot read the passphrase in %s: %s", path, status_text(status));
	input->has_passphrase = true;
	return COMMAND_OK;
}

/* The passphrase that was given or typed; NULL where nobody can be asked. */
static const char *
pki_input_secret(struct pki_input *input, const char *file)
{
	struct buf prompt;

	if (input->has_passphrase)
		return input->passphrase;
	buf_init(&prompt, 4096);
	buf_put_text(&prompt, "Passphrase of ");
	output_escape(&prompt, bytes_of_text(file));
	buf_put_text(&prompt, ": ");
	input->has_passphrase =
	    passphrase_ask(buf_text(&prompt), input->passphrase) == STATUS_OK;
	buf_done(&prompt);
	return input->has_passphrase ? input->passphrase : NULL;
}

static struct pki_item *
pki_input_item(struct pki_input *input, const char *file, enum content_kind kind)
{
	struct pki_item *item = &input->items[input->count++];

	item->file = file;
	item->kind = kind;
	return item;
}

static bool
pki_input_full(const struct pki_input *input)
{
	return input->count == PKI_INPUT_ITEM_MAX;
}

static enum reason
pki_input_reason(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return REASON_OK;
	case STATUS_DENIED:
		return REASON_PASSPHRASE;
	case STATUS_LIMIT:
		return REASON_LIMITS;
	case STATUS_UNSUPPORTED:
		return REASON_PROFILE_KEY;
	case STATUS_AGAIN:
	case STATUS_END:
	case STATUS_INVALID:
	case STATUS_NOT_FOUND:
	case STATUS_EXISTS:
	case STATUS_TIMEOUT:
	case STATUS_CLOSED:
	case STATUS_CORRUPT:
	case STATUS_NO_SPACE:
	case STATUS_IO:
	case STATUS_INTERNAL:
		break;
	}
	return REASON_PARSE;
}

static void
pki_input_read_key(struct pki_input *input, struct pki_item *item, const struct pem_item *pem)
{
	const char *passphrase = NULL;
	enum key_form form;

	if (key_form_of(pem, &form) && key_form_encrypted(form))
		passphrase = pki_input_secret(input, item->file);
	item->reason =
	    pki_input_reason(key_file_read_item(pem, passphrase, &item->key, item->error));
}

static void
pki_input_read_cert(struct pki_item *item, struct bytes der)
{
	item->der = bytes_of(alloc_copy(der.data, der.len), der.len);
	item->reason = pki_input_reason(cert_parse(der, &item->cert, item->error));
}

/* The key and the certificates of a PKCS#12 file become items of their own. */
static void
pki_input_read_pkcs12(struct pki_input *input, const char *file, struct bytes der)
{
	struct pki_item *item;
	struct pkcs12_file pkcs12;
	char error[KEY_FILE_ERROR_SIZE];
	const char *passphrase = input->has_passphrase ? input->passphrase : NULL;
	enum status status = pkcs12_file_read(der, passphrase, &pkcs12, error);

	if (status == STATUS_DENIED && passphrase == NULL) {
		passphrase = pki_input_secret(input, file);
		if (passphrase != NULL)
			status = pkcs12_file_read(der, passphrase, &pkcs12, error);
	}
	if (status != STATUS_OK) {
		item = pki_input_item(input, file, CONTENT_PKCS12);
		item->reason = pki_input_reason(status);
		snprintf(item->error, sizeof(item->error), "%s", error);
		return;
	}
	if (pkcs12.key != NULL) {
		item = pki_input_item(input, file, CONTENT_KEY);
		item->key = pkcs12.key;
		pkcs12.key = NULL;
	}
	for (size_t i = 0; i < pkcs12.cert_count && !pki_input_full(input); i++)
		pki_input_read_cert(pki_input_item(input, file, CONTENT_CERTIFICATE),
		    pkcs12.certs[i]);
	pkcs12_file_done(&pkcs12);
}

static void
pki_input_read_item(struct pki_input *input, const char *file, const struct pem_item *pem)
{
	enum content_kind kind = content_kind_of(pem);
	struct pki_item *item;

	if (kind == CONTENT_PKCS12) {
		pki_input_read_pkcs12(input, file, pem->der);
		return;
	}
	item = pki_input_item(input, file, kind);
	item->line = pem->line;
	switch (kind) {
	case CONTENT_CERTIFICATE:
		pki_input_read_cert(item, pem->der);
		break;
	case CONTENT_REQUEST:
		item->der = bytes_of(alloc_copy(pem->der.data, pem->der.len), pem->der.len);
		item->reason =
		    pki_input_reason(request_parse(pem->der, &item->request, item->error));
		break;
	case CONTENT_KEY:
		pki_input_read_key(input, item, pem);
		break;
	case CONTENT_CRL:
	case CONTENT_PUBLIC_KEY:
		item->der = bytes_of(alloc_copy(pem->der.data, pem->der.len), pem->der.len);
		break;
	case CONTENT_PKCS12:
	case CONTENT_UNKNOWN:
		item->reason = REASON_PARSE;
		snprintf(item->error, sizeof(item->error),
		    "neither a certificate nor a key, request or CRL");
		break;
	}
}

/* The items of a file's contents; what can't be read is the last of them. */
static void
pki_input_read(struct pki_input *input, const char *file, struct bytes contents)
{
	struct pem_item pem_item;
	struct pki_item *item;
	enum status status;
	struct pem pem;

	pem_init(&pem, contents, contents.len);
	while ((status = pem_next(&pem, &pem_item)) == STATUS_OK && !pki_input_full(input))
		pki_input_read_item(input, file, &pem_item);
	if (status != STATUS_END && !pki_input_full(input)) {
		item = pki_input_item(input, file, CONTENT_UNKNOWN);
		item->reason = REASON_PARSE;
		snprintf(item->error, sizeof(item->error), "%s", pem.error);
	}
	pem_done(&pem);
}

int
pki_input_add(struct pki_input *input, const char *path)
{
	struct buf contents;
	enum status status;
	int code = COMMAND_OK;

	buf_init(&contents, PKI_INPUT_FILE_MAX);
	/* room for any key at once: growing would leave pieces of it in freed memory */
	(void)buf_reserve(&contents, 2 * KEY_FILE_LEN_MAX);
	status = fileio_read(AT_FDCWD, path, &contents);
	if (status != STATUS_OK)
		code = command_fail(input->call, command_exit_of(status), NULL,
		    "cannot read %s: %s", path, status_text(status));
	else
		pki_input_read(input, path, buf_bytes(&contents));
	if (code == COMMAND_OK && pki_input_full(input))
		code = command_fail(input->call, COMMAND_FAILURE, "split the files",
		    "more than %d certificates and keys", PKI_INPUT_ITEM_MAX - 1);
	key_file_wipe(&contents);
	return code;
}
