# SPDX-License-Identifier: Apache-2.0
"""A peer of the node under test: its real keys, the core's two ends, and a real HTTPS port.

`Peer.call` asks the node as the peer's node would (a signed request to the wire's
views); `Peer.serve` answers the node over TLS on the address that the peer's key
statement publishes. What a real node keeps in its database is in dictionaries here.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256 as _sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from django.test import RequestFactory
from django.urls import Resolver404, resolve

from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id
from comity.canonical.json import Object
from comity.crypto.keys import SealPrivateKey
from comity.errors import ComityError, Unverified
from comity.node.keyring import Keyring
from comity.node.wire import answers
from comity.node.wire.answers import Greeting
from comity.node.wire.signature import sign_request, verify_request
from comity.protocol.parcel import (
    Content,
    Header,
    Priority,
    parcel_digest,
    seal_statement,
    sign_header,
    unseal_statement,
)
from comity.protocol.parts import PartList, read_part_list, write_part_list
from comity.protocol.receiving import Arrival, Issuer, Quota, Receiver
from comity.protocol.statement import DEFAULT_LIFETIME, Statement, sign_statement
from support.clock import SetClock
from support.nodeworld import World
from support.simulator import FaultPlan, MemoryHoldings

OWN = AuthorityId("xv.moj")


@dataclass
class Sealed:
    """A parcel of the peer's for the node, with its parts."""

    header: bytes
    digest: Sha256
    listed: bytes
    list_digest: Sha256
    parts: PartList
    blobs: dict[Sha256, bytes]


