# SPDX-License-Identifier: Apache-2.0
"""One deadline for a whole call to a peer, whatever the peer does with its bytes.

httpx counts its timeouts anew for every read and write, so a peer that sends one
byte a minute is never late. Here every operation on the connection gets only the
time that is left of the call: connecting, the handshake, sending, and the answer
with its headers.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore
import httpx

#: Bytes written at a time: about one TLS record, so that the deadline is looked at often.
_SLICE_BYTES: Final = 16 << 10


class Deadline:
    """Until when the present call may last, by a monotonic clock in seconds."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seconds = 0.0
        self._until = 0.0

    def start(self, seconds: float) -> None:
        """Begin a call that may last so long."""
        self._seconds = seconds
        self._until = self._monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds that an operation may take; raise `httpcore.ReadTimeout` at the end.

        `most` is the limit of the operation by itself.
        """
        left = self._until - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"the call took longer than {self._seconds:.0f} s")
        return left if most is None else min(left, most)


class DeadlineTransport(httpx.HTTPTransport):
    """httpx's transport over connections that keep a deadline."""

    def __init__(self, *, context: ssl.SSLContext, deadline: Deadline) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx has no argument for it: the same pool, on a network of our own.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=1, network_backend=_Network(deadline)
        )


class _Network(httpcore.NetworkBackend):
    """Opens connections that keep the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect in the time that is left."""
        stream = self._plain.connect_tcp(
            host, port, self._deadline.left(timeout), local_address, socket_options
        )
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    """A connection every operation of which gets only the time that is left."""

    def __init__(self, plain: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._plain = plain
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        return self._plain.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write everything, a record at a time."""
        rest = memoryview(buffer)
        while rest:
            self._plain.write(bytes(rest[:_SLICE_BYTES]), self._deadline.left(timeout))
            rest = rest[_SLICE_BYTES:]

    def close(self) -> None:
        """Close the connection."""
        self._plain.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Do the handshake in the time that is left."""
        stream = self._plain.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection says of itself."""
        return self._plain.get_extra_info(info)
