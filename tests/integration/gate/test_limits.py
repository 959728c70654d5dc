# SPDX-License-Identifier: Apache-2.0
"""What strangers and sensors can use up: half-open connections, large and slow bytes, storms of
refusals, frames that break the rules."""

import contextlib
import os
import resource
import signal
import socket
import struct
import time

import console
import peer
import pytest
from conftest import EVENTS, known

CN = "sensor-1.plant.example"
HANDSHAKES = int(os.environ.get("PORTCULLIS_HANDSHAKES", 500))


def links(server):
    return {name: pid for name, pid in server.roles().items() if name.startswith("link")}


def flat(server, before, after, kib):
    """No process of the links grew by more than so much, nor kept a descriptor."""
    for name, pid in links(server).items():
        assert after[name][1] <= before[name][1] + 2, (name, before, after)
        assert after[name][0] <= before[name][0] + kib, (name, before, after)


def measure(server):
    """Resident KiB and descriptors of each link process, when its endings are over."""
    return {name: (console.resident_kib(pid), console.descriptors(pid))
            for name, pid in links(server).items()}


def settled(server):
    """Waits until nothing is draining any more."""
    last = None

    def quiet():
        nonlocal last
        now = {name: console.descriptors(pid) for name, pid in links(server).items()}
        same, last = now == last, now
        time.sleep(0.3)
        return same

    console.until(quiet, 10, "the links to settle")
    return measure(server)


# --- before anybody is known ---


def test_half_open_connections_do_not_keep_a_good_peer_waiting(server, sensor):
    sensor.connect().bye()
    with contextlib.ExitStack() as held:
        for number in range(200):
            stranger = held.enter_context(contextlib.closing(
                socket.create_connection(("127.0.0.1", server.port))))
            if number % 2:
                stranger.sendall(b"\x16\x03\x01\x02\x00\x01\x00")  # a ClientHello begins
        for _ in range(5):
            began = time.monotonic()
            with sensor.connect() as session:
                assert time.monotonic() - began < 1
                session.bye()
        counts = [console.descriptors(pid) for pid in links(server).values()]
        assert sum(counts) < 200, "one address has at most 64 of each worker"


def test_a_certificate_message_of_10_mb_is_refused_by_its_length(server, laboratory, tmp_path):
    cert = laboratory.cert("sensor-1")
    one = cert.crt.read_text()
    big = tmp_path / "big.pem"
    big.write_text(one + one * (10_000_000 // (len(one) * 3 // 4)))
    before = settled(server)
    context = peer.tls_context()
    context.load_cert_chain(big, cert.key)
    end = peer.attempt(server.port, None, context=context)
    assert end.alert == 42 and end.seconds < 2 and not end.messages
    record = server.failure(reason="limits")["record"]
    assert "128 KiB" in record["detail"]
    flat(server, before, settled(server), 4096)


def test_silence_and_a_byte_a_second_end_at_the_deadline(server):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port)) as silent, \
            peer.Peer(server.port, handshake=False) as slow:
        with contextlib.suppress(peer.ssl.SSLWantReadError):
            slow.tls.do_handshake()
        hello = slow.outgoing.read()
        slow.sock.settimeout(1)
        for byte in hello:
            slow.raw(bytes([byte]))
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                if not slow.sock.recv(100) or time.monotonic() - began > 15:
                    break
            assert not slow.reset
        assert 9 < time.monotonic() - began < 12
        silent.settimeout(3)
        assert silent.recv(1) == b""
    row = server.failure(reason="timeout")
    assert row["identity"] == "127.0.0.1/32" and row["count"] == 2


def test_without_descriptors_the_oldest_strangers_give_way(server, sensor):
    for pid in links(server).values():
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (24, 24))
    with contextlib.ExitStack() as held:
        for _ in range(60):
            held.enter_context(contextlib.closing(
                socket.create_connection(("127.0.0.1", server.port))))
        before = {pid: processor_s(pid) for pid in links(server).values()}
        began = time.monotonic()
        with sensor.connect() as session:
            assert time.monotonic() - began < 1
            time.sleep(1)
            for pid, was in before.items():
                assert processor_s(pid) - was < 0.3, "it does not spin"
            session.bye()
    assert server.logged("link-full")


def test_without_strangers_the_queue_waits(server, sensor, laboratory):
    """All descriptors are held by sessions: it neither spins nor drops one of them."""
    server.configure(Listen={"Workers": 1})
    server.stop()
    server.start()
    server.until_open()
    [pid] = links(server).values()
    first = sensor.connect()
    used = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    free = next(number for number in range(1000) if number not in used)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, free))
    with socket.create_connection(("127.0.0.1", server.port)):
        before = processor_s(pid)
        time.sleep(1)
        assert processor_s(pid) - before < 0.3
        first.send(peer.BATCH, sensor.log.batch(EVENTS[:1]))
        assert first.expect(peer.ACK).level == 1
    first.bye()
    sensor.connect_soon().bye()


def processor_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- storms ---


