# SPDX-License-Identifier: Apache-2.0
"""The console is away, or loses its store under a batch: the spool keeps what it has."""

import os
import signal

import lab
from console import until
from producer import eve_line


def test_a_backlog_is_delivered_when_the_console_is_back(site):
    """given a console that is stopped, when lines go on being written and the sensor itself
    is killed meanwhile, then all of them wait in its spool and arrive after"""
    appliance = site.sensor()
    eve = site.file(appliance)
    eve.append(*(eve_line(n) for n in range(100)))
    site.until_delivered()
    site.console.stop()
    for turn in range(1, 11):
        eve.append(*(eve_line(1000 * turn + n) for n in range(500)))
    until(lambda: appliance.status()["spool"]["waiting"] >= 5000, 30, "5000 lines in the spool")
    appliance.kill_role("spool")
    until(lambda: appliance.cli("status", check=False).returncode == 0, 10, "the spool again")
    assert appliance.status()["spool"]["waiting"] >= 5000
    site.console.start()
    appliance.until_link("SYNCED", 30)
    site.check()


def test_a_store_killed_between_batch_and_answer_neither_loses_nor_doubles(site):
    """given a stream of batches, when the console's store is killed under them again and
    again, then what it had not committed is sent again, and what it had is there once"""
    appliance = site.sensor()
    eve = site.file(appliance)
    for turn in range(6):
        eve.append(*(eve_line(1000 * turn + n) for n in range(400)))
        before = len(site.lines(appliance))
        until(lambda: len(site.lines(appliance)) > before, 30, "the first of a batch")
        os.kill(site.console.roles()["store"], signal.SIGKILL)
        until(lambda: "store" in site.console.roles(), 10, "another store")
    print(f"seed {lab.SEED}")
    appliance.until_link("SYNCED", 30)
    site.check()


def test_a_store_that_stands_still_acknowledges_nothing(site):
    """given a store that is stopped in its tracks with batches on their way to it, when it is
    killed, then the spool has kept every one of them"""
    appliance = site.sensor()
    eve = site.file(appliance)
    store = site.console.roles()["store"]
    os.kill(store, signal.SIGSTOP)
    try:
        eve.append(*(eve_line(n) for n in range(1000)))
        until(lambda: appliance.status()["link"]["in_flight"] >= 1000, 15, "batches in flight")
        assert appliance.status()["spool"]["waiting"] >= 1000
    finally:
        os.kill(store, signal.SIGKILL)
    appliance.until_link("SYNCED", 30)
    site.check()
