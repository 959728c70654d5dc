# SPDX-License-Identifier: Apache-2.0
"""A sensor that is not ours: TLS by Python's ssl (OpenSSL), frames and CBOR by hand, from
docs/protocol.md alone.  It does what it is told, right or wrong.

    with peer.Peer(port, cert) as sensor:
        accept = sensor.hello(log)
        sensor.send_batch(log, log.records(EVENTS))
        ack = sensor.expect(peer.ACK)
    end = peer.Peer(port, bad).end()          # end.alert, end.refuse["reason"], end.seconds

TLS runs over memory buffers, so that a test may send its bytes as slowly or as wrongly as it
likes, and the link_id can be computed from the randoms that pass by.
"""

import dataclasses
import hashlib
import os
import socket
import ssl
import struct
import time

HELLO, ACCEPT, REFUSE, BATCH, ACK = 1, 2, 3, 4, 5
CRL_WANT, CRL_PART, CONSOLES, BUSY, PING, PONG, BYE, ERROR, REINCARNATE = range(6, 15)

SENSOR_ALPN = "portcullis-sensor/1"
TIMEOUT_S = 15

# --- CBOR, as far as the protocol goes ---


def _head(major, value):
    for size, mark in ((1, None), (1, 24), (2, 25), (4, 26), (8, 27)):
        if mark is None and value < 24:
            return bytes([major << 5 | value])
        if mark is not None and value < 1 << 8 * size:
            return bytes([major << 5 | mark]) + value.to_bytes(size, "big")
    raise ValueError(value)


