# SPDX-License-Identifier: Apache-2.0
"""Downloads against a CRL server that does everything wrong, and what may be asked at all."""

import http.server
import json
import os
import re
import socket
import subprocess
import threading

import pytest

import lab

TOOL = os.environ["FETCH_TOOL"]
TOTAL_MS = 700  # the deadline of a download here


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("fetch") / "lab", sensors=0, serve=True) as made:
        made.crl("stale", beside=True)
        made.crl("rolled-back", beside=True)
        yield made


@pytest.fixture
def server(laboratory):
    laboratory.server.clear()
    laboratory.server.fault("none")
    return laboratory.server


def fetch_all(*urls, env=None, **settings):
    """What became of each URL, in the order in which they ended."""
    settings = {"total-ms": TOTAL_MS, **{k.replace("_", "-"): v for k, v in settings.items()}}
    args = [f"--{key}={value}" for key, value in settings.items()]
    done = subprocess.run(
        [TOOL, *args, *urls],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, **(env or {})},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(a["url"] for a in answers) == sorted(urls)
    for answer in answers:
        assert answer["has_body"] == (answer["outcome"] == "ok")
    return answers


def fetch(url, **settings):
    return fetch_all(url, **settings)[0]


def body(answer):
    return bytes.fromhex(answer.get("body", ""))


def published(laboratory, name="issuing"):
    return (laboratory.path / "crl" / f"{name}.crl").read_bytes()


def test_a_crl_comes_as_it_is_published(laboratory, server):
    answer = fetch(server.url + "issuing.crl", body="yes")
    assert (answer["outcome"], answer["status"]) == ("ok", 200)
    assert body(answer) == published(laboratory)
    assert answer["address"] == f"127.0.0.1:{server.port}"
    assert answer["etag"] and answer["last_modified"]


