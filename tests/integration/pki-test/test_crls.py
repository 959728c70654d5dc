# SPDX-License-Identifier: Apache-2.0
"""Every CRL recipe, held against openssl and certtool, with a table of where those differ."""

import re
import subprocess
import time

import pytest

import lab

OPENSSL = {
    "crl-expired": {12},
    "crl-not-yet-valid": {11},
    "crl-signature": {8},
    "crl-missing": {3},
    "crl-scope": {44},
    "crl-critical-extension": {36},
}

OK, UNREADABLE = "ok", "unreadable"
DIFFERS = {
    # a CRL is a text of its own, known only when there is an older one
    "rolled-back": OK,
    # read leniently
    "no-next-update": OK,
    "no-number": OK,
    "v3": OK,
    "idp-empty": OK,
    "empty-list": OK,
    "algorithm-mismatch": {8},
    "number-critical": {36},
    "generalized-time": OK,
    "month13": {15, 16},
    "trailing-garbage": OK,
    "long-length": OK,
    "indefinite-length": OK,
    "truncated": UNREADABLE,
    "wrong-tag": UNREADABLE,
    "empty": UNREADABLE,
    "noise": UNREADABLE,
    "html": UNREADABLE,
    "bad-bit-string": UNREADABLE,
    "pem": UNREADABLE,  # as DER, which is what it is asked for
    # no limit; SHA-1 is good enough for it in CRLs
    "too-large": OK,
    "sha1": OK,
    # not without being told to
    "indirect": {3},
}

# which OpenSSL takes or refuses from one patch release of 3.0 to the next
LATELY = {"delta", "algorithm-mismatch"}

CRLS = lab.recipes("crl")


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """One sensor is good, one revoked: by CRLs with an entry."""
    with lab.Lab.make(tmp_path_factory.mktemp("crls") / "lab", sensors=2) as made:
        made.revoke("sensor-2", "superseded")
        yield made


def to_pem(crl):
    pem = crl.with_suffix(".pem")
    done = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", crl, "-out", pem],
        capture_output=True,
        check=False,
    )
    return pem if done.returncode == 0 else None


def verify(laboratory, name, crl_pem):
    """(exit code, error numbers, output) of a leaf with just this CRL."""
    cert = laboratory.cert(name)
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", laboratory.anchors(), "-untrusted", cert.chain]
        + ["-crl_check", "-CRLfile", crl_pem, cert.crt],
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    return done.returncode, {int(n) for n in re.findall(r"^error (\d+) at", output, re.M)}, output


@pytest.mark.parametrize("row", CRLS, ids=lambda row: row["name"])
def test_openssl_finds_what_the_recipe_says(laboratory, row):
    pem = to_pem(laboratory.crl(row["name"], beside=True))
    want = DIFFERS.get(row["name"]) or (OK if row["reason"] == "ok" else OPENSSL[row["reason"]])
    if want == UNREADABLE:
        assert pem is None
        return
    code, errors, output = verify(laboratory, "sensor-1", pem)
    if code == 0 and row["name"] in LATELY:
        pytest.skip("this OpenSSL takes it")
    if want == OK:
        assert code == 0, output
    else:
        assert code != 0 and errors & want, output


@pytest.mark.parametrize("recipe", ["current", "no-reasons", "all-hold", "stale", "huge", "v1"])
def test_who_is_revoked_is_on_the_list(laboratory, recipe):
    pem = to_pem(laboratory.crl(recipe, beside=True))
    assert 23 in verify(laboratory, "sensor-2", pem)[1]


@pytest.mark.parametrize("recipe", ["forged", "rolled-back", "empty-list"])
def test_who_is_revoked_is_not_on_a_list_that_forgets(laboratory, recipe):
    pem = to_pem(laboratory.crl(recipe, beside=True))
    assert 23 not in verify(laboratory, "sensor-2", pem)[1]


def text_of(crl):
    return subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", crl, "-noout", "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def number_of(crl):
    return int(re.search(r"CRL Number:\s*(\d+)", text_of(crl)).group(1))


def test_numbers_rise_and_old_ones_come_back_only_on_order(laboratory):
    first = number_of(laboratory.crl(ca="issuing"))
    second = number_of(laboratory.crl(ca="issuing"))
    assert second == first + 1
    assert number_of(laboratory.crl("rolled-back", beside=True)) == second - 1
    assert number_of(laboratory.crl(ca="issuing")) == second + 1


def test_revoking_publishes_unless_told_not_to(laboratory):
    laboratory.issue(cn="one.plant.example")
    laboratory.issue(cn="two.plant.example")
    issuing = laboratory.path / "crl" / "issuing.crl"
    laboratory.revoke("one", "keyCompromise")
    laboratory.revoke("two", "certificateHold", at="2026-01-02T03:04:05Z", publish=False)
    serials = {row["name"]: row["serial"].upper() for row in laboratory.list()}
    assert serials["one"] in text_of(issuing)
    assert serials["two"] not in text_of(issuing)
    laboratory.crl()
    text = text_of(issuing)
    assert re.search(
        serials["two"] + r"\s*Revocation Date: Jan  2 03:04:05 2026 GMT.*?Certificate Hold", text, re.S
    )
    state = {row["name"]: (row["state"], row["reason"]) for row in laboratory.list()}
    assert state["one"] == ("revoked", "keyCompromise")


def test_details_of_extensions(laboratory):
    text = text_of(laboratory.crl("idp-mismatch", beside=True))
    assert "Issuing Distribution Point: critical" in text and "/elsewhere.crl" in text
    assert "Only CA Certificates" in text_of(laboratory.crl("idp-only-ca", beside=True))
    assert "Only Some Reasons" in text_of(laboratory.crl("idp-reasons", beside=True))
    text = text_of(laboratory.crl("indirect", beside=True))
    assert "Indirect CRL" in text and "CN=Elsewhere Root CA" in text
    assert "Delta CRL Indicator: critical" in text_of(laboratory.crl("delta", beside=True))


def test_certtool_verifies_the_signature(laboratory):
    crl = laboratory.crl("current", beside=True)
    done = subprocess.run(
        ["certtool", "--verify-crl", "--infile", to_pem(crl)]
        + ["--load-ca-certificate", laboratory.path / "ca" / "issuing.crt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verified" in done.stdout + done.stderr and done.returncode == 0


def test_a_list_of_64_mib_of_30_octets_an_entry_takes_seconds(laboratory):
    began = time.monotonic()
    crl = laboratory.crl("current", beside=True, ca="issuing", entries=2236000, reasons="no")
    assert 60_000_000 < crl.stat().st_size < 64 * 1024 * 1024 + 100_000
    assert time.monotonic() - began < 20


def test_the_same_laboratory_twice_is_the_same(tmp_path):
    if not lab.KEY_CACHE:
        pytest.skip("without a key cache the keys differ")
    files = []
    for path in (tmp_path / "a", tmp_path / "b"):
        with lab.Lab.make(path, sensors=1, now="2026-01-01T00:00:00Z"):
            files.append({p.relative_to(path): p.read_bytes() for p in path.rglob("*.c*")})
    assert files[0] == files[1] and len(files[0]) > 20
