# SPDX-License-Identifier: Apache-2.0
"""Verification, the end: the receiver's acceptance, and what the verifier expects."""

from __future__ import annotations

from comity.canonical.ids import AuthorityId
from comity.canonical.time import later, write_instant
from comity.crypto import envelope as dsse
from comity.errors import Unverified
from comity.evidence import layout
from comity.evidence.acceptance import PAYLOAD_TYPE, Acceptance, read_acceptance
from comity.evidence.custody import check_next
from comity.evidence.layout import Kind, Place
from comity.evidence.model import CustodyEvent
from comity.evidence.verification import Event, Faults, State, StepSkipped
from comity.evidence.verify_chain import (
    MAX_CLOCK_DIFFERENCE,
    SENT,
    check_log_order,
    check_not_before,
    read_event,
    verify_signature,
)


def check_acceptance(state: State) -> str:
    """The receiver continued every chain and sealed what it accepted."""
    parts = [place for place in state.places.values() if place.acceptance]
    if not parts:
        state.notes.append("Whether the receiver accepted the package: it holds no acceptance.")
        raise StepSkipped("the package holds no acceptance by the receiver")
    faults = Faults()
    with faults.at(layout.ACCEPTANCE):
        _check_envelope(state, faults, parts)
    received: dict[str, Event] = {}
    for place in state.of_kind(Kind.ACCEPTANCE_STATEMENT):
        with faults.at(place.path):
            event = received[place.exhibit] = _check_received(state, place, received)
            _check_accepted_later(state, event)
    for place in state.of_kind(Kind.ACCEPTANCE_PROOF):
        if f"{place.path.removesuffix('.tlog-proof')}.json" not in state.places:
            faults.add(place.path, "package.unlisted", f"{place.path}: proves no statement")
    for number in sorted(set(state.chains) - set(received)):
        path = f"acceptance/custody/{number}"
        faults.add(path, "package.missing", f"{path}: exhibit {number} was not received")
    faults.end()
    signed = state.acceptance
    if signed is None:
        raise AssertionError("the envelope of the acceptance was read above")
    when = write_instant(signed.acceptance.accepted)
    return f"accepted by {signed.acceptance.authority} at {when}, all exhibits received"


def check_expectations(state: State) -> str:
    """What the trust file expects is there, and nothing is dated after the verifier's clock."""
    faults = Faults()
    info, expect = state.require_info(), state.trust.expect
    asking = state.require_request().requesting
    if expect.package is not None and expect.package != info.package:
        text = f"the trust file expects package {expect.package}, this is {info.package}"
        faults.add(layout.BAG_INFO, "package.unexpected", text)
    accepted = state.acceptance.acceptance.authority if state.acceptance else None
    if expect.accepted_by is not None and expect.accepted_by != accepted:
        text = f"the trust file expects an acceptance by {expect.accepted_by}; there is none"
        faults.add(layout.ACCEPTANCE, "package.not_accepted", text)
    for authority in expect.proofs_from:
        if authority not in state.proved:
            text = f"the trust file expects a ledger proof from {authority}; there is none"
            faults.add(f"data/ledger/{authority}", "package.proof_missing", text)
        elif authority == asking and not state.sending_proved:
            path = layout.ledger_path(asking, SENT)
            text = f"{path}: the trust file expects proof that {asking} sent its request"
            faults.add(path, "package.proof_missing", text)
    _check_clock(state, faults)
    faults.end()
    if not state.sending_proved:
        state.notes.append(
            f"Whether the ledger of {asking} shows that it asked: the package holds no proof of"
            f" its {SENT}."
        )
    _note_missing_witnesses(state)
    return "what the trust file expects is there" if _expects(state) else "nothing was expected"


def _expects(state: State) -> bool:
    expect = state.trust.expect
    return bool(expect.package or expect.accepted_by or expect.proofs_from)


