# SPDX-License-Identifier: Apache-2.0
"""The sensor as processes: its roles, what is accepted and stays, what it answers."""

import json
import os
import signal
import stat

import pytest
import sensor
from console import until


def lines(count, start=0):
    return [json.dumps({"event_type": "alert", "n": n}) for n in range(start, start + count)]


def numbers(records):
    """What the records of lines() say, in their order."""
    return [json.loads(row["data"])["n"] for row in records]


# --- life ---


def test_it_starts_all_its_roles(agent):
    assert sorted(agent.roles()) == sorted(sensor.ROLES)


@pytest.mark.parametrize("role", sensor.ROLES)
def test_a_role_that_is_killed_comes_back_and_nothing_is_lost(agent, role):
    agent.write(*lines(10))
    agent.until_taken(10, "suricata")
    dead = agent.kill_role(role)
    assert agent.roles()[role] != dead
    agent.write(*lines(10, start=10))
    assert numbers(agent.until_taken(20, "suricata")) == list(range(20))
    others = [line for line in agent.logged("role-died") if line["pid"] != dead]
    assert not others, "its neighbours cope"


def test_it_stops_in_order_and_goes_on_where_it_was(agent):
    agent.write(*lines(5))
    agent.until_taken(5, "suricata")
    assert agent.stop() == 0
    agent.write(*lines(5, start=5))
    agent.start()
    assert numbers(agent.until_taken(10, "suricata")) == list(range(10))


def test_a_second_daemon_is_told_so(agent):
    second = agent.launch  # the same configuration
    first = agent.process
    try:
        second()
        assert agent.wait() == 1
        assert "does the daemon run already" in agent.logged("start-failed")[-1]["msg"]
    finally:
        agent.process = first
    assert agent.status()["spool"]["waiting"] >= 0


# --- inputs ---


def test_lines_of_a_file_are_in_the_spool_as_they_were(agent):
    agent.write('{"event_type":"alert","x":"\\u0000"}', "no json", '{"a": 1}')
    rows = agent.until_taken(3, "suricata")
    assert [row["type"] for row in rows] == ["event", "raw", "event"]
    assert [row["data"] for row in rows] == ['{"event_type":"alert","x":"\\u0000"}', "no json",
                                             '{"a": 1}']


def test_a_line_of_the_socket_is_answered_when_it_is_durable(agent):
    answers = agent.submit(lines(600))
    assert [answer.split()[0] for answer in answers] == ["OK"] * 600
    said = {int(answer.split()[1]): n for n, answer in enumerate(answers)}
    rows = agent.records("local")
    assert {row["seq"]: json.loads(row["data"])["n"] for row in rows} == said
    assert max(said) <= agent.status()["spool"]["durable"]


@pytest.mark.parametrize("cycle", range(3))
def test_what_was_answered_ok_survives_a_kill(agent, cycle):
    answers = agent.submit(lines(300))
    agent.kill_role("spool", wait=False)
    rows = until(lambda: _records(agent), 20, "the spool")
    held = {row["seq"] for row in rows}
    assert {int(answer.split()[1]) for answer in answers if answer.startswith("OK")} <= held
    assert len(numbers(rows)) == len(set(numbers(rows)))
    assert agent.check_spool()["lost"] == 0


def _records(agent):
    """The waiting records of the socket; None while the role is being started."""
    done = agent.cli("spool", "show", "--limit=1000", "--json", check=False)
    if done.returncode != 0:
        return None
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row for row in rows if row["source"] == "local"]


def test_health_is_a_record(agent):
    row = agent.until_taken(1, "health", seconds=15)[0]
    health = json.loads(row["data"])
    assert row["type"] == "health"
    assert health["links"]["state"] in ("DISCONNECTED", "CONNECTING")
    assert [entry["name"] for entry in health["inputs"]] == ["suricata", "local"]
    assert health["certificate"] is None


def test_a_full_spool_holds_what_it_has_and_refuses_more(lonely):
    lonely.configure(Spool={"Quota": "64M"})
    lonely.start()
    big = json.dumps({"pad": "x" * 200_000})
    answers = []
    while "ERR full" not in answers:
        answers += lonely.submit([big] * 20)
        assert len(answers) < 600, "64 MiB are full by now"
    taken = sum(answer.startswith("OK") for answer in answers)
    status = lonely.status()["spool"]
    assert status["full"] and status["alarm"] == "critical"
    assert lonely.logged("spool-full")
    assert status["durable"] >= taken
    lonely.write(*lines(3))  # waits where it is
    lonely.kill_role("spool")
    assert lonely.status()["spool"]["waiting"] >= taken


