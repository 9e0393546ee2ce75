# SPDX-License-Identifier: Apache-2.0
"""The line to one peer: signed requests over pinned TLS.

`PeerLine` is the `Peer` of `comity.protocol.sending` and a little more. Whatever
goes wrong becomes one of our errors: `Unavailable` when the peer cannot be
reached, takes too long or asks to wait, what the peer's problem document says otherwise, and
`Unverified` (`wire.certificate`) when somebody else answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from types import TracebackType
from typing import BinaryIO, Final, Self
from urllib.parse import quote

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.authorities.key_statement import KeyStatement
from comity.canonical.digest import BLOCK_BYTES, Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid, Unavailable, Unverified
from comity.node.wire import answers
from comity.node.wire.answers import Greeting
from comity.node.wire.deadline import Deadline, DeadlineTransport
from comity.node.wire.pinning import WrongCertificateError, pinned_context
from comity.node.wire.signature import sign_request
from comity.protocol.admit import CLOCK_TOLERANCE
from comity.protocol.parts import MAX_LIST_BYTES, PART_BYTES
from comity.protocol.sending import Answer, Part

_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)
#: Seconds that any call may last in all, and bytes in a second that a peer's line must carry.
CALL_SECONDS: Final = 60.0
SLOWEST_BYTES: Final = 32 << 10
_EMPTY: Final = sha256(b"")
_OK: Final = range(200, 300)


class PeerLine:
    """A connection to one peer; use it as a context manager."""

    def __init__(
        self, *, statement: KeyStatement, key: Ed25519PrivateKey, clock: Callable[[], Instant]
    ) -> None:
        """Speak to the authority of `statement`, signing with our transport key.

        Raises `Unavailable` (`wire.no_address`) for a peer that publishes none.
        """
        if statement.wire_url is None or statement.tls_sha256 is None:
            raise Unavailable(
                "wire.no_address", f"{statement.authority.id} publishes no address for its node"
            )
        self.peer: AuthorityId = statement.authority.id
        self._base = statement.wire_url.rstrip("/")
        self._key = key
        self._clock = clock
        self._deadline = Deadline()
        self._http = httpx.Client(
            transport=DeadlineTransport(
                context=pinned_context(statement.tls_sha256), deadline=self._deadline
            ),
            timeout=_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def hello(self) -> Greeting:
        """Ask what the peer's node is and what time it has.

        Raises `Unverified` (`wire.clock_differs`) when its clock and ours differ by more
        than two minutes, `wire.other_authority` or `wire.suite` for another peer.
        """
        greeting = answers.read_greeting(self._call("GET", "/v1/hello"))
        if greeting.authority != self.peer:
            raise Unverified(
                "wire.other_authority", f"{self.peer}: the node says it is {greeting.authority}"
            )
        if greeting.protocol != answers.PROTOCOL or not set(answers.SUITES) <= set(greeting.suites):
            raise Unverified(
                "wire.suite", f"{self.peer}: speaks another protocol or suite than this node"
            )
        self._check_clock(greeting.clock)
        return greeting

    def offer(self, digest: Sha256, header: bytes) -> Sequence[bytes]:
        """Offer a parcel; return the peer's receipts for it."""
        return answers.read_receipts(self._call("PUT", f"/v1/parcels/{digest}", header))

    def put_list(self, part_list: Sha256, data: bytes) -> Answer:
        """Give the part list."""
        return answers.read_progress(self._call("PUT", f"/v1/blobs/{part_list}", data))

    def have(self, part_list: Sha256) -> Answer | None:
        """Ask which parts have come; None if the peer has no list yet."""
        try:
            return answers.read_progress(self._call("GET", f"/v1/blobs/{part_list}"))
        except Unavailable as error:
            if error.code == "parts.no_list":
                return None
            raise

    def put_part(self, part: Part, source: BinaryIO) -> Sequence[bytes]:
        """Give one part, streamed from `source`."""
        data = self._call(
            "PUT",
            f"/v1/blobs/{part.part_list}/{part.number}",
            _blocks(source),
            digest=part.sha256,
            size=part.size,
        )
        return answers.read_receipts(data)

    def put_receipt(self, data: bytes) -> None:
        """Deliver one of our receipts."""
        self._call("PUT", f"/v1/receipts/{sha256(data)}", data)

    def receipts(self, digest: Sha256) -> Sequence[bytes]:
        """Ask for the receipts about a parcel or a statement of ours."""
        return answers.read_receipts(self._call("GET", f"/v1/receipts/{digest}"))

    def waiting(self, *, after: str = "") -> Sequence[tuple[str, bytes]]:
        """Ask for the headers of parcels that wait there for us, with their cursors."""
        cursor = quote(after, safe="")  # it is the peer's word
        return answers.read_headers(self._call("GET", f"/v1/outbox?after={cursor}"))

    def fetch_list(self, part_list: Sha256) -> bytes:
        """Fetch the part list of a parcel that waits there for us."""
        return self._call("GET", f"/v1/blobs/{part_list}/list", most=MAX_LIST_BYTES)

    def fetch_part(self, part_list: Sha256, number: int) -> bytes:
        """Fetch one part of a parcel from its sender."""
        return self._call("GET", f"/v1/blobs/{part_list}/{number}", most=PART_BYTES)

    def proof(self, statement: Sha256) -> bytes:
        """Ask for the proof that the peer logged the sending of a request to us."""
        return self._call("GET", f"/v1/proofs/{statement}")

    def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """Ask the peer, as a witness, to cosign (C2SP tlog-witness); return status and body."""
        with self._request("POST", "/witness/add-checkpoint", body, sha256(body), len(body)) as got:
            return got.status_code, self._read(got, answers.MAX_BYTES)

    def witnessed_checkpoint(self, origin: Sha256) -> bytes | None:
        """Ask the peer, as a witness, for the last checkpoint that it cosigned of a log.

        `origin` is the digest of the log's origin. None if it has cosigned none.
        """
        path = f"/witness/{origin}/checkpoint"
        with self._request("GET", path, b"", _EMPTY, 0) as got:
            data = self._read(got, answers.MAX_BYTES)
            return data if got.status_code in _OK else None

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] = b"",
        *,
        digest: Sha256 | None = None,
        size: int | None = None,
        most: int = answers.MAX_BYTES,
    ) -> bytes:
        if isinstance(body, bytes):
            digest, size = sha256(body), len(body)
        with self._request(method, path, body, digest or _EMPTY, size or 0, most=most) as answer:
            data = self._read(answer, most)
            kind = answer.headers.get("content-type", "")
            if answer.status_code in _OK or kind == answers.JSON_TYPE:
                return data  # a signed refusal is an answer, too
            raise self._problem(answer.status_code, kind, data)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes],
        digest: Sha256,
        size: int,
        *,
        most: int = answers.MAX_BYTES,
    ) -> _Streaming:
        url = self._base + path
        headers = sign_request(
            method=method, url=url, body=digest, key=self._key, now=self._clock()
        )
        headers["content-length"] = str(size)
        headers["accept-encoding"] = "identity"
        try:
            request = self._http.build_request(method, url, content=body, headers=headers)
        except httpx.InvalidURL as error:
            raise Invalid(
                "wire.bad_address", f"{self.peer}: cannot be addressed: {error}"
            ) from error
        self._deadline.start(CALL_SECONDS + (size + most) / SLOWEST_BYTES)
        return _Streaming(self._http, request, self.peer)

    def _read(self, answer: httpx.Response, most: int) -> bytes:
        if answer.headers.get("content-encoding", "identity") != "identity":
            # What grows when it is unpacked would be large before it could be counted.
            raise Invalid("wire.answer", f"{self.peer}: its answer is compressed")
        data = bytearray()
        try:
            for block in answer.iter_raw():
                data += block
                if len(data) > most:
                    raise Invalid("wire.answer", f"{self.peer}: its answer is too large")
        except httpx.HTTPError as error:
            raise _unreachable(self.peer, error) from error
        return bytes(data)

    def _problem(self, status: int, kind: str, data: bytes) -> Exception:
        if kind != answers.PROBLEM_TYPE:
            return Unavailable("wire.status", f"{self.peer} answered with status {status}")
        problem = answers.read_problem(data, peer=self.peer)
        if problem.error.code == "wire.clock_differs":
            self._check_clock(problem.clock)
        return problem.error

    def _check_clock(self, theirs: Instant) -> None:
        ours = self._clock()
        if abs(theirs - ours) > CLOCK_TOLERANCE:
            raise clock_differs(self.peer, theirs, ours)


