# SPDX-License-Identifier: Apache-2.0
"""The proxy, between plain sockets: each fault, from the start and while connections stand."""

import contextlib
import socket
import threading
import time

import pytest

import lab


class Echo:
    """Answers each octet with itself; remembers what each connection sent."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received = []
        self.changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                record = {"data": b"", "end": None}
                with self.changed:
                    self.received.append(record)
                    self.changed.notify_all()
                threading.Thread(target=self._serve, args=(sock, record), daemon=True).start()

    def _serve(self, sock, record):
        end = "eof"
        with sock:
            try:
                while data := sock.recv(65536):
                    with self.changed:
                        record["data"] += data
                        self.changed.notify_all()
                    sock.sendall(data)
            except OSError:
                end = "reset"
        with self.changed:
            record["end"] = end
            self.changed.notify_all()

    def wait(self, condition, timeout=5):
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.received), timeout), self.received

    def close(self):
        self.listener.close()


@pytest.fixture
def echo():
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo, tmp_path):
    with lab.Proxy(echo.port, control=tmp_path / "p.ctl") as running:
        yield running


def connect(proxy, timeout=5):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=timeout)


def take(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def silent(sock, seconds=0.3):
    sock.settimeout(seconds)
    try:
        return sock.recv(1) is None
    except TimeoutError:
        return True
    finally:
        sock.settimeout(5)


def test_without_fault_everything_goes_through(proxy, echo):
    payload = lab.chance.randbytes(3_000_000)
    with connect(proxy) as sock:
        sender = threading.Thread(target=lambda: (sock.sendall(payload), sock.shutdown(socket.SHUT_WR)))
        sender.start()
        assert take(sock, len(payload)) == payload
        assert sock.recv(1) == b""
        sender.join()
    echo.wait(lambda all_: all_ and all_[0]["end"] == "eof")
    stats = proxy.stats()
    assert (stats["connections"], stats["up"], stats["down"]) == (1, len(payload), len(payload))


def test_an_end_of_file_goes_through_each_way_alone(proxy, echo):
    with connect(proxy) as sock:
        sock.sendall(b"x")
        assert take(sock, 1) == b"x"
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(1) == b""
    echo.wait(lambda all_: all_ and all_[0]["end"] == "eof")


def test_delay_comes_late(proxy):
    proxy.fault("delay-up=300")
    with connect(proxy) as sock:
        began = time.monotonic()
        sock.sendall(b"hello")
        assert take(sock, 5) == b"hello"
        assert 0.29 < time.monotonic() - began < 2


def test_dribble_comes_octet_by_octet_until_the_fault_ends(proxy):
    with connect(proxy) as sock:
        proxy.fault("dribble-down=100")
        sock.sendall(b"x" * 50)
        began = time.monotonic()
        assert take(sock, 5) == b"xxxxx"
        assert time.monotonic() - began >= 0.3
        proxy.fault("none")
        assert take(sock, 45) == b"x" * 45
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_cut_up_lets_exactly_so_many_octets_reach_the_target(proxy, echo, count):
    proxy.fault(f"cut-up={count}")
    with connect(proxy) as sock:
        with contextlib.suppress(OSError):
            sock.sendall(b"y" * 2000)
            while sock.recv(65536):
                pass
    echo.wait(lambda all_: all_ and all_[0]["end"])
    assert echo.received[0]["data"] == b"y" * count


@pytest.mark.parametrize("count", [0, 1, 10])
def test_cut_down_lets_exactly_so_many_octets_come_back(proxy, count):
    proxy.fault(f"cut-down={count}")
    with connect(proxy) as sock:
        sock.sendall(b"z" * 100)
        got = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := sock.recv(100):
                got += piece
        assert got == b"z" * count


def test_cut_counts_from_the_start_of_the_connection(proxy):
    with connect(proxy) as sock:
        sock.sendall(b"0123456789")
        assert take(sock, 10) == b"0123456789"
        proxy.fault("cut=5")
        sock.sendall(b"more")
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""


def test_reset_is_seen_by_both(proxy, echo):
    proxy.fault("reset-down=3")
    with connect(proxy) as sock:
        sock.sendall(b"abcdef")
        with pytest.raises(ConnectionResetError):
            while sock.recv(100):
                pass
    echo.wait(lambda all_: all_ and all_[0]["end"] == "reset")


def test_half_open_is_silence_that_can_end(proxy, echo):
    with connect(proxy) as sock:
        sock.sendall(b"before")
        assert take(sock, 6) == b"before"
        proxy.fault("half-open")
        sock.sendall(b"during")
        assert silent(sock)
        assert echo.received[0] == {"data": b"before", "end": None}
        proxy.fault("none")
        assert take(sock, 6) == b"during"


def test_half_open_hides_the_end_of_one_side_from_the_other(proxy, echo):
    with connect(proxy) as sock:
        sock.sendall(b"x")
        assert take(sock, 1) == b"x"
        proxy.fault("half-open")
    time.sleep(0.3)
    assert echo.received[0]["end"] is None


def test_half_open_one_way(proxy, echo):
    with connect(proxy) as sock:
        proxy.fault("half-open-down")
        sock.sendall(b"one way")
        echo.wait(lambda all_: all_ and all_[0]["data"] == b"one way")
        assert silent(sock)


def test_a_black_hole_takes_everything_and_connects_nowhere(proxy, echo):
    with connect(proxy) as old:
        old.sendall(b"x")
        assert take(old, 1) == b"x"
        proxy.fault("black-hole")
        with connect(proxy) as new:
            for sock in (old, new):
                sock.sendall(b"w" * 1_000_000)
                assert silent(sock)
            assert len(echo.received) == 1 and echo.received[0]["data"] == b"x"
            proxy.fault("none")
            for sock in (old, new):
                with pytest.raises(ConnectionResetError):
                    sock.recv(1)
    with connect(proxy) as sock:
        sock.sendall(b"again")
        assert take(sock, 5) == b"again"


def test_a_black_hole_one_way_lets_the_other_through(proxy, echo):
    proxy.fault("black-hole-down")
    with connect(proxy) as sock:
        sock.sendall(b"heard")
        echo.wait(lambda all_: all_ and all_[0]["data"] == b"heard")
        assert silent(sock)
        proxy.fault("none")
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_refuse_is_for_new_connections_only(proxy):
    with connect(proxy) as old:
        proxy.fault("refuse")
        with pytest.raises(ConnectionResetError):
            with connect(proxy) as new:
                new.recv(1)
        old.sendall(b"still")
        assert take(old, 5) == b"still"


def test_duplicate_connects_twice_and_sends_both_the_same(proxy, echo):
    proxy.fault("duplicate")
    with connect(proxy) as sock:
        sock.sendall(b"hello")
        assert take(sock, 5) == b"hello"
        echo.wait(lambda all_: [r["data"] for r in all_] == [b"hello", b"hello"])
        assert silent(sock)
    echo.wait(lambda all_: all(r["end"] for r in all_))


def test_drop_resets_all_and_new_ones_work(proxy):
    with connect(proxy) as one, connect(proxy) as two:
        for sock in (one, two):
            sock.sendall(b"x")
            assert take(sock, 1) == b"x"
        proxy.drop()
        for sock in (one, two):
            with pytest.raises(ConnectionResetError):
                sock.recv(1)
    with connect(proxy) as sock:
        sock.sendall(b"x")
        assert take(sock, 1) == b"x"


def test_a_target_that_is_not_there_resets(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with lab.Proxy(port, control=tmp_path / "p.ctl") as proxy:
        with pytest.raises(ConnectionResetError):
            with connect(proxy) as sock:
                sock.recv(1)
        assert proxy.stats()["failed"] == 1


def test_a_fault_that_does_not_exist_changes_nothing(proxy):
    for order in ("fault nonsense", "fault cut=x", "fault", "", "stop"):
        with pytest.raises(lab.LabError):
            proxy.order(order)
    with connect(proxy) as sock:
        sock.sendall(b"x")
        assert take(sock, 1) == b"x"


def test_it_ends_with_whoever_started_it(echo, tmp_path):
    proxy = lab.Proxy(echo.port, control=tmp_path / "p.ctl")
    with connect(proxy):
        proxy.close()
    assert proxy.process.returncode == 0
    assert not (tmp_path / "p.ctl").exists()


def test_a_hundred_connections_at_once(proxy):
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(connect(proxy)) for _ in range(100)]
        for number, sock in enumerate(socks):
            sock.sendall(b"%03d" % number)
        for number, sock in enumerate(socks):
            assert take(sock, 3) == b"%03d" % number
        assert proxy.stats()["open"] == 100
