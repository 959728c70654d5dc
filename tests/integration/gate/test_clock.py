# SPDX-License-Identifier: Apache-2.0
"""A sensor whose clock is far off is refused with clock-drift, and told the console's time."""

import peer
import pytest

HOUR_US = 3600 * 1_000_000


@pytest.mark.parametrize("offset_us", [-2 * HOUR_US, 2 * HOUR_US])
def test_a_clock_that_is_far_off_is_its_own_reason(server, laboratory, offset_us):
    certificate = laboratory.cert("sensor-1")
    with peer.Peer(server.port, certificate) as sensor:
        log = peer.Log()
        sensor.send(peer.HELLO, log.hello(fields={7: peer.now_us() + offset_us}))
        end = sensor.end()
    assert end.refuse["reason"] == "clock-drift"
    assert end.alert == 49
    assert abs(end.refuse["clock"] - peer.now_us()) < 60 * 1_000_000
    failure = server.failure(reason="clock-drift")
    assert failure["identity"] == "sensor-1.plant.example"
    assert not server.sensors()


def test_a_few_minutes_are_no_drift(server, laboratory):
    with peer.Peer(server.port, laboratory.cert("sensor-1")) as sensor:
        log = peer.Log()
        sensor.send(peer.HELLO, log.hello(fields={7: peer.now_us() + HOUR_US // 10}))
        assert sensor.end().refuse["reason"] == "identity-unenrolled"
