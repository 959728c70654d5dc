# SPDX-License-Identifier: Apache-2.0
"""Every recipe, judged by the product: the reason is the one that the recipe promises."""

import json
import os
import subprocess

import pytest

import lab

VERIFIER = os.environ["PORTCULLIS_VERIFY"]  # any program with verify and cert check


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("verify") / "lab", sensors=1) as made:
        yield made


def verifier(*args):
    done = subprocess.run(
        [VERIFIER, *map(str, args)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def verify(laboratory, cert, crls, purpose, *more):
    args = ["--chain", cert.pem, "--anchors", laboratory.anchors(), "--purpose", purpose]
    return verifier("verify", *args, "--crl", *crls, *more)


@pytest.mark.parametrize("row", lab.recipes("leaf"), ids=lambda row: row["name"])
def test_a_certificate_is_refused_for_the_reason_of_its_recipe(laboratory, row):
    asked = "asked-for.plant.example"
    cert = laboratory.issue(row["name"], name=row["name"], cn=asked)
    more = ["--name", f"cn:{asked}"] if row["reason"] == "name-mismatch" else []
    want = row["reason"] if row["phase"] == "connect" else "ok"
    for purpose in ("server", "client") if row["purpose"] == "any" else (row["purpose"],):
        said = verify(laboratory, cert, laboratory.crls(), purpose, *more)
        assert said["reason"] == want, said
        assert said["verdict"] == ("accept" if want == "ok" else "reject")


@pytest.mark.parametrize(
    "row", [row for row in lab.recipes("leaf") if row["phase"] == "install"], ids=lambda row: row["name"]
)
def test_what_is_refused_at_install_is_found_when_it_is_checked(laboratory, row):
    found = verifier("cert", "check", laboratory.cert(row["name"]).crt, "--json")["findings"]
    assert row["reason"] in {finding["reason"] for finding in found if finding["level"] == "error"}


@pytest.mark.parametrize("row", lab.recipes("crl"), ids=lambda row: row["name"])
def test_a_crl_leads_to_the_reason_of_its_recipe(laboratory, row):
    crls = [laboratory.crl(row["name"], beside=True), laboratory.path / "crl" / "root.crl"]
    said = verify(laboratory, laboratory.cert("sensor-1"), crls, "server")
    # alone it is older than nothing
    want = "ok" if row["reason"] == "crl-rollback" else row["reason"]
    assert said["reason"] == want, said


def test_a_crl_that_is_taken_still_revokes(laboratory):
    laboratory.issue(cn="gone.plant.example")
    laboratory.revoke("gone", "keyCompromise")
    for row in lab.recipes("crl"):
        if row["reason"] != "ok" or row["name"] == "indirect":
            continue
        crls = [laboratory.crl(row["name"], beside=True), laboratory.path / "crl" / "root.crl"]
        assert verify(laboratory, laboratory.cert("gone"), crls, "server")["reason"] == "revoked", row


def test_a_rolled_back_crl_does_not_bring_back_what_is_revoked(laboratory):
    laboratory.issue(cn="back.plant.example")
    laboratory.revoke("back")
    crls = [laboratory.crl("rolled-back", beside=True), *laboratory.crls()]
    assert verify(laboratory, laboratory.cert("back"), crls, "server")["reason"] == "revoked"
