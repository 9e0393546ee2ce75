# SPDX-License-Identifier: Apache-2.0
"""Meridia's side of the evidence: its ledger, its proofs, its packages, with its real keys."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from comity.assistance.facts import RequestFacts
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, new_object_id
from comity.evidence.custody import (
    SignedStatement,
    leaf_event_type,
    leaf_private,
    sign_statement,
)
from comity.evidence.model import (
    Actor,
    Counterpart,
    CustodyEvent,
    CustodyStatement,
    Item,
    LegalAuthority,
)
from comity.evidence.package import (
    CustodyEntry,
    EvidenceFile,
    ExhibitContents,
    PackageSpec,
    assemble,
)
from comity.evidence.request_reference import RequestReference
from comity.evidence.tar import write_tar
from comity.ledger.keys import parse_vkey
from comity.ledger.leaf import make_leaf
from comity.ledger.log import Log
from comity.ledger.proof import Opening, make_proof
from comity.ledger.storage import MemoryGuard, MemoryStorage
from comity.ledger.witness import Witness, write_request
from comity.node.keyring import Keyring
from comity.protocol.parcel import Content, Header, Priority, parcel_digest, seal_package
from comity.protocol.parcel import sign_header as sign_parcel_header
from comity.protocol.parts import write_part_list
from support.nodeworld import World
from support.peer_node import OWN, Sealed

XM = AuthorityId("xm.moj")
POLICY = sha256(b"the policy of Meridia's ledger")


class MeridiaLedger:
    """Meridia's log in memory; the other two authorities cosign it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: Keyring = world.keys(XM)
        self._others = [world.keys(name) for name in world.configs if name != XM]
        vkeys = [text for ring in self._others for text in ring.statement.ledger.witness_vkeys]
        self._log = Log(
            MemoryStorage(),
            keys=self._keys.log_signers,
            witnesses=[parse_vkey(text) for text in vkeys],
            guard=MemoryGuard(),
        )
        self._entries: list[tuple[bytes, Opening]] = []

    def add(
        self, event_type: str, private: Mapping[str, object], *, at: datetime, peer: str | None
    ) -> int:
        """Log an event; return its index."""
        opening = Opening(os.urandom(32), dict(private))
        leaf = make_leaf(
            authority=XM,
            event_type=event_type,
            private=dict(private),
            salt=opening.salt,
            item_secret=os.urandom(32),
            sequence=0,
            peer=peer,
            policy=POLICY,
            at=at,
            signer=self._keys.event_signer,
        )
        self._log.sequence([leaf.data])
        self._entries.append((leaf.data, opening))
        return len(self._entries) - 1

    def proof(self, index: int, *, now: datetime, witnesses: int = 2) -> bytes:
        """Publish, have the witnesses cosign, and return the proof of an entry."""
        self._log.integrate()
        note = self._log.publish(now=now).note
        origin = self._keys.statement.ledger.origin
        logs = {origin: [parse_vkey(text) for text in self._keys.statement.ledger.log_vkeys]}
        for ring in self._others[:witnesses]:
            witness = Witness(keys=ring.witness_signers, logs=logs)
            answer = witness.add_checkpoint(
                write_request(old_size=0, hashes=[], note=note),
                seen=lambda _origin: None,
                last_signed=0,
                now=now,
            )
            self._log.cosign(answer.body, witness=witness.name)
        note = self._log.published().note
        data, opening = self._entries[index]
        return make_proof(
            leaf=data,
            index=index,
            hashes=self._log.inclusion_proof(index, len(self._entries)),
            checkpoint_note=note,
            opening=opening,
        )