# --- reload ---


def test_a_reload_takes_up_another_input_of_the_same_directory(agent):
    second = agent.eve.with_name("second.json")
    agent.configure(**{'Input "second"': {"Type": "suricata", "Path": second}})
    spool = agent.roles()["spool"]
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: agent.logged("reloaded"), 10, "the reload")
    second.write_text("".join(f"{line}\n" for line in lines(3)))
    assert numbers(agent.until_taken(3, "second")) == [0, 1, 2]
    assert agent.roles()["spool"] == spool, "the same process"


def test_a_reload_takes_up_directories_the_sandbox_did_not_know(agent, tmp_path):
    zeek = tmp_path / "zeek"
    zeek.mkdir()
    agent.write(*lines(3))
    agent.until_taken(3, "suricata")
    agent.configure(**{'Input "zeek"': {"Type": "zeek", "Path": zeek}})
    agent.process.send_signal(signal.SIGHUP)
    until(lambda: agent.logged("spool-anew"), 10, "the reload")
    (zeek / "conn.log").write_text('{"ts":1.5,"id.orig_h":"10.0.0.1"}\n')
    until(lambda: len(agent.role_lines("role-ready", "spool")) == 2, 10, "the new process")
    assert agent.until_taken(1, "zeek/conn")[0]["type"] == "event"
    assert numbers(agent.records("suricata")) == [0, 1, 2]


def test_a_reload_that_an_input_refuses_changes_nothing(agent):
    missing = agent.path / "no" / "such" / "directory" / "input.sock"
    agent.configure(**{'Input "third"': {"Type": "socket", "Path": missing}})
    agent.process.send_signal(signal.SIGHUP)
    line = until(lambda: agent.logged("reload-failed"), 10, "the refusal")[0]
    assert "third" in line["detail"] and str(missing) in line["detail"]
    assert str(missing) in agent.logged("input-socket")[0]["path"]
    agent.write(*lines(2))
    assert numbers(agent.until_taken(2, "suricata")) == [0, 1]


# --- operators ---


def test_sockets_are_for_their_owner_where_there_is_no_group(lonely):
    lonely.configure(Sensor={"ControlGroup": "no-such-group-here"})
    lonely.start()
    for path in (lonely.runtime / "sensor.sock", lonely.input):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_status_says_what_an_operator_asks_for(agent):
    status = agent.status()
    assert status["link"]["state"] == "DISCONNECTED"
    assert status["certificate"] is None
    assert status["spool"]["quota_bytes"] == 4 << 30
    assert [entry["type"] for entry in status["inputs"]] == ["suricata", "socket"]


def test_a_certificate_is_installed_and_shown(agent, laboratory):
    agent.enrol(laboratory)
    certificate = until(lambda: agent.status()["certificate"], 5, "the certificate")
    assert "CN=sensor-1.plant.example" in certificate["subject"]
    assert {row["purpose"] for row in agent.rows("trust", "list")} == {"appliance"}


@pytest.mark.parametrize("name", ["expired", "cn-wildcard"])
def test_a_certificate_that_is_wrong_is_not_installed(agent, laboratory, name):
    agent.enrol(laboratory)
    old = until(lambda: agent.status()["certificate"], 5, "the certificate")
    bad = laboratory.issue(name)
    done = agent.cli("cert", "import", f"--crt={bad.crt}", f"--key={bad.key}",
                     *(f"--chain={path}" for path in bad.chain_args), check=False)
    assert done.returncode == 6, done.stderr
    assert agent.status()["certificate"] == old


def test_a_passphrase_is_not_taken_from_the_command_line(agent, laboratory):
    mine = laboratory.cert("sensor-1")
    done = agent.cli("cert", "import", f"--crt={mine.crt}", f"--key={mine.key}", "--pass=secret",
                     check=False)
    assert done.returncode == 2 and "--passphrase-file" in done.stderr
    done = agent.cli("cert", "import", f"--crt={mine.crt}", f"--key={mine.key}",
                     "--passphrase-set=True", check=False)
    assert done.returncode == 2 and "not kept" in done.stderr


def test_what_is_not_there_is_said_with_its_exit_code(agent):
    assert agent.cli("explain", "99", check=False).returncode == 3
    assert agent.cli("explain", "x", check=False).returncode == 2
    assert agent.rows("failures") == []
    agent.stop()
    done = agent.cli("status", check=False)
    assert done.returncode == 5 and "is the daemon running" in done.stderr


