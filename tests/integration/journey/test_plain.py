# SPDX-License-Identifier: Apache-2.0
"""The journey without a fault: what is written beside the sensor is in the console, once and
byte for byte, through everything that writers do to their files."""

import base64
import json
import time

import checker
import producer
from console import until
from producer import eve_line, zeek_line


def test_lines_of_all_inputs_arrive_once_and_byte_for_byte(site):
    """given a sensor that reads a file, a directory and a socket, when lines are written to
    all three, then the console has each of them once, and says so to who asks"""
    appliance = site.sensor()
    eve, conn = site.file(appliance), site.file(appliance, appliance.zeek / "conn.log", "zeek/conn")
    modbus = site.file(appliance, appliance.zeek / "modbus.log", "zeek/modbus")
    program = site.socket(appliance)
    eve.append(*(eve_line(n) for n in range(200)))
    conn.append(*(zeek_line(n) for n in range(100)))
    modbus.append(*(zeek_line(1000 + n) for n in range(100)))
    answers = program.send(*(eve_line(5000 + n) for n in range(100)))
    assert all(answer.startswith("OK ") for answer in answers), answers
    numbers = [int(answer.split()[1]) for answer in answers]
    assert numbers == sorted(set(numbers))
    site.check()

    # and as an operator sees it
    shown = [row for row in site.console.events(limit=1000) if not row["kind"].startswith("health")]
    assert {row["sensor"] for row in shown} == {appliance.cn}
    kinds = {row["kind"] for row in shown}
    assert {"suricata/alert", "suricata/flow"} <= kinds and any("conn" in k for k in kinds), kinds
    listed = site.console.sensors()[appliance.cn]
    assert listed["state"] == "approved" and listed["events"] >= 500, listed


def test_lines_that_are_not_json_arrive_raw(site):
    """given lines that no parser takes, when they are read, then they are in the console,
    bytes untouched and marked raw; an empty line is nothing"""
    appliance = site.sensor()
    eve = site.file(appliance)
    strange = [
        b'{"timestamp": broken', b"not json at all", b'{"utf8": "\xff\xfe\x80"}',
        b"\x00\x01\x02 binary \x7f", b'["an","array"]', b'{"twice":1}{"twice":2}',
        b'{"crlf":"kept"}x\r', '{"ümlaut":"größer"}'.encode(), b'{"nul":"\\u0000"}',
    ]
    eve.append(*strange)
    site.check()
    held = {line: row_type for row_type in (checker.EVENT, checker.RAW)
            for _, line in site.lines(appliance, (row_type,))}
    assert set(held) == set(strange)
    for line in strange:
        try:
            is_object = isinstance(json.loads(line.decode("utf-8")), dict)
        except ValueError:
            is_object = False
        assert (held[line] == checker.EVENT) == is_object, line


def test_a_line_that_is_too_long_leaves_its_beginning_and_its_hash(site):
    """given a line of 300 KiB between two others, then the console has its length, hash and
    first 32 KiB, and its neighbours"""
    appliance = site.sensor()
    eve = site.file(appliance)
    long = eve_line(2, "x" * (300 << 10))
    eve.append(eve_line(1), long, eve_line(3))
    site.check()
    [(source, data)] = site.lines(appliance, (checker.OVERSIZE,))
    told = json.loads(data)
    assert source == "suricata" and told["len"] == len(long)
    assert told["offset"] == len(eve_line(1)) + 1
    assert base64.b64decode(told["head"]) == long[:32 << 10]


def test_half_a_line_waits_for_its_other_half(site):
    """given half a line at the end of the file, then nothing of it is taken until the line
    feed is there, even when the file is rotated between"""
    appliance = site.sensor()
    eve = site.file(appliance)
    rest = eve.halves(eve_line(1))
    until_read(appliance, 0)
    assert not site.lines(appliance)
    rest()
    rest = eve.halves(eve_line(2))
    appliance.eve.rename(appliance.eve.with_name("eve.json.1"))
    rest()
    eve.reopen()
    eve.append(eve_line(3))
    site.check()


