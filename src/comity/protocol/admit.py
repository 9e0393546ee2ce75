# SPDX-License-Identifier: Apache-2.0
"""Admission: ten numbered steps between foreign bytes and our record.

     1  size               the bytes are not more than this kind of object may have
     2  envelope           they have the exact form of an envelope of the expected type
     3  sender             the seal is that of an authority in the register
     4  key                that seal speaks for the authority now
     5  signature          both signatures stand over the exact bytes
     6  addressee          the sender names itself as the seal does, and us as a recipient
     7  freshness          made not later than now, not expired
     8  identity           not seen before; or seen, with the very same bytes
     9  type               a known message type, from an authority that may send it
    10  schema             the body is what the type says, and about its own case

Each step has one code (step 4 says which way the key fails). Nothing is parsed
before step 5 but the envelope's own fixed form. Whoever is refused before the
signature has stood gets no signed answer, since nobody is known to have asked;
from step 6 on the refusal is a signed receipt. What steps 6 to 9 look at are the
members of the signed payload: these are read right after step 5, and a payload in
which they cannot be read is refused as step 10 does. The body is read in step 10.

A parcel's header passes steps 1 to 7, its identity being its digest; a receipt
likewise. A statement passes all ten when its parcel has been opened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final, Protocol, TypeVar

from comity.assistance.messages import Message
from comity.authorities.key_statement import KeyStatement
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope
from comity.errors import ComityError, Conflict, Invalid, Refused, Unverified
from comity.protocol import parcel, receipt, statement
from comity.protocol.parcel import Header
from comity.protocol.receipt import Receipt
from comity.protocol.registry import MESSAGES, MessageType, Side, case_of
from comity.protocol.statement import Statement

#: By how much a peer's clock may differ from ours.
CLOCK_TOLERANCE: Final = timedelta(seconds=120)

#: Finds the key statement that names a seal; raises `Unverified` if there is none.
Lookup = Callable[[str], KeyStatement]


class Step(IntEnum):
    """The steps in their order."""

    SIZE = 1
    ENVELOPE = 2
    SENDER = 3
    KEY = 4
    SIGNATURE = 5
    ADDRESSEE = 6
    FRESHNESS = 7
    IDENTITY = 8
    TYPE = 9
    SCHEMA = 10


#: The code of each step.
CODES: Final = {
    Step.SIZE: "protocol.too_large",
    Step.ENVELOPE: "protocol.envelope",
    Step.SENDER: "protocol.sender_unknown",
    Step.KEY: "protocol.key",
    Step.SIGNATURE: "protocol.signature_invalid",
    Step.ADDRESSEE: "protocol.not_addressed",
    Step.FRESHNESS: "protocol.not_fresh",
    Step.IDENTITY: "protocol.identity_reused",
    Step.TYPE: "protocol.type_refused",
    Step.SCHEMA: "protocol.schema",
}
_KEY_CODES: Final = {
    "key.unknown": "protocol.key_unknown",
    "key.expired": "protocol.key_expired",
    "key.not_yet_valid": "protocol.key_not_yet_valid",
    "key.revoked": "protocol.key_revoked",
}


class Known(Protocol):
    """What the receiver already has of a sender."""

    def statement_with_id(self, sender: AuthorityId, identifier: ObjectId) -> Sha256 | None:
        """Return the digest of the sender's statement with this identifier."""
        ...

    def statement_at(self, sender: AuthorityId, case: ObjectId, seq: int) -> Sha256 | None:
        """Return the digest of the sender's statement at this place of its series."""
        ...

    def requesting(self, case: ObjectId) -> tuple[AuthorityId, AuthorityId] | None:
        """Return the requesting and the requested authority of a case known here."""
        ...


@dataclass(frozen=True)
class AdmittedHeader:
    """A header that passed; `digest` is the parcel's identity."""

    header: Header
    signer: KeyStatement
    digest: Sha256
    raw: bytes


@dataclass(frozen=True)
class AdmittedReceipt:
    """A receipt that passed."""

    receipt: Receipt
    signer: KeyStatement


@dataclass(frozen=True)
class AdmittedStatement:
    """A statement that passed; `repeated` if the very same bytes had been received before."""

    statement: Statement
    message: Message
    signer: KeyStatement
    digest: Sha256
    raw: bytes
    repeated: bool


