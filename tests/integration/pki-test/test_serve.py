# SPDX-License-Identifier: Apache-2.0
"""The CRL server: what it serves when nothing is wrong, and every fault, seen by a client."""

import concurrent.futures
import gzip
import http.client
import socket
import subprocess
import time

import pytest

import lab


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    with lab.Lab.make(tmp_path_factory.mktemp("serve") / "lab", sensors=0, serve=True) as made:
        yield made


@pytest.fixture
def server(laboratory):
    laboratory.server.fault("none")
    laboratory.server.clear()
    return laboratory.server


def get(server, path="/issuing.crl", headers=None, timeout=5):
    """(response, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def raw(server, path="/issuing.crl"):
    sock = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return sock


def published(laboratory, name="issuing"):
    return (laboratory.path / "crl" / f"{name}.crl").read_bytes()


def test_it_serves_what_is_published_now(laboratory, server):
    response, body = get(server)
    assert (response.status, body) == (200, published(laboratory))
    assert response.headers["Content-Type"] == "application/pkix-crl"
    laboratory.crl(ca="issuing")
    assert get(server)[1] == published(laboratory) != body


def test_the_certificates_name_the_server(laboratory, server):
    cert = laboratory.issue(cn="named.plant.example")
    text = subprocess.run(
        ["openssl", "x509", "-in", cert.crt, "-noout", "-text"], capture_output=True, text=True, check=True
    ).stdout
    assert f"URI:{server.url}issuing.crl" in text


def test_conditional_requests_are_answered_and_counted(laboratory, server):
    response, _ = get(server)
    for field, value in (
        ("If-None-Match", response.headers["ETag"]),
        ("If-Modified-Since", response.headers["Last-Modified"]),
    ):
        again, body = get(server, headers={field: value})
        assert (again.status, body) == (304, b"")
    assert get(server, headers={"If-None-Match": '"other"'})[0].status == 200
    stats = server.stats()
    assert (stats["requests"], stats["not_modified"]) == (4, 2)
    laboratory.crl(ca="issuing")
    assert get(server, headers={"If-None-Match": response.headers["ETag"]})[0].status == 200


def test_requests_are_counted_by_path(server):
    for _ in range(3):
        get(server)
    get(server, "/root.crl")
    assert server.requests("/issuing.crl") == 3
    assert server.requests() == 4
    _, body = get(server, "/stats")
    assert b'"requests":4' in body


def test_what_is_not_there_is_404_and_nothing_else_is_read(laboratory, server):
    for path in ("/missing.crl", "/", "/../settings", "/..%2fsettings", "/x/y/z", "/none/../settings",
                 "/" + "a" * 3000):
        assert get(server, path)[0].status == 404, path
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 400")
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n" + b"x" * 8192)
        assert sock.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("how", ["path", "all", "name"])
def test_a_fault_is_ordered_by_path_for_all_or_by_name(laboratory, server, how):
    path = "/issuing.crl"
    if how == "path":
        path = "/404/issuing.crl"
    elif how == "all":
        server.fault("404")
    else:
        server.fault("404", "issuing.crl")
    assert get(server, path)[0].status == 404
    assert get(server, "/root.crl")[0].status == (404 if how == "all" else 200)
    server.fault("none")
    assert get(server)[0].status == 200
    with pytest.raises(lab.LabError):
        server.fault("nonsense")


def test_slow_comes_late_and_does_not_hold_up_others(server):
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(get, server, "/slow=600/issuing.crl")
        assert get(server)[0].status == 200
        assert time.monotonic() - began < 0.5
        assert slow.result()[0].status == 200
    assert time.monotonic() - began >= 0.6


def test_drip_comes_an_octet_at_a_time(server):
    with raw(server, "/drip=100/issuing.crl") as sock:
        began = time.monotonic()
        got = [sock.recv(100) for _ in range(5)]
        assert all(len(piece) == 1 for piece in got)
        assert time.monotonic() - began >= 0.3


def test_truncated_ends_early(laboratory, server):
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(server, "/truncated/issuing.crl")
    assert caught.value.partial == published(laboratory)[: len(published(laboratory)) // 2]
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(server, "/truncated=7/issuing.crl")
    assert len(caught.value.partial) == 7


def test_stall_says_no_more(server):
    with raw(server, "/stall=7/issuing.crl") as sock:
        sock.settimeout(0.3)
        data = b""
        with pytest.raises(TimeoutError):
            while True:
                data += sock.recv(10000)
    assert len(data.split(b"\r\n\r\n", 1)[1]) == 7


@pytest.mark.parametrize("fault", ["endless", "endless-chunked", "endless-header"])
def test_endless_does_not_end(server, fault):
    with raw(server, f"/{fault}/issuing.crl") as sock:
        got = 0
        while got < 20_000_000:
            piece = sock.recv(1 << 20)
            assert piece
            got += len(piece)
    assert get(server)[0].status == 200


def test_wrong_length_has_more_than_it_says(laboratory, server):
    with raw(server, "/wrong-length=9/issuing.crl") as sock, sock.makefile("rb") as stream:
        head, body = stream.read().split(b"\r\n\r\n", 1)
    assert f"Content-Length: {len(body) - 9}".encode() in head
    assert body == published(laboratory)


def test_a_gzip_bomb_unpacks_to_what_it_says(server):
    response, body = get(server, "/gzip-bomb=10000/issuing.crl")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == bytes(1 + 258 * 10000)
    assert len(body) < 20000


def test_wrong_types_redirects_and_errors(laboratory, server):
    response, body = get(server, "/html/issuing.crl")
    assert response.headers["Content-Type"] == "text/html" and body.startswith(b"<!DOCTYPE html>")
    _, body = get(server, "/pem/issuing.crl")
    assert body.startswith(b"-----BEGIN X509 CRL-----\n")
    response, _ = get(server, "/redirect/issuing.crl")
    assert (response.status, response.headers["Location"]) == (302, "/issuing.crl")
    assert get(server, "/redirect=301/issuing.crl")[0].status == 301
    assert get(server, "/500/issuing.crl")[0].status == 500
    assert get(server, "/status=429/issuing.crl")[0].status == 429


def test_other_crls_in_its_place(laboratory, server):
    assert get(server, "/other/issuing.crl")[1] == published(laboratory, "other")
    assert get(server, "/stale/issuing.crl")[1] == published(laboratory, "issuing.stale")
    assert get(server, "/older/root.crl")[1] == published(laboratory, "root.rolled-back")


def test_half_open_accepts_and_says_nothing(server):
    with raw(server, "/half-open/issuing.crl") as sock:
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_reset_resets(server):
    with raw(server, "/reset/issuing.crl") as sock:
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_many_clients_that_hang_do_not_stop_others(server):
    hanging = [raw(server, "/half-open/issuing.crl") for _ in range(300)]
    try:
        assert get(server)[0].status == 200
    finally:
        for sock in hanging:
            sock.close()


def test_curl_agrees(laboratory, server, tmp_path):
    out = tmp_path / "out"
    done = subprocess.run(
        ["curl", "-sS", "-o", out, "-w", "%{http_code}", f"{server.url}issuing.crl"],
        capture_output=True, text=True, check=True,
    )
    assert done.stdout == "200" and out.read_bytes() == published(laboratory)
    done = subprocess.run(["curl", "-sS", f"{server.url}truncated/issuing.crl"], capture_output=True, check=False)
    assert done.returncode == 18
