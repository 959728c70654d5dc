#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds of fuzz-http-request: heads of requests, whole, cut and wrong."""
import pathlib
import sys

HEADS = [
    "GET /issuing.crl HTTP/1.1\r\nHost: x\r\n\r\n",
    'GET /slow=1/issuing.crl?q HTTP/1.0\r\nIf-None-Match: "a"\r\nIf-Modified-Since: \tMon\r\n\r\nrest',
    "GET /issuing.crl HTTP/1.1\r\nHost: x\r\n",
    "GET x HTTP/1.1\r\nno colon\r\n\r\n",
]

folder = pathlib.Path(sys.argv[1]) / "fuzz-http-request"
folder.mkdir(parents=True, exist_ok=True)
for number, head in enumerate(HEADS):
    (folder / str(number)).write_bytes(head.encode())
pathlib.Path(sys.argv[2]).touch()
