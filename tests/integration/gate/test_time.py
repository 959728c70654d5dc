# SPDX-License-Identifier: Apache-2.0
"""What time does to links that are live: certificates and CRLs run out."""

import time

import console
import peer
from conftest import known

REJUDGED_S = 10  # the console looks at the clock again so often


def test_a_live_link_ends_with_its_certificate_and_not_with_its_crl(server, laboratory):
    soon = "+10s"
    short = laboratory.issue(cn="short.plant.example", not_after=soon)
    other = laboratory.issue("good-pathlen", cn="other.plant.example")
    laboratory.crl(ca="pathlen-ca", recipe="current", next_update=soon)
    began = time.monotonic()
    dying = known(server, short, "short.plant.example").connect()
    stale = known(server, other, "other.plant.example").connect()

    end = dying.end()
    assert time.monotonic() - began < 10 + REJUDGED_S + 2
    assert (end.reason, end.alert) == ("expired", 45)
    row = server.last_failure(reason="expired")
    assert row["identity"] == "short.plant.example" and row["record"]["phase"] == "live"

    # whoever blocks the CRL server must not be able to switch off the fleet
    laboratory.server.fault("404")
    console.until(lambda: server.logged("link-stale"), REJUDGED_S + 2, "the alarm")
    stale.send(peer.PING, {1: 4, 2: peer.now_us()})
    assert stale.expect(peer.PONG).nonce == 4

    end = peer.attempt(server.port, other)
    assert (end.reason, end.alert) == ("crl-expired", 46), "a new connection obeys strictly"
