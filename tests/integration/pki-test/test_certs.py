# SPDX-License-Identifier: Apache-2.0
"""Every certificate recipe, held against what openssl and certtool say of it.

Neither knows the appliance profile, our limits, or our order of checks, and each has laxities
of its own; where they differ from the reason of the recipe the difference is in a table here.
"""

import base64
import re
import subprocess

import pytest

import lab

# error numbers of `openssl verify` (x509_vfy.h) that mean our reason
OPENSSL = {
    "no-issuer": {2, 18, 19, 20, 21},
    "signature": {7, 20},  # it skips an issuer whose key identifier differs: 20
    "weak-key": {66, 67, 94},
    "weak-signature": {68},
    "not-a-ca": {24, 79},
    "path-length": {25},
    "key-usage": {32, 79},
    "critical-extension": {34},
    "name-constraints": {47, 48},
    "not-yet-valid": {9},
    "expired": {10},
    "ext-key-usage": {26},
    "revoked": {23},
    "crl-signer-keyusage": {35},
}

# what openssl makes of a recipe where that is not the error above: a set of numbers, OK, or
# UNREADABLE; the reason of each
OK, UNREADABLE = "ok", "unreadable"
DIFFERS = {
    # malformed: read leniently, or found later
    "truncated": UNREADABLE,
    "wrong-tag": UNREADABLE,
    "empty": UNREADABLE,
    "noise": UNREADABLE,
    "bad-bit-string": UNREADABLE,
    "empty-serial": UNREADABLE,
    "padded-serial": UNREADABLE,
    "cn-invalid-utf8": UNREADABLE,
    "trailing-garbage": OK,  # PEM: it stops at the end of the certificate
    "long-length": OK,  # BER
    "indefinite-length": OK,  # BER
    "bad-boolean": OK,  # BER
    "month13": {13},
    "duplicate-extension": {20},  # "invalid certificate", then no issuer for it
    "v1-extensions": OK,
    "version-4": OK,
    "algorithm-mismatch": {7},
    "mismatched-issuer": {7},
    "long-serial": OK,
    # no limits on octets, a larger one on depth
    "huge": OK,
    "huge-issuer": OK,
    "too-deep": OK,
    # it wants the very use
    "good-any-eku": {26},
    # keyUsage of a server: it takes keyEncipherment too
    "no-digital-signature": OK,
    # that keyUsage can't sign the CRL either is said first
    "issuer-appliance": {26, 32, 35, 79},
    "issuer-eku": {26, 79},
    # an empty list of uses is none of them, but it reads it as any
    "empty-eku": {26},
    # identity is the caller's business
    "wrong-name": OK,
    "san-nul": OK,
}

# certtool can't read these; its laxity is other than openssl's
CERTTOOL_UNREADABLE = {
    "algorithm-mismatch",
    "duplicate-extension",
    "empty",
    "indefinite-length",
    "month13",
    "noise",
    "trailing-garbage",
    "truncated",
    "v1-extensions",
    "wrong-tag",
}

LEAVES = lab.recipes("leaf")


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("certs") / "lab", sensors=0) as made:
        yield made


def openssl_verify(laboratory, cert, purpose):
    """(exit code, the error numbers), with every CRL of the laboratory at hand."""
    crls = []
    for crl in laboratory.crls():
        pem = crl.with_suffix(".pem")
        if not pem.exists() or pem.stat().st_mtime_ns < crl.stat().st_mtime_ns:
            subprocess.run(
                ["openssl", "crl", "-inform", "DER", "-in", crl, "-out", pem], check=True
            )
        crls += ["-CRLfile", pem]
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", laboratory.anchors(), "-crl_check_all"]
        + ["-auth_level", "2", "-purpose", purpose]
        + [arg for chain in cert.chain_args for arg in ("-untrusted", chain)]
        + [*crls, cert.crt],
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    return done.returncode, output, {int(n) for n in re.findall(r"^error (\d+) at", output, re.M)}


def expected(row):
    if row["name"] in DIFFERS:
        return DIFFERS[row["name"]]
    if row["reason"] == "ok" or row["reason"].startswith("profile-"):
        return OK
    return OPENSSL[row["reason"]]


