# SPDX-License-Identifier: Apache-2.0
"""Each kind of certificate of the laboratory, shown to the console by a foreign peer.

Every wrong kind is dropped within 2 s with the alert of the table and, where the handshake
was finished, a readable REFUSE; one record says why, which certificate and what to do; and
nothing the peer sent was acted on.  Every good kind passes.
"""

import base64
import hashlib
import os
import re
import ssl
import struct
import subprocess
import time

import console
import lab
import peer
import pytest
import reasons

RAW_PEER = os.environ["PORTCULLIS_RAW_PEER"]

# OpenSSL does not load these, or puts them right: raw_peer.c shows them unread
RAW = ["truncated", "trailing-garbage", "long-length", "indefinite-length", "wrong-tag", "noise",
       "bad-bit-string", "duplicate-extension", "empty-serial", "padded-serial",
       "cn-invalid-utf8"]

# GnuTLS stops the handshake at these before we judge: there is the alert, but no REFUSE
STOPPED = ["truncated", "trailing-garbage", "indefinite-length", "wrong-tag", "noise", "month13",
           "duplicate-extension", "v1-extensions", "algorithm-mismatch", "explicit-curve",
           "no-digital-signature"]

# a console that is dialled expects no name: whoever shows another name is another appliance
NOT_HERE = ["wrong-name"]

# 512 bits are too few for a signature of TLS 1.3; a certificate of no octets breaks TLS
UNSHOWABLE = ["weak-rsa512", "empty"]


def expected(recipe):
    """The reason at a console for a recipe; ok where it has none."""
    if recipe["phase"] == "install" or recipe["purpose"] == "server" and recipe["reason"] != "ok":
        return "ok"
    if recipe["name"] == "good-server-only":
        return "ext-key-usage"
    if recipe["name"] == "explicit-curve":
        return "parse"  # the library's word for it, and nothing more exact
    return recipe["reason"]


LEAVES = [recipe for recipe in lab.recipes("leaf")
          if recipe["name"] not in NOT_HERE + UNSHOWABLE]
WRONG = [recipe["name"] for recipe in LEAVES if expected(recipe) != "ok"]
GOOD = [recipe["name"] for recipe in LEAVES if expected(recipe) == "ok"]
REASONS = {recipe["name"]: expected(recipe) for recipe in LEAVES}


@pytest.fixture(scope="module")
def certs(laboratory):
    """One of each kind.  All are issued before the console fetches the first CRL."""
    found = {name: laboratory.issue(name, cn=cn_of(name)) for name in REASONS}
    return found


@pytest.fixture(scope="module")
def gate(laboratory, certs, shared_server):
    # a CRL is fetched only for whoever passes but for it; a chain of this CA fails its profile
    shared_server.cli("trust", "add", "--intermediate", laboratory.cert("p256-ca").crt)
    shared_server.cli("crl", "import", laboratory.path / "crl" / "p256-ca.crl")
    return shared_server


def cn_of(name):
    return f"{name[:40]}.plant.example"


def hashes(cert):
    """SHA-256 of each certificate of a chain file."""
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", cert.pem.read_text(), re.S)
    return [hashlib.sha256(base64.b64decode(block)).hexdigest() for block in blocks]


def show(port, cert):
    """Shows a certificate, with a HELLO close behind; (end, link_id)."""
    try:
        session = peer.Peer(port, cert)
        session.send(peer.HELLO, peer.Log().hello())
    except peer.Ended as ended:
        return ended.end, None
    except ssl.SSLError:
        pass  # the alert was quicker than our words
    return session.end(), session.link_id


def show_raw(port, cert):
    """The same with octets that OpenSSL does not load; nothing is sent behind them."""
    began = time.monotonic()
    done = subprocess.run([RAW_PEER, str(port), cert.key, cert.pem], capture_output=True,
                          text=True, timeout=20, check=True)
    data, alert = done.stdout.split("\n")[:2]
    data = bytes.fromhex(data)
    end = peer.End(alert=int(alert), seconds=time.monotonic() - began)
    while data:
        length, kind = struct.unpack_from("<IB", data)
        message = peer.Message(kind, data[5 : 5 + length])
        data = data[5 + length :]
        end.messages.append(message)
        end.refuse = message if kind == peer.REFUSE else end.refuse
    return end, None


