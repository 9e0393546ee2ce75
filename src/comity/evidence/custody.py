# SPDX-License-Identifier: Apache-2.0
"""A chain of custody: signed statements, each naming the one before by its digest.

What a chain promises, and `check_next` enforces for every statement added:

- The events of one exhibit are numbered from 1 without a gap, and each holds
  the SHA-256 of the exact bytes of the one before.
- Time does not go back: an event begins no earlier than the one before ended.
- One authority holds the exhibit. A hand-over is two signed acts: the holder
  states `transferred` and names whom to; that authority, and no other, answers
  `received` (and holds it from then on) or `rejected` (and the holder keeps it).
  Where no such answer could be given, because the package that carried the chain
  did not verify, the holder may state `transferred` to the same authority again,
  and says in the remarks why. That is its claim: nothing here looks for the rejection.
- From the moment the exhibit is data, every statement lists the same files
  with the same digests.
- Nothing follows `returned` or `destroyed`.

A statement is a DSSE envelope sealed by the authority that speaks; its ledger
entry commits to the digest of these bytes (`leaf_private`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.text import is_blank
from comity.canonical.time import write_instant
from comity.crypto import envelope as dsse
from comity.crypto.keys import SealPrivateKey, SealPublicKey
from comity.errors import Refused, Unverified
from comity.evidence.model import CustodyEvent, CustodyStatement

PAYLOAD_TYPE: Final = "application/vnd.comity.custody-event+json"
#: Largest custody statement read, in bytes: fifty thousand items with long paths.
MAX_STATEMENT_BYTES: Final = 64 << 20
#: The event types of custody as ledger leaves name them.
EVENT_TYPES: Final = frozenset(f"custody.{event}" for event in CustodyEvent)

_FIRST: Final = frozenset(
    {
        CustodyEvent.IDENTIFIED,
        CustodyEvent.SEIZED,
        CustodyEvent.COLLECTED,
        CustodyEvent.ACQUIRED,
    }
)
_LAST: Final = frozenset({CustodyEvent.RETURNED, CustodyEvent.DESTROYED})
_ANSWERS: Final = frozenset({CustodyEvent.RECEIVED, CustodyEvent.REJECTED})
_HAND_OVERS: Final = _ANSWERS | {CustodyEvent.TRANSFERRED}
_DIGESTS_REQUIRED: Final = frozenset(
    {
        CustodyEvent.ACQUIRED,
        CustodyEvent.VERIFIED,
        CustodyEvent.TRANSFERRED,
        CustodyEvent.RECEIVED,
    }
)


@dataclass(frozen=True)
class SignedStatement:
    """A statement as read from its exact bytes; not verified until `verify_statement` says so."""

    statement: CustodyStatement
    envelope: dsse.Envelope

    @property
    def raw(self) -> bytes:
        """The exact bytes that are stored, hashed and sent."""
        return self.envelope.raw

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the exact bytes: what the next event and the ledger leaf refer to."""
        return sha256(self.envelope.raw)

    @property
    def file_name(self) -> str:
        """The name of its file in a package: `0003-transferred.json`."""
        return f"{self.statement.seq:04d}-{self.statement.event}.json"


def sign_statement(statement: CustodyStatement, *, key: SealPrivateKey) -> SignedStatement:
    """Sign a statement with the seal of its authority.

    The statement is written and read back first, so that nothing is signed that
    a reader would refuse (`Invalid`).
    """
    payload = json.write(statement.to_json())
    _parse(payload, what="custody statement")
    return read_statement(dsse.sign(payload_type=PAYLOAD_TYPE, payload=payload, key=key))


def read_statement(data: bytes, *, what: str = "custody statement") -> SignedStatement:
    """Read a statement's exact form. Raises `Invalid` or `Unverified` (a signature missing)."""
    envelope = dsse.read(data, what=what, limit=MAX_STATEMENT_BYTES)
    return SignedStatement(statement=_parse(envelope.payload, what=what), envelope=envelope)


def verify_statement(
    signed: SignedStatement, *, key: SealPublicKey, what: str = "custody statement"
) -> CustodyStatement:
    """Return the statement if `key`, its authority's seal at that time, signed it.

    Raises `Unverified` with the codes of `crypto.envelope.verify`.
    """
    dsse.verify(signed.envelope, key=key, payload_type=PAYLOAD_TYPE, what=what)
    return signed.statement


def leaf_event_type(event: CustodyEvent) -> str:
    """Return the event type that the ledger leaf of such an event carries."""
    return f"custody.{event}"


def leaf_private(signed: SignedStatement) -> Object:
    """Return the private body to which the ledger leaf of this statement commits."""
    return {
        "statement": signed.digest,
        "exhibit": signed.statement.exhibit,
        "seq": signed.statement.seq,
    }


def holder(chain: Sequence[SignedStatement]) -> AuthorityId:
    """Return the authority that holds the exhibit after the last event of a sound chain."""
    current = chain[0].statement.authority
    for signed in chain:
        if signed.statement.event is CustodyEvent.RECEIVED:
            current = signed.statement.authority
    return current


def check_chain(chain: Sequence[SignedStatement]) -> None:
    """Check every rule of the module docstring, except the signatures.

    Raises `Unverified` with a `custody.*` code and the `seq` in its details.
    """
    if not chain:
        raise Unverified("custody.empty", "the chain of custody has no event")
    current = chain[0].statement.authority
    _check_alone(chain[0].statement)
    _check_first(chain[0].statement)
    for last, signed in pairwise(chain):
        _check_alone(signed.statement)
        _check_after(last, current, signed.statement)
        if signed.statement.event is CustodyEvent.RECEIVED:
            current = signed.statement.authority


