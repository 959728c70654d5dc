# SPDX-License-Identifier: Apache-2.0
"""The tour: what the product promises, step by step, each with what was expected and seen.

A step is a function that returns (expected, seen, held).  It looks at the plant from outside
only: as an operator through the command line and the log, as a stranger through the network.
"""

import os
import signal
import ssl
import subprocess
import textwrap
import time

from demo_house import DOMAIN, DemoError, LabError, peer, wait_for

CONSOLE_ROLES = ("key", "fetch", "trust", "store", "view", "link")
EVENTS = 100  # of each sensor and wave
ALERTS = {alert.value: alert.name.partition("DESCRIPTION_")[2].lower() for alert in ssl.AlertDescription}
ALERTS[116] = "certificate_required"  # of TLS 1.3, newer than the list

# recipe of portcullis-pki, reason, alert (RFC 8446 section 6.2)
STRANGERS = (
    (None, "no-certificate", "certificate_required"),
    ("self-signed", "no-issuer", "unknown_ca"),
    ("wrong-ca", "no-issuer", "unknown_ca"),
    ("expired", "expired", "certificate_expired"),
)


def knock(console, cert=None):
    """A stranger says HELLO: None when it was let in (it then goes), else how it ended."""
    try:
        stranger = peer.Peer(console.port, cert)
        stranger.hello(peer.Log())
        stranger.bye()
        return None
    except peer.Ended as ended:
        return ended.end


def show(word, text):
    print(textwrap.fill(text, 96, initial_indent=f"    {word:<10}", subsequent_indent=" " * 14))


class Tour:
    """Counts and prints."""

    def __init__(self, plant):
        self.plant = plant
        self.done, self.failed = 0, 0
        self.begun = time.monotonic()

    def step(self, title, function, *args):
        self.done += 1
        begun = time.monotonic()
        try:
            expected, seen, held = function(self.plant, *args)
        except (DemoError, LabError, OSError, subprocess.TimeoutExpired) as error:
            expected, seen, held = "the step to come to its end", str(error), False
        self.failed += not held
        print(f"{self.done:2}. {title}  ({time.monotonic() - begun:.1f} s)")
        show("expected", expected)
        show("seen", seen)
        print(f"    {'held' if held else 'NOT HELD'}\n", flush=True)
        return held

    def finish(self):
        print(f"{self.done} steps, {self.done - self.failed} held, {self.failed} not held, "
              f"{time.monotonic() - self.begun:.0f} s")
        if not self.plant.sensors:
            print("left out: the steps with sensors (portcullis-sensor is not built)")
        return 0 if self.failed == 0 else 1


# --- the consoles ---


def start_consoles(plant):
    seen = []
    for console in plant.consoles:
        console.start()
        names = [role.split()[0] for role in console.roles()]
        holds = {entry["fields"]["detail"] for entry in console.events("role-ready")}
        seen.append(f"{console.name}: {' '.join(names)} ({'; '.join(sorted(holds))})")
        if set(names) != set(CONSOLE_ROLES) or names.count("link") != 2:
            return "every role", " | ".join(seen), False
    return f"both ready: {' '.join(CONSOLE_ROLES)} x 2, each in its sandbox", " | ".join(seen), True


def refuse_without_certificate(plant):
    console = plant.consoles[0]
    console.wait_event("no-identity")
    end = knock(console)
    seen = "a handshake" if end is None or end.alert or end.messages else "hung up; log: no-identity"
    return ("a console without a certificate serves nobody, and says so", seen,
            seen.startswith("hung up"))


def enroll_consoles(plant):
    seen = []
    for console in plant.consoles:
        console.enroll()
        crls = wait_for(f"{console.name}: its CRLs", lambda c=console: [
            row["url"] for row in c.rows("crl", "list") if row["entries"] is not None])
        seen.append(f"{console.name}: installed; CRLs from {', '.join(crls)}")
    held = all("issuing.crl" in line for line in seen)
    return "trust add and cert import succeed; CRLs of the chain are fetched", "; ".join(seen), held


def show_status(plant):
    rows = [console.rows("status")[0] for console in plant.consoles]
    counts = [f"{row['sensors']} sensors, {row['pending']} pending, {row['events']} events"
              for row in rows]
    held = all(row["sensors"] == row["pending"] == row["events"] == 0 for row in rows)
    return "both answer; no sensor, nothing pending, no event", "; ".join(counts), held


# --- strangers ---