def test_a_storm_of_wrong_certificates_makes_few_rows_and_lines(server, sensor, laboratory):
    wrong = [peer.tls_context(laboratory.issue(kind, cn=f"{kind}.plant.example"))
             for kind in ("expired", "self-signed", "weak-rsa1024", "eku-code")]
    lines = len(server.lines())
    count = 200
    with sensor.connect() as session:
        for number in range(count):
            peer.attempt(server.port, None, context=wrong[number % len(wrong)])
        session.send(peer.BATCH, sensor.log.batch(EVENTS[:1]))
        assert session.expect(peer.ACK).level == 1, "who is in notices nothing"
    rows = [row for row in server.failures() if row["reason"] != "identity-unenrolled"]
    assert len(rows) == 4 and sum(row["count"] for row in rows) == count
    assert all(len(server.explain(row["id"])["links"]) <= 16 for row in rows)
    assert len(server.lines()) - lines < 60


def test_many_addresses_make_few_rows_and_lines(server, laboratory):
    """Nothing these strangers say is proved: a row is an address, and there are at most 1,000."""
    wrong = peer.tls_context(laboratory.issue("self-signed", cn="x.plant.example", name="many"))
    lines, count = len(server.lines()), 1200
    for number in range(count):
        peer.attempt(server.port, None, context=wrong,
                     source=f"127.1.{number // 250}.{number % 250 + 1}")
    status = console.until(lambda: (now := server.status())["failures"] >= 1000 and now, 5)
    assert status["failures"] <= 1001
    newest = server.failures(limit=1)[0]
    assert newest["identity"] == f"127.1.{(count - 1) // 250}.{(count - 1) % 250 + 1}/32"
    assert len(server.lines()) - lines < 2 * 300, "of two workers"


KINDS = ["expired", "wrong-ca", "revoked", "weak-rsa1024", "cn-markup", None, "no ALPN", "TLS 1.2"]


def contexts(laboratory, name):
    good = laboratory.cert("sensor-2")
    found = []
    for kind in KINDS:
        if kind is None:
            found.append(peer.tls_context())
        elif kind == "no ALPN":
            found.append(peer.tls_context(good, alpn=None))
        elif kind == "TLS 1.2":
            found.append(peer.tls_context(good, tls12=True))
        else:
            found.append(peer.tls_context(
                laboratory.issue(kind, cn=f"{kind}.plant.example", name=f"{name}-{kind}")))
    return found


def test_failed_handshakes_leave_nothing_behind(server, laboratory):
    """So many of each of 8 kinds, after some that fill what may be remembered."""
    wrong = contexts(laboratory, "flat")
    server.cli("crl", "import", laboratory.path / "crl" / "issuing.crl")
    for number in range(40 * len(wrong)):
        peer.attempt(server.port, None, context=wrong[number % len(wrong)])
    before = settled(server)
    for context in wrong:
        for _ in range(HANDSHAKES):
            peer.attempt(server.port, None, context=context)
    after = settled(server)
    print("resident KiB and descriptors, before and after:", before, after)
    flat(server, before, after, 4096)
    rows = server.failures()
    assert sum(row["count"] for row in rows) == (HANDSHAKES + 40) * len(wrong)


# --- frames ---

FRAME, STATE, FORM, WINDOW, LOG, ORDER = 1, 2, 3, 5, 6, 7  # codes of ERROR

# name: (bytes, code, type)
ALWAYS_WRONG = {
    "an unknown type": (peer.frame(0x3F, b""), FRAME, 0x3F),
    "an edge's type": (peer.frame(0x80, b""), FRAME, 0x80),
    "a type of the pair": (peer.frame(0x20, {1: 1}), STATE, 0x20),
    "a type of the console": (peer.frame(peer.ACCEPT, {1: 1}), STATE, peer.ACCEPT),
    "an ACK": (peer.frame(peer.ACK, {1: 1}), STATE, peer.ACK),
    "a CRL_PART nobody wanted": (
        peer.frame(peer.CRL_PART, {1: 1, 2: 1, 3: 0, 4: b"x"}), ORDER, peer.CRL_PART),
}
WRONG_BEFORE_HELLO = {
    **ALWAYS_WRONG,
    "a PING": (peer.frame(peer.PING, {1: 1, 2: 1}), STATE, peer.PING),
    "a BATCH": (peer.frame(peer.BATCH, peer.Log().batch(EVENTS)), STATE, peer.BATCH),
    "no CBOR": (peer.frame(peer.HELLO, b"\xff\xff"), FORM, peer.HELLO),
    "a HELLO without clock": (peer.frame(peer.HELLO, {1: 1, 2: 1}), FORM, peer.HELLO),
    "a CBOR array": (peer.frame(peer.HELLO, [1, 2]), FORM, peer.HELLO),
    "CBOR that claims 4 GB": (
        peer.frame(peer.HELLO, b"\xba\xff\xff\xff\xff\x01\x01"), FORM, peer.HELLO),
    "a version to come": (
        peer.frame(peer.HELLO, peer.Log().hello(fields={1: 2, 2: 3})), 4, peer.HELLO),
    "a HELLO of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, peer.HELLO), FRAME, peer.HELLO),
    "a HELLO of 4,097 bytes": (struct.pack("<IB", 4097, peer.HELLO), FRAME, peer.HELLO),
}
WRONG_IN_SESSION = {
    **ALWAYS_WRONG,
    "a second HELLO": (peer.frame(peer.HELLO, peer.Log().hello()), STATE, peer.HELLO),
    "no CBOR": (peer.frame(peer.PING, b"\xff\xff"), FORM, peer.PING),
    "a PING of 4 GiB": (struct.pack("<IB", 0xFFFFFFFF, peer.PING), FRAME, peer.PING),
    "a BATCH of 1 MiB and a byte": (
        struct.pack("<IB", (1 << 20) + 1, peer.BATCH), FRAME, peer.BATCH),
    "a BATCH of another log": (
        peer.frame(peer.BATCH, peer.Log().batch(EVENTS)), LOG, peer.BATCH),
    "a BATCH without records": (peer.frame(peer.BATCH, bytes(60)), FORM, peer.BATCH),
}


