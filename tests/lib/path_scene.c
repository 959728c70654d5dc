/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenes of paths.
 */
#include "tests/lib/path_scene.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/crl_intake.h"
#include "common/pki/crl_set.h"
#include "tests/lib/test.h"

enum {
	SCENE_ROOM = 1 << 16
};

struct pki_key *scene_keys[SCENE_KEYS];
struct pki_key *scene_rsa1024;

int
scene_open(void **state)
{
	struct scene *scene = NEW(struct scene);

	path_params_init(&scene->params, PKI_BUILD_NOW);
	scene->params.use = PATH_USE_ANY;
	scene->params.revocation = PATH_REVOCATION_NONE;
	*state = scene;
	return 0;
}

int
scene_close(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < scene->cert_count; i++)
		buf_done(&scene->certs[i]);
	for (size_t i = 0; i < scene->crl_count; i++)
		buf_done(&scene->crls[i]);
	verdict_free(scene->verdict);
	sig_memo_free(scene->memo);
	free(scene);
	return 0;
}

struct bytes
scene_cert(struct scene *scene, const struct pki_cert_spec *spec, const struct pki_key *key,
    const struct pki_key *signer)
{
	struct buf *der = &scene->certs[scene->cert_count++];

	assert_true(scene->cert_count <= SCENE_CERTS);
	buf_init(der, SCENE_ROOM);
	pki_build_cert(spec, key, signer, der);
	return buf_bytes(der);
}

struct bytes
scene_ca(struct scene *scene, const char *subject, const char *issuer, unsigned int key,
    unsigned int signer)
{
	const struct pki_cert_spec spec = {.subject = subject, .issuer = issuer, .is_ca = true};

	return scene_cert(scene, &spec, scene_keys[key], scene_keys[signer]);
}

struct bytes
scene_leaf(struct scene *scene, const char *issuer, unsigned int signer)
{
	const struct pki_cert_spec spec = {.subject = "leaf.example", .issuer = issuer};

	return scene_cert(scene, &spec, scene_keys[0], scene_keys[signer]);
}

void
scene_send(struct scene *scene, struct bytes der)
{
	scene->chain[scene->chain_count++] = der;
}

void
scene_trust(struct scene *scene, struct bytes der)
{
	scene->anchors[scene->anchor_count++] = der;
}

void
scene_publish(struct scene *scene, const struct pki_crl_spec *spec, unsigned int signer)
{
	struct buf *der = &scene->crls[scene->crl_count++];

	buf_init(der, SCENE_ROOM);
	pki_build_crl(spec, scene_keys[signer], der);
}

static void
scene_parse_all(const struct bytes *ders, size_t count, struct cert **ret_certs)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(cert_parse(ders[i], &ret_certs[i], NULL), STATUS_OK);
}

static void
scene_release_image(struct bytes image)
{
	free((void *)image.data);
}

/* Everything published goes to a set, verified with whatever certificate is at hand. */
static struct crl_set *
scene_take_in(const struct scene *scene)
{
	struct crl_set *set = crl_set_new();
	struct cert *signers[SCENE_CERTS];
	size_t count = 0;

	for (size_t i = 0; i < scene->cert_count; i++)
		if (cert_parse(buf_bytes(&scene->certs[i]), &signers[count], NULL) == STATUS_OK)
			count++;
	for (size_t i = 0; i < scene->crl_count; i++) {
		struct buf image;
		struct crl_intake intake;
		struct crl_index *index;

		buf_init(&image, SCENE_ROOM);
		if (crl_intake_take(buf_bytes(&scene->crls[i]), CRL_LEN_MAX,
			(const struct cert *const *)signers, count, &image,
			&intake) == REASON_OK) {
			struct bytes copy =
			    bytes_of(alloc_copy(image.data, image.len), image.len);

			assert_int_equal(crl_index_open_take(copy, scene_release_image, &index),
			    STATUS_OK);
			assert_int_equal(crl_set_add_take(set, index), STATUS_OK);
		}
		crl_intake_done(&intake);
		buf_done(&image);
	}
	for (size_t i = 0; i < count; i++)
		cert_free(signers[i]);
	return set;
}

enum reason
scene_judge(struct scene *scene)
{
	struct cert *anchors[SCENE_CERTS], *intermediates[SCENE_CERTS];
	struct trust *trusted;
	struct crl_set *crls = scene_take_in(scene);
	struct path_input input = {.chain = scene->chain,
	    .chain_count = scene->chain_count,
	    .extra = scene->extra,
	    .extra_count = scene->extra_count,
	    .crls = crls,
	    .memo = scene->memo};

	scene_parse_all(scene->anchors, scene->anchor_count, anchors);
	scene_parse_all(scene->intermediates, scene->intermediate_count, intermediates);
	assert_int_equal(trust_new_take(TRUST_APPLIANCE, 5, anchors, scene->anchor_count,
			     intermediates, scene->intermediate_count, &trusted),
	    STATUS_OK);
	input.trust = trusted;
	verdict_free(scene->verdict);
	scene->verdict = path_validate(&input, &scene->params);
	trust_free(trusted);
	crl_set_free(crls);
	assert_int_equal(verdict_outcome(scene->verdict) == VERDICT_ACCEPT,
	    verdict_reason(scene->verdict) == REASON_OK);
	return verdict_reason(scene->verdict);
}

bool
scene_found(const struct scene *scene, enum reason reason, unsigned int depth)
{
	for (size_t i = 0; i < verdict_finding_count(scene->verdict); i++) {
		const struct verdict_finding *finding = verdict_finding(scene->verdict, i);

		if (finding->reason == reason && finding->depth == depth)
			return true;
	}
	return false;
}

void
scene_ordinary(struct scene *scene)
{
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_leaf(scene, "Issuing", 2));
	scene_send(scene, scene_ca(scene, "Issuing", "Root", 2, 1));
}

void
scene_ordinary_with(struct scene *scene, struct pki_cert_spec intermediate,
    struct pki_cert_spec end)
{
	intermediate.subject = "Issuing";
	intermediate.issuer = "Root";
	if (end.subject == NULL)
		end.subject = "leaf.example";
	end.issuer = "Issuing";
	scene_trust(scene, scene_ca(scene, "Root", "Root", 1, 1));
	scene_send(scene, scene_cert(scene, &end, scene_keys[0], scene_keys[2]));
	scene_send(scene, scene_cert(scene, &intermediate, scene_keys[2], scene_keys[1]));
}

int
scene_make_keys(void **state)
{
	for (size_t i = 0; i < SCENE_KEYS; i++)
		scene_keys[i] = pki_key_new();
	scene_rsa1024 = pki_key_new_kind(PKI_KEY_RSA1024);
	return 0;
}

int
scene_free_keys(void **state)
{
	for (size_t i = 0; i < SCENE_KEYS; i++)
		pki_key_free(scene_keys[i]);
	pki_key_free(scene_rsa1024);
	return 0;
}