def cbor(value):
    """The deterministic form of a map, array, number, boolean, bytes or text."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(cbor(item) for item in value)
    return _head(5, len(value)) + b"".join(cbor(k) + cbor(value[k]) for k in sorted(value))


def _uncbor_at(data, at):
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= 24 and major != 7:
        size = 1 << value - 24
        value = int.from_bytes(data[at : at + size], "big")
        at += size
    if major in (0, 1):
        return (value if major == 0 else -1 - value), at
    if major in (2, 3):
        raw = bytes(data[at : at + value])
        return (raw if major == 2 else raw.decode()), at + value
    if major == 7:
        return {20: False, 21: True}[value], at
    items = []
    for _ in range(value * (2 if major == 5 else 1)):
        item, at = _uncbor_at(data, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if major == 5 else items), at


def uncbor(data):
    value, at = _uncbor_at(data, 0)
    if at != len(data):
        raise ValueError("bytes behind the value")
    return value


# --- messages ---

FIELDS = {
    ACCEPT: {1: "version", 2: "counter", 3: "copies", 4: "store_id", 5: "held", 6: "held_hash",
             7: "top", 8: "window_records", 9: "window_bytes", 10: "clock", 11: "features"},
    REFUSE: {1: "reason", 2: "clock", 3: "retry_after_ms"},
    ACK: {1: "log_id", 2: "level", 3: "intervals", 4: "batches", 5: "solo"},
    BUSY: {1: "retry_after_ms", 2: "cause"},
    PING: {1: "nonce", 2: "clock"},
    PONG: {1: "nonce", 2: "clock"},
    BYE: {1: "cause", 2: "retry_after_ms"},
    ERROR: {1: "code", 2: "type", 3: "detail"},
    REINCARNATE: {1: "log_id", 2: "seq", 3: "cause"},
}


def frame(kind, payload):
    """A frame; what is not bytes is written as CBOR."""
    if not isinstance(payload, bytes):
        payload = cbor(payload)
    return struct.pack("<IB", len(payload), kind) + payload


def now_us():
    return time.time_ns() // 1000


@dataclasses.dataclass
class Message:
    kind: int
    payload: bytes

    def __getattr__(self, name):
        return self[name]

    def __getitem__(self, name):
        fields = {FIELDS.get(self.kind, {}).get(k, k): v for k, v in uncbor(self.payload).items()}
        return fields.get(name)


@dataclasses.dataclass
class End:
    """How a connection ended."""

    alert: int | None = None  # fatal alert received
    refuse: Message | None = None
    error: Message | None = None
    bye: Message | None = None
    clean: bool = False  # close_notify came
    reset: bool = False
    seconds: float = 0.0  # since the connection was begun
    messages: list = dataclasses.field(default_factory=list)

    @property
    def reason(self):
        return self.refuse.reason if self.refuse else None


class Ended(Exception):
    """The connection ended instead of what was expected."""

    def __init__(self, end):
        super().__init__(str(end))
        self.end = end


# --- a log ---


class Log:
    """The sensor's log: an id, numbers, a hash chain."""

    def __init__(self):
        self.id = os.urandom(16)
        self.next = 1
        self.hash = bytes(32)
        self.counter = 0
        self.hashes = {0: self.hash}

    def hello(self, **changes):
        """The fields of HELLO by number."""
        fields = {1: 1, 2: 1, 3: self.id, 4: 1, 5: self.next, 6: self.counter, 7: now_us(),
                  8: "peer.py"}
        fields.update(changes.pop("fields", {}))
        return fields

    def batch(self, lines, source="suricata", kind=1):
        """The payload of a BATCH with a record for each line; the log goes on behind it."""
        first, before, records = self.next, self.hash, b""
        for line in lines:
            payload = bytes([len(source)]) + source.encode() + line.encode()
            record = struct.pack("<IHHq8sQ", len(payload), kind, 0, now_us(), b"peer.py.",
                                 time.monotonic_ns() // 1000) + payload
            self.hash = hashlib.sha256(self.hash + struct.pack("<Q", self.next) + record).digest()
            self.hashes[self.next] = self.hash
            self.next += 1
            records += record
        return self.id + struct.pack("<Q32sI", first, before, self.next - first) + records


# --- the connection ---


def _on_tls_message(connection, direction, _version, content, _kind, data):
    """Notes the alerts that come: their numbers, where ssl has only OpenSSL's names."""
    if direction == "read" and content == ssl._TLSContentType.ALERT:
        connection.alerts = [*getattr(connection, "alerts", []), data[1]]


def tls_context(cert=None, *, alpn=SENSOR_ALPN, tls12=False):
    """A context that takes any server, and shows whatever certificate it is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # weak certificates are the point
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # an end without close_notify is another
    context._msg_callback = _on_tls_message
    if tls12:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    if alpn:
        context.set_alpn_protocols([alpn] if isinstance(alpn, str) else alpn)
    if cert:
        context.load_cert_chain(cert.pem, cert.key)
    return context


class Peer:
    """A connection.  Without handshake=False the TLS handshake is done when it is made (in
    TLS 1.3 that says nothing of whether the other side takes our certificate)."""

    def __init__(self, port, cert=None, *, handshake=True, context=None, timeout_s=TIMEOUT_S,
                 source=None, **options):
        self.began = time.monotonic()
        self.timeout_s = timeout_s
        self.sock = socket.create_connection(
            ("127.0.0.1", port), timeout_s, (source, 0) if source else None)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or tls_context(cert, **options)).wrap_bio(
            self.incoming, self.outgoing, server_hostname="console")
        self.sent, self.received = b"", b""  # the first bytes of each way, for the link_id
        self.data = b""
        self.reset = False
        if handshake:
            self.handshake()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.sock.close()

    # bytes

    def raw(self, data):
        """Bytes below TLS."""
        self.sent = (self.sent + data)[:512] if len(self.sent) < 512 else self.sent
        try:
            self.sock.sendall(data)
        except OSError:
            self.reset = True  # why is in what can still be read

    def flush(self):
        if self.outgoing.pending:
            self.raw(self.outgoing.read())

    def _fill(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
            self.reset = True
        if not data:
            self.incoming.write_eof()
        elif len(self.received) < 512:
            self.received += data
        if data:
            self.incoming.write(data)

    def _run(self, call, *args):
        while True:
            try:
                result = call(*args)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                self._fill()
            except ssl.SSLError:
                self.flush()
                raise

    def handshake(self):
        try:
            self._run(self.tls.do_handshake)
        except ssl.SSLError as error:
            raise Ended(self._ended()) from error
        return self

    def begin(self):
        """Sends the ClientHello, and waits for nothing."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self.flush()

    @property
    def link_id(self):
        """From the randoms of the two hellos."""
        randoms = self.sent[11:43] + self.received[11:43]
        return hashlib.sha256(randoms).digest()[:8].hex()

    # frames

    def write(self, data):
        self._run(self.tls.write, data)

    def send(self, kind, payload):
        self.write(frame(kind, payload))

    def _ended(self):
        alerts = getattr(self.tls, "alerts", [])
        return End(seconds=time.monotonic() - self.began, reset=self.reset, clean=0 in alerts,
                   alert=next((alert for alert in alerts if alert != 0), None))

    def receive(self):
        """The next message; raises Ended."""
        while True:
            if len(self.data) >= 5:
                length, kind = struct.unpack_from("<IB", self.data)
                if len(self.data) >= 5 + length:
                    payload = self.data[5 : 5 + length]
                    self.data = self.data[5 + length :]
                    return Message(kind, payload)
            try:
                data = self._run(self.tls.read, 65536)
            except ssl.SSLError as error:
                raise Ended(self._ended()) from error
            if not data:
                raise Ended(self._ended())
            self.data += data

    def expect(self, kind):
        """The next message, which has to be of this kind; PINGs are answered."""
        while True:
            message = self.receive()
            if message.kind == PING and kind != PING:
                self.send(PONG, {1: message.nonce, 2: now_us()})
            elif message.kind == kind:
                return message
            else:
                end = self.end(first=message)
                raise Ended(end)

    def end(self, first=None):
        """Reads to the end; how it was."""
        messages = [first] if first else []
        self.sock.settimeout(self.timeout_s)
        try:
            while True:
                messages.append(self.receive())
        except Ended as ended:
            end = ended.end
        except TimeoutError as error:
            raise AssertionError(f"the connection did not end; it said {messages}") from error
        end.messages = messages
        for message in messages:
            if message.kind == REFUSE:
                end.refuse = message
            elif message.kind == ERROR:
                end.error = message
            elif message.kind == BYE:
                end.bye = message
        self.close()
        return end

    # the session

    def hello(self, log, **changes):
        """HELLO, and the ACCEPT that answers it."""
        self.send(HELLO, log.hello(**changes))
        accept = self.expect(ACCEPT)
        log.counter = accept.counter
        return accept

    def bye(self, cause=1):
        """Ends in order, so that the next session has no older one in its way."""
        self.send(BYE, {1: cause})
        return self.end()


def attempt(port, cert, **options):
    """Connects, says nothing, and tells how it ended.  A handshake that fails is an end too."""
    began = time.monotonic()
    try:
        return Peer(port, cert, **options).end()
    except Ended as ended:
        ended.end.seconds = time.monotonic() - began
        return ended.end
