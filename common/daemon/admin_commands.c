/* SPDX-License-Identifier: Apache-2.0
 *
 * cert import, trust list|add|remove, crl list|import.
 */
#include "common/daemon/admin_commands.h"

#include <string.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/base/text.h"
#include "common/cli/passphrase.h"
#include "common/daemon/client.h"
#include "common/pki/key_file.h"
#include "common/pki/trust.h"

/* --- cert import --- */

const struct command_option cert_import_options[] = {
    {.name = "crt", .argument = "FILE", .help = "the certificate, PEM or DER"},
    {.name = "key", .argument = "FILE", .help = "its private key"},
    {.name = "chain", .argument = "FILE", .help = "the certificates of its issuers, PEM"},
    {.name = "passphrase-file",
	.argument = "FILE",
	.help = "the passphrase of an encrypted key (else it is asked for)"},
    {.name = "pass", .argument = "TEXT", .help = "not taken: others could read it here"},
    {.name = "passphrase-set",
	.argument = "BOOL",
	.help = "False; True is not taken: no passphrase is kept"},
    CLIENT_OPTIONS,
    {.name = NULL},
};

const char cert_import_notes[] =
    "The certificate is judged as a peer would judge it, and by the rules for appliances,\n"
    "before anything changes; one that is refused leaves the old one in place.\n";

const char cert_import_exits[] =
    "Exit codes: 0 installed, 1 failure, 2 usage, 3 no such file, 4 not allowed, 5 the\n"
    "daemon can't be reached, 6 refused: the findings say why.\n";

/* Options of the product that this one follows on from, where they can't mean the same. */
static int
cert_import_explain(const struct command_call *call)
{
	const char *reuse = command_value(call, "passphrase-set");

	if (command_has(call, "pass"))
		return command_fail(call, COMMAND_USAGE,
		    "use --passphrase-file FILE, or leave it out and be asked",
		    "--pass: what is on a command line can be read by everybody on this "
		    "machine");
	if (reuse == NULL || text_equal_nocase(bytes_of_text(reuse), bytes_of_text("false")))
		return COMMAND_OK;
	if (text_equal_nocase(bytes_of_text(reuse), bytes_of_text("true")))
		return command_fail(call, COMMAND_USAGE,
		    "use --passphrase-file FILE, or leave it out and be asked",
		    "--passphrase-set: the passphrase of the previous certificate was not "
		    "kept");
	return command_fail(call, COMMAND_USAGE, NULL, "--passphrase-set: True or False");
}

/* Whether a key file needs a passphrase.  What is wrong with the file is for the daemon to
 * say; here such a file needs none. */
static bool
cert_import_encrypted(int fd)
{
	bool encrypted = false;
	struct pem_item item;
	enum key_form form;
	struct buf file;
	struct pem pem;

	buf_init(&file, KEY_FILE_LEN_MAX);
	if (fileio_read_fd(fd, &file) == STATUS_OK) {
		pem_init(&pem, buf_bytes(&file), KEY_FILE_LEN_MAX);
		while (!encrypted && pem_next(&pem, &item) == STATUS_OK)
			encrypted = key_form_of(&item, &form) && key_form_encrypted(form);
		pem_done(&pem);
	}
	key_file_wipe(&file);
	return encrypted && lseek(fd, 0, SEEK_SET) == 0;
}

static int
cert_import_passphrase(const struct command_call *call, struct client_request *request,
    int key_fd)
{
	const char *file = command_value(call, "passphrase-file");
	char passphrase[PASSPHRASE_SIZE];
	enum status status;

	if (file == NULL && !cert_import_encrypted(key_fd))
		return lseek(key_fd, 0, SEEK_SET) == 0 ? COMMAND_OK : COMMAND_FAILURE;
	status = file != NULL ? passphrase_from_file(file, passphrase)
			      : passphrase_ask("Passphrase of the key: ", passphrase);
	if (status == STATUS_OK)
		client_request_add(request, bytes_of_text(passphrase));
	explicit_bzero(passphrase, sizeof(passphrase));
	if (status == STATUS_OK)
		return COMMAND_OK;
	if (file != NULL)
		return command_fail(call, (int)command_exit_of(status), NULL, "%s: %s", file,
		    status_text(status));
	return command_fail(call, COMMAND_USAGE, "use --passphrase-file FILE",
	    "the key is encrypted, and there is no terminal to ask for its passphrase");
}

int
cert_import_run(struct command_call *call)
{
	const char *crt = command_value(call, "crt"), *key = command_value(call, "key");
	const char *chain = command_value(call, "chain");
	struct client_request request;
	int code = cert_import_explain(call);

	if (code != COMMAND_OK)
		return code;
	if (crt == NULL || key == NULL)
		return command_fail(call, COMMAND_USAGE, "try --help",
		    "--crt and --key are both needed");
	client_request_init(&request, "cert import");
	code = client_request_open(&request, call, crt);
	if (code == COMMAND_OK)
		code = client_request_open(&request, call, key);
	if (code == COMMAND_OK && chain != NULL)
		code = client_request_open(&request, call, chain);
	if (code == COMMAND_OK)
		code = cert_import_passphrase(call, &request, request.fds.fd[1]);
	if (code != COMMAND_OK) {
		client_request_done(&request);
		return code;
	}
	code = client_ask(call, &request, NULL);
	if (code == COMMAND_OK)
		output_line(&call->out, OUTPUT_GOOD, "%s: installed", crt);
	return code;
}

/* --- trust --- */