def judge_knock(plant, cert, reason, alert, who):
    """A stranger is refused with the right reason, learns it, and the operator reads it."""
    console = plant.consoles[0]
    before = {row["id"]: row["count"] for row in console.failures(reason)}
    end = knock(console, cert)

    def recorded():
        return [row for row in console.failures(reason)
                if row["count"] > before.get(row["id"], 0) and who in row["identity"]]

    row = wait_for(f"the operator's line on {reason}", recorded)[0]
    if end is None:
        return f"refused: {reason}", "it was let in", False
    told = ALERTS.get(end.alert, "none")
    seen = (f"far side: REFUSE {end.reason}, alert {told}; operator: {row['reason']}, "
            f"{row['identity']}; {row['message']} {row['fix']}")
    held = (end.reason == reason and told == alert and bool(row["fix"])
            and row["reported_by"] == f"console:{console.name}")
    expected = (f"refused: {reason}, alert {alert} on the far side; "
                f"a line with reason, who ({who}) and fix")
    return expected, seen, held


def knock_recipe(plant, recipe, reason, alert):
    """Who is not proved has no name yet: then an address says who it was."""
    if recipe is None:
        return judge_knock(plant, None, reason, alert, "127.0.0.1")
    cert = plant.lab.issue(recipe, cn=f"{recipe}.{DOMAIN}")
    who = "127.0.0.1" if reason == "no-issuer" else f"{recipe}.{DOMAIN}"
    return judge_knock(plant, cert, reason, alert, who)


def knock_revoked(plant):
    """The CRL with the new entry is fetched by the console itself, from the CRL server."""
    cert = plant.lab.issue("revoked", cn=f"revoked.{DOMAIN}")
    wait_for("the new CRL", lambda: any(row["entries"] for row in plant.consoles[0].rows("crl", "list")))
    return judge_knock(plant, cert, "revoked", "certificate_revoked", f"revoked.{DOMAIN}")


def knock_unknown(plant):
    cert = plant.lab.issue("good", cn=f"newcomer.{DOMAIN}")
    return judge_knock(plant, cert, "identity-unenrolled", "access_denied", f"newcomer.{DOMAIN}")


def approve_unknown(plant):
    console, cn = plant.consoles[0], f"newcomer.{DOMAIN}"
    states = [row["state"] for row in console.rows("sensors", "list") if row["name"] == cn]
    console.ask("sensors", "approve", cn)
    end = knock(console, plant.lab.cert("newcomer"))
    seen = f"listed as {' '.join(states)}; after approve: {'ACCEPT' if end is None else end}"
    return ("waits as pending; after `sensors approve` it is let in", seen,
            states == ["pending"] and end is None)


# --- sensors ---


def sample(sensor, number):
    """A line such as Suricata writes; its signature says which one it is."""
    return {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime()),
            "event_type": "alert", "src_ip": "192.0.2.15", "src_port": 49152,
            "dest_ip": "192.0.2.40", "dest_port": 502, "proto": "TCP",
            "alert": {"severity": 2, "signature_id": 2000000 + number,
                      "signature": f"Modbus write from an unknown station, {sensor.name}/{number}"}}


def write_wave(sensor, count=EVENTS):
    sensor.write_events([sample(sensor, sensor.written + n) for n in range(1, count + 1)])


def delivered(plant, sensor):
    """Summaries of the sensor's alerts at the console."""
    rows = plant.consoles[0].rows("events", "--sensor", sensor.cn, "--kind", "suricata/*",
                                  "--limit", "10000")
    return [row["summary"] for row in rows]


def count_exactly_once(plant):
    """Each line that was written is at the console, and none twice."""
    wait_for("all events at the console",
             lambda: all(len(delivered(plant, s)) >= s.written for s in plant.sensors))
    time.sleep(1)  # one that came twice would come now
    seen, held = [], True
    for sensor in plant.sensors:
        have = delivered(plant, sensor)
        want = {sample(sensor, n)["alert"]["signature"] for n in range(1, sensor.written + 1)}
        held = held and len(have) == len(want) and set(have) == want
        seen.append(f"{sensor.name}: {sensor.written} written, {len(have)} stored, "
                    f"{len(set(have))} distinct")
    return "as many stored as were written, each once", "; ".join(seen), held


def start_sensors(plant):
    console = plant.consoles[0]
    for sensor in plant.sensors:
        sensor.start()
        sensor.enroll()
    names = {sensor.cn for sensor in plant.sensors}

    def pending():
        rows = console.rows("sensors", "list")
        found = {row["name"] for row in rows if row["state"] == "pending"}
        return found if names <= found else None

    found = wait_for("the sensors in the console's list", pending)
    return "all three are proved, and wait as pending", f"pending: {', '.join(sorted(found))}", True


def approve_sensors(plant):
    """A sensor that was not approved comes back after a minute; started again it comes now."""
    console = plant.consoles[0]
    mark = len(console.log())
    for sensor in plant.sensors:
        console.ask("sensors", "approve", sensor.cn)
        sensor.stop()
        sensor.start()
    for sensor in plant.sensors:
        console.wait_event("link-accepted", mark, sensor=sensor.cn)
    rows = [row for row in console.rows("sensors", "list") if row["state"] == "approved"]
    return ("approved and, started again so as not to wait a minute, let in",
            f"approved: {', '.join(row['name'] for row in rows)}", True)


