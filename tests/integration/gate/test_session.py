# SPDX-License-Identifier: Apache-2.0
"""A foreign sensor that is let in: first contact, delivery, identity."""

import os
import signal
import time

import console
import peer
import pytest
from conftest import EVENTS, Sensor, known

CN = "sensor-1.plant.example"


def refused(server, cert, log, **changes):
    """HELLO of somebody who is not let in; how it ended."""
    with peer.Peer(server.port, cert) as stranger:
        with pytest.raises(peer.Ended) as ended:
            stranger.hello(log, **changes)
    return ended.value.end


def deliver(session, log, lines):
    """A batch and its acknowledgement."""
    session.send(peer.BATCH, log.batch(lines))
    ack = session.expect(peer.ACK)
    assert ack.log_id == log.id and ack.level == 1
    assert ack.intervals[1] == log.next - 1 and ack.intervals[2] == log.hash
    return ack


# --- first contact ---


def test_an_unknown_appliance_waits_for_approval(server, laboratory):
    log = peer.Log()
    end = refused(server, laboratory.cert("sensor-1"), log)
    assert (end.reason, end.alert) == ("identity-unenrolled", 49)
    assert end.refuse.retry_after_ms == 60000
    assert abs(end.refuse.clock - peer.now_us()) < 10_000_000
    row = server.sensors()[CN]
    assert row["state"] == "pending" and row["events"] == 0
    record = server.failure(reason="identity-unenrolled")["record"]
    assert record["checks"]["crl"] == "pass" and record["checks"]["identity"] == "FAIL"
    assert "sensors approve" in record["fix"]

    server.approve(CN)
    accept = Sensor(server, laboratory.cert("sensor-1"), CN).connect().accept
    assert (accept.version, accept.copies, accept.held, accept.top) == (1, 1, 0, 0)
    assert accept.counter == 1 and len(accept.store_id) == 16
    assert server.sensors()[CN]["state"] == "approved"


def test_approving_nobody_is_an_error(server):
    done = server.cli("sensors", "approve", "nobody.plant.example", check=False)
    assert done.returncode == 3 and "sensors" in done.stderr


# --- delivery ---


def test_events_are_acknowledged_with_their_hash_and_shown(server, sensor):
    with sensor.connect() as session:
        first = deliver(session, sensor.log, EVENTS)
        assert first.batches == 1
        assert deliver(session, sensor.log, ["not json at all"]).batches == 2
    rows = server.events(sensor=CN)
    assert len(rows) == 4 and server.sensors()[CN]["events"] == 4
    alert = next(row for row in rows if row["kind"] == "suricata/alert")
    assert alert["time"] == "2026-02-28T14:03:07.412Z"
    assert "10.20.0.31" in alert["source"] and "10.20.0.5" in alert["destination"]
    whole = server.rows("event", alert["id"])[0]
    assert EVENTS[0] in whole["record_text"], "byte for byte"
    assert whole["hash"] == sensor.log.hashes[1].hex().upper()


def test_what_is_sent_again_counts_once(server, sensor):
    with sensor.connect() as session:
        payload = sensor.log.batch(EVENTS)
        session.send(peer.BATCH, payload)
        session.expect(peer.ACK)
        session.bye()
    with sensor.connect() as session:
        assert session.accept.held == 3 and session.accept.held_hash == sensor.log.hash
        session.send(peer.BATCH, payload)
        assert session.expect(peer.ACK).intervals[2] == sensor.log.hash
        deliver(session, sensor.log, EVENTS[:1])
    assert len(server.events()) == 4 and server.status()["notices"] == 0


@pytest.mark.parametrize("stopped", [True, False], ids=["before the commit", "at any time"])
def test_a_store_killed_before_its_ack_counts_each_event_once(server, sensor, stopped):
    session = sensor.connect()
    store = server.roles()["store"]
    if stopped:
        os.kill(store, signal.SIGSTOP)  # the batch is in its socket, and lost with it
    payload = sensor.log.batch(EVENTS)
    session.send(peer.BATCH, payload)
    if not stopped:
        time.sleep(0.002)
    server.kill_role("store")
    end = session.end()
    assert end.bye and end.bye.cause == 7 and end.clean  # store
    with sensor.connect_soon() as session:
        assert session.accept.held in ((0,) if stopped else (0, 3))
        session.send(peer.BATCH, payload)
        assert session.expect(peer.ACK).intervals[2] == sensor.log.hash
        deliver(session, sensor.log, EVENTS[:1])
    assert len(server.events()) == 4