@pytest.mark.parametrize("row", LEAVES, ids=lambda row: row["name"])
def test_openssl_finds_what_the_recipe_says(laboratory, row):
    cert = laboratory.issue(row["name"], name=row["name"])
    purpose = "sslclient" if row["purpose"] == "client" else "sslserver"
    code, output, errors = openssl_verify(laboratory, cert, purpose)
    want = expected(row)
    if want == OK:
        assert code == 0, output
    elif want == UNREADABLE:
        assert code != 0 and "Unable to load certificate" in output
    else:
        assert code != 0 and errors & want, output


@pytest.mark.parametrize("row", LEAVES, ids=lambda row: row["name"])
def test_certtool_reads_what_is_well_formed(laboratory, row):
    cert = laboratory.cert(row["name"])
    done = subprocess.run(["certtool", "-i", "--infile", cert.crt], capture_output=True, check=False)
    assert (done.returncode != 0) == (row["name"] in CERTTOOL_UNREADABLE), done.stderr


def text_of(cert):
    return subprocess.run(
        ["openssl", "x509", "-in", cert.crt, "-noout", "-text", "-nameopt", "sep_multiline,esc_ctrl"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_good_certificate_has_what_the_profile_asks_for(laboratory):
    text = text_of(laboratory.issue(cn="sensor-77.plant.example"))
    for part in (
        "C=DE",
        "O=Example Plant",
        "OU=OT Security",
        "CN=sensor-77.plant.example",
        "Public-Key: (2048 bit)",
        "sha256WithRSAEncryption",
        "CA:FALSE",
        "Digital Signature",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "DNS:sensor-77.plant.example",
        "/issuing.crl",
    ):
        assert part in text


def der_of(cert):
    body = re.search("-----BEGIN CERTIFICATE-----\n(.*)-----END", cert.crt.read_text(), re.S)
    return base64.b64decode(body.group(1))


def test_any_octet_can_be_in_a_name(laboratory):
    for recipe, octets in {
        "cn-nul": b"cn-nul.plant.example\x00.attacker.example",
        "cn-escapes": b"\x1b[2J\x1b[31mcn-escapes.plant.example\x1b[0m",
        "cn-newline": b"cn-newline.plant.example\nok: accepted",
        "cn-bidi": b"sensor-\xe2\x80\xaemoc.elpmaxe",
        "cn-invalid-utf8": b"sensor\xff.plant.example",
        "san-nul": b"\x82\x27san-nul.plant.example\x00.attacker.example",
    }.items():
        assert octets in der_of(laboratory.cert(recipe)), recipe


def test_settings_change_a_recipe(laboratory):
    cert = laboratory.issue(
        "good",
        name="changed",
        cn="changed.plant.example",
        not_after="+3d",
        san="dns:%c,ip:127.0.0.1,uri:urn:x,email:a@b.example",
        eku="client,1.2.3.4",
        cdp="http://one.example/a.crl,http://two.example/b.crl",
        policy="1.2.3.4.5,any",
        serial="0102",
    )
    text = text_of(cert)
    for part in (
        "Serial Number: 258 (0x102)",
        "IP Address:127.0.0.1",
        "URI:urn:x",
        "email:a@b.example",
        "1.2.3.4",
        "URI:http://two.example/b.crl",
        "Policy: 1.2.3.4.5",
        "Policy: X509v3 Any Policy",
    ):
        assert part in text


@pytest.mark.parametrize(
    "settings, complaint",
    [
        ({"colour": "red"}, "unknown setting colour"),
        ({"not_before": "soon"}, "not-before=soon"),
        ({"san": "sensor"}, "san=sensor"),
        ({"san": "ip:1.2.3"}, "san=ip:1.2.3"),
        ({"ku": "everything"}, "ku=everything"),
        ({"eku": "1.x"}, "eku=1.x"),
        ({"key": "rsa1"}, "rsa1"),
        ({"hash": "crc32"}, "hash=crc32"),
        ({"issuer": "nobody"}, "nobody"),
        ({"serial": "abc"}, "serial=abc"),
        ({"o": "%q"}, "o=%q"),
        ({"revoke": "boredom"}, "boredom"),
        ({"mangle": "gently"}, "mangle=gently"),
        ({"pathlen": "-1"}, "pathlen=-1"),
        ({"version": "0"}, "version=0"),
    ],
)
def test_a_setting_that_can_not_be_read_is_named(laboratory, settings, complaint):
    before = laboratory.list()
    with pytest.raises(lab.LabError, match=re.escape(complaint)):
        laboratory.issue("good", name="never", **settings)
    assert laboratory.list() == before