def test_rotation_by_rename_loses_nothing(site):
    """given a writer that goes on through rotations, in the file and after it was
    renamed, then every line arrives once"""
    appliance = site.sensor()
    eve, conn = site.file(appliance), site.file(appliance, appliance.zeek / "conn.log", "zeek/conn")
    eve.append(eve_line(9000))
    conn.append(zeek_line(9000))
    site.until_delivered()  # of files that it has never seen the renamed ones are the past
    for turn in range(4):
        eve.append(*(eve_line(100 * turn + n) for n in range(20)))
        conn.append(*(zeek_line(100 * turn + n) for n in range(20)))
        appliance.eve.rename(appliance.eve.with_name(f"eve.json.{turn}"))
        eve.append(eve_line(100 * turn + 50))  # its writer has not noticed yet
        eve.reopen()
        conn.rename(f"conn.{turn:02}:00:00-{turn + 1:02}:00:00.log")
        time.sleep(0.05)  # which file is the older is told by times of the kernel's tick
    eve.append(eve_line(9999))
    conn.append(zeek_line(9999))
    site.check()


def test_a_rotation_while_the_sensor_is_away_loses_nothing(site):
    """given a sensor that is stopped, when its file is rotated twice, then it reads the old
    files to their ends first"""
    appliance = site.sensor()
    eve = site.file(appliance)
    eve.append(*(eve_line(n) for n in range(10)))
    site.until_delivered()
    eve.append(*(eve_line(10 + n) for n in range(10)))
    appliance.stop()
    for turn in (1, 2):
        eve.append(*(eve_line(100 * turn + n) for n in range(10)))
        eve.rename(f"eve.json.{turn}")
    eve.append(*(eve_line(500 + n) for n in range(10)))
    appliance.start()
    site.check()


def test_a_file_that_is_cut_in_place_is_recorded_as_a_gap(site):
    """given a file whose lines were read, when it is truncated and written anew, then the new
    lines arrive and a gap record names the place"""
    appliance = site.sensor()
    eve = site.file(appliance)
    eve.append(*(eve_line(n) for n in range(20)))
    size = appliance.eve.stat().st_size
    site.until_delivered()
    eve.truncate()
    eve.append(*(eve_line(100 + n) for n in range(5)))
    site.check()
    [(source, data)] = site.lines(appliance, (checker.GAP,))
    assert source == "suricata"
    assert json.loads(data)["from"] == size, data


def test_each_line_of_the_socket_has_its_own_answer(site):
    """given a program at the socket, when it sends an overlong line between two others, then
    each is answered in order, and the overlong one, which was refused, is nowhere"""
    appliance = site.sensor()
    program = site.socket(appliance)
    answers = program.send(eve_line(1), eve_line(2, "x" * (300 << 10)), eve_line(3))
    assert [answer.split()[0] for answer in answers] == ["OK", "ERR", "OK"], answers
    assert answers[1] == "ERR too-long"
    site.check()
    assert [data for _, data in site.lines(appliance)] == [eve_line(1), eve_line(3)]


def until_read(appliance, lines):
    """Until the sensor has its file open and has taken so many lines."""
    def read():
        row = next(row for row in appliance.status()["inputs"] if row["name"] == "suricata")
        return row["open"] and row["lines"] == lines
    until(read, 5, f"{lines} lines taken")


def test_the_checker_finds_what_is_wrong(site, tmp_path):
    """given a producer's record that claims one line more, one refused and one less than the
    console holds, then the checker names each"""
    appliance = site.sensor()
    eve = site.file(appliance)
    eve.append(*(eve_line(n) for n in range(3)))
    site.check()
    lies = producer.Record(tmp_path / "lies")
    for n, answer in ((0, "ok"), (1, "err"), (7, "ok")):
        lies.answer(lies.submit("suricata", eve_line(n)), answer)
    lies.close()
    findings = checker.check(site.store, {appliance.cn: lies.path})
    assert [finding[:2] for finding in findings] == ["C2", "C2", "C1"], findings
