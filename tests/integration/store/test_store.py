# SPDX-License-Identifier: Apache-2.0
"""The store role as a process, with this test at the other end of its edges.

Messages are put together here from docs/protocol.md and common/wire/edge_store.h, so that both
descriptions are held too.  PORTCULLIS_SEED repeats the choices of an earlier run."""

import hashlib
import json
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time

import pytest

DAEMON = os.environ["STORE_DAEMON"]
ROOT = pathlib.Path(__file__).parents[3]
SEED = int(os.environ.get("PORTCULLIS_SEED", 0)) or random.SystemRandom().randrange(1, 2**31)
REASONS = ["ok"] + re.findall(r'^REASON\(\w+, "([^"]+)"', (ROOT / "common/pki/reason.def").read_text(), re.M)

LINK, ADMIN = 0, 1
UP, DOWN = 0, 1
OPEN, BATCH, PINGED, CLOSE, OPENED, ACK, PING, DROP, FAILURE = range(0x80, 0x89)
ACT, DONE = 0xA0, 0xA1
APPROVE, RETIRE, ACCEPT_KEY, PEER_SET, PEER_REMOVE = range(5)
BYE_REPLACED, BYE_STORE = 3, 7
RETRY_MS = 60000

LOG_A, LOG_B = b"a" * 16, b"b" * 16
KEY_A, KEY_B = b"k" * 32, b"l" * 32
ANCHOR = b"r" * 32


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(value)) + value


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self):
        size = self.take("I")
        self.at += size
        return self.data[self.at - size : self.at].decode()


def read_opened(data):
    r = Reader(data)
    names = "session reason detail retry_ms counter copies store_id held has_hash held_hash top".split()
    values = [r.take("Q"), REASONS[r.take("B")], r.text(), *r.take("IQB"), *r.take("16sQB32sQ")]
    assert r.at == len(data)
    return dict(zip(names, values))


def read_drop(data):
    r = Reader(data)
    session, reason, cause, retry_ms = r.take("QBBI")
    return {"session": session, "reason": REASONS[reason], "cause": cause, "retry_ms": retry_ms, "detail": r.text()}


def read_ack(data):
    session, level, _, first, last, digest = struct.unpack_from("<QBBQQ32s", data)
    return {"session": session, "level": level, "first": first, "last": last, "hash": digest}


READERS = {
    OPENED: read_opened,
    DROP: read_drop,
    ACK: read_ack,
    PING: lambda data: {"session": struct.unpack("<Q", data)[0]},
    DONE: lambda data: dict(zip(("id", "status"), struct.unpack("<QB", data))),
    UP: lambda data: {},
    DOWN: lambda data: {},
}


def record(seq, history="a"):
    """The record of a log at a number; other histories have other records."""
    line = json.dumps({"event_type": "alert", "n": f"{history}{seq}"}).encode()
    payload = b"\x03eve" + line
    return struct.pack("<IHHq8sQ", len(payload), 1, 0, seq, b"bootboot", seq) + payload


class Log:
    """A sensor's log: its records and their chain of hashes."""

    def __init__(self, log_id=LOG_A, history="a"):
        self.log_id, self.history, self.hashes = log_id, history, [bytes(32)]

    def hash_at(self, seq):
        while len(self.hashes) <= seq:
            n = len(self.hashes)
            raw = record(n, self.history)
            self.hashes.append(hashlib.sha256(self.hashes[-1] + struct.pack("<Q", n) + raw).digest())
        return self.hashes[seq]

    def batch(self, first, last):
        head = self.log_id + struct.pack("<Q", first) + self.hash_at(first - 1) + struct.pack("<I", last - first + 1)
        return head + b"".join(record(n, self.history) for n in range(first, last + 1))


