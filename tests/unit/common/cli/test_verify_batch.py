#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`verify` and `verify --batch` from outside: options, answers, exit codes, order, flushing.

    test_verify_batch.py TOOL
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = ""
TIME = "2030-06-01T00:00:00Z"
LINE_MAX = 16 << 20


def openssl(*args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {args}: {done.stderr.decode()}")


class Verify(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.path = path = pathlib.Path(cls.holder.name)
        (path / "ca.conf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={path}/index\nserial={path}/serial\n"
            f"crlnumber={path}/crlnumber\nnew_certs_dir={path}\ndefault_md=sha256\npolicy=p\n"
            "x509_extensions=leaf\ncrl_extensions=crl\nunique_subject=no\n[p]\n"
            "commonName=supplied\ncountryName=optional\norganizationName=optional\n"
            "organizationalUnitName=optional\n"
            "[leaf]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
            "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:console.plant.example\n"
            "crlDistributionPoints=URI:http://crl.plant.example/ca.crl\n"
            "[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n"
            "[crl]\nauthorityKeyIdentifier=keyid\n"
            "[req]\ndistinguished_name=dn\n[dn]\n")
        (path / "index").write_text("")
        (path / "serial").write_text("1000\n")
        (path / "crlnumber").write_text("01\n")
        ca = ["-config", path / "ca.conf"]
        signer = ["-keyfile", path / "ca.key", "-cert", path / "ca.pem"]
        dates = ["-startdate", "20300101000000Z", "-enddate", "20310101000000Z"]
        openssl("req", *ca, "-newkey", "rsa:2048", "-nodes", "-keyout", path / "ca.key", "-out",
                path / "ca.csr", "-subj", "/CN=Plant CA")
        openssl("ca", *ca, "-batch", "-selfsign", "-keyfile", path / "ca.key", "-in",
                path / "ca.csr", "-out", path / "ca.pem", "-extensions", "root", *dates)
        for name in ("good", "bad"):
            openssl("req", *ca, "-newkey", "rsa:2048", "-nodes", "-keyout", path / "leaf.key",
                    "-out", path / "leaf.csr", "-subj",
                    "/C=DE/O=Plant/OU=OT/CN=console.plant.example")
            openssl("ca", *ca, *signer, "-batch", "-in", path / "leaf.csr", "-out",
                    path / f"{name}.pem", *dates)
        openssl("ca", *ca, *signer, "-revoke", path / "bad.pem")
        openssl("ca", *ca, *signer, "-gencrl", "-crl_lastupdate", "20300501000000Z",
                "-crl_nextupdate", "20300701000000Z", "-out", path / "ca.crl")

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def verify(self, *args, stdin=b""):
        return subprocess.run([TOOL, "verify", *map(str, args)], cwd=self.path, input=stdin,
                              capture_output=True, timeout=120, check=False)

    def single(self, code, *args):
        done = self.verify("--time", TIME, *args)
        self.assertEqual(done.returncode, code, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 1)
        return json.loads(lines[0])

    def batch(self, *lines, args=()):
        done = self.verify("--batch", "--base", self.path, "--time", TIME, *args,
                           stdin=b"".join(line + b"\n" for line in lines))
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), len(lines))
        return answers

    def question(self, chain="good.pem", **fields):
        return json.dumps({"id": chain, "chain": [chain], "anchors": ["ca.pem"],
                           "crls": ["ca.crl"], **fields}).encode()

    # one question

    def test_a_good_chain_is_accepted(self):
        answer = self.single(0, "--chain", "good.pem", "--anchors", "ca.pem", "--crl", "ca.crl",
                             "--name", "dns:console.plant.example", "--purpose=server")
        self.assertEqual(
            (answer["verdict"], answer["reason"], answer["all"]), ("accept", "ok", []))
        status = answer["revocation"][0]
        self.assertEqual((status["depth"], status["status"], status["this_update"],
                          status["next_update"]),
                         (0, "good", "2030-05-01T00:00:00Z", "2030-07-01T00:00:00Z"))
        self.assertRegex(status["crl"], "^[0-9a-f]{64}$")
        self.assertGreater(answer["us"], 0)

    def test_a_revoked_one_is_rejected(self):
        answer = self.single(1, "--chain", "bad.pem", "--anchors", "ca.pem", "--crl", "ca.crl")
        self.assertEqual((answer["verdict"], answer["reason"], answer["depth"]),
                         ("reject", "revoked", 0))
        self.assertIn("CN=console.plant.example", answer["subject"])
        self.assertEqual(answer["revocation"][0]["status"], "revoked")

    def test_each_option_is_obeyed(self):
        base = ("--chain", "good.pem", "--anchors", "ca.pem")
        crl = ("--crl", "ca.crl")
        for reason, args in {
                "crl-missing": (), "ext-key-usage": (*crl, "--purpose=client"),
                "name-mismatch": (*crl, "--name=dns:other.example"),
                "expired": (*crl, "--time=2040-01-01T00:00:00Z"),
                "weak-key": (*crl, "--min-rsa-bits=4096"),
                "policy": (*crl, "--explicit-policy"),
                "crl-too-old": (*crl, "--crl-max-age=86400"),
                "key-usage": (*crl, "--key-usage=keyEncipherment"),
        }.items():
            answer = self.single(1, *base, *args)
            self.assertEqual(answer["reason"], reason, args)
        for args in (("--revocation=none",), (*crl, "--max-depth=0"), (*crl, "--check=crl"),
                     (*crl, "--name=cn:console.plant.example"), (*crl, "--policy=2.5.29.32.0"),
                     (*crl, "--inhibit-any", "--inhibit-mapping"), (*crl, "--strict-eku"),
                     (*crl, "--anchor-check=expiry"), (*crl, "--profile=rfc5280"),
                     (*crl, "--untrusted", "ca.pem", "--extra", "ca.pem")):
            self.single(0, *base, *args)

    def test_der_and_bundles_are_read_by_content(self):
        openssl("x509", "-in", self.path / "good.pem", "-outform", "DER", "-out",
                self.path / "good.der")
        (self.path / "bundle").write_bytes(b"Bag Attributes\n" + b"".join(
            (self.path / name).read_bytes() for name in ("good.pem", "ca.pem")))
        inline = "der:" + base64.b64encode((self.path / "good.der").read_bytes()).decode()
        for chain in ("good.der", "bundle", inline):
            self.single(0, "--chain", chain, "--anchors", "ca.pem", "--revocation=none")

    def test_what_does_not_parse_is_rejected(self):
        (self.path / "junk").write_text("-----BEGIN CERTIFICATE-----\nMII|\n"
                                        "-----END CERTIFICATE-----\n")
        answer = self.single(1, "--chain", "junk", "--anchors", "ca.pem")
        self.assertEqual((answer["reason"], answer["detail"]),
                         ("parse", "junk: malformed base64 near line 2"))
        answer = self.single(1, "--chain", "good.pem", "--anchors", "ca.pem", "--crl", "junk")
        self.assertEqual(answer["reason"], "crl-malformed")
        answer = self.single(1, "--chain", "der:MAA=", "--anchors", "ca.pem")
        self.assertEqual(answer["reason"], "parse")

    def test_a_wrong_call_is_an_error(self):
        good = ("--chain", "good.pem", "--anchors", "ca.pem")
        for args in ((), ("--chain", "good.pem"), ("--anchors", "ca.pem"),
                     ("--chain", "none.pem", "--anchors", "ca.pem"),
                     ("--chain", ".", "--anchors", "ca.pem"),
                     ("--chain", "der:!", "--anchors", "ca.pem"),
                     (*good, "--purpose=x"), (*good, "--revocation=x"), (*good, "--check=x"),
                     (*good, "--name=x"), (*good, "--name=uri:x"), (*good, "--policy=1.2."),
                     (*good, "--max-depth=-1"), (*good, "--min-rsa-bits=x"),
                     (*good, "--crl-max-age=1d"), (*good, "--key-usage=x"),
                     (*good, "--anchor-check=x"), (*good, "--profile=x"),
                     (*good, "--time=yesterday")):
            answer = self.single(2, *args)
            self.assertEqual((answer["verdict"], answer["all"]), ("error", []), args)
            self.assertTrue(answer["detail"])
        self.assertEqual(self.verify(*good, "--nonsense").returncode, 2)

    # a batch

    def test_answers_come_in_order_and_bad_lines_do_not_end_the_run(self):
        answers = self.batch(
            self.question(), b"", b"{", b"[]", b"null", b'{"id":"x"}', b"\xff\xfe",
            b'{"id":"twice","chain":[],"chain":["good.pem"],"anchors":["ca.pem"]}',
            self.question("bad.pem"), self.question(chain="none.pem"),
            self.question(purpose="x"), self.question(names=[{"kind": "dns"}]),
            self.question(chain="good\0.pem"), b"[" * 100000, self.question())
        verdicts = [answer["verdict"] for answer in answers]
        self.assertEqual(verdicts, ["accept"] + ["error"] * 7 + ["reject"] + ["error"] * 5
                         + ["accept"])
        self.assertEqual(answers[5]["id"], "x")
        self.assertIsNone(answers[2]["id"])
        for answer in answers:
            self.assertEqual(set(answer), {"id", "verdict", "reason", "depth", "subject",
                                           "detail", "all", "revocation", "us"})

    def test_each_answer_is_there_before_the_next_question(self):
        with subprocess.Popen([TOOL, "verify", "--batch", "--base", self.path, "--time", TIME],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tool:
            for chain in ("good.pem", "bad.pem", "good.pem"):
                tool.stdin.write(self.question(chain) + b"\n")
                tool.stdin.flush()
                self.assertEqual(json.loads(tool.stdout.readline())["id"], chain)
            tool.stdin.close()
            self.assertEqual(tool.wait(), 0)

    def test_a_line_may_be_long_but_not_longer_than_the_limit(self):
        question = self.question()
        padding = LINE_MAX - len(question)
        longest = question[:-1] + b" " * padding + b"}"
        self.assertEqual(len(longest), LINE_MAX)
        answers = self.batch(longest, longest + b" ", question)
        self.assertEqual([answer["verdict"] for answer in answers],
                         ["accept", "error", "accept"])
        self.assertIn("longer", answers[1]["detail"])

    def test_the_last_line_needs_no_newline(self):
        done = self.verify("--batch", "--base", self.path, "--time", TIME,
                           stdin=self.question())
        self.assertEqual(json.loads(done.stdout)["verdict"], "accept")
        self.assertEqual(self.verify("--batch").stdout, b"")

    def test_a_line_overrides_the_defaults_and_unknown_fields_are_ignored(self):
        answers = self.batch(self.question(time="2040-01-01T00:00:00Z"),
                             self.question(time=None, colour="green", policy={"new": 1}),
                             self.question(revocation="none", crls=[]))
        self.assertEqual([answer["reason"] for answer in answers], ["expired", "ok", "ok"])

    def test_a_wrong_call_of_a_batch_answers_nothing(self):
        for args in (("--base", "/nonexistent"), ("--time", "x"), ("--profile", "x"),
                     ("--chain", "good.pem"), ("--explicit-policy",)):
            done = self.verify("--batch", *args, stdin=self.question() + b"\n")
            self.assertEqual((done.returncode, done.stdout), (2, b""), args)
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_answers_that_cannot_be_written_are_an_internal_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TOOL, "verify", "--batch", "--base", self.path],
                                  input=self.question() + b"\n", stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 3, done.stderr)


if __name__ == "__main__":
    TOOL = os.path.abspath(sys.argv.pop(1))
    unittest.main()
