#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Portcullis on one machine, to look at: a laboratory CA and its CRL server, two consoles and
three sensors (as far as they are built), on loopback and in a temporary directory.

    ./demo           starts it all, shows what runs where and what can be tried; Ctrl-C ends it
    ./demo --tour    shows what the product promises, step by step, by itself
"""

import argparse
import json
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import demo_tour  # noqa: E402
from demo_house import DOMAIN, ROOT, DemoError, LabError, Plant  # noqa: E402


def real_samples():
    """Lines of a real eve.json where there are some beside the tree."""
    shared = pathlib.Path(os.environ.get("PORTCULLIS_SHARED", ROOT.parent / "shared"))
    lines = []
    for path in sorted((shared / "realdata" / "suricata-eve").glob("*.json")):
        lines += [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return lines


def show_places(plant):
    print(f"\nIn {plant.folder}:\n")
    print(f"  CRL server  {plant.lab.server.url:<24} {plant.folder}/lab/crl")
    for console in plant.consoles:
        print(f"  {console.name:<11} 127.0.0.1:{console.port:<14} {console.config}")
        print(f"  {'':<11} {'':<24} " + ", ".join(
            f"{role} {pid}" for role, pid in console.roles().items()))
    for sensor in plant.sensors:
        print(f"  {sensor.name:<11} {'to console-a':<24} {sensor.config}")
    if not plant.sensors:
        print("  sensors     not built yet; a stranger below stands in for one")


def show_commands(plant):
    console = plant.consoles[0]
    pki, folder = plant.build / "pki-test" / "portcullis-pki", plant.lab.path
    wrong = folder / "certs" / "expired"
    commands = [console.command(*words) for words in (
        ["status"], ["sensors", "list"], ["failures"], ["explain", "1"], ["crl", "list"],
        ["sensors", "approve", f"newcomer.{DOMAIN}"])]
    if plant.sensors:
        commands += [console.command("events"), plant.sensors[0].command("status"),
                     [pki, "revoke", folder, "sensor-1"]]
    commands.append(["openssl s_client", "-connect", f"127.0.0.1:{console.port}", "-alpn",
                     "portcullis-sensor/1", "-cert", f"{wrong}.pem", "-key", f"{wrong}.key"])
    print("\nTo try in another terminal:\n")
    for command in commands:
        print("  " + " ".join(map(str, command)))
    print("\nWhat happens here (Ctrl-C ends it all):\n", flush=True)


def feed(plant, samples):
    """A line for each sensor: a real one where there are some."""
    for sensor in plant.sensors:
        line = demo_tour.sample(sensor, sensor.written + 1)
        if samples:
            line = dict(samples[sensor.written % len(samples)])
        sensor.write_events([line])


def say(text):
    print(f"  {time.strftime('%H:%M:%S')}  {text}", flush=True)


def show_news(console, known):
    """What the console has to tell since the last look."""
    for row in reversed(console.failures()):
        if known.get(("failure", row["id"])) != row["count"]:
            known["failure", row["id"]] = row["count"]
            say(f"refused: {row['reason']}: {row['identity']} ({row['count']} times). {row['fix']}")
    for row in console.rows("sensors", "list"):
        if known.get(("sensor", row["name"])) != row["state"]:
            known["sensor", row["name"]] = row["state"]
            say(f"{row['name']} is {row['state']}")
    events = console.rows("status")[0]["events"]
    if events != known.get("events", 0):
        say(f"{events} events in the store")
    known["events"] = events


def live(plant):
    for console in plant.consoles:
        console.start()
        console.enroll()
    if plant.sensors:
        demo_tour.start_sensors(plant)
        demo_tour.approve_sensors(plant)
    show_places(plant)
    demo_tour.knock_recipe(plant, "expired", "expired", "certificate_expired")
    demo_tour.knock_unknown(plant)
    show_commands(plant)
    samples, known = real_samples(), {}
    while True:
        feed(plant, samples)
        show_news(plant.consoles[0], known)
        time.sleep(1)


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tour", action="store_true", help="run the tour and exit")
    parser.add_argument("--build", default=ROOT / "build", help="where the programs were built")
    parser.add_argument("--keys", default="", help="keep laboratory keys here, to start faster")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with Plant(options.build, options.keys) as plant:
            return demo_tour.run(plant) if options.tour else live(plant)
    except KeyboardInterrupt:
        print("\ndemo: ended, nothing is left running")
        return 0 if not options.tour else 1
    except (DemoError, LabError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