def test_spool_check_finds_damage(agent):
    agent.submit(lines(50))
    assert agent.check_spool()["findings"] == 0
    agent.stop()
    segment = max((agent.path / "state" / "spool").glob("*"), key=lambda p: p.stat().st_size)
    with segment.open("r+b") as file:
        file.seek(2000)
        file.write(b"damage")
    done = agent.cli("spool", "check", check=False)
    assert done.returncode == 6, done.stdout
    assert "damage" in done.stdout


# --- with a console ---


def received(server):
    """What lines() the console holds, oldest first."""
    rows = server.rows("events", "--kind=suricata/alert", "--limit=1000")
    found = [json.loads(server.rows("event", str(row["id"]))[0]["record"])["n"] for row in rows]
    return sorted(found)


def test_what_the_console_holds_leaves_the_spool(pair, server):
    pair.write(*lines(20))
    until(lambda: server.status()["events"] >= 20, 15, "the events")
    until(lambda: pair.records("suricata") == [], 10, "the acknowledgement")
    assert pair.check_spool()["lost"] == 0


@pytest.mark.parametrize("role", ["spool", "link", "key", "trust", "fetch"])
def test_a_role_killed_while_events_flow_loses_and_doubles_none(pair, server, role):
    for n in range(0, 100, 20):
        pair.write(*lines(20, start=n))
        if n == 40:
            pair.kill_role(role)
    until(lambda: len(server.rows("events", "--kind=suricata/alert", "--limit=1000")) >= 100, 30,
          "the events")
    until(lambda: pair.records("suricata") == [], 10, "the acknowledgement")
    assert len(server.rows("events", "--kind=suricata/alert", "--limit=1000")) == 100


def test_events_wait_while_the_console_is_away_and_go_when_it_is_back(pair, server):
    server.stop()
    pair.write(*lines(30))
    pair.until_taken(30, "suricata")
    server.start()
    until(lambda: server.status()["events"] >= 30, 30, "the events")
    until(lambda: pair.records("suricata") == [], 10, "the acknowledgement")


def test_a_refusal_is_a_failure_that_can_be_explained_and_a_record(tmp_path, laboratory, server):
    with sensor.Sensor(tmp_path / "s", {"another.plant.example": server.port}) as agent:
        agent.start()
        agent.enrol(laboratory)
        row = until(lambda: agent.failures(), 15, "the refusal")[0]
        assert row["reason"] == "name-mismatch" and row["count"] >= 1
        whole = agent.explain(row["id"])
        assert whole["fix"] and whole["checks"]["chain"] == "pass"
        told = agent.until_taken(1, "failure")
        assert json.loads(told[0]["data"])["reason"] == "name-mismatch"
        until(lambda: agent.failures()[0]["count"] >= 3, 20, "more of the same")
        assert len(agent.records("failure")) == 1, "one record a minute"
        assert agent.status()["link"]["state"] in ("REFUSED", "CONNECTING")


def test_a_spool_put_back_from_an_old_copy_goes_on_as_a_new_log(pair, server, tmp_path):
    import shutil

    spool = pair.path / "state" / "spool"
    pair.write(*lines(5))
    until(lambda: server.status()["events"] >= 5, 15, "the events")
    pair.stop()
    shutil.copytree(spool, tmp_path / "old")
    pair.start()
    pair.write(*lines(5, start=5))
    until(lambda: len(server.rows("events", "--kind=suricata/alert")) >= 10, 15, "the events")
    pair.stop()
    shutil.rmtree(spool)
    shutil.copytree(tmp_path / "old", spool)
    old_log = pair.check_spool()["log_id"]
    pair.eve.write_text("")  # what the old copy did not read is not read again
    pair.start()
    until(lambda: pair.logged("spool-reincarnated"), 20, "the notice")
    pair.write(*lines(5, start=100))
    until(lambda: pair.status()["link"]["state"] == "SYNCED" and pair.records("suricata") == [],
          20, "the link")
    assert pair.status()["spool"]["log_id"] != old_log
    until(lambda: len(server.rows("events", "--kind=suricata/alert")) >= 15, 15, "the events")


def test_a_backlog_larger_than_the_window_goes_through(pair, server):
    server.stop()
    big = [json.dumps({"event_type": "flow", "n": n, "pad": "x" * 700}) for n in range(16000)]
    pair.write(*big)  # 12 MB: the window is 4
    until(lambda: pair.status()["inputs"][0]["lines"] >= len(big), 30, "the spool")
    server.start()
    until(lambda: server.status()["events"] >= len(big), 60, "the events")
    until(lambda: pair.status()["spool"]["waiting"] < 5, 20, "the acknowledgements")
    assert len(pair.logged("link-connected")) == 2, "in one session"
