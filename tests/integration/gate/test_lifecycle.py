# SPDX-License-Identifier: Apache-2.0
"""A console from its start to its end: every role killed, reloads, stops, bad starts."""

import os
import resource
import signal
import socket

import console
import peer
import pytest
from conftest import EVENTS


def is_good(server, sensor):
    """A good peer is let in, its event is kept, and an operator gets answers."""
    before = server.status()["events"]
    session = sensor.connect_soon()
    session.send(peer.BATCH, sensor.log.batch(EVENTS[:1]))
    assert session.expect(peer.ACK).intervals[2] == sensor.log.hash
    session.bye()
    return server.status()["events"] == before + 1


def test_it_starts_all_its_roles(server):
    assert sorted(server.roles()) == sorted([*console.ROLES[:-1], "link 0", "link 1"])


def test_a_worker_may_hold_many_connections(server):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit, _ = resource.prlimit(server.roles()["link 0"], resource.RLIMIT_NOFILE)
    assert limit >= min(most, 65536)


@pytest.mark.parametrize("role", [*console.ROLES[:-1], "link 0", "link 1"])
def test_a_role_that_is_killed_comes_back(server, sensor, role):
    dead = server.kill_role(role)
    assert server.roles()[role] != dead
    died = server.role_lines("role-died", role)
    assert [line["pid"] for line in died] == [dead]
    assert died[0]["signal"] == signal.SIGKILL and died[0]["level"] == "error"
    assert is_good(server, sensor)
    others = [line for line in server.logged("role-died") if line["pid"] != dead]
    assert not others, "its neighbours cope"


def test_a_killed_link_takes_nobody_elses_session(server, sensor):
    session = sensor.connect()
    mine = next(name for name, pid in server.roles().items()
                if name.startswith("link") and holds(pid, session))
    other = "link 0" if mine == "link 1" else "link 1"
    server.kill_role(other)
    session.send(peer.BATCH, sensor.log.batch(EVENTS[:1]))
    assert session.expect(peer.ACK).level == 1
    server.kill_role(mine)
    assert not session.end().messages, "it is simply gone"
    assert is_good(server, sensor)


def holds(pid, session):
    """Has a process the other end of a connection?"""
    port = f":{session.sock.getsockname()[1]:04X} "
    inodes = {line.split()[9] for line in open("/proc/net/tcp") if port in line.split()[2] + " "}
    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    return any(f"socket:[{inode}]" in links for inode in inodes)


def test_every_role_killed_at_once_comes_back(server, sensor):
    roles = server.roles()
    for pid in roles.values():
        os.kill(pid, signal.SIGKILL)
    console.until(lambda: len(server.roles()) == len(roles)
                  and not set(server.roles().values()) & set(roles.values()), 20, "all roles")
    server.until_open()
    assert is_good(server, sensor)


def test_sighup_takes_a_good_change_and_keeps_sessions(server, sensor):
    session = sensor.connect()
    server.configure(Console={"Name": "renamed"})
    server.process.send_signal(signal.SIGHUP)
    console.until(lambda: server.logged("reloaded"), 10, "the reload")
    peer.attempt(server.port, None)
    assert server.failure(reason="no-certificate")["reported_by"] == "console:renamed"
    session.send(peer.BATCH, sensor.log.batch(EVENTS[:1]))
    assert session.expect(peer.ACK).level == 1


def test_sighup_with_a_bad_file_keeps_the_old_configuration(server, sensor):
    good = server.config.read_text()
    server.config.write_text(good.replace("Name=main", "Name=renamed") + "[Limits]\nPending=many\n")
    server.process.send_signal(signal.SIGHUP)
    console.until(lambda: server.logged("reload-failed"), 10, "the refusal")
    error = server.logged("config-error")[-1]
    assert error["file"] == str(server.config)
    assert error["line"] == len(good.splitlines()) + 2
    assert "Pending" in error["msg"] and "many" in error["msg"]
    peer.attempt(server.port, None)
    assert server.failure(reason="no-certificate")["reported_by"] == "console:main"
    assert is_good(server, sensor)


def test_sigterm_says_bye_ends_with_0_and_leaves_nothing(server, sensor):
    session = sensor.connect()
    assert server.stop() == 0  # which looks for orphans
    end = session.end()
    assert end.bye.cause == 1 and end.clean


def test_what_it_knew_is_there_after_a_restart(server, sensor):
    assert is_good(server, sensor)
    server.stop()
    server.start()
    server.until_open()
    assert is_good(server, sensor)
    assert len(server.events()) == 2


# --- it does not start ---


@pytest.fixture
def stopped(tmp_path):
    with console.Console(tmp_path / "console") as server:
        yield server


def refused_start(server):
    """Its last line, when it ended as it must."""
    server.launch()
    assert server.wait() == 1
    errors = [line for line in server.lines() if line.get("level") == "error" or "raw" in line]
    assert errors and "raw" not in errors[-1], server.lines()
    return errors


def test_a_taken_port_is_named(stopped):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        stopped.configure(Listen={"Address": f"127.0.0.1:{taken.getsockname()[1]}"})
        line = refused_start(stopped)[-1]
        assert str(taken.getsockname()[1]) in line["msg"] and "in use" in line["msg"]


def test_a_second_console_does_not_share_the_port_of_the_first(stopped, server):
    stopped.configure(Listen={"Address": f"127.0.0.1:{server.port}"})
    line = refused_start(stopped)[-1]
    assert str(server.port) in line["msg"] and "in use" in line["msg"]


def test_a_second_console_in_the_same_place_is_told_so(server, tmp_path):
    second = console.Console(tmp_path / "second")
    with second:
        second.configure(Console={"RuntimeDirectory": server.runtime})
        assert "does the daemon run already" in refused_start(second)[-1]["msg"]
    assert server.status()["sensors"] == 0, "the first one is not disturbed"


def test_a_bad_configuration_is_named_by_line(stopped):
    stopped.configure(Limits={"HalfOpenPerWroker": 5})
    errors = [line for line in refused_start(stopped) if line["event"] == "config-error"]
    assert len(errors) == 1 and errors[0]["line"] == len(stopped.config.read_text().splitlines())
    assert "HalfOpenPerWorker" in errors[0]["msg"], "did you mean"


def test_a_missing_configuration_is_named(stopped):
    stopped.config.unlink()
    assert str(stopped.config) in refused_start(stopped)[-1].get("file", "")


def test_a_missing_directory_is_named(stopped):
    missing = stopped.path / "no" / "such" / "directory"
    stopped.configure(Console={"StateDirectory": missing})
    assert str(missing) in refused_start(stopped)[-1]["msg"]


def test_a_file_in_place_of_a_directory_is_named(stopped):
    (stopped.path / "state").write_text("")
    assert str(stopped.path / "state") in refused_start(stopped)[-1]["msg"]


def test_a_damaged_store_is_named(stopped):
    stopped.start()
    stopped.stop()
    database = stopped.path / "state" / "store" / "console.db"
    for path in database.parent.glob("console.db-*"):
        path.unlink()
    database.write_bytes(b"this is no database" * 1000)
    errors = refused_start(stopped)
    assert any(str(database) in line.get("msg", "") for line in errors), errors