def protocol_rows(server):
    return sum(row["count"] for row in server.failures(reason="protocol"))


def breaks(session, server, wrong):
    """ERROR with its code and type, close_notify, and one record."""
    data, code, kind = wrong
    rows = protocol_rows(server)
    session.write(data)
    began = time.monotonic()
    end = session.end()
    assert end.error, end
    assert (end.error.code, end.error.type) == (code, kind), end
    assert end.clean and end.alert is None and len(end.messages) == 1
    assert time.monotonic() - began < 2
    console.until(lambda: protocol_rows(server) == rows + 1, 5, "one record")


@pytest.mark.parametrize("name", WRONG_BEFORE_HELLO)
def test_a_wrong_frame_before_hello(shared_server, laboratory, name):
    with peer.Peer(shared_server.port, laboratory.cert("sensor-1")) as session:
        breaks(session, shared_server, WRONG_BEFORE_HELLO[name])
    assert CN not in shared_server.sensors() and not shared_server.events()


@pytest.fixture(scope="module")
def shared_sensor(shared_server, laboratory):
    return known(shared_server, laboratory.cert("sensor-2"), "sensor-2.plant.example")


@pytest.mark.parametrize("name", WRONG_IN_SESSION)
def test_a_wrong_frame_in_a_session(shared_server, shared_sensor, name):
    with shared_sensor.connect() as session:
        breaks(session, shared_server, WRONG_IN_SESSION[name])
    assert shared_server.events() == []


def test_a_batch_close_behind_hello_is_not_kept(shared_server, laboratory):
    log = peer.Log()
    with peer.Peer(shared_server.port, laboratory.cert("sensor-3")) as session:
        session.write(peer.frame(peer.HELLO, log.hello())
                      + peer.frame(peer.BATCH, log.batch(EVENTS)))
        end = session.end()
    assert end.error.code == STATE and end.error.type == peer.BATCH
    assert shared_server.events() == []


def test_a_frame_that_promises_and_does_not_send_holds_no_memory(server, sensor):
    """1 MiB is claimed by 50 sessions; memory grows with what has come."""
    with contextlib.ExitStack() as held:
        waiting = []
        before = settled(server)
        for _ in range(50):
            session = held.enter_context(peer.Peer(server.port, sensor.cert))
            session.write(struct.pack("<IB", 4096, peer.HELLO) + b"\xa8")
            waiting.append(session)
        flat_kib = [after[0] - before[name][0] for name, after in measure(server).items()]
        assert sum(flat_kib) < 50 * 200, flat_kib
        with sensor.connect() as good:
            good.send(peer.BATCH, sensor.log.batch(EVENTS))
            assert good.expect(peer.ACK).level == 1


def test_more_than_the_window_is_a_violation(server, sensor):
    with sensor.connect() as session:
        window = session.accept.window_records
        lines = [EVENTS[0]] * 512
        store = server.roles()["store"]
        os.kill(store, signal.SIGSTOP)
        try:
            for _ in range(window // 512 + 2):
                with contextlib.suppress(peer.ssl.SSLError):
                    session.send(peer.BATCH, sensor.log.batch(lines))
            end = session.end()
            assert end.error and end.error.code == WINDOW
        finally:
            os.kill(store, signal.SIGCONT)


def test_a_peer_that_reads_nothing_does_not_grow(server, sensor):
    """PINGs without end from a sensor that takes no answer: it is cut, or held back."""
    with sensor.connect() as session:
        before = settled(server)
        ping = peer.frame(peer.PING, {1: 1, 2: 1}) * 500
        session.sock.settimeout(2)
        sent = 0
        try:
            while sent < 60_000_000:
                session.tls.write(ping)
                session.sock.sendall(session.outgoing.read())
                sent += len(ping)
        except OSError:
            pass
        after = measure(server)
        for name, (kib, _) in after.items():
            assert kib < before[name][0] + 40_000, (sent, before, after)
