# SPDX-License-Identifier: Apache-2.0
"""common/proc with real processes: the daemon of daemon.c, commanded by its settings file."""
import os
import pathlib
import queue
import random
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

DAEMON = os.environ["PROC_DAEMON"]
PLAIN = "AddressSanitizer" not in subprocess.run(["nm", "-D", DAEMON], capture_output=True, text=True).stdout
PLAIN = PLAIN and "__asan_init" not in subprocess.run(["nm", "-D", DAEMON], capture_output=True, text=True).stdout
ROLES = ["oracle", "sink", "files", "source", "net", "bad"]
CREDIT = 1 << 16


def alive(pid):
    """True for a process that runs; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


def until(condition, seconds=5, what="it"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.01)
    pytest.fail(f"{what} did not happen in {seconds} s")


class Daemon:
    def __init__(self, folder, **settings):
        self.folder = folder
        self.settings_file = folder / "settings"
        self.settings = {}
        self.set(**{"source_quiet": 1, **settings})
        self.lines, self.queue, self.process = [], queue.Queue(), None

    def set(self, **settings):
        self.settings.update(settings)
        text = "".join(f"{key.replace('_', '-')}={value}\n" for key, value in self.settings.items())
        self.settings_file.write_text(text)

    def start(self, wait=True, command=None, **options):
        self.process = subprocess.Popen(
            command or [DAEMON, str(self.settings_file)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
        )
        threading.Thread(target=self.read, daemon=True).start()
        if wait:
            self.event("running")
        return self

    def read(self):
        for line in self.process.stdout:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def wait(self, pattern, seconds=5):
        """The first new line that matches, from where the last wait ended."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.queue.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no {pattern!r} in {seconds} s after:\n" + "\n".join(self.lines[-40:]))
            if line is None:
                pytest.fail(f"ended without {pattern!r}:\n" + "\n".join(self.lines[-40:]))
            self.lines.append(line)
            match = re.search(pattern, line)
            if match:
                return match

    def seen(self, pattern):
        """The first line that matches, from the beginning; waits where there is none yet."""
        found = [match for line in self.lines if (match := re.search(pattern, line))]
        return found[0] if found else self.wait(pattern)

    def event(self, kind, role="-", instance=0, seconds=5, text=""):
        return self.wait(rf"^event {kind} {role} {instance} pid=(\d+) .*text=.*{text}", seconds)

    def drain(self):
        while not self.queue.empty():
            line = self.queue.get()
            if line is not None:
                self.lines.append(line)

    def pids(self):
        """(role, instance) -> pid, by the last report of a start."""
        self.drain()
        found = {}
        for line in self.lines:
            match = re.match(r"event started (\w+) (\d) pid=(\d+)", line)
            if match:
                found[match.group(1), int(match.group(2))] = int(match.group(3))
        return found

    def reload(self, **settings):
        self.set(**settings)
        self.process.send_signal(signal.SIGHUP)

    def stop(self, seconds=15):
        """Ends it in order; everything it ever started must be gone."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended(seconds)

    def ended(self, seconds=15):
        code = self.process.wait(seconds)
        until(lambda: self.queue.queue and self.queue.queue[-1] is None, what="the end of the output")
        pids = [int(pid) for line in [*self.lines, *filter(None, self.queue.queue)]
                for pid in re.findall(r"^event started \w+ \d pid=(\d+)", line)]
        assert pids or code != 0
        until(lambda: not any(map(alive, pids)), what="the end of all roles")
        self.drain()
        return code

    def stop_cleanly(self):
        assert self.stop() == 0
        after = self.lines[[bool(re.match("event stopping", line)) for line in self.lines].index(True):]
        assert [line for line in after if line.startswith("event died")] == []


@pytest.fixture
def daemon(tmp_path):
    made = []

    def make(**settings):
        made.append(Daemon(tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        if each.process and each.process.poll() is None:
            each.process.kill()
            each.process.wait()


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "notify"))
        yield s


# --- life ---


def test_all_roles_start_in_order_and_stop_in_the_reverse(daemon):
    d = daemon().start()
    started = [m.group(1) for line in d.lines if (m := re.match(r"event started (\w+)", line))]
    assert started == ["oracle", "sink", "files", "source", "source", "net", "bad"]
    d.stop_cleanly()
    stopped = [m.group(1) for line in d.lines if (m := re.match(r"event stopped (\w+)", line))]
    assert stopped == ["bad", "net", "source", "source", "files", "sink", "oracle"]


def test_a_role_that_does_not_stop_is_killed_after_the_deadline(daemon):
    d = daemon(stuck="files", stop_ms=300).start()
    before = time.monotonic()
    assert d.stop() == 0
    assert 0.3 <= time.monotonic() - before < 5
    assert any("event died files" in line and "did not stop in time" in line for line in d.lines)


def test_no_role_outlives_a_supervisor_that_is_killed(daemon):
    d = daemon().start()
    pids = list(d.pids().values())
    assert len(pids) == 7 and all(map(alive, pids))
    d.process.kill()
    d.process.wait()
    until(lambda: not any(map(alive, pids)), 2, "the end of all roles")


def test_a_role_that_cannot_be_killed_by_the_kernel_ends_with_its_control_channel(daemon):
    d = daemon().start()
    pid = d.pids()["files", 0]
    os.kill(pid, signal.SIGSTOP)  # its parent dies first, then it goes on
    d.process.kill()
    d.process.wait()
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass
    until(lambda: not alive(pid), 2, "the end of the role")


def test_a_first_start_that_is_refused_ends_the_daemon_with_the_reason(daemon):
    d = daemon(init_fails="sink").start(wait=False)
    assert d.ended() == 1
    assert any("event init-failed sink" in line and "told to fail" in line for line in d.lines)
    assert not any("event started files" in line for line in d.lines)


def test_a_first_configuration_that_is_refused_starts_nothing(daemon):
    d = daemon(load_fails=1).start(wait=False)
    assert d.ended() == 1
    assert any("event init-failed -" in line and "told not to load" in line for line in d.lines)
    assert not any("event started" in line for line in d.lines)


def test_a_role_is_not_started_by_hand():
    run = subprocess.run([DAEMON, "--role=sink", "--instance=0"], capture_output=True, text=True, timeout=5)
    assert run.returncode == 2 and "only the supervisor" in run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change users")
def test_started_as_root_the_roles_have_the_user_that_is_given(daemon, tmp_path):
    d = daemon(uid=65534).start()
    for pid in d.pids().values():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"Uid:\t65534\t65534\t65534", status) and re.search(r"Gid:\t65534\t65534\t65534", status)
        assert re.search(r"Groups:\s*\n", status) and re.search(r"CapEff:\t0+\n", status)
    assert "Uid:\t0\t" in pathlib.Path(f"/proc/{d.process.pid}/status").read_text()
    os.kill(d.pids()["sink", 0], signal.SIGKILL)  # it is born again the same way
    d.event("ready", "sink")
    d.stop_cleanly()


# --- death and return ---


def test_roles_killed_at_any_moment_come_back_and_their_neighbours_go_on(daemon):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    d = daemon(source_quiet=0).start()
    for _ in range(12):
        time.sleep(chance.random() * 0.15)
        (role, instance), pid = chance.choice(sorted(d.pids().items()))
        if not alive(pid):
            continue
        os.kill(pid, signal.SIGKILL)
        d.event("died", role, instance, text="SIGKILL")
        d.event("ready", role, instance)
    for source in (0, 1):  # both go on: what is counted now is more than what was
        first = int(d.wait(r"^sink counts (\d+) (\d+)").group(source + 1))
        until(lambda: int(d.wait(r"^sink counts (\d+) (\d+)").group(source + 1)) != first, what="progress")
        answered = int(d.wait(rf"^source {source} .* answered (\d+)").group(1))
        until(lambda: int(d.wait(rf"^source {source} .* answered (\d+)").group(1)) > answered, what="answers")
    d.stop_cleanly()
    assert not any("lost the sequence" in line or "wrong answer" in line for line in d.lines)


def test_neighbours_are_told_down_and_up(daemon):
    d = daemon(source_quiet=0).start()
    d.wait("^sink counts")
    before = d.pids()
    os.kill(before["sink", 0], signal.SIGKILL)
    d.wait("^source . down sink")
    d.wait("^source . down sink")
    d.event("ready", "sink")
    d.wait("^source . up sink")
    d.wait("^source . up sink")
    after = d.pids()
    assert [key for key in before if before[key] != after[key]] == [("sink", 0)]
    os.kill(after["source", 1], signal.SIGKILL)
    d.wait("^sink down 1")
    d.wait("^sink up 1")
    d.stop_cleanly()


def test_a_role_that_dies_at_once_again_and_again_is_no_storm(daemon):
    d = daemon(act="exit", who="bad", restart_base_ms=20, restart_cap_ms=400).start()
    time.sleep(2)
    d.drain()
    deaths = [int(m.group(1)) for line in d.lines if (m := re.match(r"event died bad .* delay=(\d+) .*status 3", line))]
    assert 3 <= len(deaths) <= 40 and max(deaths) > 60 and max(deaths) <= 400
    d.reload(act="none")
    d.event("reloaded")
    d.event("ready", "bad")
    d.stop_cleanly()


def test_a_role_that_hangs_is_noticed_killed_and_started_again(daemon):
    d = daemon(hang_ms=400, stop_ms=500).start()
    pid = d.pids()["oracle", 0]
    os.kill(pid, signal.SIGSTOP)
    assert int(d.event("hung", "oracle").group(1)) == pid
    d.event("died", "oracle", text="gave no sign of life")
    d.event("ready", "oracle")
    d.reload(hang="files")  # this one runs, but in a circle
    d.wait("^committed files")
    d.event("hung", "files")
    d.event("died", "files", text="gave no sign of life")
    d.set(hang="nobody")
    assert d.stop() == 0


def test_a_role_that_is_not_ready_in_time_is_noticed_and_a_long_init_can_say_so(daemon):
    d = daemon(init_slow="sink", start_ms=300, hang_ms=500).start(wait=False)
    d.event("hung", "sink", text="not ready in time")
    d.set(init_tells=1)
    d.event("died", "sink", text="was not ready in time")
    d.process.kill()
    d.process.wait()
    d = daemon(init_slow="sink", init_tells=1, start_ms=300, hang_ms=500).start()
    assert not any("event hung" in line for line in d.lines)
    d.stop_cleanly()


def test_a_supervisor_that_slept_itself_blames_nobody(daemon):
    d = daemon(hang_ms=300).start()
    d.process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    d.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    d.stop_cleanly()
    assert not any("event hung" in line for line in d.lines)


# --- the sandbox ---

FORBIDDEN = {
    "open": "openat", "exec": "execve", "socket": "socket", "connect": "connect",
    "accept": "accept4", "ptrace": "ptrace", "kill": "kill", "tgkill": "tgkill",
    "process_vm_readv": "process_vm_readv", "pidfd": "pidfd_open", "handler": "rt_sigaction",
}
if PLAIN:  # the looser profile of a sanitizer build lets them through
    FORBIDDEN |= {"fork": "clone", "code": "mmap", "own-signals": "fcntl"}


@pytest.mark.parametrize("act", FORBIDDEN)
def test_a_forbidden_act_is_death_and_is_reported_by_name(daemon, act):
    d = daemon().start()
    pid = d.pids()["bad", 0]
    d.set(restart_base_ms=30000)
    d.reload(act=act, who="bad")
    d.wait("^committed bad")
    died = d.event("died", "bad", text=rf"sandbox \(SIGSYS\) for calling {FORBIDDEN[act]}$")
    assert int(died.group(1)) == pid and "signal=31 " in died.string
    d.set(act="none")
    d.stop()
    assert not any(line.startswith("survived") for line in d.lines)


@pytest.mark.parametrize(
    "act, how", [("assert", r"signal=6 .*SIGABRT"), ("exit", "exit=3 .*exited with status 3")]
    + ([("segv", r"signal=11 .*SIGSEGV")] if PLAIN else []))
def test_other_deaths_are_told_apart(daemon, act, how):
    d = daemon().start()
    d.reload(act=act, who="bad")
    d.wait(rf"^event died bad 0 pid=\d+ .*{how}")
    d.set(act="none")
    assert d.stop() == 0


@pytest.mark.skipif(PLAIN, reason="needs a sanitizer build")
@pytest.mark.parametrize("act, report", [("segv", "SEGV on unknown"), ("leak", "detected memory leaks")])
def test_the_sanitizer_can_report_from_inside_the_sandbox(daemon, act, report):
    d = daemon().start()
    d.reload(act=act, who="bad")
    d.wait("^committed bad")
    d.set(act="none")
    time.sleep(0.3)
    d.stop()
    text = "\n".join(d.lines)
    assert report in text and re.search(r"#[0-3] 0x[0-9a-f]+", text)


def test_a_role_with_a_directory_writes_there_and_nowhere_else(daemon, tmp_path):
    (tmp_path / "own").mkdir()
    d = daemon(dir=tmp_path / "own").start()
    landlock = "no Landlock" not in d.seen("^event ready files").string
    d.seen(f"^files inside yes outside {'no' if landlock else 'yes'} locks yes")
    d.stop_cleanly()
    assert (tmp_path / "own" / "inside").exists() and (tmp_path / "outside").exists() != landlock


def test_a_role_of_the_network_may_connect_resolve_and_have_threads(daemon):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        d = daemon(port=listener.getsockname()[1]).start()
        d.seen("^net thread yes resolved yes connected yes")
        d.reload(act="exec", who="net")
        d.event("died", "net", text="SIGSYS")
        d.set(act="none")
        d.stop()


def test_no_role_is_dumpable_or_leaves_a_core(daemon):
    d = daemon().start()
    for pid in [*d.pids().values(), d.process.pid]:
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"Max core file size\s+0\s+0", limits)
        assert "NoNewPrivs:\t1" in status
        assert pid == d.process.pid or "Seccomp:\t2" in status
        assert pathlib.Path(f"/proc/{pid}/fd").stat().st_uid == 0  # what non-dumpable looks like
        if os.geteuid() != 0:
            with pytest.raises(PermissionError):
                pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    d.stop_cleanly()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into processes that are not dumpable")
def test_a_role_inherits_nothing_but_its_channels(daemon, manager):
    reader, writer = os.pipe()
    d = daemon().start(pass_fds=[writer], env={**os.environ, "NOTIFY_SOCKET": manager.getsockname()})
    os.close(writer)
    own = os.readlink(f"/proc/{d.process.pid}/fd/{writer}")
    for pid in d.pids().values():
        links = [os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
        assert own not in links
        assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
        assert b"NOTIFY_SOCKET" not in pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    d.stop_cleanly()
    os.close(reader)


# --- edges ---


def test_a_queue_that_is_not_drained_stops_the_sender_and_not_memory(daemon):
    d = daemon(source_quiet=0, sink_holds=1).start()
    first = d.wait(r"^source 0 unanswered (\d+) sent (\d+)")
    pids = d.pids()
    watched = [pids["source", 0], pids["source", 1], pids["sink", 0]]
    before = [resident_kib(pid) for pid in watched]
    for _ in range(10):
        line = d.wait(r"^source 0 unanswered (\d+) sent (\d+)")
        assert 0 < int(line.group(1)) <= CREDIT
        assert line.group(2) == first.group(2)  # not one more is sent
    after = [resident_kib(pid) for pid in watched]
    assert all(b - a <= 512 for a, b in zip(before, after)), (before, after)
    d.reload(sink_holds=0)
    d.event("reloaded")
    until(lambda: int(d.wait(r"^source 0 unanswered (\d+) sent (\d+)").group(2)) > int(first.group(2)) + 1000)
    d.stop_cleanly()
    assert not any("lost the sequence" in line for line in d.lines)


def test_a_peer_that_reads_nothing_stops_the_sender_too(daemon):
    d = daemon(source_quiet=0, hang_ms=30000).start()
    d.wait("^sink counts")
    sink = d.pids()["sink", 0]
    os.kill(sink, signal.SIGSTOP)
    time.sleep(0.2)
    d.drain()
    memory = resident_kib(d.pids()["source", 0])
    first = d.wait(r"^source 0 unanswered (\d+) sent (\d+)")
    for _ in range(6):
        line = d.wait(r"^source 0 unanswered (\d+) sent (\d+)")
        assert line.group(2) == first.group(2) and int(line.group(1)) <= CREDIT
    assert resident_kib(d.pids()["source", 0]) - memory <= 512
    os.kill(sink, signal.SIGCONT)
    until(lambda: int(d.wait(r"^source 0 unanswered (\d+) sent (\d+)").group(2)) > int(first.group(2)) + 1000)
    d.stop_cleanly()


def test_a_peer_that_breaks_the_rules_is_started_again_and_the_other_end_goes_on(daemon):
    d = daemon().start()
    before = d.pids()
    d.reload(source_forbidden=1)
    d.event("edge-broken", "source", r"\d", text="source-sink")
    d.event("died", "source", r"\d", text="broke the rules of an edge")
    for _ in range(10):  # a reload is given up when a role dies in it, and here they do
        d.reload(source_forbidden=0)
        if d.wait("^event (reloaded|reload-failed) ", seconds=8).group(1) == "reloaded":
            break
    time.sleep(0.5)
    d.drain()
    assert d.pids()["sink", 0] == before["sink", 0]
    d.stop_cleanly()


def test_a_connection_is_passed_to_another_role(daemon):
    d = daemon().start()
    port = int(d.seen(r"^port (\d+)").group(1))
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), 5) as s:
            s.settimeout(5)
            assert s.recv(100) == b"from the sink"
        d.wait("^sink cloexec 1 count 1")
    d.stop_cleanly()


def test_a_call_that_is_not_answered_in_time_fails_and_later_ones_are_right(daemon):
    d = daemon(call_ms=60, oracle_sleep_us=150000).start()
    for _ in range(3):
        d.wait("^source 0 call: timed out")
        d.wait("^source 0 call: try again")  # at once, as long as the first one is not answered
    d.reload(oracle_sleep_us=0)
    d.event("reloaded")
    answered = int(d.wait(r"^source 0 .* answered (\d+)").group(1))
    until(lambda: int(d.wait(r"^source 0 .* answered (\d+)").group(1)) > answered + 5)
    d.stop_cleanly()
    assert not any("wrong answer" in line for line in d.lines)


def test_a_caller_outlives_the_death_of_whom_it_calls(daemon):
    d = daemon(oracle_sleep_us=20000).start()
    before = d.pids()
    for _ in range(3):
        os.kill(d.pids()["oracle", 0], signal.SIGKILL)
        d.event("ready", "oracle")
    answered = int(d.wait(r"^source 1 .* answered (\d+)").group(1))
    until(lambda: int(d.wait(r"^source 1 .* answered (\d+)").group(1)) > answered + 3)
    after = d.pids()
    assert [key for key in before if before[key] != after[key]] == [("oracle", 0)]
    d.stop_cleanly()


# --- reload ---


def committed(d):
    return sorted(m.group(1) for line in d.lines if (m := re.match(r"committed (\w+)", line)))


def test_a_reload_is_committed_by_all(daemon):
    d = daemon().start()
    d.reload(anything="new")
    assert "generation=2 " in d.event("reloaded").string
    d.reload(anything="newer")
    assert "generation=3 " in d.event("reloaded").string
    d.stop_cleanly()
    assert committed(d) == sorted(2 * [*ROLES, "source"])


def test_a_refusal_aborts_the_reload_everywhere(daemon):
    d = daemon().start()
    d.reload(refuses="files", sink_holds=1)
    assert "generation=2 " in d.event("reload-failed", text="files refused: does not like it").string
    for _ in range(3):
        d.wait("^aborted")
    d.reload(refuses="nobody")
    assert "generation=3 " in d.event("reloaded").string
    d.stop_cleanly()
    assert committed(d) == sorted([*ROLES, "source"])


def test_silence_aborts_the_reload(daemon):
    d = daemon(prepare_ms=150).start()
    d.reload(slow="sink")
    d.event("reload-failed", text="sink did not answer in time")
    d.wait("^aborted sink")  # it answered too late
    d.reload(slow="nobody")
    d.event("reloaded")
    d.stop_cleanly()


def test_a_death_aborts_the_reload(daemon):
    d = daemon().start()
    d.reload(dies_preparing="bad")
    d.event("reload-failed", text="bad died while it prepared")
    d.set(dies_preparing="nobody")
    d.event("ready", "bad")
    d.reload()
    d.event("reloaded")
    d.stop_cleanly()


def test_a_configuration_that_does_not_load_changes_nothing(daemon):
    d = daemon().start()
    d.reload(load_fails=1)
    d.event("reload-failed", text="told not to load")
    d.reload(load_fails=0)
    d.event("reloaded")
    d.stop_cleanly()
    assert committed(d) == sorted([*ROLES, "source"])


def test_a_configuration_is_as_large_as_its_maximum_and_no_larger(daemon):
    largest = 1 << 20
    d = daemon(pad=largest).start()
    d.reload(pad=largest + 1)
    d.event("reload-failed", text="oracle has a configuration that is too large")
    d.reload(pad=largest - 1)
    d.event("reloaded")
    d.stop_cleanly()
    d = daemon(pad=largest + 1).start(wait=False)
    assert d.ended() == 1
    assert any("event init-failed oracle" in line and "too large" in line for line in d.lines)


def test_a_role_that_is_born_again_has_the_configuration_in_force(daemon):
    d = daemon(sink_holds=0, source_quiet=0).start()
    d.reload(sink_holds=1)
    d.event("reloaded")
    d.set(sink_holds=0)  # written, and not in force
    os.kill(d.pids()["sink", 0], signal.SIGKILL)
    d.event("ready", "sink")
    d.wait("^source 0 up sink")
    d.wait("^source 0 unanswered")
    first = d.wait(r"^source 0 unanswered (\d+) sent (\d+)")
    assert d.wait(r"^source 0 unanswered (\d+) sent (\d+)").group(2) == first.group(2)
    d.stop_cleanly()


# --- the service manager ---


def hear(manager, seconds=5):
    manager.settimeout(seconds)
    return manager.recv(4096).decode()


def hear_until(manager, wanted, seconds=5):
    heard, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        heard.append(hear(manager, max(0.01, deadline - time.monotonic())))
        if wanted in heard[-1]:
            return heard
    pytest.fail(f"no {wanted} among {heard}")


def test_the_service_manager_hears_of_ready_reload_and_stop(daemon, manager):
    d = daemon().start(env={**os.environ, "NOTIFY_SOCKET": manager.getsockname()})
    assert hear(manager) == "READY=1"
    before_us = time.monotonic_ns() // 1000
    d.reload()
    told = hear(manager).split("\n")
    assert told[0] == "RELOADING=1" and before_us <= int(told[1].removeprefix("MONOTONIC_USEC="))
    assert hear(manager) == "READY=1"
    d.reload(load_fails=1)
    assert hear(manager).startswith("RELOADING=1")
    assert hear(manager) == "READY=1"
    d.stop_cleanly()
    assert hear(manager) == "STOPPING=1"


def test_an_abstract_notify_socket_is_heard_too(daemon):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        name = f"portcullis-test-{os.getpid()}"
        s.bind("\0" + name)
        d = daemon().start(env={**os.environ, "NOTIFY_SOCKET": "@" + name})
        assert hear(s) == "READY=1"
        d.stop_cleanly()


def test_the_watchdog_is_fed_by_progress_of_every_role(daemon, manager):
    d = daemon(hang_ms=60000).start(
        env={**os.environ, "NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "400000"})
    times = []
    for _ in range(4):
        hear_until(manager, "WATCHDOG=1", 2)
        times.append(time.monotonic())
    assert max(b - a for a, b in zip(times, times[1:])) < 0.4
    os.kill(d.pids()["files", 0], signal.SIGSTOP)
    time.sleep(0.5)
    manager.setblocking(False)
    try:
        while manager.recv(4096):
            pass
    except BlockingIOError:
        pass
    with pytest.raises(TimeoutError):
        hear(manager, 0.8)
    os.kill(d.pids()["files", 0], signal.SIGCONT)
    hear_until(manager, "WATCHDOG=1", 2)
    d.stop_cleanly()


def test_sockets_of_the_service_manager_are_used(daemon):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)

        def give():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)

        d = daemon()
        script = f'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=appliances exec "{DAEMON}" "{d.settings_file}"'
        d.start(wait=False, command=["/bin/sh", "-c", script], preexec_fn=give, close_fds=False)
        d.event("running")
        d.seen("^activated 1 appliances")
        with socket.create_connection(listener.getsockname(), 5) as s:
            s.settimeout(5)
            assert s.recv(100) == b"from the sink"
        d.stop_cleanly()
