# SPDX-License-Identifier: Apache-2.0
"""Revocation at the gate: first contact with a CA whose CRL is not at hand, in every way it can
go wrong, and revocation of those who are in."""

import signal
import threading
import time

import console
import lab
import peer
import pytest
import reasons
from conftest import EVENTS, known

# the CA of these leaves is not the consoles': its CRL is wanted at first contact
CA, CRL = "pathlen-ca", "pathlen-ca.crl"
CN = "stranger.plant.example"


@pytest.fixture(scope="module")
def stranger(laboratory):
    return laboratory.issue("good-pathlen", cn=CN)


@pytest.fixture(autouse=True)
def restored(laboratory, stranger):
    """What the CRL server does is in order before each test."""
    laboratory.server.fault("none")
    laboratory.crl()
    laboratory.server.clear()


def greet(server, cert):
    """HELLO of an appliance that is not enrolled; (end, link_id)."""
    with peer.Peer(server.port, cert) as session:
        session.send(peer.HELLO, peer.Log().hello())
        return session.end(), session.link_id


def refused_with(server, cert, slug):
    """It is refused in time, and the record says why."""
    end, link_id = greet(server, cert)
    assert (end.reason, end.alert) == (slug, reasons.TABLE[slug].alert)
    assert end.seconds < 2
    row = server.failure(reason=slug)
    assert link_id in row["links"] and row["identity"] == CN
    record = row["record"]
    assert record["subject_of_check"] == "crl" and record["checks"]["crl"] == "FAIL"
    assert record["checks"]["chain"] == record["checks"]["expiry"] == "pass"
    assert not server.sensors(), "nothing acted on"
    return record


# --- first contact ---


def test_a_crl_is_fetched_while_the_peer_waits(server, laboratory, stranger):
    end, _ = greet(server, stranger)
    assert end.reason == "identity-unenrolled", "the HELLO that came meanwhile was kept"
    assert laboratory.server.requests("/" + CRL) == 1
    greet(server, stranger)
    assert laboratory.server.requests("/" + CRL) == 1, "it is at hand now"


def test_it_is_fetched_once_for_all_who_wait(server, laboratory, stranger):
    laboratory.server.fault("slow=1000", CRL)
    ends = []
    peers = [threading.Thread(target=lambda: ends.append(greet(server, stranger)[0]))
             for _ in range(24)]
    for thread in peers:
        thread.start()
    for thread in peers:
        thread.join()
    assert [end.reason for end in ends] == ["identity-unenrolled"] * 24
    assert laboratory.server.requests("/" + CRL) == 1


@pytest.mark.parametrize("fault, slug", [
    ("404", "crl-unreachable"),
    ("500", "crl-unreachable"),
    ("redirect", "crl-unreachable"),
    ("reset", "crl-unreachable"),
    ("truncated", "crl-unreachable"),
    ("endless", "crl-too-large"),
    ("endless-chunked", "crl-too-large"),
    ("html", "crl-malformed"),
    ("other", "crl-missing"),
    ("stale", "crl-expired"),
])
def test_a_crl_server_that_does_wrong(server, laboratory, stranger, fault, slug):
    server.configure(Crl={"MaxSize": "1M"})
    reload(server)
    if fault == "stale":
        laboratory.crl("stale", ca=CA, beside=True)
    laboratory.server.fault(fault, CRL)
    record = refused_with(server, stranger, slug)
    if slug in ("crl-unreachable", "crl-too-large"):
        assert f"{laboratory.server.url}{CRL}" in record["detail"]
    assert laboratory.server.requests("/" + CRL) == 1


@pytest.mark.parametrize("recipe", ["forged", "bad-signature", "not-yet-valid", "no-next-update",
                                    "idp-mismatch", "unknown-critical", "delta"])
def test_a_crl_that_is_wrong(server, laboratory, stranger, recipe):
    slug = next(row["reason"] for row in lab.recipes("crl") if row["name"] == recipe)
    laboratory.crl(recipe, ca=CA)
    refused_with(server, stranger, slug)