def check_next(chain: Sequence[SignedStatement], following: SignedStatement) -> None:
    """Check that `following` may stand after the sound chain `chain` (empty: as its first).

    Raises `Unverified` with a `custody.*` code and the `seq` in its details.
    """
    statement = following.statement
    _check_alone(statement)
    if not chain:
        _check_first(statement)
        return
    _check_after(chain[-1], holder(chain), statement)


def require_next(chain: Sequence[SignedStatement], following: SignedStatement) -> None:
    """Like `check_next`, for the authority that is about to record the event: raises `Refused`."""
    try:
        check_next(chain, following)
    except Unverified as error:
        raise Refused(error.code, error.message, hint=error.hint, details=error.details) from error


def _parse(payload: bytes, *, what: str) -> CustodyStatement:
    value = json.read_canonical_object(payload, what=what, limit=MAX_STATEMENT_BYTES)
    return CustodyStatement.from_json(value, what=what)


def _check_alone(statement: CustodyStatement) -> None:
    """Check what one statement must hold whatever came before."""
    if statement.ended is not None and statement.ended < statement.at:
        raise _broken("custody.times", statement, "ends before it begins")
    if statement.event in _HAND_OVERS and statement.counterpart is None:
        raise _broken("custody.counterpart", statement, "names no counterpart")
    if statement.event is CustodyEvent.ACQUIRED and not statement.items:
        raise _broken("custody.items", statement, "lists no file")
    if statement.event is CustodyEvent.ACQUIRED and statement.tool is None:
        raise _broken("custody.tool", statement, "names no tool")
    checks = statement.event in _DIGESTS_REQUIRED and statement.items
    if checks and not statement.digests_checked:
        raise _broken("custody.digests_not_checked", statement, "was made without the digests")


def _check_first(statement: CustodyStatement) -> None:
    if statement.seq != 1 or statement.prev is not None:
        raise _broken("custody.gap", statement, "is no first event: the events before are missing")
    if statement.event not in _FIRST:
        allowed = ", ".join(sorted(_FIRST))
        raise _broken("custody.first", statement, f"cannot begin a chain ({allowed} can)")


def _check_after(last: SignedStatement, current: AuthorityId, statement: CustodyStatement) -> None:
    _check_link(last, statement)
    _check_holder(last.statement, current, statement)
    _check_items(last.statement, statement)


def _check_link(last: SignedStatement, statement: CustodyStatement) -> None:
    before = last.statement
    if statement.exhibit != before.exhibit:
        raise _broken("custody.exhibit", statement, f"belongs to exhibit {statement.exhibit}")
    if statement.request != before.request:
        raise _broken("custody.request", statement, "belongs to another request")
    if statement.seq != before.seq + 1:
        raise _broken("custody.gap", statement, f"follows event {before.seq} directly")
    if statement.prev != last.digest:
        raise _broken("custody.prev", statement, "does not name the event before by its digest")
    ended = before.ended or before.at
    if statement.at < ended:
        raise _broken(
            "custody.time_goes_back",
            statement,
            f"begins {write_instant(statement.at)}, before event {before.seq}"
            f" ended {write_instant(ended)}; if that is not so, a clock was wrong",
        )
    if before.event in _LAST:
        raise _broken("custody.after_end", statement, f"follows {before.event}, which ends a chain")


def _check_holder(
    before: CustodyStatement, current: AuthorityId, statement: CustodyStatement
) -> None:
    if before.event is CustodyEvent.TRANSFERRED:
        _check_answer(before, statement)
        return
    if statement.event in _ANSWERS:
        raise _broken("custody.not_transferred", statement, "answers no transfer")
    if statement.authority != current:
        raise _broken(
            "custody.not_holder",
            statement,
            f"is stated by {statement.authority}, but {current} holds the exhibit",
        )


def _check_answer(transfer: CustodyStatement, statement: CustodyStatement) -> None:
    if statement.event is CustodyEvent.TRANSFERRED:
        _check_again(transfer, statement)
        return
    if statement.event not in _ANSWERS:
        raise _broken(
            "custody.not_answered", statement, "follows a transfer that nobody received or rejected"
        )
    named, answered = transfer.counterpart, statement.counterpart
    if named is None or statement.authority != named.authority:
        raise _broken(
            "custody.wrong_receiver",
            statement,
            f"is not stated by the receiver named in event {transfer.seq}",
        )
    if answered is None or answered.authority != transfer.authority:
        raise _broken(
            "custody.wrong_sender", statement, f"names another sender than {transfer.authority}"
        )


def _check_again(transfer: CustodyStatement, statement: CustodyStatement) -> None:
    if statement.authority != transfer.authority:
        raise _broken(
            "custody.not_holder", statement, f"is stated by another than {transfer.authority}"
        )
    named, again = transfer.counterpart, statement.counterpart
    if named is None or again is None or again.authority != named.authority:
        raise _broken(
            "custody.wrong_receiver",
            statement,
            f"names another receiver than event {transfer.seq}, which is not answered",
        )
    if is_blank(statement.remarks):
        raise _broken(
            "custody.transferred_again",
            statement,
            f"does not say in its remarks why event {transfer.seq} is not answered",
        )


def _check_items(before: CustodyStatement, statement: CustodyStatement) -> None:
    if before.items and statement.items != before.items:
        raise _broken(
            "custody.items_differ",
            statement,
            f"lists other files or digests than event {before.seq}",
        )


def _broken(code: str, statement: CustodyStatement, why: str) -> Unverified:
    return Unverified(
        code,
        f"custody of {statement.exhibit}: event {statement.seq} ({statement.event}) {why}",
        details={"exhibit": statement.exhibit, "seq": statement.seq},
    )
