# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random, of every role of both daemons and of whole daemons, while programs write:
afterwards everything that was accepted is in the console, once.

PORTCULLIS_KILLS says how many (20); PORTCULLIS_SEED repeats a run's choices."""

import os
import signal
import threading
import time

import console
import lab
import sensor
from producer import Socket, eve_line

KILLS = int(os.environ.get("PORTCULLIS_KILLS", 20))


class Writer(threading.Thread):
    """Writes without a pause: to the file, now and then rotating it, and to the socket, with
    each line's answer."""

    def __init__(self, site, appliance):
        super().__init__()
        self.eve, self.appliance, self.record = (
            site.file(appliance), appliance, site.records[appliance.cn])
        self.over = threading.Event()
        self.trouble = None
        self.cut = 0  # connections to the socket that ended under us

    def run(self):
        try:
            number, program = 0, None
            while not self.over.wait(0.005):
                self.eve.append(*(eve_line(10 * number + n) for n in range(5)))
                program = self.hand_in(program, eve_line(10 * number + 5))
                number += 1
                if number % 300 == 0:
                    self.eve.rename(f"eve.json.{number}")
            if program:
                program.close()
        except Exception as error:  # told by the test, which waits for us
            self.trouble = error

    def hand_in(self, program, line):
        """The connection, or None when it broke or there is none yet."""
        try:
            program = program or Socket(self.appliance.input, "local", self.record)
            program.send(line)
            return program
        except OSError:
            self.cut += 1
            if program:
                program.close()
            return None

    def end(self):
        self.over.set()
        self.join()
        if self.trouble:
            raise self.trouble


def kill_daemon(program):
    """The supervisor by SIGKILL, its roles after it, and a new start."""
    roles = program.roles()
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    console.until(lambda: not any(console.alive(pid) for pid in roles.values()), 10,
                 "the end of roles whose supervisor died")
    time.sleep(lab.chance.random() / 5)
    program.start()


def kill_role(program, role):
    pid = program.roles().get(role)
    if pid is None:
        return  # it is being restarted just now
    os.kill(pid, signal.SIGKILL)


def targets(site, appliance):
    """Every role of both and both as a whole, as functions with names."""
    for program, roles in ((site.console, console.ROLES), (appliance, sensor.ROLES)):
        short = "console" if program is site.console else "sensor"
        for role in roles:
            name = "link 0" if program is site.console and role == "link" else role
            yield f"{short} {role}", lambda program=program, name=name: kill_role(program, name)
        yield short, lambda program=program: kill_daemon(program)


def test_everything_arrives_once_through_kills_of_everything(site):
    """given programs that write, when each role of both daemons and the daemons themselves
    are killed at random moments, then every line that was accepted is in the console once,
    the spool is empty and the link is up"""
    appliance = site.sensor()
    writer = Writer(site, appliance)
    writer.start()
    kills = []
    try:
        while len(kills) < KILLS:
            rest = list(targets(site, appliance))
            lab.chance.shuffle(rest)
            for name, kill in rest[:KILLS - len(kills)]:
                time.sleep(0.05 + lab.chance.random() * 0.6)
                kills.append(name)
                kill()
    finally:
        writer.end()
        print(f"seed {lab.SEED}; killed: {', '.join(kills)}")
    appliance.until_link("SYNCED", 60)
    record = site.records[appliance.cn]
    print(f"{record.ok} lines accepted, {writer.cut} times the socket was away")
    site.check(120)
    assert record.ok > 20 * KILLS