class Records:
    """What is new in `failures`: after an attempt, one more of one row."""

    def __init__(self, server):
        self.server = server
        self.counts = self.read()

    def read(self):
        rows = self.server.failures(limit=1000)
        return {(row["id"], row["reason"]): row["count"] for row in rows}

    def new(self):
        """The row that got one more; no other did."""
        before = self.counts
        self.counts = console.until(lambda: (now := self.read()) != before and now, 5, "a record")
        changed = {key: count - before.get(key, 0) for key, count in self.counts.items()
                   if count != before.get(key)}
        assert list(changed.values()) == [1], changed
        return self.server.explain(list(changed)[0][0])


@pytest.fixture(scope="module")
def records(gate):
    return Records(gate)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate(gate, certs, records, name):
    reason, cert = reasons.TABLE[REASONS[name]], certs[name]

    end, link_id = (show_raw if name in RAW else show)(gate.port, cert)

    assert end.alert == reason.alert
    assert end.seconds < 2
    if name in STOPPED:
        assert not end.messages
    else:
        assert [message.kind for message in end.messages] == [peer.REFUSE]
        assert end.reason == reason.slug and end.refuse.retry_after_ms == 60000

    row = records.new()
    record = row["record"]
    assert row["reason"] == record["reason"] == reason.slug
    if link_id:
        assert link_id in row["links"] and record["link_id"] == link_id
    if name not in STOPPED:
        assert record["certificate"]["sha256"] in hashes(cert)
    assert record["message"] == reason.sentence and record["fix"] == reason.advice
    assert record["severity"] == reason.severity
    assert record["refused_by"] == record["reported_by"] == "console:main"
    assert record["tls"]["alert_sent"] == reason.alert and record["action"] == "dropped"
    assert "FAIL" in record["checks"].values() and record["checks"]["identity"] != "pass"
    assert record["line"].isprintable()


@pytest.mark.parametrize("name", GOOD)
def test_a_good_certificate_passes(gate, certs, records, name):
    end, link_id = show(gate.port, certs[name])
    assert end.reason == "identity-unenrolled", end
    row = records.new()
    assert row["identity"] == cn_of(name) and row["links"] == [link_id]


def test_nothing_was_acted_on(gate):
    """Of all the above only the good ones became known, and nobody's words were kept."""
    assert sorted(gate.sensors()) == sorted(cn_of(name) for name in GOOD)
    assert {row["state"] for row in gate.sensors().values()} == {"pending"}
    assert gate.events() == []
    assert not gate.logged("link-accepted") and not gate.logged("role-died")


def test_no_certificate_at_all(gate, records):
    end, link_id = show(gate.port, None)
    assert (end.alert, end.reason) == (116, "no-certificate") and end.seconds < 2
    row = records.new()
    assert row["reason"] == "no-certificate" and row["identity"] == "127.0.0.1/32"
    assert link_id in row["links"] and row["record"]["certificate"] is None


def test_a_certificate_of_no_octets_breaks_tls(gate, laboratory, records):
    end, _ = show_raw(gate.port, laboratory.issue("empty", cn="empty.plant.example"))
    assert end.alert == 50 and not end.messages  # decode_error
    assert records.new()["reason"] == "protocol"


@pytest.mark.parametrize("options, alert", [({"tls12": True}, 70), ({"alpn": None}, 120),
                                            ({"alpn": "h2"}, 120)])
def test_what_is_not_our_tls_is_refused(gate, laboratory, records, options, alert):
    assert peer.attempt(gate.port, laboratory.cert("sensor-1"), **options).alert == alert
    row = records.new()
    assert row["reason"] == "protocol" and row["record"]["tls"]["alert_sent"] == alert


def test_a_key_that_is_not_the_certificates(gate, laboratory, records):
    """Possession: the certificate of one appliance, the key of another."""
    mine, other = laboratory.cert("sensor-1"), laboratory.cert("sensor-2")
    done = subprocess.run([RAW_PEER, str(gate.port), other.key, mine.pem],
                          capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split("\n")[1] == "51"  # decrypt_error
    record = records.new()["record"]
    assert record["reason"] == "protocol" and "does not hold the key" in record["detail"]
    assert record["claimed_name"] == ""