# what the fetch role says of each fault; whether a body is a CRL is not its business
FAULTS = {
    "slow=200": "ok",
    "slow=5000": "timeout",
    "drip=100": "timeout",
    "truncated": "truncated",
    "truncated=0": "truncated",
    "stall": "timeout",
    "endless": "too large",
    "endless-chunked": "too large",
    "html": "ok",
    "pem": "ok",
    "redirect": "HTTP status",
    "redirect=301": "HTTP status",
    "redirect=307": "HTTP status",
    "404": "HTTP status",
    "500": "HTTP status",
    "status=204": "HTTP status",
    "status=304": "HTTP status",  # to a question without validators
    "stale": "ok",
    "older": "ok",
    "other": "ok",
    "half-open": "timeout",
    "reset": "truncated",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_outcome(server, fault):
    server.fault(fault)
    answer = fetch(server.url + "issuing.crl")
    assert answer["outcome"] == FAULTS[fault], answer
    assert answer["ms"] < TOTAL_MS + 500
    if FAULTS[fault] != "ok":
        assert answer["detail"]
    if FAULTS[fault] == "HTTP status":
        assert str(answer["status"]) in answer["detail"]
        assert server.requests() == 1  # a redirection is not followed


def test_every_fault_of_the_server_is_tried():
    text = lab.run("serve", "--help")
    named = set()
    for line in text[text.index("Faults of the CRL server") :].splitlines()[1:]:
        if not line.startswith("  "):
            break
        for name in line.strip().split("  ")[0].split(", "):
            named.add(re.match(r"[a-z0-9-]+", name).group(0))
    tried = {fault.split("=")[0] for fault in FAULTS}
    tried |= {"none", "endless-header", "gzip-bomb", "wrong-length"}
    assert named == tried


def test_a_header_without_end_is_given_up(server):
    server.fault("endless-header")
    answer = fetch(server.url + "issuing.crl")
    assert answer["outcome"] in ("timeout", "truncated", "not HTTP")
    assert answer["ms"] < TOTAL_MS + 500


def test_a_gzip_bomb_stays_as_small_as_it_came(server):
    server.fault("gzip-bomb")
    answer = fetch(server.url + "issuing.crl", body="yes")
    assert answer["outcome"] == "ok"
    assert answer["len"] < 1_000_000
    assert body(answer)[:2] == b"\x1f\x8b"


def test_a_body_is_what_its_length_says(laboratory, server):
    server.fault("wrong-length=10")
    answer = fetch(server.url + "issuing.crl", body="yes")
    assert answer["outcome"] == "ok"
    assert body(answer) == published(laboratory)[:-10]


def test_the_size_cap_is_exact(laboratory, server):
    size = len(published(laboratory))
    assert fetch(server.url + "issuing.crl", max_bytes=size)["outcome"] == "ok"
    assert fetch(server.url + "issuing.crl", max_bytes=size - 1)["outcome"] == "too large"


def test_what_has_not_changed_is_not_sent_again(laboratory, server):
    first = fetch(server.url + "issuing.crl")
    for setting in ({"etag": first["etag"]}, {"last_modified": first["last_modified"]}):
        again = fetch(server.url + "issuing.crl", **setting)
        assert (again["outcome"], again["status"], again["len"]) == ("not modified", 304, 0)
    laboratory.crl(ca="issuing")
    assert fetch(server.url + "issuing.crl", etag=first["etag"])["outcome"] == "ok"


def test_a_port_where_nobody_listens_is_a_failed_connection(unused_port):
    answer = fetch(f"http://127.0.0.1:{unused_port}/issuing.crl")
    assert answer["outcome"] == "connect"
    assert answer["address"] == f"127.0.0.1:{unused_port}"


@pytest.fixture
def unused_port():
    """Bound, so that nobody else gets it, and not listening."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def test_a_host_that_does_not_answer_is_given_up_at_the_deadline_for_connecting():
    with socket.socket() as full:  # its queue is full: what comes is not answered
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        answer = fetch(f"http://127.0.0.1:{port}/x.crl", connect_ms=300, total_ms=5000)
        for sock in waiting:
            sock.close()
    assert answer["outcome"] == "timeout"
    assert 250 <= answer["ms"] < 1500


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x.crl",
        "ftp://127.0.0.1/x.crl",
        "file:///etc/passwd",
        "ldap://127.0.0.1/x",
        "127.0.0.1/x.crl",
        "http://",
        "http:///x.crl",
        "http://user@127.0.0.1/x.crl",
        "http://user:secret@127.0.0.1/x.crl",
        "http://127.0.0.1\\@example/x.crl",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\n",
        "http://127.0.0.1:99999/x.crl",
        "http://[::1/x.crl",
        "http://127.0.0.1/" + "x" * 1024,
    ],
)
def test_a_url_that_is_not_plain_http_is_refused(url):
    answer = fetch(url)
    assert answer["outcome"] == "bad URL", answer
    assert answer["address"] == ""


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "[::]"]
    + ["[::ffff:127.0.0.1]", "169.254.169.254", "[fe80::1]", "224.0.0.1", "255.255.255.255"],
)
def test_addresses_of_this_host_and_of_its_link_are_not_allowed(server, host):
    answer = fetch(f"http://{host}:{server.port}/issuing.crl", loopback="no")
    assert answer["outcome"] == "not allowed", answer
    assert server.requests() == 0


def test_only_listed_hosts_are_asked(server):
    listed = fetch(server.url + "issuing.crl", host="127.0.0.1")
    assert listed["outcome"] == "ok"
    other = fetch(server.url + "issuing.crl", host="crl.plant.example")
    assert other["outcome"] == "not allowed"
    assert server.requests() == 1


class HttpProxy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"proxy")

    def log_message(self, *unused):
        pass


@pytest.fixture
def http_proxy():
    with http.server.HTTPServer(("127.0.0.1", 0), HttpProxy) as proxy:
        proxy.asked = []
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()


def test_a_proxy_resolves_the_names(http_proxy):
    url = "http://crl.plant.example/issuing.crl"
    proxy = f"http://127.0.0.1:{http_proxy.server_port}"
    answer = fetch(url, proxy=proxy, loopback="no", body="yes")
    assert (answer["outcome"], body(answer)) == ("ok", b"proxy")
    assert http_proxy.asked == [url]


def test_the_environment_names_no_proxy(server, http_proxy):
    proxy = f"http://127.0.0.1:{http_proxy.server_port}"
    env = {"http_proxy": proxy, "HTTP_PROXY": proxy, "all_proxy": proxy, "ALL_PROXY": proxy}
    assert fetch(server.url + "issuing.crl", env=env)["outcome"] == "ok"
    assert http_proxy.asked == []


def test_one_at_a_time_of_a_host_and_hosts_do_not_wait_for_each_other(server):
    server.fault("slow=400", "issuing.crl")
    slow, after = server.url + "issuing.crl", server.url + "root.crl"
    apart = f"http://localhost:{server.port}/root.crl"
    answers = fetch_all(slow, after, apart, total_ms=3000)
    assert [a["url"] for a in answers] == [apart, slow, after]
    assert all(a["outcome"] == "ok" for a in answers)
    assert answers[2]["ms"] >= 400  # and its own deadline began with its turn


def test_who_asks_for_too_much_is_told_at_once(server):
    answers = fetch_all(*(f"{server.url}issuing.crl?{n}" for n in range(300)), total_ms=5000)
    busy = [a for a in answers if a["outcome"] == "busy"]
    assert len(busy) == 300 - 1 - 256  # one runs, so many wait
    assert all(a["outcome"] == "ok" for a in answers if a not in busy)