def _check_clock(state: State, faults: Faults) -> None:
    if state.now is None:
        state.notes.append("Whether times lie in the future: no clock was given.")
        return
    latest = later(state.now, MAX_CLOCK_DIFFERENCE)
    times = [(layout.BAG_INFO, state.require_info().sealed_at)]
    if state.acceptance:
        times.append((layout.ACCEPTANCE, state.acceptance.acceptance.accepted))
    for path, instant in times:
        if instant > latest:
            text = (
                f"{path}: is dated {write_instant(instant)}, but the clock here says"
                f" {write_instant(state.now)}; one of the two is wrong"
            )
            faults.add(path, "package.in_the_future", text)


def _note_missing_witnesses(state: State) -> None:
    bare = sorted(
        name
        for name in state.proved
        if name not in state.trust.witnesses or state.trust.witnesses[name].quorum == 0
    )
    if bare:
        state.notes.append(
            f"Whether others were shown another history of the ledger of {', '.join(bare)}:"
            " the trust file demands no witness for it."
        )


def _check_envelope(state: State, faults: Faults, parts: list[Place]) -> None:
    info = state.require_info()
    signed = read_acceptance(state.small(layout.ACCEPTANCE), what=layout.ACCEPTANCE)
    acceptance = signed.acceptance
    if acceptance.authority != info.recipient or acceptance.authority == info.sender:
        raise Unverified(
            "acceptance.authority", f"{layout.ACCEPTANCE}: is not by the receiver {info.recipient}"
        )
    key = state.require_keyring().seal(
        acceptance.authority, key_id=signed.envelope.key_id, at=acceptance.accepted
    )
    dsse.verify(signed.envelope, key=key, payload_type=PAYLOAD_TYPE, what=layout.ACCEPTANCE)
    if acceptance.package != info.package or acceptance.seal != state.seal:
        raise Unverified("acceptance.seal", f"{layout.ACCEPTANCE}: accepts another seal or package")
    if acceptance.accepted < info.sealed_at:
        raise Unverified("acceptance.time", f"{layout.ACCEPTANCE}: is older than the seal")
    _compare_files(state, faults, acceptance, parts)
    state.acceptance = signed


def _compare_files(
    state: State, faults: Faults, acceptance: Acceptance, parts: list[Place]
) -> None:
    listed = dict(acceptance.files)
    for place in parts:
        if place.path == layout.ACCEPTANCE:
            continue
        expected = listed.pop(place.path, None)
        state.small(place.path)
        if expected is None:
            text = f"{place.path}: {layout.ACCEPTANCE} does not list it"
            faults.add(place.path, "package.unlisted", text)
        elif expected != state.digest(place.path, "sha256"):
            text = f"{place.path}: its SHA-256 differs from the one in {layout.ACCEPTANCE}"
            faults.add(place.path, "package.digest_differs", text)
    for path in sorted(listed):
        faults.add(path, "package.missing", f"{path}: {layout.ACCEPTANCE} lists it")


def _check_received(state: State, place: Place, received: dict[str, Event]) -> Event:
    """Check one `received`: it continues the sealed chain, is proved, and is signed."""
    events = state.chains.get(place.exhibit, [])
    if not events or place.exhibit in received:
        raise Unverified("package.misplaced", f"{place.path}: continues no chain of the package")
    event = read_event(state, place)
    if event.signed.statement.event is not CustodyEvent.RECEIVED:
        raise Unverified("package.misplaced", f"{place.path}: only `received` accepts a transfer")
    check_next([one.signed for one in events], event.signed)
    check_log_order([*events, event])
    verify_signature(state, event)
    _check_other_authority(state, place, event.signed.statement.authority)
    return event


def _check_accepted_later(state: State, event: Event) -> None:
    """The acceptance is no older than what it seals; without one its own fault stands."""
    if state.acceptance is None:
        return
    accepted, statement = state.acceptance.acceptance.accepted, event.signed.statement
    if accepted < (statement.ended or statement.at):
        raise Unverified("acceptance.time", f"{event.path}: happened after the acceptance")
    check_not_before(accepted, event.path, event.proof, what="the package was accepted")


def _check_other_authority(state: State, place: Place, authority: AuthorityId) -> None:
    info = state.require_info()
    if authority == info.sender or authority != info.recipient:
        raise Unverified("acceptance.authority", f"{place.path}: is not by the receiver")