static const struct output_column trust_columns[] = {
    {.title = "Purpose", .key = "purpose"},
    {.title = "Kind", .key = "kind"},
    {.title = "Subject", .key = "subject"},
    {.title = "Until", .key = "not_after"},
    {.title = "SHA-256", .key = "sha256"},
};

static const struct client_view trust_view = {.layout = OUTPUT_TABLE,
    .columns = trust_columns,
    .column_count = sizeof(trust_columns) / sizeof(trust_columns[0]),
    .empty = "nobody is trusted: every link is refused until there is an anchor (trust add)"};

static int
trust_list_run(struct command_call *call)
{
	struct client_request request;

	client_request_init(&request, "trust list");
	return client_ask(call, &request, &trust_view);
}

/* The purpose that --purpose names; NULL, with the error said, where there is no such. */
static const char *
trust_purpose_option(const struct command_call *call)
{
	const char *text = command_value(call, "purpose");
	enum trust_purpose purpose;

	if (text == NULL)
		return trust_purpose_text(TRUST_APPLIANCE);
	if (trust_purpose_from_text(text, &purpose))
		return text;
	command_fail(call, COMMAND_USAGE, "appliance, forward or operator",
	    "--purpose: there is no purpose %s", text);
	return NULL;
}

static int
trust_add_run(struct command_call *call)
{
	const char *purpose = trust_purpose_option(call);
	const char *kind = command_has(call, "intermediate") ? "intermediate" : "anchor";
	int code = COMMAND_OK;

	if (purpose == NULL)
		return COMMAND_USAGE;
	for (size_t i = 0; i < call->operand_count && code == COMMAND_OK; i++) {
		struct client_request request;

		client_request_init(&request, "trust add");
		client_request_add(&request, bytes_of_text(purpose));
		client_request_add(&request, bytes_of_text(kind));
		code = client_request_open(&request, call, call->operands[i]);
		if (code != COMMAND_OK) {
			client_request_done(&request);
			return code;
		}
		code = client_ask(call, &request, NULL);
		if (code == COMMAND_OK)
			output_line(&call->out, OUTPUT_GOOD, "%s: added for purpose %s",
			    call->operands[i], purpose);
	}
	return code;
}

static int
trust_remove_run(struct command_call *call)
{
	const char *purpose = trust_purpose_option(call);
	struct client_request request;
	uint8_t sha256[32];
	int code;

	if (purpose == NULL)
		return COMMAND_USAGE;
	if (!text_parse_hex(call->operands[0], sha256, sizeof(sha256)))
		return command_fail(call, COMMAND_USAGE, "trust list shows it",
		    "%s is not a SHA-256 in hexadecimal", call->operands[0]);
	client_request_init(&request, "trust remove");
	client_request_add(&request, bytes_of_text(purpose));
	client_request_add(&request, bytes_of_text(call->operands[0]));
	code = client_ask(call, &request, NULL);
	if (code == COMMAND_OK)
		output_line(&call->out, OUTPUT_GOOD, "removed from purpose %s", purpose);
	return code;
}

#define PURPOSE_OPTION                                               \
	{                                                            \
		.name = "purpose", .argument = "WHAT",               \
		.help = "appliance, forward or operator (appliance)" \
	}

static const struct command_option trust_add_options[] = {
    PURPOSE_OPTION,
    {.name = "intermediate", .help = "helps to build chains, and is not trusted itself"},
    CLIENT_OPTIONS,
    {.name = NULL},
};

static const struct command_option trust_remove_options[] = {
    PURPOSE_OPTION,
    CLIENT_OPTIONS,
    {.name = NULL},
};

const struct command trust_commands[] = {
    {.name = "list",
	.help = "trust anchors and intermediate certificates of each purpose",
	.options = client_options,
	.run = trust_list_run},
    {.name = "add",
	.help = "trust the certificates in files",
	.operands = "FILE...",
	.least = 1,
	.most = COMMAND_ANY,
	.options = trust_add_options,
	.run = trust_add_run},
    {.name = "remove",
	.help = "trust a certificate no longer",
	.operands = "SHA256",
	.least = 1,
	.most = 1,
	.options = trust_remove_options,
	.run = trust_remove_run},
    {.name = NULL},
};

/* --- crl --- */

static const struct output_column crl_columns[] = {
    {.title = "Issuer", .key = "issuer"},
    {.title = "Issued", .key = "this_update"},
    {.title = "Next", .key = "next_update"},
    {.title = "Entries", .key = "entries", .right = true},
    {.title = "Failures", .key = "failures", .right = true},
    {.title = "Reason", .key = "reason"},
    {.title = "URL", .key = "url"},
};

static const struct client_view crl_view = {.layout = OUTPUT_TABLE,
    .columns = crl_columns,
    .column_count = sizeof(crl_columns) / sizeof(crl_columns[0]),
    .empty = "no CRL is held"};

int
crl_list_run(struct command_call *call)
{
	struct client_request request;

	client_request_init(&request, "crl list");
	return client_ask(call, &request, &crl_view);
}

int
crl_import_run(struct command_call *call)
{
	int code = COMMAND_OK;

	for (size_t i = 0; i < call->operand_count && code == COMMAND_OK; i++) {
		struct client_request request;

		client_request_init(&request, "crl import");
		code = client_request_open(&request, call, call->operands[i]);
		if (code != COMMAND_OK) {
			client_request_done(&request);
			return code;
		}
		code = client_ask(call, &request, NULL);
		if (code == COMMAND_OK)
			output_line(&call->out, OUTPUT_GOOD, "%s: taken", call->operands[i]);
	}
	return code;
}
