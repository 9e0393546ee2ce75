# SPDX-License-Identifier: Apache-2.0
"""Verification, second half: request, ledger, custody, acquisitions, and all that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.time import Instant, later, write_instant
from comity.crypto import envelope as dsse
from comity.errors import Unverified
from comity.evidence import acquisition, custody, layout
from comity.evidence.contents import ExhibitFacts, FileFacts, PackageFacts
from comity.evidence.custody import SignedStatement, leaf_event_type, leaf_private, read_statement
from comity.evidence.layout import Kind, Place
from comity.evidence.model import CustodyEvent
from comity.evidence.package import check_acquisition, check_transferred_chain, derived_files
from comity.evidence.proofs import check_proof
from comity.evidence.request_reference import read_reference
from comity.evidence.ro_crate import ro_crate
from comity.evidence.verification import Event, Faults, State, counted
from comity.ledger.proof import VerifiedProof

#: By how much the clocks of two authorities may differ.
MAX_CLOCK_DIFFERENCE: Final = timedelta(minutes=5)
_MINUTE: Final = timedelta(minutes=1)
#: The event by which the requesting authority's own ledger shows that it asked.
SENT: Final = "request.sent"


def check_request(state: State) -> str:
    """The request reference is the one that the bag names, between the same two authorities."""
    faults = Faults()
    info = state.require_info()
    with faults.at(layout.REQUEST):
        reference = read_reference(state.small(layout.REQUEST), what=layout.REQUEST)
        pairs = (
            ("the request", reference.request, info.request),
            ("its number", reference.reference, info.reference),
            ("the requested authority", reference.requested, info.sender),
            ("the requesting authority", reference.requesting, info.recipient),
        )
        for name, ours, theirs in pairs:
            if ours != theirs:
                raise Unverified(
                    "package.request_differs",
                    f"{layout.REQUEST}: {name} is {ours}, in {layout.BAG_INFO} it is {theirs}",
                )
        state.request = reference
    faults.end()
    request = state.require_request()
    return f"{request.reference}, {request.instrument} {request.article}, for {request.requesting}"


def check_ledger(state: State) -> str:
    """Every custody event and every other proof is in the log of its own authority."""
    faults = Faults()
    statements = state.of_kind(Kind.STATEMENT)
    proofs = {place.path for place in state.of_kind(Kind.STATEMENT_PROOF)}
    for place in statements:
        proofs.discard(_proof_of(place))
        with faults.at(place.path):
            event = read_event(state, place)
            _check_sealed_later(state, event.path, event.proof)
            state.chains.setdefault(place.exhibit, []).append(event)
    for path in sorted(proofs):
        faults.add(path, "package.unlisted", f"{path}: proves no statement of the package")
    others = state.of_kind(Kind.LEDGER_PROOF)
    for place in others:
        with faults.at(place.path):
            _check_other_proof(state, place)
    for events in state.chains.values():
        with faults.at(events[-1].path):
            check_log_order(events)
    faults.end()
    logs = ", ".join(sorted(state.proved))
    return f"{counted(len(statements) + len(others), 'event')} proved in the ledgers of {logs}"


def check_custody(state: State) -> str:
    """Every statement is signed, every chain sound, and the files are those it speaks of."""
    faults = Faults()
    info = state.require_info()
    files = state.evidence()
    for number in sorted({*files, *state.chains}):
        events = state.chains.get(number, [])
        folder = f"data/custody/{number}"
        if not events:
            faults.add(folder, "custody.empty", f"{folder}: exhibit {number} has no custody")
            continue
        for event in events:
            with faults.at(event.path):
                verify_signature(state, event)
        with faults.at(events[-1].path):
            check_transferred_chain(
                number,
                [event.signed for event in events],
                sender=info.sender,
                recipient=info.recipient,
                request=info.request,
            )
            _check_sealed_after(state, events)
        with faults.at(f"{layout.EVIDENCE_FOLDER}/{number}"):
            _compare_items(faults, events[-1].signed, files.get(number, []))
    _check_identifiers(state, faults)
    faults.end()
    total = sum(len(events) for events in state.chains.values())
    chains = counted(len(state.chains), "unbroken chain")
    return f"{chains}, {counted(total, 'event')}, digests equal throughout"


def check_acquisitions(state: State) -> str:
    """Every acquisition record is signed and says what the custody chain and the files say."""
    faults = Faults()
    for place in state.of_kind(Kind.ACQUISITION):
        with faults.at(place.path):
            _check_record(state, place)
    for number, events in state.chains.items():
        path = layout.acquisition_path(number)
        with faults.at(path):
            signed = state.records.get(number)
            if signed is None and path in state.places:
                continue  # its own fault stands already
            record = signed.record if signed else None
            check_acquisition(number, [event.signed for event in events], record)
    faults.end()
    records = counted(len(state.records), "acquisition record")
    return f"{records}, signed, in line with custody and files"


def check_derived(state: State) -> str:
    """Graph, crate, digest list and reports are exactly what follows from the statements."""
    faults = Faults()
    info, files = state.require_info(), state.evidence()
    state.facts = PackageFacts(
        package=info.package,
        sender=info.sender,
        recipient=info.recipient,
        sealed_at=info.sealed_at,
        request=state.require_request(),
        authorities=state.sender_authorities(),
        exhibits=tuple(
            ExhibitFacts(
                number=number,
                chain=tuple(event.signed for event in events),
                acquisition=state.records[number].record if number in state.records else None,
                files=tuple(files[number]),
            )
            for number, events in sorted(state.chains.items())
        ),
    )
    expected = {path: sha256(data) for path, data in derived_files(state.facts).items()}
    payload = {
        place.path: (state.sizes[place.path], state.digest(place.path, "sha256"))
        for place in state.places.values()
        if place.payload
    }
    expected[layout.RO_CRATE] = sha256(ro_crate(state.facts, payload))
    for place in state.of_kind(Kind.DERIVED):
        if expected.pop(place.path, None) != payload[place.path][1]:
            text = f"{place.path}: is not what follows from the signed statements"
            faults.add(place.path, "package.derived_differs", text)
    for path in sorted(expected):
        faults.add(path, "package.missing", f"{path}: is missing")
    faults.end()
    return "custody graph, crate, digest list and reports follow from the statements, to the byte"


def read_event(state: State, place: Place) -> Event:
    """Read a statement and verify the ledger proof beside it; its signature comes later."""
    signed = read_statement(state.small(place.path), what=place.path)
    statement = signed.statement
    if signed.file_name != place.path.rpartition("/")[2] or statement.exhibit != place.exhibit:
        raise Unverified(
            "package.misplaced",
            f"{place.path}: is event {statement.seq} ({statement.event}) of {statement.exhibit}",
        )
    path = _proof_of(place)
    proof = _check_proof(
        state,
        path,
        authority=statement.authority,
        event_type=leaf_event_type(statement.event),
    )
    if proof.private != leaf_private(signed):
        raise Unverified("package.proof_differs", f"{path}: proves another statement")
    _check_times(path, signed, proof)
    state.proved.add(statement.authority)
    return Event(path=place.path, signed=signed, proof=proof)


def verify_signature(state: State, event: Event) -> None:
    """Verify a statement with the seal that its authority had when the event was logged."""
    key = state.require_keyring().seal_within_minute(
        event.signed.statement.authority,
        key_id=event.signed.envelope.key_id,
        minute=event.proof.leaf.at,
        proved_at=event.proof.cosigned_at,
    )
    custody.verify_statement(event.signed, key=key, what=event.path)


def check_log_order(events: list[Event]) -> None:
    """Check that each log has the events of one exhibit in the order of the chain."""
    last: dict[str, int] = {}
    for event in events:
        before = last.get(event.proof.origin, -1)
        if event.proof.index <= before:
            raise Unverified(
                "package.proof_order",
                f"{event.path}: its ledger entry {event.proof.index} comes after that of a later"
                " event",
            )
        last[event.proof.origin] = event.proof.index


def _check_times(path: str, signed: SignedStatement, proof: VerifiedProof) -> None:
    statement = signed.statement
    happened = statement.ended or statement.at
    if later(proof.leaf.at, _MINUTE) <= happened:
        raise Unverified("package.proof_time", f"{path}: was logged before the event happened")
    if proof.cosigned_at and later(proof.cosigned_at, MAX_CLOCK_DIFFERENCE) < proof.leaf.at:
        raise Unverified("package.proof_time", f"{path}: witnesses cosigned before it was logged")
    other = statement.counterpart.authority if statement.counterpart else None
    named = statement.event in {CustodyEvent.TRANSFERRED, CustodyEvent.RECEIVED}
    if named and proof.leaf.peer not in (None, other):
        raise Unverified("package.proof_peer", f"{path}: names another counterpart")


def _check_proof(
    state: State, path: str, *, authority: AuthorityId, event_type: str
) -> VerifiedProof:
    """Verify a proof file; no log may show this package two trees of one size."""
    proof = check_proof(
        state.small(path),
        authority=authority,
        event_type=event_type,
        keyring=state.require_keyring(),
        trust=state.trust,
        now=state.now,
        what=path,
    )
    root, first = state.trees.setdefault((proof.origin, proof.size), (proof.root, path))
    if root != proof.root:
        raise Unverified(
            "package.two_trees",
            f"{path}: the log {proof.origin} shows another tree of {proof.size} entries than in"
            f" {first}; the two files are evidence against the log",
        )
    return proof


def _check_sealed_later(state: State, path: str, proof: VerifiedProof) -> None:
    """Whatever proves an event was there when the package was sealed, clocks aside."""
    sealed = state.require_info().sealed_at
    check_not_before(sealed, path, proof, what="the package was sealed")


def check_not_before(stated: Instant, path: str, proof: VerifiedProof, *, what: str) -> None:
    """Refuse a stated time that lies before a proof which was there at that time."""
    latest = later(stated, MAX_CLOCK_DIFFERENCE)
    if proof.leaf.at > latest:
        raise Unverified(
            "package.proof_time",
            f"{path}: was logged for {write_instant(proof.leaf.at)}, but {what} at"
            f" {write_instant(stated)}",
        )
    if proof.cosigned_at and proof.cosigned_at > latest:
        raise Unverified(
            "package.dated_back",
            f"{path}: was cosigned at {write_instant(proof.cosigned_at)}, but {what} at"
            f" {write_instant(stated)}; that time is too early",
        )


def _check_other_proof(state: State, place: Place) -> None:
    if place.authority is None:
        raise Unverified("package.misplaced", f"{place.path}: names no authority")
    proof = _check_proof(state, place.path, authority=place.authority, event_type=place.event)
    _check_sealed_later(state, place.path, proof)
    request = state.require_request()
    asked = place.event == SENT and place.authority == request.requesting
    expected: Object = {"request": request.request}
    if (asked and request.statement is not None) or "statement" in proof.private:
        expected["statement"] = request.statement
    if any(proof.private.get(name) != value for name, value in expected.items()):
        raise Unverified(
            "package.proof_differs", f"{place.path}: does not concern this package's request"
        )
    state.proved.add(place.authority)
    state.sending_proved = state.sending_proved or asked


def _check_sealed_after(state: State, events: list[Event]) -> None:
    last = events[-1].signed.statement
    if (last.ended or last.at) > state.require_info().sealed_at:
        raise Unverified(
            "custody.after_seal", f"{events[-1].path}: happened after the package was sealed"
        )


def _check_identifiers(state: State, faults: Faults) -> None:
    seen: dict[str, str] = {}
    for events in state.chains.values():
        for event in events:
            other = seen.setdefault(event.signed.statement.id, event.path)
            if other != event.path:
                text = f"{event.path}: has the identifier of {other}"
                faults.add(event.path, "custody.identifier", text)


def _compare_items(faults: Faults, last: SignedStatement, files: list[FileFacts]) -> None:
    listed = {item.path: item for item in last.statement.items}
    for file in files:
        item = listed.pop(file.item, None)
        if item is None or not file.matches(item):
            text = f"{file.path}: is not what the chain of custody states"
            faults.add(file.path, "custody.items_differ", text)
    for name in sorted(listed):
        path = layout.evidence_path(last.statement.exhibit, name)
        faults.add(path, "package.missing", f"{path}: the chain of custody lists it")


def _check_record(state: State, place: Place) -> None:
    signed = acquisition.read_acquisition(state.small(place.path), what=place.path)
    events = state.chains.get(place.exhibit, [])
    acquired = [one for one in events if one.signed.statement.event is CustodyEvent.ACQUIRED]
    if signed.record.exhibit != place.exhibit or not acquired:
        raise Unverified("package.misplaced", f"{place.path}: belongs to no acquired exhibit")
    if signed.envelope.key_id != acquired[0].signed.envelope.key_id:
        raise Unverified(
            "acquisition.other_seal",
            f"{place.path}: is not sealed with the seal of the event `acquired`",
        )
    key = state.require_keyring().seal_within_minute(
        acquired[0].signed.statement.authority,
        key_id=signed.envelope.key_id,
        minute=acquired[0].proof.leaf.at,
        proved_at=acquired[0].proof.cosigned_at,
    )
    dsse.verify(signed.envelope, key=key, payload_type=acquisition.PAYLOAD_TYPE, what=place.path)
    files = {file.item: file for file in state.evidence().get(place.exhibit, [])}
    for file in signed.record.files:
        found = files.get(file.path)
        if found is None or (found.md5, found.sha1) != (file.md5, file.sha1):
            raise Unverified(
                "acquisition.contradicts", f"{place.path}: other digests of {file.path}"
            )
    state.records[place.exhibit] = signed


def _proof_of(place: Place) -> str:
    return f"{place.path.removesuffix('.json')}.tlog-proof"
