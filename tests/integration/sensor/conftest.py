# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the sensor's tests."""

import console
import lab
import pytest
import sensor


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The logs of the daemons that a failed test used."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, console.Console):
                value.print_log()


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("lab") / "lab", serve=True) as laboratory:
        yield laboratory


@pytest.fixture
def lonely(tmp_path):
    """A sensor whose console nobody is behind."""
    with sensor.Sensor(tmp_path / "sensor", {"console-a.plant.example": 1}) as agent:
        yield agent


@pytest.fixture
def agent(lonely):
    """The same, running."""
    return lonely.start()


@pytest.fixture
def server(tmp_path, laboratory):
    with console.Console(tmp_path / "console") as server:
        server.start()
        server.enrol(laboratory)
        server.until_open()
        yield server


@pytest.fixture
def pair(tmp_path, laboratory, server):
    """A sensor that a console has let in."""
    with sensor.Sensor(tmp_path / "sensor", {"console-a.plant.example": server.port}) as agent:
        agent.start()
        agent.enrol(laboratory)
        console.until(lambda: "sensor-1.plant.example" in server.sensors(), 15, "first contact")
        server.approve("sensor-1.plant.example")
        agent.kill_role("link")  # it would wait the minute it was told to
        console.until(lambda: agent.status()["link"]["state"] == "SYNCED", 15, "the link")
        yield agent
