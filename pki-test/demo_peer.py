# SPDX-License-Identifier: Apache-2.0
"""A stranger at the console's door, for the demonstration.

It speaks as much of docs/protocol.md as it takes to be let in or refused: TLS 1.3 with a
client certificate, one HELLO, and then it listens to the end, where the reason is.
"""

import dataclasses
import socket
import ssl
import time

TIMEOUT_S = 20
ALPN = "portcullis-sensor/1"
HELLO, ACCEPT, REFUSE, BYE = 0x01, 0x02, 0x03, 0x0C


@dataclasses.dataclass
class Answer:
    """What the far side learns."""

    accepted: bool = False
    reason: str = ""  # the slug of REFUSE
    alert: str = ""  # as RFC 8446 calls it: "certificate_expired"
    console: str = ""  # the CN that the console proved


def cbor_head(major, number):
    """The first bytes of a CBOR item (RFC 8949 section 3), in the shortest form."""
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor_map(fields):
    """A flat map of unsigned keys to numbers, byte strings and text."""
    out = cbor_head(5, len(fields))
    for key, value in fields.items():
        out += cbor_head(0, key)
        if isinstance(value, int):
            out += cbor_head(0, value)
        elif isinstance(value, bytes):
            out += cbor_head(2, len(value)) + value
        else:
            out += cbor_head(3, len(value)) + value.encode()
    return out


def frame(kind, fields):
    payload = cbor_map(fields)
    return len(payload).to_bytes(4, "little") + bytes([kind]) + payload


def hello():
    """A sensor with an empty log that has never been let in."""
    return frame(HELLO, {1: 1, 2: 1, 3: bytes(range(16)), 4: 1, 5: 1, 6: 0,
                         7: time.time_ns() // 1000, 8: "portcullis demo"})


def refuse_reason(payload):
    """The text under key 1, the first of the map: at most 32 bytes."""
    if payload[1:3] == b"\x01\x78":
        return payload[4:4 + payload[3]].decode()
    return payload[3:3 + (payload[2] & 0x1F)].decode()


def alert_name(error):
    """"SSLV3_ALERT_CERTIFICATE_EXPIRED" of the library is "certificate_expired"."""
    return (error.reason or str(error)).rpartition("ALERT_")[2].lower()


def connect(port, anchors, cert):
    """A TLS stream to the console, which has to prove itself by the anchors."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # its name is its CN, which is what is returned
    context.load_verify_locations(anchors)
    context.set_alpn_protocols([ALPN])
    if cert is not None:
        context.load_cert_chain(cert.pem, cert.key)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), TIMEOUT_S))


def console_name(stream):
    return next(value for rdn in stream.getpeercert()["subject"]
                for name, value in rdn if name == "commonName")


def read_end(stream, answer):
    """Reads frames until ACCEPT or the end."""
    data = b""
    while True:
        part = stream.recv(4096)
        data += part
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[:4], "little"):
            kind, end = data[4], 5 + int.from_bytes(data[:4], "little")
            if kind == REFUSE:
                answer.reason = refuse_reason(data[5:end])
            elif kind == ACCEPT:
                answer.accepted = True
                stream.sendall(frame(BYE, {1: 1}))
            data = data[end:]
        if not part or answer.accepted:
            return


def knock(port, anchors, cert=None):
    """Connects with a certificate (or none) and says what came of it."""
    answer = Answer()
    with connect(port, anchors, cert) as stream:
        answer.console = console_name(stream)
        try:
            stream.sendall(hello())
        except OSError:
            pass  # refused already: the reason is there to be read
        try:
            read_end(stream, answer)
        except ssl.SSLError as error:
            answer.alert = alert_name(error)
        except OSError as error:
            answer.alert = f"none: {error}"
    return answer
