# SPDX-License-Identifier: Apache-2.0
"""The laboratory for integration tests: certificates by recipe, a CRL server, a TCP proxy.

    with lab.Lab.make(tmp_path / "lab", serve=True) as laboratory:
        cert = laboratory.issue("expired", cn="sensor-1.plant.example")
        laboratory.server.fault("slow=2000", "issuing.crl")
        with laboratory.proxy(to=port) as proxy:
            proxy.fault("half-open")

Meson sets PORTCULLIS_PKI (the program) and PORTCULLIS_KEY_CACHE (keys are made once).
PORTCULLIS_SEED repeats the serial numbers and choices of an earlier run; the seed is printed
when a laboratory is made.
"""

import dataclasses
import itertools
import json
import os
import pathlib
import random
import socket
import subprocess

PROGRAM = os.environ.get("PORTCULLIS_PKI", "build/pki-test/portcullis-pki")
KEY_CACHE = os.environ.get("PORTCULLIS_KEY_CACHE", "")
SEED = int(os.environ.get("PORTCULLIS_SEED", 0)) or random.SystemRandom().randrange(1, 2**31)
TIMEOUT_S = 30

_numbers = itertools.count(1)

# choices in tests come from here, so that PORTCULLIS_SEED repeats them
chance = random.Random(SEED)


class LabError(Exception):
    """portcullis-pki said no."""


def run(*args, check=True):
    """Runs portcullis-pki; its standard output."""
    done = subprocess.run(
        [PROGRAM, *map(str, args)], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, args))}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def recipes(kind=None):
    """All recipes as dictionaries: name, kind (leaf, ca, crl), reason, purpose, what."""
    rows = json_lines(run("recipes", "--json"))
    return [row for row in rows if kind in (None, row["kind"])]


@dataclasses.dataclass(frozen=True)
class Cert:
    """Files of a certificate.  chain may not exist: nothing to send besides."""

    name: str
    crt: pathlib.Path  # alone
    key: pathlib.Path
    pem: pathlib.Path  # with its chain
    chain: pathlib.Path

    @property
    def chain_args(self):
        return [self.chain] if self.chain.exists() else []


def _assignments(settings):
    """{"not_before": "-1h"} to --set not-before=-1h."""
    args = []
    for key, value in settings.items():
        args += ["--set", f"{key.replace('_', '-')}={value}"]
    return args


