# SPDX-License-Identifier: Apache-2.0
"""Small real packages: two authorities with real keys and ledgers, and a witness.

Everything is signed, logged and cosigned by the code itself; only the names,
the seeds and the clock are fictional.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from comity.authorities.key_statement import LedgerKeys
from comity.authorities.model import Role
from comity.authorities.trust import Expectation, Trust, WitnessRule
from comity.canonical.digest import hash_stream, sha256
from comity.canonical.ids import AuthorityId, derived_object_id
from comity.canonical.time import Instant
from comity.evidence.acceptance import (
    AcceptanceSpec,
    received_statement,
    write_acceptance,
)
from comity.evidence.acquired import AcquiredFile, Source, Verification
from comity.evidence.acquisition import AcquisitionRecord, acquired_statement, sign_acquisition
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
    LegalAuthority,
    Tool,
)
from comity.evidence.package import (
    CustodyEntry,
    EvidenceFile,
    ExhibitContents,
    LedgerProof,
    PackageSpec,
    assemble,
)
from comity.evidence.request_reference import RequestReference
from comity.ledger.leaf import Leaf, make_leaf
from comity.ledger.log import Log
from comity.ledger.proof import Opening, make_proof
from support import ledgers
from support.authorities import FictionalAuthority, make_authority, make_trust

SENDER = AuthorityId("xm.moj")
RECIPIENT = AuthorityId("xv.moj")
WITNESS = AuthorityId("xl.records")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REQUEST = derived_object_id("tests", "request")
PACKAGE = derived_object_id("tests", "package")
SENT = sha256(b"the signed request, as it was delivered")
EXAMINER = Actor(name="Ada Brandt", function="examiner")
WARRANT = LegalAuthority(type="court order", identifier="XM-CC-2026-118")


@cache
def authority(name: str) -> FictionalAuthority:
    """Return an authority whose key statement names the keys of its real ledger."""
    log, witness = f"{name}/log", f"{name}/witness"
    return make_authority(
        name,
        ledger=LedgerKeys(
            origin=log,
            log_vkeys=tuple(ledgers.vkeys(ledgers.log_keys(log))),
            witness_vkeys=tuple(ledgers.vkeys(ledgers.witness_keys(witness))),
            event_vkey=ledgers.event_key(name).verifier.to_text(),
        ),
        roles=frozenset({Role.WITNESS if name == WITNESS else Role.CENTRAL}),
    )


def trust(**expect: object) -> Trust:
    """Return a trust file that demands the witness for both ledgers."""
    rule = WitnessRule(quorum=1, names=(WITNESS,))
    return make_trust(
        authority(SENDER),
        authority(RECIPIENT),
        authority(WITNESS),
        witnesses={SENDER: rule, RECIPIENT: rule},
        expect=Expectation(**expect),
    )


@dataclass
class Ledger:
    """An authority's ledger in memory: collects events, then proves them all."""

    name: AuthorityId
    log: Log = field(init=False)
    leaves: list[tuple[Leaf, Opening]] = field(default_factory=list)
    witnesses: list[ledgers.KeptWitness] = field(init=False)

    def __post_init__(self) -> None:
        origin, names = f"{self.name}/log", (f"{WITNESS}/witness",)
        self.log = ledgers.make_log(origin=origin, witnesses=names)
        self.witnesses = ledgers.kept_witnesses(names, origin=origin)

    def add(self, event_type: str, private: dict, *, at: Instant, peer: str | None = None) -> int:
        """Sequence an event; return its index."""
        number = len(self.leaves)
        opening = Opening(ledgers.seed("salt", self.name, str(number)), private)
        leaf = make_leaf(
            authority=self.name,
            event_type=event_type,
            private=private,
            salt=opening.salt,
            item_secret=ledgers.seed("item", self.name, str(number)),
            sequence=0,
            peer=peer,
            policy=ledgers.POLICY,
            at=at,
            signer=ledgers.event_key(self.name),
        )
        self.log.sequence([leaf.data])
        self.leaves.append((leaf, opening))
        return number

    def proofs(self, *, now: Instant) -> list[bytes]:
        """Publish, let the witness cosign, and return the proof of every event."""
        self.log.integrate()
        self.log.publish(now=now)
        note = ledgers.cosign(self.log, self.witnesses, now=now).note
        size = len(self.leaves)
        return [
            make_proof(
                leaf=leaf.data,
                index=index,
                hashes=self.log.inclusion_proof(index, size),
                checkpoint_note=note,
                opening=opening,
            )
            for index, (leaf, opening) in enumerate(self.leaves)
        ]


