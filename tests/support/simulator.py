# SPDX-License-Identifier: Apache-2.0
"""Authorities that exchange statements in memory, over a network that does its worst.

The nodes here are dictionaries around the very functions that a real node runs
(`comity.protocol`); only the database, the disk and HTTP are missing. A fault
plan decides, from a seed, what becomes of every call: lost on the way there,
lost on the way back, done twice, done much later, or changed by a byte; and
whether the receiver crashes in the middle of a transaction, which then never
happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from comity.authorities.key_statement import KeyStatement
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id
from comity.canonical.json import Object
from comity.errors import ComityError, Unavailable, Unverified
from comity.protocol.admit import AdmittedStatement
from comity.protocol.delivery import (
    AWAITING,
    OPEN,
    Delivery,
    Line,
    Place,
    Taken,
    Waiting,
    after_receipt,
    choose,
    next_of_series,
)
from comity.protocol.parcel import (
    Content,
    Header,
    Priority,
    parcel_digest,
    seal_statement,
    sign_header,
    unseal_statement,
)
from comity.protocol.parts import read_part_list, write_part_list
from comity.protocol.receipt import Kind, Receipt
from comity.protocol.receiving import Arrival, Incoming, Issuer, Receiver
from comity.protocol.sending import Answer, Outgoing, Part, take_receipt, transfer
from comity.protocol.statement import DEFAULT_LIFETIME, Statement, sign_statement
from support.authorities import FictionalAuthority
from support.clock import SetClock


class Crash(Exception):
    """The power goes out in the middle of a transaction."""


@dataclass
class FaultPlan:
    """How often, from 0 to 1, a call suffers each fault. Draws from its own seed."""

    seed: int = 0
    lost: float = 0.0
    unanswered: float = 0.0
    repeated: float = 0.0
    late: float = 0.0
    corrupted: float = 0.0
    crashed: float = 0.0

    def __post_init__(self) -> None:
        self.lots = random.Random(self.seed)

    def hits(self, chance: float) -> bool:
        return self.lots.random() < chance

    def perhaps_crash(self) -> None:
        if self.hits(self.crashed):
            raise Crash

    def corrupt(self, data: bytes) -> bytes:
        if not data:
            return data
        changed = bytearray(data)
        changed[self.lots.randrange(len(data))] ^= 1 << self.lots.randrange(8)
        return bytes(changed)


@dataclass
class MemoryHoldings:
    """`Holdings` in dictionaries; a transaction is a copy of them."""

    plan: FaultPlan
    parcels: dict[Sha256, Incoming] = field(default_factory=dict)
    lists: dict[Sha256, bytes] = field(default_factory=dict)
    stored: dict[Sha256, frozenset[int]] = field(default_factory=dict)
    issued: tuple[Receipt, ...] = ()
    statements: dict[Sha256, AdmittedStatement] = field(default_factory=dict)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = {name: copy(value) for name, value in vars(self).items() if name != "plan"}
        try:
            yield
            self.plan.perhaps_crash()
        except BaseException:
            vars(self).update(before)
            raise

    def parcel(self, digest: Sha256) -> Incoming | None:
        return self.parcels.get(digest)

    def parcel_listing(self, sender: AuthorityId, part_list: Sha256) -> Incoming | None:
        found = (
            p
            for p in self.parcels.values()
            if (p.header.sender, p.header.part_list) == (sender, part_list)
        )
        return next(found, None)

    def under_way(self, sender: AuthorityId) -> tuple[int, int]:
        sizes = [
            p.header.size
            for p in self.parcels.values()
            if p.header.sender == sender and p.arrival is Arrival.OFFERED
        ]
        return len(sizes), sum(sizes)

    def add_parcel(self, incoming: Incoming) -> None:
        assert incoming.digest not in self.parcels
        self.parcels[incoming.digest] = incoming

    def drop_parcel(self, digest: Sha256) -> None:
        del self.parcels[digest]
        self.lists.pop(digest, None)
        self.stored.pop(digest, None)

    def set_arrival(self, digest: Sha256, arrival: Arrival, at: datetime) -> None:
        completed = at if arrival is Arrival.COMPLETE else self.parcels[digest].completed
        self.parcels[digest] = replace(self.parcels[digest], arrival=arrival, completed=completed)

    def part_list(self, digest: Sha256) -> bytes | None:
        return self.lists.get(digest)

    def has_list(self, digest: Sha256) -> bool:
        return digest in self.lists

    def set_part_list(self, digest: Sha256, data: bytes) -> None:
        self.lists[digest] = data

    def parts(self, digest: Sha256) -> frozenset[int]:
        return self.stored.get(digest, frozenset())

    def has_part(self, digest: Sha256, number: int) -> bool:
        return number in self.parts(digest)

    def part_count(self, digest: Sha256) -> int:
        return len(self.parts(digest))

    def add_part(self, digest: Sha256, number: int) -> None:
        self.stored[digest] = self.parts(digest) | {number}

    def drop_parts(self, digest: Sha256, numbers: Sequence[int]) -> None:
        self.stored[digest] = self.parts(digest) - set(numbers)

    def receipts(self, parcel: Sha256) -> tuple[bytes, ...]:
        return tuple(receipt.raw for receipt in self.issued if receipt.parcel == parcel)

    def last_receipt(self, peer: AuthorityId) -> Sha256 | None:
        to_peer = [receipt.digest for receipt in self.issued if receipt.to == peer]
        return to_peer[-1] if to_peer else None

    def add_receipt(self, receipt: Receipt) -> None:
        self.issued += (receipt,)

    def add_statement(self, admitted: AdmittedStatement, *, parcel: Sha256, at: datetime) -> None:
        del parcel, at
        assert admitted.digest not in self.statements, "a statement was stored twice"
        self.statements[admitted.digest] = admitted

    def statement_with_id(self, sender: AuthorityId, identifier: ObjectId) -> Sha256 | None:
        return self._find(lambda s: (s.sender, s.id) == (sender, identifier))

    def statement_at(self, sender: AuthorityId, case: ObjectId, seq: int) -> Sha256 | None:
        return self._find(lambda s: (s.sender, s.case, s.seq) == (sender, case, seq))

    def requesting(self, case: ObjectId) -> tuple[AuthorityId, AuthorityId] | None:
        del case
        return None

    def _find(self, fits: Callable[[Statement], bool]) -> Sha256 | None:
        found = (d for d, admitted in self.statements.items() if fits(admitted.statement))
        return next(found, None)


@dataclass
class Dispatch:
    """A statement on its way out."""

    statement: Statement
    raw: bytes
    digest: Sha256
    to: AuthorityId
    priority: Priority
    state: Delivery = Delivery.QUEUED
    outgoing: Outgoing | None = None


class SimulatedNode:
    """One authority. `record` is what it has taken in, in the order in which it did."""

    def __init__(self, authority: FictionalAuthority, network: Network) -> None:
        self.authority = authority
        self.network = network
        self.holdings = MemoryHoldings(network.plan)
        self.disk: dict[Sha256, bytes] = {}
        self.dispatches: list[Dispatch] = []
        self.taken_receipts: dict[Sha256, Receipt] = {}
        self.unsent: list[Receipt] = []
        self.pushed = 0
        self.lines: dict[AuthorityId, Line] = {}
        self.record: list[Statement] = []
        network.nodes[self.id] = self

    @property
    def id(self) -> AuthorityId:
        return self.authority.id

    @property
    def now(self) -> datetime:
        return self.network.clock.now()

    # --- what officers do ---

    def say(
        self, to: SimulatedNode, case: ObjectId, note: str, *, priority: Priority = Priority.NORMAL
    ) -> Dispatch:
        """Sign a statement for a peer and queue it."""
        series = [d for d in self.dispatches if (d.to, d.statement.case) == (to.id, case)]
        body: Object = {"request_id": case, "reason": "completed", "note": note}
        statement = Statement(
            id=new_object_id(),
            type="assistance.closure/1",
            sender=self.id,
            to=(to.id,),
            case=case,
            seq=len(series) + 1,
            previous=series[-1].digest if series else None,
            created=self.now,
            expires=self.now + DEFAULT_LIFETIME,
            body=body,
        )
        raw = sign_statement(statement, seal=self.authority.seal)
        digest = Sha256(sha256(raw).hexdigest())
        dispatch = Dispatch(statement, raw, digest, to.id, priority)
        self.dispatches.append(dispatch)
        return dispatch

    # --- what the worker does ---

    def work(self) -> None:
        """Do everything that is due, once."""
        self._expire()
        for peer in sorted({d.to for d in self.dispatches if d.state in OPEN}):
            self._on_line(peer, self._send_to)
        self._open_parcels()
        self._take_in_order()
        for peer in sorted({receipt.to for receipt in self._to_push()}):
            self._on_line(peer, self._push_to)

    def _on_line(self, peer: AuthorityId, work: Callable[[SimulatedLine], None]) -> None:
        line = self.lines.get(peer, Line())
        if not line.is_due(self.now):
            return
        try:
            work(SimulatedLine(self, self.network.nodes[peer]))
        except (ComityError, Crash):
            lots = self.network.plan.lots
            self.lines[peer] = line.failed(self.now, chance=lots.random())
        else:
            self.lines[peer] = Line()

    def _send_to(self, line: SimulatedLine) -> None:
        while True:
            queue = {d.digest: d for d in self.dispatches if d.to == line.peer.id}
            chosen = choose(_waiting(d) for d in queue.values())
            if chosen is None:
                return
            dispatch = queue[Sha256(chosen.key)]
            outgoing = self._seal(dispatch)

            def take(data: bytes, dispatch: Dispatch = dispatch) -> Delivery:
                self.take_receipt(data, line.peer)
                return dispatch.state

            transfer(outgoing, line, take=take, open_part=lambda d: BytesIO(self.disk[d]))

    def _seal(self, dispatch: Dispatch) -> Outgoing:
        if dispatch.outgoing is None:
            recipient = self.network.nodes[dispatch.to].authority.identity.recipient
            parts = seal_statement(dispatch.raw, recipients=(recipient,), keep=self._keep)
            listed = write_part_list(parts)
            list_digest = Sha256(sha256(listed).hexdigest())
            header = sign_header(
                Header(
                    sender=self.id,
                    to=(dispatch.to,),
                    content=Content.STATEMENT,
                    part_list=list_digest,
                    size=parts.size,
                    part_size=parts.part_size,
                    created=self.now,
                    expires=dispatch.statement.expires,
                    priority=dispatch.priority,
                ),
                seal=self.authority.seal,
            )
            dispatch.outgoing = Outgoing(parcel_digest(header), header, list_digest, listed, parts)
        return dispatch.outgoing

    def _keep(self, data: bytes) -> Sha256:
        digest = Sha256(sha256(data).hexdigest())
        self.disk[digest] = data
        return digest

    def _expire(self) -> None:
        for dispatch in self.dispatches:
            if dispatch.state in OPEN | AWAITING and self.now >= dispatch.statement.expires:
                dispatch.state = after_receipt(dispatch.state, Kind.RELAY_FAILED)

    def _open_parcels(self) -> None:
        for incoming in list(self.holdings.parcels.values()):
            if incoming.arrival is not Arrival.COMPLETE:
                continue
            parts = read_part_list(
                self.holdings.lists[incoming.digest], expected=incoming.header.part_list
            )
            try:
                data = unseal_statement(
                    parts,
                    open_part=lambda digest: BytesIO(self.disk[digest]),
                    identities=(self.authority.identity,),
                )
                with self.holdings.transaction():
                    self.receiver().take_statement(incoming, data, now=self.now)
            except ComityError as error:
                with suppress(Crash), self.holdings.transaction():
                    self.receiver().refuse(incoming, error, now=self.now)
            except Crash:
                continue  # the next round does it again

    def _take_in_order(self) -> None:
        statements = {d: a.statement for d, a in self.holdings.statements.items()}
        for sender, case in sorted({(s.sender, s.case) for s in statements.values()}):
            done = [s for s in self.record if (s.sender, s.case) == (sender, case)]
            last = self._digest_of(done[-1]) if done else None
            taken = Taken(len(done), last)
            places = [
                Place(s.sender, s.case, s.seq, s.previous, d)
                for d, s in statements.items()
                if (s.sender, s.case) == (sender, case) and s.seq > taken.seq
            ]
            while place := next_of_series(places, taken=taken):
                self.record.append(statements[place.digest])
                taken = Taken(place.seq, place.digest)

    def _digest_of(self, statement: Statement) -> Sha256:
        return next(d for d, a in self.holdings.statements.items() if a.statement == statement)

    def _to_push(self) -> list[Receipt]:
        kinds = {Kind.DELIVERED, Kind.NOT_DELIVERED}
        return [r for r in self.holdings.issued if r.kind in kinds and r not in self.unsent]

    def _push_to(self, line: SimulatedLine) -> None:
        for receipt in self._to_push():
            if receipt.to == line.peer.id:
                line.put_receipt(receipt.raw)
                self.unsent.append(receipt)

    # --- what peers ask ---

    def receiver(self) -> Receiver:
        issuer = Issuer(self.authority.seal, self.authority.statement.serial, None)
        return Receiver(
            me=self.id, issuer=lambda: issuer, holdings=self.holdings, lookup=self.network.lookup
        )

    def take_part(self, sender: SimulatedNode, part: Part, data: bytes) -> Sequence[bytes]:
        with self.holdings.transaction():
            ticket = self.receiver().ticket(
                sender=sender.id, part_list=part.part_list, number=part.number
            )
        if ticket is not None:
            if sha256(data).hexdigest() != ticket.sha256:
                raise Unverified("blob.digest_differs", "another part")
            self.disk[ticket.sha256] = data
            with self.holdings.transaction():
                return self.receiver().keep_part(
                    ticket, sender=sender.id, part_list=part.part_list, now=self.now
                )
        with self.holdings.transaction():
            return (
                self.receiver()
                .progress(sender=sender.id, part_list=part.part_list, now=self.now)
                .receipts
            )

    def take_receipt(self, data: bytes, peer: SimulatedNode) -> None:
        del peer
        take_receipt(data, me=self.id, dispatches=self, lookup=self.network.lookup, now=self.now)

    # `Dispatches`
    def delivery(
        self, *, peer: AuthorityId, parcel: Sha256 | None, statement: Sha256 | None
    ) -> Delivery | None:
        found = self._about(peer, parcel, statement)
        return None if found is None else found.state

    def has_receipt(self, digest: Sha256) -> bool:
        return digest in self.taken_receipts

    def add_receipt(self, receipt: Receipt, *, state: Delivery) -> None:
        self.taken_receipts[receipt.digest] = receipt
        dispatch = self._about(receipt.issuer, receipt.parcel, receipt.statement)
        assert dispatch is not None
        dispatch.state = state

    def _about(
        self, peer: AuthorityId, parcel: Sha256 | None, statement: Sha256 | None
    ) -> Dispatch | None:
        for dispatch in self.dispatches:
            sealed = dispatch.outgoing.digest if dispatch.outgoing else None
            of_parcel = dispatch.to == peer and parcel in (None, sealed)
            if of_parcel and statement in (None, dispatch.digest):
                return dispatch
        return None


def _waiting(dispatch: Dispatch) -> Waiting:
    return Waiting(
        key=dispatch.digest,
        state=dispatch.state,
        priority=dispatch.priority,
        created=dispatch.statement.created,
        case=dispatch.statement.case,
        seq=dispatch.statement.seq,
    )


class SimulatedLine:
    """`Peer` without HTTP: every call goes through the network's faults."""

    def __init__(self, caller: SimulatedNode, peer: SimulatedNode) -> None:
        self.caller, self.peer = caller, peer
        self._network = caller.network

    def offer(self, digest: Sha256, header: bytes) -> Sequence[bytes]:
        del digest

        def at_peer(data: bytes) -> Sequence[bytes]:
            with self.peer.holdings.transaction():
                return self.peer.receiver().offer(data, now=self.peer.now).receipts

        return self._receipts(self._network.call(header, at_peer, self))

    def put_list(self, part_list: Sha256, data: bytes) -> Answer:
        def at_peer(body: bytes) -> Answer:
            with self.peer.holdings.transaction():
                progress = self.peer.receiver().take_list(
                    body, sender=self.caller.id, part_list=part_list, now=self.peer.now
                )
            return Answer(progress.have, progress.receipts)

        return self._answer(self._network.call(data, at_peer, self))

    def have(self, part_list: Sha256) -> Answer | None:
        def at_peer(_: bytes) -> Answer:
            with self.peer.holdings.transaction():
                progress = self.peer.receiver().progress(
                    sender=self.caller.id, part_list=part_list, now=self.peer.now
                )
            return Answer(progress.have, progress.receipts)

        try:
            return self._answer(self._network.call(b"", at_peer, self))
        except Unavailable as error:
            if error.code == "parts.no_list":
                return None
            raise

    def put_part(self, part: Part, source: BytesIO) -> Sequence[bytes]:
        def at_peer(data: bytes) -> Sequence[bytes]:
            return self.peer.take_part(self.caller, part, data)

        return self._receipts(self._network.call(source.read(), at_peer, self))

    def put_receipt(self, data: bytes) -> None:
        self._network.call(data, lambda body: self.peer.take_receipt(body, self.caller), self)

    def _receipts(self, receipts: Sequence[bytes]) -> Sequence[bytes]:
        return [self._network.on_the_way_back(receipt) for receipt in receipts]

    def _answer(self, answer: Answer) -> Answer:
        return Answer(answer.have, tuple(self._receipts(answer.receipts)))


