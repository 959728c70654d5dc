# SPDX-License-Identifier: Apache-2.0
"""Every recipe, judged by the product: the reason is the one that the recipe promises."""

import json
import os
import subprocess

import pytest

import lab

VERIFIER = os.environ["PORTCULLIS_VERIFY"]  # any program with verify and cert check


LEAVES = lab.recipes("leaf")
CRLS = lab.recipes("crl")
ASKED = "asked-for.plant.example"


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Has a certificate by each recipe, all for one CN; sensor-1 is good, sensor-2 revoked."""
    with lab.Lab.make(tmp_path_factory.mktemp("verify") / "lab", sensors=2) as made:
        for row in LEAVES:
            made.issue(row["name"], name=row["name"], cn=ASKED)
        made.revoke("sensor-2", "keyCompromise")
        yield made


def judge(laboratory, questions):
    """The answers to {id: (certificate, CRLs, purpose, names)}, by id, in one run."""
    lines = [
        json.dumps({
            "id": name,
            "chain": [str(laboratory.cert(cert).pem)],
            "anchors": [str(laboratory.anchors())],
            "crls": [str(crl) for crl in crls],
            "purpose": purpose,
            "names": names,
        })
        for name, (cert, crls, purpose, names) in questions.items()
    ]
    done = subprocess.run(
        [VERIFIER, "verify", "--batch"], input="\n".join(lines) + "\n",
        capture_output=True, text=True, timeout=100, check=True,
    )
    answers = {answer["id"]: answer for answer in lab.json_lines(done.stdout)}
    assert set(answers) == set(questions)
    return answers


@pytest.fixture(scope="module")
def leaf_answers(laboratory):
    questions = {}
    for row in LEAVES:
        names = [{"kind": "cn", "value": ASKED}] if row["reason"] == "name-mismatch" else []
        for purpose in ("server", "client") if row["purpose"] == "any" else (row["purpose"],):
            questions[f"{row['name']}/{purpose}"] = (row["name"], laboratory.crls(), purpose, names)
    return judge(laboratory, questions)


@pytest.fixture(scope="module")
def crl_answers(laboratory):
    """Of sensor-1 and sensor-2 with the CRL of each recipe."""
    questions = {}
    root = laboratory.path / "crl" / "root.crl"
    for row in CRLS:
        crl = laboratory.crl(row["name"], beside=True)
        for name in ("sensor-1", "sensor-2"):
            questions[f"{row['name']}/{name}"] = (name, [crl, root], "server", [])
    return judge(laboratory, questions)


@pytest.mark.parametrize("row", LEAVES, ids=lambda row: row["name"])
def test_a_certificate_is_refused_for_the_reason_of_its_recipe(leaf_answers, row):
    want = row["reason"] if row["phase"] == "connect" else "ok"
    for purpose in ("server", "client") if row["purpose"] == "any" else (row["purpose"],):
        said = leaf_answers[f"{row['name']}/{purpose}"]
        assert said["reason"] == want, said
        assert said["verdict"] == ("accept" if want == "ok" else "reject")


@pytest.mark.parametrize(
    "row", [row for row in LEAVES if row["phase"] == "install"], ids=lambda row: row["name"]
)
def test_what_is_refused_at_install_is_found_when_it_is_checked(laboratory, row):
    done = subprocess.run(
        [VERIFIER, "cert", "check", laboratory.cert(row["name"]).crt, "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )
    findings = json.loads(done.stdout)["findings"]
    assert row["reason"] in {found["reason"] for found in findings if found["level"] == "error"}


@pytest.mark.parametrize("row", CRLS, ids=lambda row: row["name"])
def test_a_crl_leads_to_the_reason_of_its_recipe(crl_answers, row):
    said = crl_answers[f"{row['name']}/sensor-1"]
    # alone it is older than nothing
    want = "ok" if row["reason"] == "crl-rollback" else row["reason"]
    assert said["reason"] == want, said


@pytest.mark.parametrize("row", CRLS, ids=lambda row: row["name"])
def test_who_is_revoked_is_never_accepted_by_a_crl_that_lists_it(crl_answers, row):
    said = crl_answers[f"{row['name']}/sensor-2"]
    if row["name"] == "rolled-back":  # from before the revocation, and alone
        assert said["reason"] == "ok"
    elif row["name"] == "indirect":  # lists it as a certificate of another CA
        assert said["reason"] == "ok"
    elif row["reason"] == "ok":
        assert said["reason"] == "revoked", said
    else:
        assert said["verdict"] == "reject", said


def test_a_rolled_back_crl_does_not_bring_back_what_is_revoked(laboratory, crl_answers):
    crls = [laboratory.path / "crl" / "issuing.rolled-back.crl", *laboratory.crls()]
    answers = judge(laboratory, {"both": ("sensor-2", crls, "server", [])})
    assert answers["both"]["reason"] == "revoked"


def test_a_forged_crl_does_not_hide_why_a_certificate_is_revoked(laboratory, crl_answers):
    crls = [laboratory.path / "crl" / "issuing.forged.crl", *laboratory.crls()]
    answers = judge(laboratory, {"both": ("sensor-2", crls, "server", [])})
    assert answers["both"]["reason"] == "revoked"
