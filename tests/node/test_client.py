# SPDX-License-Identifier: Apache-2.0
"""The line to a peer that means harm: slow, endless, swollen or senseless answers end in our errors."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpcore
import pytest

from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId
from comity.errors import Invalid, Unavailable
from comity.node.keyring import keyring
from comity.node.services import register
from comity.node.wire import client
from comity.node.wire.client import PeerLine
from comity.node.wire.deadline import Deadline

XM = AuthorityId("xm.moj")
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@contextmanager
def serving(world, talk: Callable[[ssl.SSLSocket, threading.Event], None]) -> Iterator[None]:
    """Answer at the peer's address with its own certificate, in whatever way `talk` does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*world.keys(XM).tls_files)
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as connection:
                    talk(connection, ended)
            except OSError:
                continue  # the caller hung up, or the test is over

    with socket.create_server(world.configs[XM].wire_address) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def says(data: bytes) -> Callable[[ssl.SSLSocket, threading.Event], None]:
    def talk(connection: ssl.SSLSocket, _ended: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(data)

    return talk


def drips(beginning: bytes, drop: bytes) -> Callable[[ssl.SSLSocket, threading.Event], None]:
    """Send a drop again and again: every single read of the caller succeeds."""

    def talk(connection: ssl.SSLSocket, ended: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(beginning)
        while not ended.wait(0.02):
            connection.sendall(drop)

    return talk


def reads_nothing(_connection: ssl.SSLSocket, ended: threading.Event) -> None:
    ended.wait(30)


@pytest.fixture
def line(node) -> Iterator[PeerLine]:
    statement = register.statement_of(XM)
    with PeerLine(statement=statement, key=keyring().transport, clock=node.now) as opened:
        yield opened


@pytest.mark.parametrize(
    "talk",
    [
        drips(HEAD + b"content-length: 100000\r\n\r\n", b" "),
        drips(HEAD, b"x-more: and more\r\n"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        reads_nothing,
    ],
    ids=["a dripping body", "headers without end", "continue, continue", "deaf and dumb"],
)
def test_no_peer_makes_a_call_last_longer_than_its_deadline(world, line, monkeypatch, talk):
    monkeypatch.setattr(client, "CALL_SECONDS", 0.5)
    monkeypatch.setattr(client, "SLOWEST_BYTES", 1 << 40)
    began = time.monotonic()
    with serving(world, talk), pytest.raises(Unavailable) as caught:
        line.offer(sha256(b"x"), b"x" * 300_000)
    assert caught.value.code == "wire.unreachable"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HEAD + b"content-encoding: gzip\r\n\r\n" + gzip.compress(bytes(1 << 26)), "compressed"),
        (HEAD + b"content-encoding: gzip\r\n\r\nno gzip at all", "compressed"),
        (HEAD + b"content-encoding: br, gzip\r\n\r\n", "compressed"),
        (HEAD + b"\r\n" + b"x" * 5_000_000, "too large"),
    ],
    ids=["a bomb", "a false label", "two labels", "too much"],
)
def test_an_answer_is_taken_as_it_is_and_only_so_far(world, line, data, words):
    with serving(world, says(data)), pytest.raises(Invalid, match=words) as caught:
        line.receipts(sha256(b"x"))
    assert caught.value.code == "wire.answer"


@pytest.mark.parametrize("after", ["a\nb", "a b", "\x00", "é" * 40, "../../v1/hello", "1&after=2"])
def test_a_peer_s_cursor_cannot_change_what_is_asked(world, line, after):
    asked = []

    def talk(connection: ssl.SSLSocket, _ended: threading.Event) -> None:
        asked.append(connection.recv(65536).split(b"\r\n")[0])
        connection.sendall(HEAD + b'content-length: 14\r\n\r\n{"parcels":[]}')

    with serving(world, talk):
        assert line.waiting(after=after) == ()
    (first,) = asked
    assert first.startswith(b"GET /v1/outbox?after=")
    assert first.count(b"=") == 1
    assert first.endswith(b" HTTP/1.1")


def test_a_deadline_leaves_what_is_left():
    now = [100.0]
    deadline = Deadline(monotonic=lambda: now[0])
    with pytest.raises(httpcore.ReadTimeout):
        deadline.left()
    deadline.start(10)
    assert deadline.left() == 10
    assert deadline.left(4) == 4
    now[0] = 108.0
    assert deadline.left(4) == 2
    now[0] = 110.0
    with pytest.raises(httpcore.ReadTimeout, match="longer than 10 s"):
        deadline.left(4)