def test_a_connection_that_is_only_lost_is_no_failure(server, sensor):
    before = {row["reason"] for row in server.failures()}
    session = sensor.connect()
    deliver(session, sensor.log, EVENTS[:1])
    session.close()
    console.until(lambda: session.link_id in [line.get("link_id") for line in
                                              server.logged("link-ended")], 5, "the end")
    with peer.Peer(server.port, sensor.cert, handshake=False) as stranger:
        stranger.begin()
    deliver(sensor.connect(), sensor.log, EVENTS[:1])
    assert {row["reason"] for row in server.failures()} == before


# --- retire ---


def test_retiring_ends_the_live_session_with_a_refusal(server, sensor, laboratory):
    bystander = known(server, laboratory.cert("sensor-2"), "sensor-2.plant.example").connect()
    session = sensor.connect()
    began = time.monotonic()
    server.retire(CN)
    end = session.end()
    assert time.monotonic() - began < 2
    assert (end.reason, end.alert) == ("identity-unenrolled", 49)
    row = server.last_failure(reason="identity-unenrolled", identity=CN)
    assert row["record"]["phase"] == "live" and session.link_id in row["links"]
    again = refused(server, sensor.cert, sensor.log)
    assert (again.reason, again.alert) == ("identity-unenrolled", 49)
    assert server.sensors()[CN]["state"] == "retired"
    bystander.send(peer.PING, {1: 5, 2: peer.now_us()})
    assert bystander.expect(peer.PONG).nonce == 5


# --- two sessions of one name ---


def test_the_same_appliance_replaces_its_old_session_silently(server, sensor):
    old = sensor.connect()
    deliver(old, sensor.log, EVENTS[:1])
    with sensor.connect() as new:
        deliver(new, sensor.log, EVENTS[1:2])
        end = old.end()
        assert end.bye.cause == 3 and end.clean and end.alert is None  # replaced
    assert not server.failures(reason="identity-duplicate")
    assert len(server.events()) == 2


def test_a_session_that_never_got_its_counter_is_replaced_too(server, sensor):
    """ACCEPT was lost on its way: the sensor shows the counter before it."""
    old = sensor.connect()
    sensor.log.counter -= 1
    with sensor.connect() as new:
        assert new.accept.counter == 2
        assert old.end().bye.cause == 3


def test_a_clone_is_refused_while_the_first_lives(server, sensor):
    session = sensor.connect()
    deliver(session, sensor.log, EVENTS[:1])
    with peer.Peer(server.port, sensor.cert) as clone:
        clone.send(peer.HELLO, peer.Log().hello())
        ping = session.expect(peer.PING)
        session.send(peer.PONG, {1: ping.nonce, 2: peer.now_us()})
        end = clone.end()
    assert (end.reason, end.alert) == ("identity-duplicate", 49)
    deliver(session, sensor.log, EVENTS[1:2])  # undisturbed
    row = server.failure(reason="identity-duplicate")
    assert row["identity"] == CN and clone.link_id in row["links"]
    assert len(server.events()) == 2


def test_a_restored_image_is_refused_while_the_first_lives(server, sensor):
    session = sensor.connect()
    deliver(session, sensor.log, EVENTS[:1])
    session.bye()
    old_counter = sensor.log.counter
    session = sensor.connect()
    deliver(session, sensor.log, EVENTS[1:2])  # the counter it was given is confirmed
    with peer.Peer(server.port, sensor.cert) as image:
        image.send(peer.HELLO, sensor.log.hello(fields={6: old_counter}))
        ping = session.expect(peer.PING)
        session.send(peer.PONG, {1: ping.nonce, 2: peer.now_us()})
        assert image.end().reason == "identity-duplicate"
    deliver(session, sensor.log, EVENTS[:1])


def test_a_first_session_that_is_dead_gives_way(server, sensor):
    dead = sensor.connect()
    deliver(dead, sensor.log, EVENTS[:1])
    other = Sensor(server, sensor.cert, CN)  # reinstalled: another log
    began = time.monotonic()
    with other.connect() as session:
        assert 1.5 < time.monotonic() - began < 4, "2 s for an answer to PING"
        deliver(session, other.log, EVENTS)
    kinds = [message.kind for message in dead.end().messages]
    assert kinds[0] == peer.PING and len(kinds) == 2
    assert len(server.events()) == 4