def step_of(error: ComityError) -> int:
    """Return the step that refused, 0 if the error is none of admission."""
    step = error.details.get("step")
    return step if isinstance(step, int) else 0


def answered_to(error: ComityError) -> AuthorityId | None:
    """Return to whom the refusal is answered with a signed receipt, None to nobody."""
    sender = error.details.get("sender")
    if step_of(error) > Step.SIGNATURE and isinstance(sender, str):
        return AuthorityId(sender)
    return None


def admit_header(data: bytes, *, me: AuthorityId, lookup: Lookup, now: Instant) -> AdmittedHeader:
    """Take a parcel's header through steps 1 to 7."""
    payload, signer = _signed(data, _HEADER, lookup, now)
    header = _parse(signer, lambda: parcel.read_payload(payload))
    with _after_signature(signer):
        _check_addressee(header.sender, header.to, signer, me, _HEADER.what)
        _check_fresh(header.created, header.expires, now, _HEADER.what)
    return AdmittedHeader(header=header, signer=signer, digest=sha256(data), raw=data)


def admit_receipt(data: bytes, *, me: AuthorityId, lookup: Lookup, now: Instant) -> AdmittedReceipt:
    """Take a receipt through steps 1 to 7; a receipt does not expire."""
    payload, signer = _signed(data, _RECEIPT, lookup, now)
    read = _parse(signer, lambda: receipt.read_payload(payload, raw=data))
    with _after_signature(signer):
        _check_addressee(read.issuer, (read.to,), signer, me, _RECEIPT.what)
        _check_fresh(read.at, None, now, _RECEIPT.what)
    return AdmittedReceipt(receipt=read, signer=signer)


def admit_statement(
    data: bytes,
    *,
    me: AuthorityId,
    sender: AuthorityId,
    lookup: Lookup,
    known: Known,
    now: Instant,
) -> AdmittedStatement:
    """Take a statement through all ten steps.

    `sender` is the authority whose header announced the parcel: it must have
    written the statement, too. `now` is when the parcel was complete.
    """
    what, digest = _STATEMENT.what, sha256(data)
    payload, signer = _signed(data, _STATEMENT, lookup, now)
    read = _parse(signer, lambda: statement.read_payload(payload))
    with _after_signature(signer):
        if read.sender != sender:
            raise _refused(
                Step.ADDRESSEE,
                Unverified("", f"{what}: written by {read.sender}, but sent as {sender}'s"),
            )
        _check_addressee(read.sender, read.to, signer, me, what)
        _check_fresh(read.created, read.expires, now, what)
        repeated = _check_identity(read, digest, known)
        kind = _check_type(read, signer, known)
        message = _read_message(read, signer, kind)
    return AdmittedStatement(
        statement=read, message=message, signer=signer, digest=digest, raw=data, repeated=repeated
    )


@dataclass(frozen=True)
class _Form:
    payload_type: str
    limit: int
    what: str


_HEADER: Final = _Form(parcel.PAYLOAD_TYPE, parcel.MAX_BYTES, "parcel header")
_RECEIPT: Final = _Form(receipt.PAYLOAD_TYPE, receipt.MAX_BYTES, "receipt")
_STATEMENT: Final = _Form(statement.PAYLOAD_TYPE, statement.MAX_BYTES, "statement")


def _signed(data: bytes, form: _Form, lookup: Lookup, now: Instant) -> tuple[bytes, KeyStatement]:
    """Steps 1 to 5: return the signed payload and the statement that names the seal."""
    if len(data) > form.limit:
        raise _refused(
            Step.SIZE,
            Invalid("", f"{form.what}: {len(data)} bytes, at most {form.limit} are read"),
        )
    try:
        read = envelope.read(data, what=form.what, limit=form.limit)
    except (Invalid, Unverified) as error:
        raise _refused(Step.ENVELOPE, error) from error
    if read.payload_type != form.payload_type:
        wrong = Invalid("envelope.wrong_type", f"{form.what}: is {read.payload_type}")
        raise _refused(Step.ENVELOPE, wrong)
    try:
        signer = lookup(read.key_id)
    except Unverified as error:
        step = Step.KEY if error.code in _KEY_CODES else Step.SENDER
        raise _refused(step, error) from error
    try:
        key = signer.seal_at(now, key_id=read.key_id)
    except Unverified as error:
        raise _refused(Step.KEY, error) from error
    try:
        payload = envelope.verify(read, key=key, payload_type=form.payload_type, what=form.what)
    except Unverified as error:
        raise _refused(Step.SIGNATURE, error) from error
    return payload, signer