def reference() -> RequestReference:
    """Return the request that the packages answer."""
    return RequestReference(
        request=REQUEST,
        reference="XV-2026-0000012",
        kind="mutual_assistance",
        measure="stored_computer_data",
        requesting=RECIPIENT,
        requested=SENDER,
        instrument="coe_185",
        article="31",
        purpose="Prosecution of an attack on a hospital's systems",
        urgency="normal",
        use_limits=("Not to be used for other proceedings without consent (Article 28(2)(b))",),
        statement=SENT,
    )


def record(number: str, files: dict[str, bytes], *, at: Instant = START) -> AcquisitionRecord:
    """Return the acquisition record of files given as names and bytes."""
    acquired = []
    for name, data in sorted(files.items()):
        size, digests = hash_stream(io.BytesIO(data), ("md5", "sha1", "sha256", "sha512"))
        acquired.append(AcquiredFile(path=name, original_name=name, size=size, **digests))
    return AcquisitionRecord(
        id=derived_object_id("tests", "acquisition", number),
        exhibit=number,
        description="A disk from the seized server",
        request=REQUEST,
        examiner=EXAMINER,
        place="Laboratory of Meridia, room 4",
        purpose="Execution of the request",
        legal_authority=WARRANT,
        started=at,
        finished=at + timedelta(minutes=5),
        local_offset="+01:00",
        host="Linux",
        tool=Tool(name="comity", version="0"),
        method="copy of files",
        source=Source(
            kind="file",
            name=min(files),
            size=sum(len(data) for data in files.values()),
            sector_size=512,
        ),
        files=tuple(acquired),
        read_errors=(),
        verification=Verification(copy="equal", source="equal", at=at + timedelta(minutes=5)),
        container=None,
        remarks="",
    )


def following(
    last: SignedStatement, event: CustodyEvent, *, at: Instant, **changes: object
) -> CustodyStatement:
    """Return the next statement of a chain, like the one before but for the changes."""
    before = last.statement
    statement = replace(
        before,
        id=derived_object_id("tests", "statement", before.exhibit, str(before.seq + 1)),
        seq=before.seq + 1,
        prev=last.digest,
        event=event,
        at=at,
        ended=None,
        tool=None,
        counterpart=None,
    )
    return replace(statement, **changes)


def chain(acquired: AcquisitionRecord) -> list[SignedStatement]:
    """Return acquired, stored, transferred, signed by the sender."""
    seal = authority(SENDER).seal
    first = acquired_statement(
        acquired,
        id=derived_object_id("tests", "statement", acquired.exhibit, "1"),
        authority=SENDER,
        request=REQUEST,
        seq=1,
        prev=None,
    )
    signed = [sign_statement(first, key=seal)]
    end = acquired.finished
    stored = following(signed[-1], CustodyEvent.STORED, at=end + timedelta(minutes=10))
    signed.append(sign_statement(stored, key=seal))
    transferred = following(
        signed[-1],
        CustodyEvent.TRANSFERRED,
        at=end + timedelta(hours=1),
        counterpart=Counterpart(authority=RECIPIENT, name="Jon Vale", function="officer"),
        purpose="Answer to the request",
    )
    signed.append(sign_statement(transferred, key=seal))
    return signed