def test_a_crl_as_pem_is_taken(server, laboratory, stranger):
    laboratory.server.fault("pem", CRL)
    assert greet(server, stranger)[0].reason == "identity-unenrolled"


def test_nobody_waits_longer_than_the_deadline(server, laboratory, stranger):
    laboratory.server.fault("half-open", CRL)
    ends = []
    waiting = threading.Thread(target=lambda: ends.append(greet(server, stranger)[0]))
    waiting.start()
    time.sleep(0.3)
    began = time.monotonic()
    with known(server, laboratory.cert("sensor-1"), "sensor-1.plant.example").connect():
        assert time.monotonic() - began < 1.5, "others are served meanwhile"
    waiting.join()
    assert 9 < ends[0].seconds < 12 and ends[0].alert == 46
    assert ends[0].reason == "crl-unreachable"


def test_a_parked_peer_may_not_send_events(server, laboratory, stranger):
    laboratory.server.fault("slow=1000", CRL)
    log = peer.Log()
    with peer.Peer(server.port, stranger) as session:
        session.write(peer.frame(peer.HELLO, log.hello())
                      + peer.frame(peer.BATCH, log.batch(EVENTS)))
        end = session.end()
    assert end.error.code == 2 and end.clean and end.seconds < 0.9
    assert not server.sensors() and not server.events()


def test_a_url_is_fetched_for_nobody_who_fails_otherwise(server, laboratory):
    """A certificate of no known CA makes the console ask nobody for anything."""
    forged = laboratory.issue("wrong-ca", cn="nobody.plant.example", name=f"{server.port}-nobody",
                              cdp=f"{laboratory.server.url}lure.crl")
    assert peer.attempt(server.port, forged).reason == "no-issuer"
    time.sleep(0.3)
    assert laboratory.server.requests("/lure.crl") == 0


# --- every wrong CRL, by import ---


# taken in, and wrong only for certificates that are not of their scope
KEPT = ["idp-mismatch", "idp-only-ca", "idp-only-attribute", "idp-reasons", "delta"]
# older than one before it, or without the number that one had
OLDER = ["stale", "rolled-back", "v1"]
# slow to make: tests/integration/pki-test has them
LARGE = ["huge", "too-large"]


def test_each_wrong_crl_is_refused_by_import(server, laboratory):
    server.cli("trust", "add", "--intermediate", laboratory.cert("issuing").crt)
    said = {}
    for recipe in lab.recipes("crl"):
        name, reason = recipe["name"], recipe["reason"]
        if name in LARGE:
            continue
        done = server.cli("crl", "import", laboratory.crl(name, beside=True), check=False)
        reason = "ok" if name in KEPT else "crl-rollback" if name in OLDER else reason
        wanted = (0, "") if reason == "ok" else (6, f"{reason}: {reasons.TABLE[reason].sentence}")
        if done.returncode != wanted[0] or wanted[1] not in done.stderr:
            said[name] = (wanted, done.returncode, done.stderr)
    assert not said
    assert not server.logged("role-died")


# --- those who are in ---


def reload(server):
    count = len(server.logged("reloaded"))
    server.process.send_signal(signal.SIGHUP)
    console.until(lambda: len(server.logged("reloaded")) > count, 5, "the reload")


def lives(session):
    session.send(peer.PING, {1: 9, 2: peer.now_us()})
    return session.expect(peer.PONG).nonce == 9


@pytest.fixture
def three(server, laboratory):
    """Three live sessions with certificates of their own."""
    sensors = []
    for number in range(3):
        cn = f"live-{server.port}-{number}.plant.example"
        sensors.append(known(server, laboratory.issue(cn=cn), cn))
    return [(sensor, sensor.connect()) for sensor in sensors]