@contextmanager
def _after_signature(signer: KeyStatement) -> Iterator[None]:
    """Say in every refusal whose signature it was: to that authority it is answered."""
    try:
        yield
    except ComityError as error:
        error.details["sender"] = signer.authority.id
        raise


def _check_addressee(
    sender: AuthorityId,
    to: Collection[AuthorityId],
    signer: KeyStatement,
    me: AuthorityId,
    what: str,
) -> None:
    if sender != signer.authority.id:
        raise _refused(
            Step.ADDRESSEE,
            Unverified("", f"{what}: names {sender} as sender, sealed by {signer.authority.id}"),
        )
    if me not in to:
        raise _refused(Step.ADDRESSEE, Unverified("", f"{what}: is not addressed to {me}"))


def _check_fresh(created: Instant, expires: Instant | None, now: Instant, what: str) -> None:
    if created > now + CLOCK_TOLERANCE:
        raise _refused(
            Step.FRESHNESS,
            Invalid(
                "",
                f"{what}: made at {write_instant(created)}, which is later than "
                f"{write_instant(now)} here",
                hint="One of the two clocks is wrong.",
            ),
        )
    if expires is not None and now >= expires:
        raise _refused(Step.FRESHNESS, Invalid("", f"{what}: expired at {write_instant(expires)}"))


def _check_identity(read: Statement, digest: Sha256, known: Known) -> bool:
    same_id = known.statement_with_id(read.sender, read.id)
    if same_id == digest:
        return True
    at_place = known.statement_at(read.sender, read.case, read.seq)
    if same_id is not None or at_place is not None:
        which = f"identifier {read.id}" if same_id else f"number {read.seq} in its case"
        raise _refused(
            Step.IDENTITY,
            Conflict(
                "",
                f"statement: {read.sender} used the {which} for other contents before",
                hint="Keep both and ask the sender which stands.",
            ),
        )
    return False


def _check_type(read: Statement, signer: KeyStatement, known: Known) -> MessageType:
    kind = MESSAGES.get(read.type)
    if kind is None:
        raise _refused(Step.TYPE, Invalid("", f"statement: {read.type} is no known message type"))
    if not kind.roles & signer.authority.roles:
        roles = ", ".join(sorted(role.value for role in signer.authority.roles)) or "none"
        raise _refused(
            Step.TYPE,
            Refused("", f"statement: {read.sender} (roles: {roles}) may not send {read.type}"),
        )
    parties = known.requesting(read.case)
    if parties is not None:
        if read.sender not in parties:
            raise _refused(
                Step.TYPE, Refused("", f"statement: {read.sender} is no party of {read.case}")
            )
        side = Side.REQUESTING if read.sender == parties[0] else Side.REQUESTED
        if side not in kind.sides:
            raise _refused(
                Step.TYPE,
                Refused("", f"statement: the {side.value} side does not send {read.type}"),
            )
    return kind


def _read_message(read: Statement, signer: KeyStatement, kind: MessageType) -> Message:
    message = _parse(signer, lambda: kind.read(Members(read.body, what=read.type)))
    if case_of(message) != read.case:
        raise _refused(
            Step.SCHEMA,
            Invalid("", f"statement: sent in case {read.case}, about {case_of(message)}"),
        )
    return message


_Value = TypeVar("_Value")


def _parse(signer: KeyStatement, reader: Callable[[], _Value]) -> _Value:
    """Read signed members; whatever is wrong with them is step 10's, wherever it shows."""
    with _after_signature(signer):
        try:
            return reader()
        except ComityError as error:
            raise _refused(Step.SCHEMA, error) from error


def _refused(step: Step, error: ComityError) -> ComityError:
    """Return the error under the step's code; the first one's own code stays in `details`."""
    code = _KEY_CODES.get(error.code, CODES[step]) if step is Step.KEY else CODES[step]
    details = {**error.details, "step": int(step)}
    if error.code:
        details["cause"] = error.code
    return type(error)(code, error.message, hint=error.hint, details=details)
