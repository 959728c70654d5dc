#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cert and crl commands on files that OpenSSL made.

    test_cert_commands.py TOOL
"""

import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import unittest

TOOL = ""
SUBJECT = "/C=DE/O=Plant/OU=OT/CN=sensor-7.plant.example"
SHARED = pathlib.Path(os.environ.get(
    "PORTCULLIS_SHARED", pathlib.Path(__file__).resolve().parents[5] / "shared"))

# the user's sample certificate begins like this, and its third line here has the user's fault
SAMPLE_BROKEN = """\
Bag Attributes: <No Attributes>
subject=C = US, CN= sensor.contoso.com
-----BEGIN CERTIFICATE-----
MIIESDCCAZCgAwIBAgIIEZK00815Dp4wDQYJKoZIhvcNAQELBQAwgaQxCzAJBgNV
GU+jY1Vknr0|A2nq7qPB1BVenW3 MwsuJZe Floo123rC5ekzZ7oe85Bww6+6eRbAT
-----END CERTIFICATE-----
"""


def openssl(*args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {args}: {done.stderr.decode()}")


class Folder:
    """Keys and certificates in every form, made once."""

    def __init__(self, path):
        self.path = path
        key, cert = path / "key.pem", path / "cert.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path / "ca.key",
                "-out", path / "ca.pem", "-subj", "/CN=Plant CA", "-days", "30")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                path / "request.pem", "-subj", SUBJECT)
        (path / "extensions").write_text(
            "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
            "extendedKeyUsage=serverAuth,clientAuth\n"
            "crlDistributionPoints=URI:http://crl.plant.example/ca.crl\n"
            "subjectAltName=DNS:sensor-7.plant.example\n")
        openssl("x509", "-req", "-in", path / "request.pem", "-CA", path / "ca.pem", "-CAkey",
                path / "ca.key", "-CAcreateserial", "-out", cert, "-days", "20", "-extfile",
                path / "extensions")
        openssl("x509", "-in", cert, "-outform", "DER", "-out", path / "cert.der")
        openssl("rsa", "-in", key, "-traditional", "-out", path / "pkcs1.pem")
        openssl("rsa", "-in", key, "-traditional", "-aes128", "-passout", "pass:secret",
                "-out", path / "openssl.pem")
        openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:secret", "-out",
                path / "encrypted.pem")
        openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:secret", "-outform", "DER",
                "-out", path / "encrypted.der")
        openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER", "-out",
                path / "key.der")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path / "ec.pem")
        openssl("genpkey", "-algorithm", "ed25519", "-out", path / "ed25519.pem")
        pkcs12 = ["pkcs12", "-export", "-inkey", key, "-in", cert, "-certfile", path / "ca.pem"]
        openssl(*pkcs12, "-passout", "pass:secret", "-out", path / "bundle.p12")
        openssl(*pkcs12, "-passout", "pass:", "-out", path / "open.p12")
        openssl("pkcs12", "-export", "-nokeys", "-in", cert, "-passout", "pass:secret", "-out",
                path / "keyless.p12")
        (path / "secret").write_text("secret\n")
        (path / "wrong").write_text("wrong\n")
        (path / "sample.txt").write_text(SAMPLE_BROKEN)
        for name in ("key.pem", "pkcs1.pem"):
            (path / name).chmod(0o600)


class CertCommands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = Folder(pathlib.Path(cls.holder.name))

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def run_tool(self, *args):
        # without a terminal of its own, nobody is asked for a passphrase
        return subprocess.run([TOOL, *map(str, args)], cwd=self.folder.path,
                              capture_output=True, text=True, start_new_session=True,
                              check=False)

    def objects(self, code, *args):
        """The objects that a command with --json wrote, after checking its exit code."""
        done = self.run_tool(*args, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def reasons(self, item):
        return {finding["reason"] for finding in item["findings"]}

    def same_key(self, a, b):
        public = [subprocess.run(["openssl", "pkey", "-in", path, "-pubout", *rest],
                                 cwd=self.folder.path, capture_output=True, check=True).stdout
                  for path, *rest in (a, b)]
        self.assertEqual(public[0], public[1])

    # cert check

    def test_each_form_of_a_key_is_told_apart(self):
        forms = {"key.pem": "PKCS#8", "key.der": "PKCS#8", "pkcs1.pem": "PKCS#1"}
        for name, form in forms.items():
            items = self.objects(0, "cert", "check", name)
            self.assertEqual((items[0]["kind"], items[0]["form"], items[0]["key"]),
                             ("private key", form, "RSA 2048"))

    def test_encrypted_keys_open_with_their_passphrase_only(self):
        for name in ("openssl.pem", "encrypted.pem", "encrypted.der"):
            items = self.objects(0, "cert", "check", name, "--passphrase-file", "secret")
            self.assertEqual(items[0]["key"], "RSA 2048")
            for options in (["--passphrase-file", "wrong"], []):
                items = self.objects(6, "cert", "check", name, *options)
                self.assertEqual(self.reasons(items[0]), {"passphrase"})

    def ask(self, *answers):
        """What a terminal shows and the exit code, when cert check asks for a passphrase."""
        process, terminal = pty.fork()
        if process == 0:
            os.execv(TOOL, [TOOL, "cert", "check", str(self.folder.path / "encrypted.pem")])
        shown = b""
        for answer in answers:
            while not shown.endswith(b": "):
                shown += os.read(terminal, 1000)
            os.write(terminal, answer)
        try:
            while more := os.read(terminal, 1000):
                shown += more
        except OSError:  # the far end is closed
            pass
        os.close(terminal)
        return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def test_a_passphrase_is_asked_for_and_not_shown(self):
        shown, code = self.ask(b"secret\n")
        self.assertEqual(code, 0, shown)
        self.assertIn("RSA 2048", shown)
        self.assertNotIn("secret", shown)
        shown, code = self.ask(b"wrong\n")
        self.assertEqual(code, 6, shown)
        self.assertIn("Passphrase does not match to the key", shown)
        self.assertEqual(self.ask(b"\x04")[1], 6)

    def test_a_key_of_another_kind_is_not_an_appliances(self):
        for name in ("ec.pem", "ed25519.pem"):
            items = self.objects(6, "cert", "check", name)
            self.assertIn("profile-key", self.reasons(items[0]))
            self.objects(0, "cert", "check", name, "--profile=rfc5280")

    def test_a_key_others_may_read_is_noted(self):
        loose = self.folder.path / "loose.pem"
        loose.write_bytes((self.folder.path / "key.pem").read_bytes())
        loose.chmod(0o644)
        items = self.objects(0, "cert", "check", "loose.pem")
        self.assertIn("chmod 600", items[0]["findings"][0]["fix"])

    def test_a_certificate_is_shown_with_its_fields(self):
        for name in ("cert.pem", "cert.der"):
            item = self.objects(0, "cert", "check", name)[0]
            self.assertEqual(item["subject"],
                             "CN=sensor-7.plant.example, OU=OT, O=Plant, C=DE")
            self.assertEqual(item["names"], "DNS:sensor-7.plant.example")
            self.assertIn("http://crl.plant.example/ca.crl", item["crl"])
            self.assertEqual(item["findings"], [])

    def test_key_and_certificate_are_held_against_each_other(self):
        items = self.objects(0, "cert", "check", "key.pem", "ca.pem", "cert.pem")
        self.assertEqual(items[-1]["certificate"], "cert.pem")
        self.assertTrue(items[-1]["match"].startswith("yes"))
        items = self.objects(6, "cert", "check", "ca.key", "cert.pem")
        self.assertEqual(self.reasons(items[-1]), {"key-mismatch"})

    def test_acceptance_is_asked_of_the_given_anchors(self):
        items = self.objects(0, "cert", "check", "cert.pem", "--anchors", "ca.pem")
        self.assertEqual(items[-1]["verdict"], "accept")
        items = self.objects(6, "cert", "check", "cert.pem", "--anchors", "cert.pem",
                             "--time=2040-01-01T00:00:00Z")
        self.assertEqual(items[-1]["verdict"], "reject")
        self.assertIn("expired", self.reasons(items[0]))

    def test_the_findings_of_the_profile_are_shown(self):
        path = self.folder.path
        (path / "bad.ext").write_text("basicConstraints=CA:TRUE\nkeyUsage=digitalSignature\n"
                                      "extendedKeyUsage=clientAuth\n")
        openssl("x509", "-req", "-in", path / "request.pem", "-CA", path / "ca.pem", "-CAkey",
                path / "ca.key", "-CAcreateserial", "-out", path / "bad.pem", "-extfile",
                path / "bad.ext")
        item = self.objects(6, "cert", "check", "bad.pem", "--purpose=server")[0]
        levels = {finding["reason"]: finding["level"] for finding in item["findings"]}
        self.assertEqual(levels, {"profile-eku": "error", "leaf-is-ca": "warning",
                                  "profile-cdp": "error"})
        for finding in item["findings"]:
            self.assertTrue(finding["clause"] and finding["detail"] and finding["fix"])
        item = self.objects(6, "cert", "check", "ca.pem")[0]
        self.assertIn("self-signed", self.reasons(item))

    def test_a_request_is_checked_before_it_goes_to_a_ca(self):
        items = self.objects(0, "cert", "check", "request.pem", "key.pem")
        self.assertEqual(items[0]["kind"], "certificate request (CSR)")
        items = self.objects(6, "cert", "check", "request.pem", "ca.key")
        self.assertEqual(self.reasons(items[0]), {"key-mismatch"})
        openssl("req", "-new", "-key", self.folder.path / "key.pem", "-subj",
                "/CN=*.plant.example", "-out", self.folder.path / "wild.csr")
        items = self.objects(6, "cert", "check", "wild.csr")
        self.assertEqual(self.reasons(items[0]), {"profile-wildcard", "profile-subject"})

    def test_a_damaged_request_is_not_signed_with_its_key(self):
        der = self.folder.path / "bad.csr"
        openssl("req", "-in", self.folder.path / "request.pem", "-outform", "DER", "-out", der)
        data = bytearray(der.read_bytes())
        data[data.index(b"sensor-7")] ^= 1
        der.write_bytes(data)
        self.assertIn("signature", self.reasons(self.objects(6, "cert", "check", der)[0]))

    def test_malformed_base64_is_named_by_its_line(self):
        items = self.objects(6, "cert", "check", "sample.txt")
        self.assertEqual(items[0]["findings"][0]["detail"], "malformed base64 near line 5")

    def test_the_users_own_sample_is_named_by_its_line(self):
        seeds = sorted((SHARED / "seeds").glob("000_*.txt"))
        if not seeds:
            self.skipTest("the user's documents are not there")
        items = self.objects(6, "cert", "check", seeds[0])
        line = [b"|" in text and b"A2nq" in text for text in
                seeds[0].read_bytes().splitlines()].index(True) + 1
        self.assertEqual(items[0]["findings"][0]["detail"],
                         f"malformed base64 near line {line}")

    def test_what_is_nothing_of_the_kind_is_said(self):
        for contents in (b"", b"plain text\n", b"\x30\x03\x02\x01\x05", os.urandom(100)):
            (self.folder.path / "junk").write_bytes(contents)
            items = self.objects(6, "cert", "check", "junk")
            self.assertEqual(self.reasons(items[0]), {"parse"})

    def test_a_file_that_is_not_there_has_its_exit_code(self):
        done = self.run_tool("cert", "check", "no\nfile")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertEqual(done.stderr,
                         "cli-tool cert check: cannot read no\\x0afile: not found\n")

    # cert convert

    def test_certificates_go_to_der_and_back(self):
        self.objects(0, "cert", "convert", "cert.pem", "a.der", "--to=der")
        self.assertEqual((self.folder.path / "a.der").read_bytes(),
                         (self.folder.path / "cert.der").read_bytes())
        written = self.objects(0, "cert", "convert", "a.der", "a.pem")
        self.assertEqual(written, [{"file": "a.pem"}])
        openssl("x509", "-in", self.folder.path / "a.pem", "-noout")

    def test_keys_go_between_their_forms(self):
        for name, options in {
                "a.pkcs1": ("--to=pkcs1",), "a.pkcs8": (),
                "a.encrypted": ("--to=encrypted", "--new-passphrase-file=secret")}.items():
            for source in ("key.pem", "pkcs1.pem", "encrypted.pem", "openssl.pem"):
                self.objects(0, "cert", "convert", source, name, "--force",
                             "--passphrase-file=secret", *options)
                self.same_key(("key.pem",), (name, "-passin", "pass:secret"))
                mode = (self.folder.path / name).stat().st_mode & 0o777
                self.assertEqual(mode, 0o600)
        self.assertIn("ENCRYPTED", (self.folder.path / "a.encrypted").read_text())
        self.objects(0, "cert", "convert", "ec.pem", "a.sec1", "--to=sec1")
        self.same_key(("ec.pem",), ("a.sec1",))

    def test_a_form_that_a_key_cannot_have_is_refused(self):
        for source, form in (("ec.pem", "pkcs1"), ("key.pem", "sec1"), ("key.pem", "der"),
                             ("ed25519.pem", "pkcs1"), ("cert.pem", "pkcs1")):
            done = self.run_tool("cert", "convert", source, "never", f"--to={form}")
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertFalse((self.folder.path / "never").exists())

    def test_pkcs12_becomes_the_three_files(self):
        for source, options in (("bundle.p12", ["--passphrase-file=secret"]), ("open.p12", [])):
            self.objects(0, "cert", "convert", source, "split", "--force", *options)
            self.same_key(("key.pem",), ("split.key",))
            for name, original in (("split.crt", "cert.pem"), ("split.pem", "ca.pem")):
                shown = [subprocess.run(["openssl", "x509", "-in", path, "-outform", "DER"],
                                        cwd=self.folder.path, capture_output=True,
                                        check=True).stdout for path in (name, original)]
                self.assertEqual(shown[0], shown[1])
            self.assertEqual((self.folder.path / "split.key").stat().st_mode & 0o777, 0o600)

    def test_pkcs12_without_its_passphrase_or_key_is_refused(self):
        for source, passphrase in (("bundle.p12", "wrong"), ("keyless.p12", "secret")):
            done = self.run_tool("cert", "convert", source, "never",
                                 f"--passphrase-file={passphrase}")
            self.assertEqual(done.returncode, 6, done.stderr)
        self.assertFalse(list(self.folder.path.glob("never*")))

    def test_nothing_is_overwritten_unasked(self):
        target = self.folder.path / "kept"
        target.write_text("precious")
        done = self.run_tool("cert", "convert", "key.pem", "kept")
        self.assertEqual((done.returncode, target.read_text()), (1, "precious"))
        self.assertIn("--force", done.stderr)
        link = self.folder.path / "link"
        link.symlink_to("kept")
        self.assertEqual(self.run_tool("cert", "convert", "key.pem", "link").returncode, 1)
        self.assertEqual(target.read_text(), "precious")
        (self.folder.path / "two.pem").write_text("precious")
        done = self.run_tool("cert", "convert", "open.p12", "two")
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder.path / "two.key").exists())

    # cert compare

    def test_the_same_fields_in_the_same_order(self):
        self.objects(0, "cert", "compare", "cert.pem", "cert.der")
        openssl("req", "-x509", "-key", self.folder.path / "key.pem", "-out",
                self.folder.path / "other.pem", "-subj", "/O=Plant/C=DE/CN=x", "-days", "9")
        rows = self.objects(6, "cert", "compare", "cert.pem", "other.pem")
        sides = {(row["field"], row["in"]) for row in rows}
        self.assertIn(("subject OU", "only A"), sides)
        self.assertIn(("subject O", "both"), sides)
        self.assertIn(("subject C", "only B"), sides)
        self.assertIn(("extension extKeyUsage", "only A"), sides)

    def test_compare_needs_two_certificates(self):
        self.assertEqual(self.run_tool("cert", "compare", "cert.pem", "key.pem").returncode, 6)
        self.assertEqual(self.run_tool("cert", "compare", "cert.pem").returncode, 2)

    # crl show

    def test_a_crl_is_shown_and_its_signature_judged(self):
        path = self.folder.path
        (path / "index").write_text("")
        (path / "ca.conf").write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={path}/index\ndefault_md=sha256\n"
            f"crlnumber={path}/crlnumber\ncrl_extensions=e\n[e]\n"
            "authorityKeyIdentifier=keyid\n")
        (path / "crlnumber").write_text("2A\n")
        openssl("ca", "-gencrl", "-config", path / "ca.conf", "-keyfile", path / "ca.key",
                "-cert", path / "ca.pem", "-crldays", "5", "-out", path / "ca.crl")
        item = self.objects(0, "crl", "show", "ca.crl", "--issuer", "ca.pem")[0]
        self.assertEqual((item["issuer"], item["number"], item["entries"], item["signed"]),
                         ("CN=Plant CA", "2a", 0, "by the key of --issuer"))
        item = self.objects(6, "crl", "show", "ca.crl", "--issuer", "cert.pem")[0]
        self.assertIn("crl-signature", self.reasons(item))
        item = self.objects(6, "crl", "show", "ca.crl", "--time=2040-01-01T00:00:00Z")[0]
        self.assertEqual(self.reasons(item), {"crl-expired"})
        item = self.objects(6, "crl", "show", "cert.pem")[0]
        self.assertEqual(self.reasons(item), {"crl-malformed"})


if __name__ == "__main__":
    TOOL = os.path.abspath(sys.argv.pop(1))
    unittest.main()