def make_package(
    world: World,
    target: Path,
    *,
    request: RequestReference,
    now: datetime,
    package: ObjectId,
    number: str = "EX-1",
    data: bytes = b"evidence of Meridia\n" * 400,
) -> Sha256:
    """Assemble Meridia's package for the node; return the digest of its seal."""
    keys, ledger = world.keys(XM), MeridiaLedger(world)
    chain = _chain(keys, request.request, number, data, now=now)
    for signed in chain:
        said = signed.statement
        other = said.counterpart.authority if said.counterpart else None
        ledger.add(leaf_event_type(said.event), leaf_private(signed), at=said.at, peer=other)
    spec = PackageSpec(
        package=package,
        sender=XM,
        recipient=OWN,
        contact="Central authority of Meridia",
        request=request,
        exhibits=(
            ExhibitContents(
                number=number,
                files=(EvidenceFile(item="disk.img", open=lambda: io.BytesIO(data)),),
                custody=tuple(
                    CustodyEntry(signed=signed, proof=ledger.proof(index, now=now))
                    for index, signed in enumerate(chain)
                ),
                acquisition=None,
            ),
        ),
        keys=tuple(world.keys(name).statement for name in sorted(world.configs)),
        ledger_proofs=(),
        sealed_at=now,
    )
    made = assemble(spec, target=target, seal=keys.seal(now), minisign_key=keys.minisign)
    return made.seal


def reference_to(facts: RequestFacts, *, statement: Sha256) -> RequestReference:
    """Return what Meridia's package says of a request that it received from the node."""
    content = facts.content
    return RequestReference(
        request=content.request_id,
        reference=content.reference,
        kind=content.kind.value,
        measure=content.measure,
        requesting=OWN,
        requested=XM,
        instrument=content.instrument,
        article=content.article,
        purpose=str(content.fields.get("purpose")),
        urgency=content.urgency.value,
        use_limits=tuple(one.text for offer in facts.offers for one in offer.conditions),
        statement=statement,
    )


def seal_folder(world: World, folder: Path, *, now: datetime, damage: bool = False) -> Sealed:
    """Seal a package's folder to the node and announce the parcel."""
    archive = io.BytesIO()
    write_tar(folder, archive, top=folder.name, modified=now)
    if damage:
        archive = io.BytesIO(b"no archive at all" + archive.getvalue()[17:])
    archive.seek(0)
    blobs: dict[Sha256, bytes] = {}

    def keep(part: bytes) -> Sha256:
        blobs[sha256(part)] = part
        return sha256(part)

    recipient = world.keys(OWN).statement.recipient_at(now)
    parts = seal_package(archive, recipients=(recipient,), keep=keep)
    listed = write_part_list(parts)
    header = sign_parcel_header(
        Header(
            sender=XM,
            to=(OWN,),
            content=Content.PACKAGE,
            part_list=sha256(listed),
            size=parts.size,
            part_size=parts.part_size,
            created=now,
            expires=now + timedelta(days=14),
            priority=Priority.BULK,
        ),
        seal=world.keys(XM).seal(now),
    )
    return Sealed(header, parcel_digest(header), listed, sha256(listed), parts, blobs)


def _chain(
    keys: Keyring, request: ObjectId, number: str, data: bytes, *, now: datetime
) -> list[SignedStatement]:
    item = Item(
        path="disk.img",
        size=len(data),
        sha256=sha256(data),
        sha512=hashlib.sha512(data).hexdigest(),
    )
    events = (
        (CustodyEvent.COLLECTED, (), None, False),
        (CustodyEvent.TRANSFERRED, (item,), Counterpart(authority=OWN), True),
    )
    chain: list[SignedStatement] = []
    for seq, (event, items, counterpart, checked) in enumerate(events, start=1):
        statement = CustodyStatement(
            id=new_object_id(),
            authority=XM,
            exhibit=number,
            request=request,
            seq=seq,
            prev=chain[-1].digest if chain else None,
            event=event,
            at=now,
            ended=None,
            place="Meridia City",
            actor=Actor(name="Dara Sok", function="examiner"),
            counterpart=counterpart,
            purpose="Answer to the request",
            legal_authority=LegalAuthority(type="court order", identifier="44/2026"),
            items=items,
            tool=None,
            digests_checked=checked,
            remarks="",
        )
        chain.append(sign_statement(statement, key=keys.seal(now)))
    return chain
