/* SPDX-License-Identifier: Apache-2.0
 *
 * A scene for tests of paths: certificates and CRLs are put together by the case, who sends
 * and who is trusted is said, and the whole is judged.
 */
#ifndef PORTCULLIS_TESTS_LIB_PATH_SCENE_H
#define PORTCULLIS_TESTS_LIB_PATH_SCENE_H

#include "common/pki/path.h"
#include "common/pki/sig_memo.h"
#include "tests/lib/pki_build.h"

enum {
	SCENE_KEYS = 12,
	SCENE_CERTS = 24,
	SCENE_CRLS = 8,
};

extern struct pki_key *scene_keys[SCENE_KEYS]; /* P-256 */
extern struct pki_key *scene_rsa1024;

/* What one case puts together and judges. */
struct scene {
	struct buf certs[SCENE_CERTS];
	size_t cert_count;
	struct buf crls[SCENE_CRLS];
	size_t crl_count;
	struct bytes chain[SCENE_CERTS];
	size_t chain_count;
	struct bytes extra[SCENE_CERTS];
	size_t extra_count;
	struct bytes anchors[SCENE_CERTS];
	size_t anchor_count;
	struct bytes intermediates[SCENE_CERTS];
	size_t intermediate_count;
	struct path_params params;
	struct sig_memo *memo;
	struct verdict *verdict;
};

/* A case with a scene of its own, in *state; the keys are made once for all cases. */
#define SCENE(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)

int scene_make_keys(void **state);
int scene_free_keys(void **state);
int scene_open(void **state);
int scene_close(void **state);

/* A certificate by its specification, of one key, signed by another; the bytes stay with the
 * scene.  A CA, and a leaf of key 0 with the CN leaf.example, by the numbers of the keys. */
struct bytes scene_cert(struct scene *scene, const struct pki_cert_spec *spec,
    const struct pki_key *key, const struct pki_key *signer);
struct bytes scene_ca(struct scene *scene, const char *subject, const char *issuer,
    unsigned int key, unsigned int signer);
struct bytes scene_leaf(struct scene *scene, const char *issuer, unsigned int signer);

/* The first certificate that is sent is the leaf. */
void scene_send(struct scene *scene, struct bytes der);
void scene_trust(struct scene *scene, struct bytes der);

/* Adds a CRL signed by a key. */
void scene_publish(struct scene *scene, const struct pki_crl_spec *spec, unsigned int signer);

/* Root (key 1) - issuing CA (key 2) - leaf (key 0), and the same with an intermediate and a
 * leaf as given. */
void scene_ordinary(struct scene *scene);
void scene_ordinary_with(struct scene *scene, struct pki_cert_spec intermediate,
    struct pki_cert_spec end);

/* Judges the scene, keeps the verdict, and gives the reason. */
enum reason scene_judge(struct scene *scene);

/* Whether the verdict has this finding. */
bool scene_found(const struct scene *scene, enum reason reason, unsigned int depth);

#endif
