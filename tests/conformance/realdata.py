#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates and CRLs that others published, judged as their owners mean them.

    realdata.py TOOL

Skips (77) where $PORTCULLIS_SHARED/realdata/pki is absent.
"""

import json
import subprocess
import sys
import tempfile
import unittest

from conformance import SKIPPED, shared_folder

TOOL = ""
FOLDER = shared_folder() / "realdata" / "pki"
AMAZON = FOLDER / "amazon-trust"
FPKI = FOLDER / "us-fpki"


def verify(*args):
    done = subprocess.run([TOOL, "verify", "--profile", "rfc5280", *map(str, args)],
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


class Published(unittest.TestCase):
    def amazon(self, leaf, crls, time="2025-02-24T12:00:00Z"):
        name = f"{leaf}.demo.amazontrust.com"
        return verify("--chain", AMAZON / f"{name}.cer", "--untrusted", *AMAZON.glob("?2m0?.cer"),
                      "--anchors", *AMAZON.glob("AmazonRootCA?.cer"), "--name", f"dns:{name}",
                      "--time", time, "--crl", *crls)

    def test_the_demonstration_sites_are_what_they_say(self):
        crls = sorted(AMAZON.glob("*.crl"))
        for root in ("rootca1", "rootca3"):
            for what, reason in (("valid", "ok"), ("revoked", "revoked"), ("expired", "expired")):
                answer = self.amazon(f"{what}.{root}", crls)
                self.assertEqual(answer["reason"], reason, answer)
            answer = self.amazon(f"valid.{root}", crls)
            self.assertEqual([status["status"] for status in answer["revocation"]],
                             ["good", "good"])

    def test_crls_count_for_their_own_issuer_and_time_only(self):
        others = sorted(AMAZON.glob("e2m0?.crl")) + sorted(AMAZON.glob("rootca?.crl"))
        self.assertEqual(self.amazon("valid.rootca1", others)["reason"], "crl-missing")
        crls = sorted(AMAZON.glob("*.crl"))
        answer = self.amazon("valid.rootca1", crls, "2025-03-08T00:00:00Z")
        self.assertEqual(answer["reason"], "crl-expired")
        answer = self.amazon("revoked.rootca1", crls, "2025-03-10T00:00:00Z")
        self.assertEqual(answer["reason"], "revoked")

    def test_a_bridged_pki_leads_to_its_root(self):
        bundle = FPKI / "CACertificatesValidatingToFederalCommonPolicyG2.p7b"
        with tempfile.NamedTemporaryFile() as bridge:
            subprocess.run(["openssl", "pkcs7", "-inform", "DER", "-in", bundle, "-print_certs",
                            "-out", bridge.name], check=True)
            for leaf in sorted(FPKI.glob("*.cer")):
                answer = verify("--chain", leaf, "--untrusted", bridge.name,
                                *FPKI.glob("*.cer"), "--anchors",
                                FPKI / "Federal_Common_Policy_CA_G2_from_FBCAG4.cer",
                                "--revocation=none", "--purpose=any",
                                "--time=2023-06-01T00:00:00Z")
                self.assertEqual(answer["reason"], "ok", answer)
                self.assertLess(answer["us"], 1_000_000)

    def test_certificates_broken_on_purpose_are_described(self):
        files = sorted((FOLDER / "zlint-corpus").glob("*.pem"))
        self.assertGreater(len(files), 50)
        for path in files:
            done = subprocess.run([TOOL, "cert", "check", "--json", path], capture_output=True,
                                  text=True, check=False)
            self.assertIn(done.returncode, (0, 6), f"{path}: {done.stderr}")
            for line in done.stdout.splitlines():
                for finding in json.loads(line)["findings"]:
                    self.assertTrue(finding["detail"] and finding["fix"], path)


if __name__ == "__main__":
    TOOL = sys.argv.pop(1)
    if not FOLDER.is_dir():
        print(f"skipped: no certificates in {FOLDER}")
        sys.exit(SKIPPED)
    unittest.main()