def clock_differs(peer: AuthorityId, theirs: Instant, ours: Instant) -> Unverified:
    """Return the error for two clocks that are too far apart; the same on both sides."""
    by = int((theirs - ours) / timedelta(seconds=1))
    return Unverified(
        "wire.clock_differs",
        f"the clock of {peer} says {write_instant(theirs)}, ours {write_instant(ours)}: "
        f"{abs(by)} seconds apart, {int(CLOCK_TOLERANCE.total_seconds())} are borne",
        hint="Set the clock that is wrong (chrony with NTS); nothing is exchanged until then.",
        details={"difference": by},
    )


class _Streaming:
    """An answer being read; transport failures become our errors."""

    def __init__(self, http: httpx.Client, request: httpx.Request, peer: AuthorityId) -> None:
        self._http = http
        self._request = request
        self._peer = peer
        self._answer: httpx.Response | None = None

    def __enter__(self) -> httpx.Response:
        try:
            self._answer = self._http.send(self._request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(self._peer, error) from error
        return self._answer

    def __exit__(self, *details: object) -> None:
        if self._answer is not None:
            self._answer.close()


def _unreachable(peer: AuthorityId, error: Exception) -> Exception:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, WrongCertificateError):
            return Unverified(
                "wire.certificate",
                f"{peer}: another certificate answers at its address than its statement names",
                hint="Somebody may be in between. If the peer renewed it, pin the new directory.",
            )
        cause = cause.__cause__ or cause.__context__
    return Unavailable(
        "wire.unreachable", f"{peer} cannot be reached: {str(error) or type(error).__name__}"
    )


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    while block := source.read(BLOCK_BYTES):
        yield block
