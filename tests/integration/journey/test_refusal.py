# SPDX-License-Identifier: Apache-2.0
"""Trust that ends, and trust that never was: a revocation under a live link, and sensors that
refuse a console.  Both sides say why, under one link_id."""

import time

from conftest import CONSOLE_CN
from console import until
from producer import eve_line


def revoke(laboratory, name):
    """Revokes a certificate; the CRL that says so."""
    laboratory.revoke(name, "keyCompromise")
    return laboratory.path / "crl" / "issuing.crl"


def test_a_sensor_revoked_under_a_live_link_is_dropped_within_two_seconds(own_site):
    """given two sensors that deliver, when one is revoked and the console gets the CRL, then
    its link drops within 2 s, both sides record revoked under one link_id, its events stay in
    its spool, and the other sensor notices nothing"""
    site = own_site.begin()
    gone, other = site.sensor("sensor-1"), site.sensor("sensor-2")
    site.file(gone).append(*(eve_line(n) for n in range(50)))
    others = site.file(other)
    others.append(*(eve_line(n) for n in range(50)))
    site.until_delivered()
    links = len(other.logged("link-connected"))
    crl = revoke(site.laboratory, "sensor-1")

    before = time.monotonic()
    site.console.cli("crl", "import", crl)
    until(lambda: gone.status()["link"]["state"] != "SYNCED", 2, "the end of the link")
    took = time.monotonic() - before
    print(f"dropped after {took:.2f} s")

    here = site.console.failure(reason="revoked", identity=gone.cn)
    there = gone.failure(reason="peer-refused-us")
    record = here["record"]
    assert record["link_id"] == there["link_id"], (record, there)
    assert record["certificate"]["subject"].startswith(f"CN={gone.cn}"), record
    assert record["evidence"]["reason_code"] == 1, record
    assert record["fix"] and record["message"]
    assert there["tls"]["peer_reason"] == "revoked", there
    assert gone.status()["link"]["state"] == "REFUSED"

    # what it reads now stays; the other one goes on over the link it has
    site.file(gone).append(*(eve_line(1000 + n) for n in range(20)))
    until(lambda: gone.status()["spool"]["waiting"] >= 20, 10, "lines that wait")
    others.append(*(eve_line(1000 + n) for n in range(20)))
    until(lambda: len(site.lines(other)) == 70, 10, "the other's lines")
    assert len(site.lines(gone)) == 50
    assert len(other.logged("link-connected")) == links, "the other link was cut"
    assert not other.failures() or all(
        row["reason"] == "peer-refused-us" and row["count"] == 1 for row in other.failures())


def test_a_console_revoked_under_a_live_link_is_left_by_its_sensor(own_site):
    """given a sensor that delivers, when it learns that the console is revoked, then it leaves
    within 2 s and keeps its events; both sides say why, under one link_id"""
    site = own_site.begin()
    appliance = site.sensor()
    crl = revoke(site.laboratory, "console-a")
    appliance.cli("crl", "import", crl)
    until(lambda: appliance.status()["link"]["state"] != "SYNCED", 2, "the end of the link")
    here = appliance.failure(reason="revoked")
    there = site.console.failure(reason="peer-refused-us")
    assert there["record"]["link_id"] == here["link_id"]
    site.file(appliance).append(eve_line(1))
    until(lambda: appliance.status()["spool"]["waiting"] >= 1, 10, "a line that waits")
    assert not site.lines(appliance)


def refused(site, appliance, reason):
    """The sensor's record, once the console has the other one of the same link: it was told
    why in REFUSE, or at least by the alert."""
    here = appliance.failure(reason=reason)
    row = until(lambda: site.console.failures(reason="peer-refused-us"), 5, "the other record")[0]
    there = site.console.explain(row["id"])
    links = {line["link_id"] for line in appliance.logged("link-refused")}
    assert set(there["links"]) <= links, (there["links"], links)
    told = there["record"]["tls"]
    assert told["peer_reason"] == reason or told["alert_received"], told
    assert here["refused_by"].startswith("sensor"), here
    # no HELLO: who says it is known from then on
    assert site.console.sensors() == {}
    return here


def test_a_console_whose_certificate_has_expired_is_told_nothing(own_site):
    """given a console whose certificate ran out while it was up, when a sensor connects, then
    it refuses it for its dates and says nothing; the console records the alert"""
    laboratory = own_site.laboratory
    brief = laboratory.issue("good", cn=CONSOLE_CN, name="brief", not_after="+8s")
    ends = time.monotonic() + 8
    own_site.begin(brief.name)
    time.sleep(max(0, ends - time.monotonic() + 1))
    appliance = own_site.stranger()
    here = refused(own_site, appliance, "expired")
    assert here["checks"]["expiry"] == "FAIL" and here["certificate"]["depth"] == 0, here


def test_a_console_of_an_unknown_ca_is_told_nothing(own_site):
    """given a console whose certificate comes from a CA that the sensor does not know, when
    it connects, then it refuses it as one that leads to no anchor, and says nothing"""
    laboratory = own_site.laboratory
    stray = laboratory.issue("wrong-ca", cn=CONSOLE_CN)
    own_site.console.start()
    own_site.console.cli("trust", "add", laboratory.path / "ca" / "other.crt")
    own_site.console.enrol(laboratory, stray.name)
    own_site.console.until_open()
    appliance = own_site.stranger()
    here = refused(own_site, appliance, "no-issuer")
    assert here["checks"]["chain"] == "FAIL", here


def test_a_console_of_another_name_is_told_nothing(own_site):
    """given a console with a good certificate of another name, when a sensor connects, then it
    refuses it for its name, and says nothing"""
    own_site.begin("console-b")
    appliance = own_site.stranger()
    here = refused(own_site, appliance, "name-mismatch")
    assert here["checks"]["use"] == "FAIL" and "console-b" in here["certificate"]["subject"]


def test_a_console_that_is_revoked_is_told_nothing(own_site):
    """given a console whose certificate is revoked, when a sensor that has the CRL connects,
    then it refuses it as revoked, and says nothing"""
    own_site.begin()
    revoke(own_site.laboratory, "console-a")
    appliance = own_site.stranger()
    here = refused(own_site, appliance, "revoked")
    assert here["checks"]["crl"] == "FAIL" and here["certificate"]["depth"] == 0, here
    assert here["evidence"]["reason_code"] == 1, here
