# SPDX-License-Identifier: Apache-2.0
"""The laboratory as a directory of plain files, and the command line around it."""

import pathlib
import re
import subprocess

import pytest

import lab


def test_a_laboratory_has_what_the_pair_and_its_sensors_need(tmp_path):
    with lab.Lab.make(tmp_path / "lab", sensors=2, domain="works.example") as made:
        names = {row["name"]: row for row in made.list()}
        assert {"root", "issuing", "other", "operator", "forward"} <= set(names)
        assert names["sensor-2"]["cn"] == "sensor-2.works.example"
        for name in ("console-a", "console-b", "sensor-1", "sensor-2"):
            folder = made.path / name
            for file in (f"{name}.crt", f"{name}.key", f"{name}.chain.pem"):
                assert (folder / file).stat().st_size > 0
            for purpose in ("appliance", "operator", "forward"):
                assert (folder / "trust" / f"{purpose}.pem").exists()
            for ca in ("root", "issuing", "operator", "forward"):
                assert (folder / "crl" / f"{ca}.crl").exists()
        assert (made.path / "index").read_text().count("\n") == len(names) + 1


def modulus(*args):
    return subprocess.run(["openssl", *args], capture_output=True, text=True, check=True).stdout


def test_each_key_belongs_to_its_certificate_and_to_no_other(tmp_path):
    with lab.Lab.make(tmp_path / "lab", sensors=2) as made:
        seen = set()
        for row in made.list():
            cert = made.cert(row["name"])
            own = modulus("x509", "-in", cert.crt, "-noout", "-pubkey")
            assert own == modulus("pkey", "-in", cert.key, "-pubout")
            assert own not in seen
            seen.add(own)
            assert cert.key.stat().st_mode & 0o077 == 0


def test_the_purposes_do_not_trust_each_other(tmp_path):
    with lab.Lab.make(tmp_path / "lab", sensors=1) as made:
        def good(name, purpose):
            cert = made.cert(name)
            chain = [arg for file in cert.chain_args for arg in ("-untrusted", file)]
            args = ["openssl", "verify", "-CAfile", made.anchors(purpose), *chain, cert.crt]
            return subprocess.run(args, capture_output=True, check=False).returncode == 0

        for name, purpose in (("sensor-1", "appliance"), ("page-a", "operator"), ("siem", "forward")):
            for other in ("appliance", "operator", "forward"):
                assert good(name, other) == (other == purpose), (name, other)


@pytest.mark.parametrize("key, text", [("p256", "prime256v1"), ("rsa3072", "(3072 bit)")])
def test_the_kind_of_key_is_a_choice(tmp_path, key, text):
    with lab.Lab.make(tmp_path / "lab", sensors=1, key=key) as made:
        shown = modulus("x509", "-in", made.cert("sensor-1").crt, "-noout", "-text")
        assert text in shown
        assert made.issue("good-rsa4096").crt.exists()


def test_a_thousand_clients_with_one_key_are_distinct(tmp_path):
    with lab.Lab.make(tmp_path / "lab", sensors=0) as made:
        certs = made.issue_many(1000, "sensor-%04d.plant.example")
        assert len({cert.crt.read_bytes() for cert in certs}) == 1000
        assert len({cert.key.read_bytes() for cert in certs}) == 1
        serials = {row["serial"] for row in made.list()}
        assert len(serials) == len(made.list())
        last = modulus("x509", "-in", certs[-1].crt, "-noout", "-subject")
        assert "CN = sensor-1000.plant.example" in last


@pytest.mark.parametrize(
    "args, code, text",
    [
        (["issue", "LAB", "--recipe", "nonsense"], 2, "nonsense"),
        (["crl", "LAB", "--recipe", "good"], 2, "good"),
        (["issue", "LAB", "--cn", "sensor-1.plant.example"], 1, "sensor-1"),
        (["issue", "LAB", "--name", "../escape"], 1, "../escape"),
        (["issue", "LAB", "--count", "3", "--cn", "plain"], 1, "%d"),
        (["issue", "LAB", "--count", "3", "--cn", "%s%n"], 1, "%s%n"),
        (["issue", "LAB", "--count", "0", "--cn", "x%d"], 2, "--count=0"),
        (["issue", "LAB", "--now", "yesterday"], 2, "yesterday"),
        (["revoke", "LAB", "nobody"], 3, "nobody"),
        (["revoke", "LAB", "sensor-1", "--reason", "boredom"], 1, "boredom"),
        (["revoke", "LAB", "root"], 0, ""),
        (["lab", "LAB"], 1, "already"),
        (["list", "MISSING"], 3, "MISSING"),
        (["proxy"], 2, "--to"),
        (["serve", "LAB", "--listen", "localhost"], 2, "localhost"),
        (["serve", "LAB", "--fault", "nonsense"], 2, "nonsense"),
        (["control", "MISSING", "stats"], None, "MISSING"),
    ],
)
def test_what_can_not_be_done_is_said_and_changes_nothing(tmp_path, args, code, text):
    with lab.Lab.make(tmp_path / "lab", sensors=1) as made:
        before = made.list()
        args = [
            str(made.path) if a == "LAB" else str(tmp_path / a) if a == "MISSING" else a for a in args
        ]
        done = subprocess.run(
            [lab.PROGRAM, *args], capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == code if code is not None else done.returncode != 0, done.stderr
        assert text in done.stderr
        if code != 0:
            assert len(done.stderr.splitlines()) <= 2
            assert made.list() == before


def test_a_damaged_index_is_reported_not_guessed(tmp_path):
    with lab.Lab.make(tmp_path / "lab", sensors=0) as made:
        index = made.path / "index"
        text = index.read_text()
        for damaged in (text + "x\ty\n", text.replace("\t", "\tz\t", 20), text + text.split("\n")[1] + "\n"):
            index.write_text(damaged)
            with pytest.raises(lab.LabError):
                made.list()


def test_every_reason_about_certificates_and_crls_has_a_recipe():
    have = {row["reason"] for row in lab.recipes()}
    # not here: what no certificate or CRL alone can have (a policy that is asked for, an age, a
    # place, a use that is configured), and what is only a warning
    want = {
        "ok parse limits no-issuer signature weak-key weak-signature not-a-ca path-length key-usage "
        "critical-extension name-constraints not-yet-valid expired ext-key-usage name-mismatch "
        "revoked crl-missing crl-malformed crl-signature crl-signer-keyusage crl-not-yet-valid "
        "crl-expired crl-rollback crl-too-large crl-scope crl-critical-extension "
        "profile-key profile-hash profile-cn profile-wildcard profile-subject profile-cdp"
    }
    assert have == set(" ".join(want).split())


def test_the_manual_page_has_every_fault():
    page = (pathlib.Path(__file__).parents[3] / "pki-test" / "portcullis-pki.1.scd").read_text()
    for command in ("serve", "proxy"):
        faults = lab.run(command, "--help").partition("Faults of")[2]
        names = re.findall(r"^  ([a-z-]+)(?:\[=[A-Z]+\])?  ", faults, re.M)
        assert len(names) > 5
        for fault in names:
            assert f"*{fault}*" in page, (command, fault)


def test_help_says_that_it_is_not_for_production():
    assert "never for production" in lab.run("--help")
    for command in ("lab", "issue", "revoke", "crl", "list", "serve", "proxy", "control"):
        assert "Usage:" in lab.run(command, "--help")