class Store:
    def __init__(self, folder, largest_file=resource.RLIM_INFINITY):
        self.folder = folder
        self.got, self.lines, self.kept = queue.Queue(), queue.Queue(), []
        self.socket, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [DAEMON, str(theirs.fileno()), str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, pass_fds=[theirs.fileno()],
            restore_signals=False,  # SIGXFSZ stays ignored: writing past the limit is an error
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file)),
        )
        theirs.close()
        self.pid = None
        threading.Thread(target=self.read_lines, daemon=True).start()
        threading.Thread(target=self.read_messages, daemon=True).start()
        self.line("running")
        self.wait_up()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.socket.close()
        assert code == 0

    def read_lines(self):
        for line in self.process.stdout:
            event, role, pid = (line.split() + ["", "", ""])[:3]
            if (event, role) == ("ready", "store"):
                self.pid = int(pid)
            self.lines.put(line.strip())

    def read_messages(self):
        with self.socket.makefile("rb") as stream:
            while len(head := stream.read(6)) == 6:
                edge, kind, size = struct.unpack("<BBI", head)
                self.got.put((edge, kind, READERS[kind](stream.read(size))))

    def line(self, start, seconds=10):
        """The next line of the daemon that begins so."""
        deadline = time.monotonic() + seconds
        while True:
            line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if line.startswith(start):
                return line

    def send(self, edge, kind, payload):
        self.socket.sendall(struct.pack("<BBI", edge, kind, len(payload)) + payload)

    def wait(self, kind, edge=LINK, session=None, seconds=10):
        """The next message of this kind (of this session); others are kept for later."""
        deadline = time.monotonic() + seconds
        place = 0
        while True:
            while place < len(self.kept):
                got = self.kept[place]
                if got[:2] == (edge, kind) and session in (None, got[2].get("session")):
                    return self.kept.pop(place)[2]
                place += 1
            try:
                self.kept.append(self.got.get(timeout=max(0, deadline - time.monotonic())))
            except queue.Empty:
                pytest.fail(f"no message {kind:#x} of session {session}; kept: {self.kept[-5:]}")

    def nothing(self, *kinds, seconds=0.2):
        time.sleep(seconds)
        while not self.got.empty():
            self.kept.append(self.got.get())
        assert [got for got in self.kept if got[1] in kinds] == []

    def wait_up(self):
        edges = {LINK, ADMIN}
        for edge in edges:
            self.wait(UP, edge=edge)

    def restart(self):
        """Kills the store; what was sent and not answered is lost with it."""
        os.kill(self.pid, signal.SIGKILL)
        self.line("died store")
        self.line("ready store")  # its pid is known
        self.wait_up()
        self.kept = [got for got in self.kept if got[1] == UP]

    def open(self, session, name="s1.example", *, log=LOG_A, key=KEY_A, first=1, counter=0, pair=0, wait=True):
        payload = struct.pack("<QB", session, pair) + text(name) + ANCHOR + key + b"\0" + log
        payload += struct.pack("<QQQq", first, first, counter, 0)
        payload += text("portcullis/0") + text("192.0.2.1:1") + text("00" * 8) + struct.pack("<q", 1767225600)
        self.send(LINK, OPEN, payload)
        return self.wait(OPENED, session=session) if wait else None

    def send_batch(self, session, payload):
        self.send(LINK, BATCH, struct.pack("<Q", session) + text(payload))

    def close_session(self, session):
        self.send(LINK, CLOSE, struct.pack("<Q", session))

    def act(self, kind, name="s1.example", address=""):
        self.send(ADMIN, ACT, struct.pack("<QB", 7, kind) + text(name) + text(address))
        return self.wait(DONE, edge=ADMIN)["status"]

    def failure(self, reason="revoked", identity="s1.example", *, proved=1, link="00" * 8, count=1, at_us=1):
        payload = struct.pack("<BB", REASONS.index(reason), proved) + text(identity) + text("console:main")
        self.send(LINK, FAILURE, payload + text(link) + struct.pack("<qQ", at_us, count) + text('{"message":"m"}'))

    def ask(self, sql):
        with sqlite3.connect(f"file:{self.folder}/console.db?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def enrol(self, session=1, name="s1.example", **options):
        """A session of an appliance that is approved."""
        if self.open(100000 + session, name, **options)["reason"] == "identity-unenrolled":
            assert self.act(APPROVE, name) == 0
        self.close_session(100000 + session)
        opened = self.open(session, name, **options)
        assert opened["reason"] == "ok"
        return opened


@pytest.fixture
def store(tmp_path):
    running = Store(tmp_path)
    yield running
    running.close()


# --- who is let in ---


def test_an_unknown_appliance_waits_for_approval(store):
    opened = store.open(1)
    assert (opened["reason"], opened["retry_ms"]) == ("identity-unenrolled", RETRY_MS)
    assert store.ask("SELECT name, state FROM sensor") == [("s1.example", 0)]
    store.close_session(1)
    assert store.open(2)["reason"] == "identity-unenrolled"
    store.close_session(2)
    assert store.act(APPROVE) == 0
    opened = store.open(3)
    assert (opened["reason"], opened["copies"], opened["counter"]) == ("ok", 1, 1)
    assert (opened["held"], opened["top"], opened["has_hash"]) == (0, 0, 1)
    assert opened["held_hash"] == bytes(32)


def test_an_approval_of_nobody_is_not_found(store):
    not_found = store.act(APPROVE, "nobody.example")
    assert not_found != 0
    assert store.ask("SELECT count(*) FROM sensor") == [(0,)]


def test_the_name_of_the_peer_is_no_sensor(store):
    assert store.act(PEER_SET, "b.example", "192.0.2.2:8443") == 0
    assert store.open(1, "b.example")["reason"] == "role"


def test_a_retired_sensor_is_dropped_and_not_let_in_again(store):
    store.enrol(1)
    assert store.act(RETIRE) == 0
    assert store.wait(DROP, session=1)["reason"] == "identity-unenrolled"
    store.close_session(1)
    assert store.open(2)["reason"] == "identity-unenrolled"


# --- two of one name ---


def test_the_same_appliance_replaces_its_old_session(store):
    counter = store.enrol(1)["counter"]
    assert store.open(2, counter=counter)["reason"] == "ok"
    drop = store.wait(DROP, session=1)
    assert (drop["reason"], drop["cause"]) == ("ok", BYE_REPLACED)
    store.nothing(PING)


def test_a_clone_is_refused_while_the_first_answers(store):
    store.enrol(1)
    store.open(2, log=LOG_B, wait=False)
    store.wait(PING, session=1)
    store.nothing(OPENED)
    store.send(LINK, PINGED, struct.pack("<QB", 1, 1))
    assert store.wait(OPENED, session=2)["reason"] == "identity-duplicate"
    store.nothing(DROP)
    store.send_batch(1, Log().batch(1, 1))
    store.wait(ACK, session=1)


@pytest.mark.parametrize("how", ["says that it is gone", "closes", "is silent"])
def test_a_second_is_let_in_when_the_first_is_dead(store, how):
    store.enrol(1)
    store.open(2, log=LOG_B, wait=False)
    store.wait(PING, session=1)
    begun = time.monotonic()
    if how == "says that it is gone":
        store.send(LINK, PINGED, struct.pack("<QB", 1, 0))
    elif how == "closes":
        store.close_session(1)
    assert store.wait(OPENED, session=2)["reason"] == "ok"
    assert (time.monotonic() - begun > 1.9) == (how == "is silent")
    if how != "closes":
        assert store.wait(DROP, session=1)["reason"] == "timeout"
    store.send_batch(2, Log(LOG_B).batch(1, 1))
    store.wait(ACK, session=2)


def test_a_third_waits_with_the_second(store):
    store.enrol(1)
    store.open(2, log=LOG_B, wait=False)
    store.open(3, log=b"c" * 16, wait=False)
    store.wait(PING, session=1)
    store.send(LINK, PINGED, struct.pack("<QB", 1, 1))
    assert store.wait(OPENED, session=2)["reason"] == "identity-duplicate"
    assert store.wait(OPENED, session=3)["reason"] == "identity-duplicate"


def test_another_key_waits_for_an_operator(store):
    store.enrol(1)
    opened = store.open(2, key=KEY_B)
    assert opened["reason"] == "identity-duplicate"
    store.nothing(DROP)
    store.close_session(2)
    assert store.act(ACCEPT_KEY) == 0
    assert store.wait(DROP, session=1)["reason"] == "identity-duplicate"
    store.close_session(1)
    assert store.open(3, key=KEY_B)["reason"] == "ok"
    store.close_session(3)
    assert store.open(4, key=KEY_A)["reason"] == "identity-duplicate"


# --- batches ---


def test_an_ack_comes_with_the_hash_of_the_chain_and_after_the_commit(store):
    log = Log()
    store.enrol(1)
    for first in range(1, 200, 10):
        store.send_batch(1, log.batch(first, first + 9))
        ack = store.wait(ACK, session=1)
        assert store.ask("SELECT max(seq), count(*) FROM event") == [(first + 9, first + 9)]
        assert (ack["level"], ack["first"], ack["last"]) == (1, first, first + 9)
        assert ack["hash"] == log.hash_at(first + 9)


def test_what_comes_twice_is_stored_once(store):
    log = Log()
    store.enrol(1)
    for first, last in ((1, 10), (1, 10), (5, 15)):
        store.send_batch(1, log.batch(first, last))
        assert store.wait(ACK, session=1)["last"] == last
    assert store.ask("SELECT count(*), count(DISTINCT seq) FROM event") == [(15, 15)]
    store.close_session(1)
    opened = store.open(2, first=1)
    assert (opened["held"], opened["held_hash"]) == (15, log.hash_at(15))


def test_another_history_is_kept_and_noticed(store):
    store.enrol(1)
    store.send_batch(1, Log().batch(1, 5))
    store.wait(ACK, session=1)
    store.send_batch(1, Log(history="b").batch(1, 5))
    store.wait(ACK, session=1)
    assert store.ask("SELECT count(*) FROM event") == [(10,)]
    assert store.ask("SELECT kind, first FROM notice") == [("FORK", 1)]


def test_the_disk_is_asked_before_the_ack_is_sent(store):
    if not shutil.which("strace"):
        pytest.skip("no strace")
    store.enrol(1)
    trace = store.folder / "trace"
    strace = subprocess.Popen(
        ["strace", "-p", str(store.pid), "-o", str(trace), "-e", "trace=fdatasync,fsync,sendmsg,sendto,write"],
        stderr=subprocess.PIPE, text=True,
    )
    attached = strace.stderr.readline()
    if "attached" not in attached:
        strace.wait()
        pytest.skip(f"cannot trace: {attached.strip()}")
    store.send_batch(1, Log().batch(1, 10))
    store.wait(ACK, session=1)
    strace.send_signal(signal.SIGINT)
    strace.wait()
    calls = re.findall(r"^(\w+)\(", trace.read_text(), re.M)
    syncs = [i for i, call in enumerate(calls) if call in ("fdatasync", "fsync")]
    sends = [i for i, call in enumerate(calls) if call in ("sendmsg", "sendto")]
    assert syncs and sends and syncs[-1] < sends[-1], calls


def test_nothing_that_was_acked_is_lost_or_doubled_when_the_store_is_killed(store):
    chance = random.Random(SEED)
    print(f"PORTCULLIS_SEED={SEED}")
    log, acked, session = Log(), 0, 10
    store.enrol(1)
    for _ in range(8):
        store.restart()
        session += 1
        opened = store.open(session)
        assert opened["reason"] == "ok"
        assert opened["held"] >= acked
        assert opened["held_hash"] == log.hash_at(opened["held"])
        first = opened["held"] + 1
        for n in range(20):
            store.send_batch(session, log.batch(first + 5 * n, first + 5 * n + 4))
        wanted = first + 5 * chance.randrange(1, 15)
        while acked < wanted:
            acked = store.wait(ACK, session=session)["last"]
    store.restart()
    opened = store.open(session + 1)
    assert opened["held"] >= acked
    held = opened["held"]
    assert store.ask("SELECT count(*), count(DISTINCT seq), max(seq) FROM event") == [(held, held, held)]
    assert store.ask("SELECT count(*) FROM notice") == [(0,)]
    assert store.ask("PRAGMA integrity_check") == [("ok",)]


def test_batches_of_sessions_that_are_over_take_no_credit(store):
    log = Log()
    payload = log.batch(1, 4000)
    store.enrol(1)
    for n in range(3 * (4 << 20) // len(payload)):
        store.send_batch(99, payload)
        store.send_batch(1, log.batch(n + 1, n + 1))
        store.wait(ACK, session=1)
    assert store.ask("SELECT count(*) FROM event") == [(n + 1,)]
    assert not any("lost a message" in line for line in list(store.lines.queue))


# --- what can not be stored ---


def test_a_log_with_too_many_holes_ends_its_session_and_no_other(store):
    holes = Log()
    store.enrol(1)
    store.enrol(2, "s2.example")
    for n in range(1024):
        store.send_batch(1, holes.batch(2 * n + 1, 2 * n + 1))
    for n in range(1024):
        store.wait(ACK, session=1)
    store.send_batch(2, Log().batch(1, 5))
    store.send_batch(1, holes.batch(3001, 3001))
    store.send_batch(2, Log().batch(6, 9))
    drop = store.wait(DROP, session=1)
    assert (drop["cause"], drop["retry_ms"] > 0) == (BYE_STORE, True)
    store.wait(ACK, session=2)
    assert store.wait(ACK, session=2)["last"] == 9
    store.nothing(DROP)
    # what fills a hole is taken all the same
    store.close_session(1)
    assert store.open(3)["reason"] == "ok"
    store.send_batch(3, holes.batch(2, 2))
    store.wait(ACK, session=3)


def test_a_disk_that_takes_no_more_ends_sessions_and_not_the_store(tmp_path):
    log, acked = Log(), 0
    full = Store(tmp_path, largest_file=1 << 20)
    try:
        pid = full.pid
        full.enrol(1)
        while acked < 50000:
            full.send_batch(1, log.batch(acked + 1, acked + 500))
            edge, kind, got = full.got.get(timeout=10)
            if kind == DROP:
                break
            acked = got["last"]
        assert (got["session"], got["reason"], got["cause"]) == (1, "ok", BYE_STORE)
        assert acked > 0 and got["retry_ms"] > 0
        full.close_session(1)
        assert full.open(2, counter=1)["held"] == acked  # this little still fits
        full.send_batch(2, log.batch(acked + 1, acked + 500))
        assert full.wait(DROP, session=2)["cause"] == BYE_STORE
        assert full.pid == pid
    finally:
        full.close()
    freed = Store(tmp_path)
    try:
        assert freed.open(1, counter=2)["held"] == acked
        freed.send_batch(1, log.batch(acked + 1, acked + 5))
        assert freed.wait(ACK, session=1)["last"] == acked + 5
        assert freed.ask("SELECT count(*) FROM event") == [(acked + 5,)]
    finally:
        freed.close()


# --- failures ---


def failures(store, expected, seconds=5):
    """Failures are not answered: waits until there are so many rows."""
    deadline = time.monotonic() + seconds
    sql = "SELECT reason, identity, count FROM failure ORDER BY id"
    while store.ask(sql) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert store.ask(sql) == expected


def test_failures_of_one_kind_are_one_row(store):
    for n in range(40):
        store.failure(link=f"{n:016x}", at_us=n + 1, count=2)
    store.failure("expired")
    store.failure(identity="192.0.2.0/32", proved=0)
    failures(store, [("revoked", "s1.example", 80), ("expired", "s1.example", 1), ("revoked", "192.0.2.0/32", 1)])
    assert store.ask("SELECT first_us, last_us FROM failure WHERE id=1") == [(1, 40)]
    assert store.ask("SELECT count(*) FROM failure_link WHERE failure=1") == [(16,)]


def test_failures_survive_the_store(store):
    store.failure()
    failures(store, [("revoked", "s1.example", 1)])
    store.restart()
    store.failure()
    failures(store, [("revoked", "s1.example", 2)])


# --- a worker that was taken over ---


def lies():
    opened = struct.pack("<QB", 1, 0) + text("s1.example") + ANCHOR + KEY_A + b"\0" + LOG_A
    opened += struct.pack("<QQQq", 1, 1, 0, 0) + text("") + text("") + text("") + struct.pack("<q", 0)
    return {
        "a type nobody knows": (0xB0, b""),
        "half an OPEN": (OPEN, opened[:-1]),
        "more than an OPEN": (OPEN, opened + b"\0"),
        "the role of the pair": (OPEN, opened[:8] + b"\1" + opened[9:]),
        "no name": (OPEN, opened.replace(text("s1.example"), text(""))),
        "a name that is too long": (OPEN, opened.replace(text("s1.example"), text("x" * 300))),
        "a batch that is none": (BATCH, struct.pack("<Q", 1) + text(b"x" * 100)),
        "a reason there is not": (FAILURE, b"\xff\1" + text("x") * 3 + struct.pack("<qQ", 1, 1) + text("{}")),
        "a failure of no times": (FAILURE, b"\1\1" + text("x") * 3 + struct.pack("<qQ", 1, 0) + text("{}")),
        "a PINGED that is too short": (PINGED, b"\0"),
    }


@pytest.mark.parametrize("lie", lies())
def test_a_worker_that_lies_is_started_again_and_the_store_goes_on(store, lie):
    pid = store.pid
    store.enrol(1)
    store.send(LINK, *lies()[lie])
    store.line("edge-broken bridge")
    store.wait_up()
    assert store.pid == pid
    assert store.open(5)["reason"] == "ok"  # the session of the dead worker is forgotten
    store.send_batch(5, Log().batch(1, 3))
    store.wait(ACK, session=5)


def test_the_same_session_twice_is_a_lie(store):
    store.enrol(1)
    store.open(1, wait=False)
    store.line("edge-broken bridge")


def test_an_answer_to_a_ping_nobody_sent_is_no_harm(store):
    store.enrol(1)
    for alive in (0, 1):
        for session in (1, 77):
            store.send(LINK, PINGED, struct.pack("<QB", session, alive))
    store.send_batch(1, Log().batch(1, 1))
    store.wait(ACK, session=1)
