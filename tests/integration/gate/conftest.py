# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the gate's tests: a laboratory with its CRL server for each file, consoles."""

import console
import lab
import peer
import pytest

# as Suricata and Zeek write them
EVENTS = [
    '{"timestamp":"2026-02-28T14:03:07.412873+0000","flow_id":1892736450912,"in_iface":"span0",'
    '"event_type":"alert","src_ip":"10.20.0.31","src_port":49812,"dest_ip":"10.20.0.5",'
    '"dest_port":502,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":2250001,'
    '"rev":2,"signature":"SURICATA Modbus invalid Protocol version","category":'
    '"Generic Protocol Command Decode","severity":1}}',
    '{"timestamp":"2026-02-28T14:03:08.002144+0000","flow_id":1892736450913,"in_iface":"span0",'
    '"event_type":"flow","src_ip":"10.20.0.31","src_port":49813,"dest_ip":"10.20.0.5",'
    '"dest_port":502,"proto":"TCP","app_proto":"modbus","flow":{"pkts_toserver":7,'
    '"pkts_toclient":5,"state":"closed","reason":"timeout","alerted":false}}',
    '{"timestamp":"2026-02-28T14:03:09.771002+0000","event_type":"anomaly","src_ip":"10.20.0.77",'
    '"dest_ip":"10.20.0.5","proto":"TCP","anomaly":{"type":"applayer","event":'
    '"APPLAYER_MISMATCH_PROTOCOL_BOTH_DIRECTIONS","layer":"proto_detect"}}',
]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """The logs of the consoles that a failed test used."""
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
def server(tmp_path, laboratory):
    """A console with anchors and certificate that knows nobody, for one test."""
    with console.Console(tmp_path / "console") as server:
        server.start()
        server.enrol(laboratory)
        server.until_open()
        yield server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory, laboratory):
    """One for a whole file, whose tests leave it as they found it."""
    with console.Console(tmp_path_factory.mktemp("console")) as server:
        server.start()
        server.enrol(laboratory)
        server.until_open()
        yield server


class Sensor:
    """A foreign sensor that the console knows."""

    def __init__(self, server, cert, cn):
        self.server, self.cert, self.cn = server, cert, cn
        self.log = peer.Log()

    def connect(self, **options):
        """A session that was accepted."""
        session = peer.Peer(self.server.port, self.cert, **options)
        session.accept = session.hello(self.log)
        return session

    def connect_soon(self, seconds=10):
        """As a sensor does: tries again until it is let in.  What is not an answer to this
        sensor but a console that is not ready ends the connection without a reason."""

        def attempt():
            try:
                return self.connect()
            except (peer.Ended, OSError) as error:
                assert getattr(getattr(error, "end", None), "refuse", None) is None, error
                return None

        return console.until(attempt, seconds, f"{self.cn} to be let in")


@pytest.fixture
def sensor(server, laboratory):
    """sensor-1, approved."""
    return known(server, laboratory.cert("sensor-1"), "sensor-1.plant.example")


def known(server, cert, cn):
    """Makes a sensor known: first contact, refused, approved."""
    sensor = Sensor(server, cert, cn)
    with peer.Peer(server.port, cert) as first:
        with pytest.raises(peer.Ended) as refused:
            first.hello(sensor.log)
    assert refused.value.end.reason == "identity-unenrolled"
    server.approve(cn)
    return sensor