def deliver_events(plant):
    for sensor in plant.sensors:
        write_wave(sensor)
    return count_exactly_once(plant)


def kill_console(plant):
    console = plant.consoles[0]
    for sensor in plant.sensors[:-1]:
        write_wave(sensor)
    console.kill()
    for sensor in plant.sensors[:-1]:
        write_wave(sensor)
    console.start()
    return count_exactly_once(plant)


def revoke_sensor(plant):
    console, sensor = plant.consoles[0], plant.sensors[-1]
    mark = len(console.log())
    plant.lab.revoke(sensor.name, "keyCompromise")
    entry = console.wait_event("link-refused", mark, reason="revoked", sensor=sensor.cn)
    row = wait_for("the operator's line", lambda: [
        row for row in console.failures("revoked") if row["identity"] == sensor.cn])[0]
    return ("its live link is ended with reason revoked, and the operator reads it",
            f"{entry['msg'][:120]}...; {row['fix']}", True)


# --- life of a daemon ---


def kill_roles(plant):
    console, seen, held = plant.consoles[0], [], True
    for role in CONSOLE_ROLES:
        mark, old = len(console.log()), console.roles()[f"{role} 0"]
        os.kill(old, signal.SIGKILL)
        begun = time.monotonic()
        death = console.wait_event("role-died", mark, role_name=role, signal=int(signal.SIGKILL))
        new = console.wait_event("role-ready", mark, role_name=role)["fields"]["pid"]
        held = held and death["fields"]["pid"] == old and new != old
        seen.append(f"{role} {1000 * (time.monotonic() - begun):.0f} ms")
    wait_for("status to answer", lambda: console.rows("status"))
    cert = plant.lab.cert("expired")
    last = judge_knock(plant, cert, "expired", "certificate_expired", f"expired.{DOMAIN}")
    return ("each is reported and started again; the gate judges as before",
            f"back after: {', '.join(seen)}; {last[1].split(';')[0]}", held and last[2])


def reload_console(plant):
    console = plant.consoles[0]
    mark = len(console.log())
    console.configure(console.settings + "[Log]\nLevle=debug\n")
    console.reload()
    wrong = console.wait_event("config-error", mark)["msg"].partition(": ")[2]
    console.wait_event("reload-failed", mark)
    console.configure(console.settings + "[Log]\nLevel=debug\n")
    console.reload()
    console.wait_event("reloaded", mark)
    change = console.wait_event("config-changed", mark, key="Level")["fields"]
    return ("an error is named and changes nothing; a right file takes effect",
            f"{wrong}; then {change['section']}.{change['key']} {change['old']} -> {change['new']}",
            "did you mean" in wrong and (change["old"], change["new"]) == ("info", "debug"))


def stop_console(plant):
    console = plant.consoles[0]
    mark, begun, roles = len(console.log()), time.monotonic(), list(console.roles())
    code = console.stop()
    order = [entry["fields"]["role_name"] for entry in console.events("role-stopped", mark)]
    starts = [role.split()[0] for role in roles]
    firsts = list(dict.fromkeys(order))
    want = [name for name in dict.fromkeys(reversed(starts))]
    died = console.events("role-died", mark)
    return (f"exit 0; roles stop in the reverse of their start: {' '.join(want)}",
            f"exit {code} in {time.monotonic() - begun:.1f} s: {' '.join(order)}",
            code == 0 and sorted(firsts) == sorted(want) and not died and firsts == want)


def run(plant):
    tour = Tour(plant)
    if not tour.step("Two consoles start", start_consoles):
        return tour.finish()
    tour.step("Before there is a certificate", refuse_without_certificate)
    if not tour.step("The operator installs trust and certificates", enroll_consoles):
        return tour.finish()
    tour.step("status", show_status)
    for recipe, reason, alert in STRANGERS:
        tour.step(f"A stranger knocks: {recipe or 'no certificate at all'}",
                  knock_recipe, recipe, reason, alert)
    tour.step("A stranger knocks: revoked", knock_revoked)
    tour.step("A stranger knocks: valid, but nobody knows it", knock_unknown)
    tour.step("The operator approves it", approve_unknown)
    if plant.sensors:
        tour.step("Three sensors start", start_sensors)
        tour.step("The operator approves them", approve_sensors)
        tour.step("Lines in eve.json arrive", deliver_events)
        tour.step("The certificate of sensor-3 is revoked", revoke_sensor)
        tour.step("console-a is killed (SIGKILL) and started again", kill_console)
    tour.step("Each role of console-a is killed (SIGKILL)", kill_roles)
    tour.step("SIGHUP: a wrong configuration, then a right one", reload_console)
    tour.step("SIGTERM", stop_console)
    return tour.finish()