def asking_ledger() -> Ledger:
    """Return the recipient's ledger with the event that it had sent the request."""
    ledger = Ledger(RECIPIENT)
    private = {"request": REQUEST, "statement": SENT}
    ledger.add("request.sent", private, at=START - timedelta(days=3), peer=SENDER)
    return ledger


def make_spec(
    exhibits: dict[str, dict[str, bytes]], *, records: dict[str, AcquisitionRecord] | None = None
) -> PackageSpec:
    """Return a spec whose ledgers have every event, proved and cosigned."""
    sender, requesting = Ledger(SENDER), asking_ledger()
    chains: dict[str, list[SignedStatement]] = {}
    signed_records = {}
    for number, files in exhibits.items():
        made = (records or {}).get(number) or record(number, files)
        signed_records[number] = sign_acquisition(made, key=authority(SENDER).seal)
        chains[number] = chain(made)
        for signed in chains[number]:
            statement = signed.statement
            other = statement.counterpart.authority if statement.counterpart else None
            sender.add(
                leaf_event_type(statement.event),
                leaf_private(signed),
                at=statement.ended or statement.at,
                peer=other,
            )
    now = START + timedelta(hours=2)
    proofs = iter(sender.proofs(now=now))
    return PackageSpec(
        package=PACKAGE,
        sender=SENDER,
        recipient=RECIPIENT,
        contact="Central authority of Meridia",
        request=reference(),
        exhibits=tuple(
            ExhibitContents(
                number=number,
                files=tuple(
                    EvidenceFile(item=name, open=lambda data=data: io.BytesIO(data))
                    for name, data in files.items()
                ),
                custody=tuple(
                    CustodyEntry(signed=signed, proof=next(proofs)) for signed in chains[number]
                ),
                acquisition=signed_records[number],
            )
            for number, files in exhibits.items()
        ),
        keys=tuple(authority(name).statement for name in (SENDER, RECIPIENT, WITNESS)),
        ledger_proofs=(
            LedgerProof(
                authority=RECIPIENT,
                event_type="request.sent",
                data=requesting.proofs(now=now)[0],
            ),
        ),
        sealed_at=now,
    )


def make_package(
    root: Path, exhibits: dict[str, dict[str, bytes]] | None = None, *, accepted: bool = True
) -> Path:
    """Assemble a package at `root`, and accept it unless told otherwise."""
    spec = make_spec(exhibits or {"EX-1": {"disk.raw": b"\0" * 700 + b"data" * 200}})
    sender = authority(SENDER)
    assemble(spec, target=root, seal=sender.seal, minisign_key=sender.minisign)
    if accepted:
        accept(root, spec)
    return root


def accept(root: Path, spec: PackageSpec) -> None:
    """Add the receiver's acceptance."""
    receiver, ledger = authority(RECIPIENT), asking_ledger()
    at = spec.sealed_at + timedelta(hours=5)
    signed = []
    for exhibit in spec.exhibits:
        transfer = exhibit.custody[-1].signed
        statement = received_statement(
            transfer,
            id=derived_object_id("tests", "received", exhibit.number),
            at=at,
            place="Evidence room of Valdoria",
            actor=Actor(name="Jon Vale", function="officer"),
            purpose="Acceptance of the answer",
        )
        signed.append(sign_statement(statement, key=receiver.seal))
        ledger.add("custody.received", leaf_private(signed[-1]), at=at, peer=SENDER)
    _, *proofs = ledger.proofs(now=at + timedelta(minutes=1))
    write_acceptance(
        root,
        AcceptanceSpec(
            package=spec.package,
            authority=RECIPIENT,
            received=tuple(
                CustodyEntry(signed=one, proof=proof)
                for one, proof in zip(signed, proofs, strict=True)
            ),
            keys=(receiver.statement, authority(WITNESS).statement),
            accepted=at + timedelta(minutes=2),
        ),
        seal=receiver.seal,
    )