@dataclass
class Peer:
    """One peer. `series` remembers what it has said in each case."""

    world: World
    authority: AuthorityId
    clock: SetClock
    holdings: MemoryHoldings = field(default_factory=lambda: MemoryHoldings(FaultPlan()))
    disk: dict[Sha256, bytes] = field(default_factory=dict)
    series: dict[ObjectId, list[bytes]] = field(default_factory=dict)
    receipts: list[bytes] = field(default_factory=list)
    clock_error: timedelta = timedelta(0)
    broken: Callable[[str, str], bool] = lambda _method, _path: False
    asked: list[tuple[str, str]] = field(default_factory=list)
    greeting: dict[str, object] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    offers: list[Sealed] = field(default_factory=list)

    @property
    def keys(self) -> Keyring:
        return self.world.keys(self.authority)

    @property
    def now(self) -> datetime:
        return self.clock.now() + self.clock_error

    @property
    def seal(self) -> SealPrivateKey:
        return self.keys.seal(self.clock.now())

    # --- what the peer says ---

    def state(self, message_type: str, body: Object, case: ObjectId, /, **changes: object) -> bytes:
        """Sign the next statement of a case to the node."""
        said = self.series.setdefault(case, [])
        members = {
            "id": new_object_id(),
            "type": message_type,
            "sender": self.authority,
            "to": (OWN,),
            "case": case,
            "seq": len(said) + 1,
            "previous": sha256(said[-1]) if said else None,
            "created": self.now,
            "expires": self.now + DEFAULT_LIFETIME,
            "body": body,
        }
        seal = changes.pop("seal", self.seal)
        data = sign_statement(Statement(**{**members, **changes}), seal=seal)
        said.append(data)
        return data

    def seal_for_node(self, statement: bytes, **changes: object) -> Sealed:
        """Seal a statement to the node and sign the header."""
        blobs: dict[Sha256, bytes] = {}

        def keep(data: bytes) -> Sha256:
            blobs[sha256(data)] = data
            return sha256(data)

        recipient = self.world.keys(OWN).statement.recipient_at(self.clock.now())
        parts = seal_statement(statement, recipients=(recipient,), keep=keep)
        listed = write_part_list(parts)
        members = {
            "sender": self.authority,
            "to": (OWN,),
            "content": Content.STATEMENT,
            "part_list": sha256(listed),
            "size": parts.size,
            "part_size": parts.part_size,
            "created": self.now,
            "expires": self.now + DEFAULT_LIFETIME,
            "priority": Priority.NORMAL,
        }
        seal = changes.pop("seal", self.seal)
        header = sign_header(Header(**{**members, **changes}), seal=seal)
        return Sealed(header, parcel_digest(header), listed, sha256(listed), parts, blobs)

    # --- what the peer asks ---

    def call(self, method: str, path: str, body: bytes = b"", **headers: str):
        """Send a signed request to the node's wire; return Django's response."""
        url = self.world.configs[OWN].wire_url.rstrip("/") + path
        signed = sign_request(
            method=method, url=url, body=sha256(body), key=self.keys.transport, now=self.now
        )
        return self.send(method, path, body, {**signed, **headers})

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]):
        """Send a request as it is."""
        meta = {f"HTTP_{name.upper().replace('-', '_')}": v for name, v in headers.items()}
        request = RequestFactory().generic(
            method, path, body, content_type="application/octet-stream", **meta
        )
        try:
            view, args, kwargs = resolve(urlsplit(path).path, urlconf="comity.node.wire.urls")
        except Resolver404 as error:
            raise AssertionError(f"no such address: {path}") from error
        return view(request, *args, **kwargs)

    def bring(self, sealed: Sealed) -> tuple[bytes, ...]:
        """Offer a parcel and send everything; return the receipts of the last answer."""
        offered = self.call("PUT", f"/v1/parcels/{sealed.digest}", sealed.header)
        if offered.status_code >= 400:
            return answers.read_receipts(offered.content)
        self.call("PUT", f"/v1/blobs/{sealed.list_digest}", sealed.listed)
        answer = offered
        for number, digest in enumerate(sealed.parts.parts):
            path = f"/v1/blobs/{sealed.list_digest}/{number}"
            answer = self.call("PUT", path, sealed.blobs[digest])
        return answers.read_receipts(answer.content)

    # --- what the peer answers ---

    def receiver(self) -> Receiver:
        issuer = Issuer(self.seal, self.keys.statement.serial, None)
        return Receiver(
            me=self.authority,
            issuer=lambda: issuer,
            holdings=self.holdings,
            lookup=self._lookup,
        )

    def _lookup(self, key_id: str):
        statement = self.world.keys(OWN).statement
        statement.seal_at(self.clock.now(), key_id=key_id)
        return statement

    def open_all(self) -> None:
        """Open every complete statement parcel, as the peer's worker would."""
        for incoming in list(self.holdings.parcels.values()):
            complete = incoming.arrival is Arrival.COMPLETE
            if complete and incoming.header.content is Content.STATEMENT:
                listed = self.holdings.lists[incoming.digest]
                parts = read_part_list(listed, expected=incoming.header.part_list)
                data = unseal_statement(
                    parts, open_part=self._open, identities=self.keys.identities
                )
                self.receiver().take_statement(incoming, data, now=self.now)

    def _open(self, digest: Sha256):
        from io import BytesIO

        return BytesIO(self.disk[digest])

    @contextmanager
    def serve(self, *, tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
        """Answer on the peer's address until the context ends."""
        address = self.world.configs[self.authority].wire_address
        server = ThreadingHTTPServer(address, _handler(self))
        context = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if tls is None:
            context.load_cert_chain(*self.keys.tls_files)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer a verified request of the node."""
        for beginning, answer in self.answers.items():
            if path.startswith(beginning):
                return answer
        path, _, query = path.partition("?")
        kind, _, rest = path.removeprefix("/v1/").partition("/")
        if kind == "hello":
            serial = self.keys.statement.serial
            greeting = Greeting(self.authority, 1, ("S1",), self.now, serial, None, Quota())
            return 200, answers.write_greeting(replace(greeting, **self.greeting))
        if kind == "parcels":
            offer = self.receiver().offer(body, now=self.now)
            return (422 if offer.refused else 201), answers.write_receipts(offer.receipts)
        if kind == "blobs":
            return self._blobs(method, rest, body)
        if kind == "outbox":
            waiting = [] if query != "after=" else self.offers
            return 200, answers.write_headers([("1", one.header) for one in waiting])
        if kind == "receipts":
            if method == "PUT":
                self.receipts.append(body)
            found = self.holdings.receipts(Sha256(rest)) if method == "GET" else ()
            return 200, answers.write_receipts(found)
        raise Unverified("peer.test", f"the peer of this test answers no {method} {path}")

    def _blobs(self, method: str, rest: str, body: bytes) -> tuple[int, bytes]:
        listed, _, number = rest.partition("/")
        for one in self.offers:
            if method == "GET" and one.list_digest == listed and number:
                parts = one.parts.parts
                return 200, one.listed if number == "list" else one.blobs[parts[int(number)]]
        who = {"sender": OWN, "part_list": Sha256(listed)}
        if number:
            ticket = self.receiver().ticket(**who, number=int(number))
            if ticket is not None:
                if sha256(body) != ticket.sha256:
                    raise Unverified("blob.digest_differs", "another part")
                self.disk[ticket.sha256] = body
                receipts = self.receiver().keep_part(ticket, **who, now=self.now)
                return 201, answers.write_receipts(receipts)
        if method == "PUT" and not number:
            progress = self.receiver().take_list(body, **who, now=self.now)
        else:
            progress = self.receiver().progress(**who, now=self.now)
        return 200, answers.write_progress(progress.have, progress.receipts)


def _handler(peer: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            peer.asked.append((self.command, self.path))
            if peer.broken(self.command, self.path):
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind = answers.JSON_TYPE
            if self.command == "GET" and "/v1/blobs/" in self.path:
                kind = "application/octet-stream"
            try:
                self._verify(body)
                status, data = peer.answer(self.command, self.path, body)
            except ComityError as error:
                status, kind = answers.STATUSES[error.family], answers.PROBLEM_TYPE
                data = answers.write_problem(error, now=peer.now)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _verify(self, body: bytes) -> None:
            url = peer.world.configs[peer.authority].wire_url.rstrip("/") + self.path
            headers = {name.lower(): value for name, value in self.headers.items()}
            key = peer.world.keys(OWN).statement.transport
            signed = verify_request(method=self.command, url=url, headers=headers, key=key)
            assert signed.body == _sha256(body).hexdigest()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
