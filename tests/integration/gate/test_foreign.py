# SPDX-License-Identifier: Apache-2.0
"""The usual clients get the alert of the table: gnutls-cli, openssl s_client, curl."""

import re
import shutil
import subprocess

import pytest
import reasons

KINDS = {"expired": "expired", "not-yet-valid": "not-yet-valid", "revoked": "revoked",
         "wrong-ca": "no-issuer", "weak-rsa1024": "weak-key", "cn-missing": "profile-cn",
         None: "no-certificate"}
ALPN = "portcullis-sensor/1"


@pytest.fixture(scope="module")
def certs(laboratory):
    found = {kind: laboratory.issue(kind, cn=f"{kind}.plant.example") for kind in KINDS if kind}
    return {**found, None: None}


@pytest.fixture(scope="module")
def gate(laboratory, certs, shared_server):
    shared_server.cli("crl", "import", laboratory.path / "crl" / "issuing.crl")
    return shared_server


def run(*command):
    """Runs a client whose standard input stays open: it has to be told to go."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    with subprocess.Popen([*map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as client:
        try:
            client.wait(10)
        except subprocess.TimeoutExpired:
            client.kill()
            raise
        return client.stdout.read().decode(errors="replace")


@pytest.mark.parametrize("kind", KINDS)
def test_gnutls_cli(gate, certs, kind):
    cert = certs[kind]
    mine = [f"--x509certfile={cert.pem}", f"--x509keyfile={cert.key}"] if cert else []
    said = run("gnutls-cli", "--no-ca-verification", f"--alpn={ALPN}", *mine, "-p", gate.port,
               "127.0.0.1")
    alert = re.search(r"Received alert \[(\d+)\]", said)
    assert alert and int(alert[1]) == reasons.TABLE[KINDS[kind]].alert, said
    assert f"{KINDS[kind]}" in said, "the REFUSE frame can be read before the alert"


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_s_client(gate, certs, kind):
    cert = certs[kind]
    mine = ["-cert", cert.crt, "-key", cert.key, "-cert_chain", cert.pem] if cert else []
    said = run("openssl", "s_client", "-connect", f"127.0.0.1:{gate.port}", "-alpn", ALPN,
               "-cipher", "DEFAULT@SECLEVEL=0", "-msg", *mine)
    alerts = re.findall(r"<<< TLS 1.3, Alert \[length 0002\], fatal \w+\s+02 ([0-9a-f]{2})", said)
    assert [int(alert, 16) for alert in alerts] == [reasons.TABLE[KINDS[kind]].alert], said
    assert f"{KINDS[kind]}" in said


@pytest.mark.parametrize("options, alert", [([], "no application protocol"),
                                            (["--no-alpn"], "no application protocol"),
                                            (["--tls-max", "1.2"], "protocol version")])
def test_curl(gate, laboratory, options, alert):
    """It cannot ask for our protocol: that is what it is told."""
    cert = laboratory.cert("sensor-1")
    said = run("curl", "-sS", "--insecure", "--max-time", "5", *options, "--cert", cert.crt,
               "--key", cert.key, f"https://127.0.0.1:{gate.port}/")
    assert alert in said or {"no application protocol": "reason(1120)"}.get(alert, alert) in said