def dropped(server, sensor, session, slug, began):
    end = session.end()
    assert time.monotonic() - began < 2
    assert (end.reason, end.alert) == (slug, reasons.TABLE[slug].alert)
    row = server.last_failure(reason=slug, identity=sensor.cn)
    assert row["record"]["phase"] == "live" and session.link_id in row["links"]
    return row["record"]


def test_a_revocation_that_is_imported_drops_that_link_and_no_other(server, laboratory, three):
    sensor, session = three[1]
    laboratory.revoke(sensor.cert.name, "keyCompromise")
    began = time.monotonic()
    server.cli("crl", "import", laboratory.path / "crl" / "issuing.crl")
    record = dropped(server, sensor, session, "revoked", began)
    evidence = record["evidence"]
    assert evidence["revocation"] == "revoked" and evidence["reason_code"] == 1
    assert evidence["revoked_at"] and evidence["crl_number"]
    assert lives(three[0][1]) and lives(three[2][1])
    assert greet(server, sensor.cert)[0].reason == "revoked"


def test_among_many_links_the_right_one_is_dropped(tmp_path, laboratory):
    """More than one turn of judging holds, all at one worker, and the last of them."""
    with console.Console(tmp_path / "console") as server:
        server.configure(Listen={"Workers": 1})
        server.start()
        server.enrol(laboratory)
        server.until_open()
        certs = laboratory.issue_many(150, "of-many-%03d.plant.example")
        many = [known(server, cert, f"{cert.name}.plant.example") for cert in certs]
        sessions = [sensor.connect() for sensor in many]
        laboratory.revoke(many[-1].cert.name)
        began = time.monotonic()
        server.cli("crl", "import", laboratory.path / "crl" / "issuing.crl")
        dropped(server, many[-1], sessions[-1], "revoked", began)
        assert all(lives(session) for session in sessions[:-1])


def test_an_older_crl_does_not_bring_the_revoked_back(server, laboratory, three):
    sensor, session = three[0]
    older = laboratory.path / "crl" / "older.crl"
    older.write_bytes((laboratory.path / "crl" / "issuing.crl").read_bytes())
    server.cli("crl", "import", older)
    laboratory.revoke(sensor.cert.name)
    server.cli("crl", "import", laboratory.path / "crl" / "issuing.crl")
    session.end()
    done = server.cli("crl", "import", older, check=False)
    assert done.returncode == 6 and "crl-rollback" in done.stderr
    assert greet(server, sensor.cert)[0].reason == "revoked"


def test_a_revoked_issuing_ca_drops_all_who_stand_on_it(server, laboratory, stranger):
    sensor = known(server, stranger, CN)
    bystander = known(server, laboratory.cert("sensor-1"), "sensor-1.plant.example").connect()
    session = sensor.connect()
    other = console.pathlib.Path(laboratory.path / "crl" / "root.crl").read_bytes()
    try:
        laboratory.revoke(CA, "cACompromise")
        began = time.monotonic()
        server.cli("crl", "import", laboratory.path / "crl" / "root.crl")
        record = dropped(server, sensor, session, "revoked", began)
        assert record["subject_of_check"] == "issuer" and record["certificate"]["depth"] == 1
        assert lives(bystander)
    finally:
        (laboratory.path / "crl" / "root.crl").write_bytes(other)


def test_a_removed_anchor_drops_all(server, laboratory, three):
    anchor = server.rows("trust", "list")[0]["sha256"]
    began = time.monotonic()
    server.cli("trust", "remove", anchor)
    for sensor, session in three:
        dropped(server, sensor, session, "no-issuer", began)


def test_without_revocation_no_crl_is_asked_for(server, laboratory, stranger):
    server.configure(**{'Validation "appliance"': {"Revocation": "off"}})
    reload(server)
    laboratory.server.fault("404")
    laboratory.server.clear()
    assert greet(server, stranger)[0].reason == "identity-unenrolled"
    assert laboratory.server.requests("/" + CRL) == 0