class Network:
    """Carries calls, or does not; keeps the clock that all nodes share."""

    def __init__(self, clock: SetClock, plan: FaultPlan | None = None) -> None:
        self.clock = clock
        self.plan = plan or FaultPlan()
        self.nodes: dict[AuthorityId, SimulatedNode] = {}
        self.cut: set[frozenset[AuthorityId]] = set()
        self.delayed: list[Callable[[], object]] = []
        self.calls = 0

    def lookup(self, key_id: str) -> KeyStatement:
        for node in self.nodes.values():
            if node.authority.seal.public.key_id == key_id:
                return node.authority.statement
        raise Unverified("peer.unknown", "no such authority")

    def heal(self) -> None:
        """End all faults; what was delayed arrives now, in any order."""
        self.plan = FaultPlan(seed=self.plan.seed)
        for node in self.nodes.values():
            node.holdings.plan = self.plan
        self.cut.clear()
        self.release(everything=True)

    def call(self, data: bytes, at_peer: Callable, line: SimulatedLine):
        self.calls += 1
        plan = self.plan
        if frozenset((line.caller.id, line.peer.id)) in self.cut or plan.hits(plan.lost):
            raise Unavailable("wire.unreachable", "lost on the way there")
        if plan.hits(plan.corrupted):
            data = plan.corrupt(data)
        if plan.hits(plan.late):
            self.delayed.append(lambda: at_peer(data))
            raise Unavailable("wire.unreachable", "no answer in time")
        answer = at_peer(data)
        if plan.hits(plan.repeated):
            at_peer(data)
        if plan.hits(plan.unanswered):
            raise Unavailable("wire.unreachable", "lost on the way back")
        return answer

    def on_the_way_back(self, data: bytes) -> bytes:
        return self.plan.corrupt(data) if self.plan.hits(self.plan.corrupted / 4) else data

    def release(self, *, everything: bool = False) -> None:
        """Let some delayed calls arrive at last, in any order; nobody waits for their answer."""
        self.plan.lots.shuffle(self.delayed)
        count = len(self.delayed) if everything else self.plan.lots.randint(0, len(self.delayed))
        for _ in range(count):
            late = self.delayed.pop()
            try:
                late()
            except (ComityError, Crash):
                continue

    def run(self, *, rounds: int, seconds: int = 5) -> None:
        """Let every node work, round after round, with time passing."""
        for _ in range(rounds):
            self.release()
            for node in list(self.nodes.values()):
                node.work()
            self.clock.advance(seconds=seconds)

    def settle(self, *, within: timedelta = timedelta(days=1)) -> None:
        """Heal, and let time pass until nothing is open any more."""
        self.heal()
        end = self.clock.now() + within
        while self.clock.now() < end:
            self.run(rounds=1, seconds=60)
            waiting = OPEN | AWAITING
            if not any(d.state in waiting for n in self.nodes.values() for d in n.dispatches):
                return