# --- keys ---


def test_a_renewed_certificate_with_the_current_counter_is_accepted(server, sensor, laboratory):
    with sensor.connect() as session:
        deliver(session, sensor.log, EVENTS[:1])
        session.bye()
    old = sensor.cert
    sensor.cert = laboratory.issue(cn=CN, name=f"{server.port}-renewed")
    with sensor.connect() as session:
        deliver(session, sensor.log, EVENTS[1:2])
        session.bye()
    # the certificate that was replaced is now the other key, and its holder has an old counter
    end = refused(server, old, peer.Log())
    assert (end.reason, end.alert) == ("identity-duplicate", 49)


def test_another_key_without_the_counter_waits_for_accept_key(server, sensor, laboratory):
    with sensor.connect() as session:
        deliver(session, sensor.log, EVENTS[:1])
        session.bye()
    other = Sensor(server, laboratory.issue(cn=CN, name=f"{server.port}-other"), CN)
    end = refused(server, other.cert, other.log)
    assert (end.reason, end.alert) == ("identity-duplicate", 49)
    assert server.sensors()[CN]["other_key_waits"] == 1
    row = server.failure(reason="identity-duplicate")
    assert "sensors accept-key" in row["record"]["fix"]
    server.cli("sensors", "accept-key", CN)
    with other.connect() as session:
        deliver(session, other.log, EVENTS[:1])
        session.bye()
    assert refused(server, sensor.cert, sensor.log).reason == "identity-duplicate"
    assert server.cli("sensors", "accept-key", "nobody.example", check=False).returncode == 3


def test_accepting_a_key_ends_the_session_of_the_first(server, sensor, laboratory):
    session = sensor.connect()
    other = laboratory.issue(cn=CN, name=f"{server.port}-third")
    assert refused(server, other, peer.Log()).reason == "identity-duplicate"
    server.cli("sensors", "accept-key", CN)
    assert session.end().reason == "identity-duplicate"


def test_a_guessed_counter_is_no_renewal(server, sensor, laboratory):
    with sensor.connect() as session:
        deliver(session, sensor.log, EVENTS[:1])
        session.bye()
    other = laboratory.issue(cn=CN, name=f"{server.port}-guess")
    for counter in (0, 2, 2**62, 2**63 - 2, 2**63 - 1):
        end = refused(server, other, peer.Log(), fields={6: counter})
        assert end.reason == "identity-duplicate", counter


def test_the_largest_counter_harms_nobody(server, sensor, laboratory):
    """Whoever may connect may show any number; the store has to live with it."""
    for counter in (2**63 - 2, 2**63 - 1, 2**63 - 1):
        sensor.log.counter = counter
        with sensor.connect() as session:
            deliver(session, sensor.log, EVENTS[:1])
            session.bye()
    assert not server.logged("role-died")
    known(server, laboratory.cert("sensor-2"), "sensor-2.plant.example").connect().bye()


def test_our_own_name_is_nobody_elses(server, laboratory):
    own = laboratory.issue(cn="console-a.plant.example", name=f"{server.port}-own")
    for cert in (own, laboratory.cert("console-a")):
        end = peer.attempt(server.port, cert)
        assert (end.reason, end.alert) == ("identity-duplicate", 49)
    assert "console-a.plant.example" not in server.sensors()


def test_the_pair_protocol_is_not_for_sensors(server, sensor):
    end = peer.attempt(server.port, sensor.cert, alpn="portcullis-pair/1")
    assert end.alert == 120


# --- validation off ---


def test_without_validation_the_pinned_key_still_counts(server, laboratory):
    server.configure(**{'Validation "appliance"': {"Validation": "off"}})
    server.process.send_signal(signal.SIGHUP)
    console.until(lambda: server.logged("reloaded"), 10, "the reload")
    cn = "lone.plant.example"
    lone = laboratory.issue("self-signed", cn=cn, name=f"{server.port}-lone")
    other = laboratory.issue("self-signed", cn=cn, name=f"{server.port}-lone-2")
    sensor = known(server, lone, cn)
    with sensor.connect() as session:
        deliver(session, sensor.log, EVENTS[:1])
        session.bye()
    assert server.logged("link-accepted")[-1]["verdict"] == "waived"
    end = refused(server, other, sensor.log)  # knows the counter, and yet
    assert (end.reason, end.alert) == ("identity-duplicate", 49)
    assert peer.attempt(server.port, None).alert == 116, "possession is never waived"
