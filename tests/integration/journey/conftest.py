# SPDX-License-Identifier: Apache-2.0
"""The whole way: a laboratory, a console, sensors with producers, and the checker."""

import checker
import console
import daemon
import lab
import producer
import pytest
import sensor


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The logs of the daemons that a failed test used."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            for program in value.programs if isinstance(value, Site) else [value]:
                if isinstance(program, daemon.Daemon):
                    program.print_log()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("lab") / "lab", serve=True) as laboratory:
        yield laboratory


class Site:
    """A console and its sensors, all enrolled and live, each sensor with a producer."""

    def __init__(self, path, laboratory):
        self.path, self.laboratory = path, laboratory
        self.programs = []
        self.sensors = []
        self.records = {}
        self.console = console.Console(path / "console", Listen={"Workers": 1})
        self.programs.append(self.console)

    def begin(self):
        self.console.start()
        self.console.enrol(self.laboratory)
        self.console.until_open()
        return self

    def sensor(self, name="sensor-1", **options):
        """Starts one and waits until it is live."""
        appliance = sensor.Sensor(self.path / name, self.console, name=name, **options)
        self.programs.append(appliance)
        self.sensors.append(appliance)
        self.records[appliance.cn] = producer.Record(self.path / f"{name}.produced")
        appliance.start()
        appliance.enrol(self.laboratory, name)
        appliance.join(self.console)
        return appliance

    def file(self, appliance, path=None, source="suricata"):
        return producer.File(path or appliance.eve, source, self.records[appliance.cn])

    def socket(self, appliance):
        return producer.Socket(appliance.socket, "socket", self.records[appliance.cn])

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
            daemon.until(lambda: len(self.lines(appliance)) >= ok, seconds,
                         f"the arrival of {ok} lines of {appliance.cn}")
            appliance.until_empty(seconds)

    def check(self, seconds=60):
        """Nothing lost, nothing twice."""
        self.until_delivered(seconds)
        findings = checker.check(
            self.store,
            {name: record.path for name, record in self.records.items()},
            {one.cn: one.path / "state" / "spool" for one in self.sensors},
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
    site = Site(tmp_path, laboratory)
    try:
        yield site.begin()
    finally:
        site.close()