class Lab:
    """A laboratory in a directory."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.server = None

    @classmethod
    def make(cls, path, *, sensors=3, serve=False, crl_url=None, **options):
        """Makes one; with serve=True its CRLs are served at the URL in its certificates.
        Options are those of `lab`: domain, key, now."""
        lab = cls(path)
        if serve:
            lab.server = CrlServer(lab.path)
            crl_url = lab.server.url
        args = ["--sensors", sensors, "--seed", SEED]
        if KEY_CACHE:
            args += ["--key-cache", KEY_CACHE]
        if crl_url:
            args += ["--crl-url", crl_url]
        for key, value in options.items():
            args += [f"--{key}", value]
        print(f"laboratory {path}, seed {SEED} (PORTCULLIS_SEED={SEED} repeats it)")
        try:
            run("lab", path, *args)
        except BaseException:
            lab.close()
            raise
        return lab

    def close(self):
        if self.server:
            self.server.close()
            self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def cert(self, name):
        """The files of a certificate that was issued."""
        folder = self.path / "certs"
        if not (folder / f"{name}.crt").exists():
            folder = self.path / "ca"
        return Cert(
            name,
            folder / f"{name}.crt",
            folder / f"{name}.key",
            folder / f"{name}.pem",
            folder / f"{name}.chain.pem",
        )

    def issue(self, recipe="good", *, cn=None, name=None, ca=None, now=None, **settings):
        """Issues by a recipe.  Without a name the files are called as the recipe, or, for
        good, as the first label of the CN."""
        args = ["--recipe", recipe]
        for option, value in (("cn", cn), ("name", name), ("ca", ca), ("now", now)):
            if value is not None:
                args.append(f"--{option}={value}")
        run("issue", self.path, *args, *_assignments(settings))
        if name is None:
            name = cn.split(".")[0] if recipe == "good" and cn else recipe
        return self.cert(name)

    def issue_many(self, count, cn="sensor-%04d.plant.example", *, same_key=True, **settings):
        """Many certificates, numbered from 1."""
        args = ["--count", count, f"--cn={cn}"] + (["--same-key"] if same_key else [])
        run("issue", self.path, *args, *_assignments(settings))
        return [self.cert((cn % n).split(".")[0]) for n in range(1, count + 1)]

    def revoke(self, name, reason=None, *, at=None, now=None, publish=True):
        args = [] if publish else ["--no-crl"]
        for option, value in (("reason", reason), ("at", at), ("now", now)):
            if value is not None:
                args.append(f"--{option}={value}")
        run("revoke", self.path, name, *args)

    def crl(self, recipe=None, *, ca=None, beside=False, entries=None, now=None, **settings):
        """Publishes a CRL by a recipe for a CA (issuing), or a current one for all CAs; its
        path.  beside=True leaves what is published alone."""
        args = ["--beside"] if beside else []
        for option, value in (("recipe", recipe), ("ca", ca), ("entries", entries), ("now", now)):
            if value is not None:
                args.append(f"--{option}={value}")
        run("crl", self.path, *args, *_assignments(settings))
        middle = f".{recipe or 'current'}" if beside else ""
        return self.path / "crl" / f"{ca or 'issuing'}{middle}.crl"

    def list(self):
        return json_lines(run("list", self.path, "--json"))

    def anchors(self, purpose="appliance"):
        return self.path / "trust" / f"{purpose}.pem"

    def crls(self):
        """What the CAs publish."""
        return sorted(p for p in (self.path / "crl").glob("*.crl") if p.name.count(".") == 1)

    def proxy(self, to, **options):
        """A proxy in front of a port of 127.0.0.1, or of "ADDRESS:PORT"."""
        return Proxy(to, control=self.path / f"proxy-{next(_numbers)}.ctl", **options)


class _Server:
    """serve or proxy as a process.  It ends with us, whatever happens to us: it reads the
    pipe that is its standard input."""

    def __init__(self, *args, control):
        self.control = pathlib.Path(control)
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, args), "--control", str(self.control), "--stop-at-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith("port "):
            self.close()
            raise LabError(f"{args[0]} did not start")
        self.port = int(line.split()[1])

    def order(self, line):
        """Sends an order; when this returns it is in force."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(TIMEOUT_S)
            sock.connect(str(self.control))
            sock.sendall(f"{line}\n".encode())
            with sock.makefile() as answers:
                answer = answers.readline().rstrip("\n")
        if answer.startswith("error: "):
            raise LabError(f"{line}: {answer}")
        return answer

    def stats(self):
        return json.loads(self.order("stats"))

    def close(self):
        if self.process.stdin:
            self.process.stdin.close()
        try:
            code = self.process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process.stdout.close()
        if code != 0:
            raise LabError(f"{self.process.args[1]} ended with {code}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class CrlServer(_Server):
    """The CRL server of a laboratory, on a free port."""

    def __init__(self, path, fault=None):
        pathlib.Path(path).mkdir(parents=True, exist_ok=True)
        args = ["serve", path] + ([f"--fault={fault}"] if fault else [])
        super().__init__(*args, control=pathlib.Path(path) / "serve.ctl")
        self.url = f"http://127.0.0.1:{self.port}/"

    def fault(self, fault, name=None):
        """Orders a fault for all files, or for one ("issuing.crl"); "none" ends all."""
        self.order(f"fault {fault}" + (f" {name}" if name else ""))

    def requests(self, path=None):
        """How many requests came, or came for a path ("/issuing.crl")."""
        stats = self.stats()
        if path is None:
            return stats["requests"]
        return sum(p["requests"] for p in stats["paths"] if p["path"] == path)

    def clear(self):
        self.order("clear")


class Proxy(_Server):
    """A TCP proxy in front of a port, on a free port."""

    def __init__(self, to, *, control, fault=None):
        target = to if isinstance(to, str) else f"127.0.0.1:{to}"
        args = ["proxy", "--to", target] + ([f"--fault={fault}"] if fault else [])
        super().__init__(*args, control=control)

    def fault(self, fault):
        self.order(f"fault {fault}")

    def drop(self):
        """Resets all connections."""
        self.order("drop")
