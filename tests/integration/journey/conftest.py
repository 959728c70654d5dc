# SPDX-License-Identifier: Apache-2.0
"""The whole way: a laboratory, a console, sensors with producers, and the checker."""

import json

import checker
import console
import lab
import producer
import pytest
import sensor
from console import until

CONSOLE_CN = "console-a.plant.example"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The logs of the daemons that a failed test used."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            for program in value.programs if isinstance(value, Site) else []:
                program.print_log()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("lab") / "lab", serve=True) as laboratory:
        yield laboratory


class Appliance(sensor.Sensor):
    """A sensor that reads Zeek's directory besides."""

    def __init__(self, path, name, consoles, **sections):
        self.cn = f"{name}.plant.example"
        self.zeek = path / "zeek"
        self.zeek.mkdir(parents=True)
        super().__init__(path, consoles, **{
            'Input "zeek"': {"Type": "zeek", "Path": self.zeek}, **sections})

    @property
    def spool_dir(self):
        return self.path / "state" / "spool"

    def until_link(self, state, seconds=15):
        return until(lambda: (link := self.status()["link"])["state"] == state and link, seconds,
                     f"a link that is {state}")

    def until_empty(self, seconds):
        """Until all that it has accepted is acknowledged and trimmed."""
        def empty():
            answer = self.cli("status", "--json", check=False)
            if answer.returncode != 0:
                return False  # the role is being started
            spool = json.loads(answer.stdout)["spool"]
            return spool["waiting"] == 0 and spool["durable"] + 1 == spool["next"]
        until(empty, seconds, "an empty spool")

    def failure(self, **fields):
        """The newest failure with these fields, as explain shows it."""
        def look():
            rows = [row for row in self.failures()
                    if all(row.get(key) == value for key, value in fields.items())]
            return rows and self.explain(rows[0]["id"])
        return until(look, 10, f"a failure {fields}")


class Site:
    """A console and its sensors, each with the record of its producer."""

    def __init__(self, path, laboratory):
        self.path, self.laboratory = path, laboratory
        self.console = console.Console(path / "console", Listen={"Workers": 1})
        self.programs = [self.console]
        self.sensors = []  # those whose events are checked
        self.records = {}

    def begin(self, cert="console-a"):
        self.console.start()
        self.console.enrol(self.laboratory, cert)
        self.console.until_open()
        return self

    def stranger(self, name="sensor-1", *, console_cn=CONSOLE_CN, **sections):
        """Starts a sensor with a certificate; what comes of it is the test's business."""
        appliance = Appliance(
            self.path / name, name, {console_cn: self.console.port}, **sections)
        self.programs.append(appliance)
        self.records[appliance.cn] = producer.Record(self.path / f"{name}.produced")
        appliance.start()
        appliance.enrol(self.laboratory, name)
        return appliance

    def sensor(self, name="sensor-1", **sections):
        """Starts one and waits until it is let in."""
        appliance = self.stranger(name, **sections)
        self.sensors.append(appliance)
        until(lambda: appliance.cn in self.console.sensors(), 15, f"{appliance.cn} to ask")
        appliance.until_link("REFUSED")
        self.console.approve(appliance.cn)
        appliance.kill_role("link")  # a new one does not wait the minute it was told to
        appliance.until_link("SYNCED")
        return appliance

    def file(self, appliance, path=None, source="suricata"):
        return producer.File(path or appliance.eve, source, self.records[appliance.cn])

    def socket(self, appliance):
        return producer.Socket(appliance.input, "local", self.records[appliance.cn])

    @property
    def store(self):
        return self.console.path / "state" / "store" / "console.db"

    def lines(self, appliance, types=checker.LINES):
        """(source, data) of what the console holds of a sensor, in order."""
        return [checker.split(row.record) for row in checker.read_store(self.store)[appliance.cn]
                if row.type in types]

    def until_delivered(self, seconds=60):
        """Until every accepted line has arrived and every spool is empty.  How many are
        there is counted, not what they are: that is for check."""
        for appliance in self.sensors:
            ok = self.records[appliance.cn].ok
            until(lambda: len(self.lines(appliance)) >= ok, seconds,
                  f"the arrival of {ok} lines of {appliance.cn}")
            appliance.until_empty(seconds)

    def check(self, seconds=60):
        """Nothing lost, nothing twice.  Ends the sensors: the spool of one that runs may not
        have written down yet what was acknowledged."""
        self.until_delivered(seconds)
        for appliance in self.sensors:
            assert appliance.stop() == 0
        findings = checker.check(
            self.store,
            {name: record.path for name, record in self.records.items()},
            {one.cn: one.spool_dir for one in self.sensors},
            sensor.PROGRAM)
        assert not findings, "\n".join(findings[:20])

    def close(self):
        try:
            for program in reversed(self.programs):
                program.close()
        finally:
            for record in self.records.values():
                record.close()


@pytest.fixture
def site(tmp_path, laboratory):
    """For one test, in the laboratory of its file."""
    site = Site(tmp_path, laboratory)
    try:
        yield site.begin()
    finally:
        site.close()


@pytest.fixture
def own_site(tmp_path):
    """With a laboratory of its own, for tests that revoke; not begun."""
    with lab.Lab.make(tmp_path / "lab", serve=True) as laboratory:
        site = Site(tmp_path, laboratory)
        try:
            yield site
        finally:
            site.close()
