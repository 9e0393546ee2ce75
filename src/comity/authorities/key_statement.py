# SPDX-License-Identifier: Apache-2.0
"""Key statements: an authority says, under its root, which keys speak for it and when.

The root is a seal kept offline that signs nothing else. A statement names every
operational key with its period, the address and certificate of the node, and
the digest of the statement before it, so that a chain of statements has no gap.
Rotation is the next statement; revocation is a line in it. Old statements stay
valid evidence of what was true in their time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from comity.authorities.model import Authority
from comity.canonical import json
from comity.canonical.base64 import write_base64
from comity.canonical.digest import Sha256, sha256
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope
from comity.crypto.ed25519_point import PUBLIC_BYTES, check_ed25519_public
from comity.crypto.keys import SealPrivateKey, SealPublicKey
from comity.crypto.sealing import check_recipient
from comity.errors import Invalid, Unverified

PAYLOAD_TYPE: Final = "application/vnd.comity.key-statement+json"
SUITE: Final = "S1"
#: Largest statement read, in bytes of its envelope.
MAX_BYTES: Final = 256 * 1024
#: Keys of one kind in one statement.
MAX_KEYS: Final = 16
MAX_REVOCATIONS: Final = 64
_URL: Final = re.compile(r"https://[A-Za-z0-9.\[\]:_-]{1,255}(/[A-Za-z0-9._~/-]{0,255})?", re.ASCII)
_LINE: Final = re.compile(r"[\x21-\x7e]{1,4096}", re.ASCII)


@dataclass(frozen=True)
class SealPeriod:
    """A seal and when it may sign: from `valid_from` until before `valid_to`."""

    key: SealPublicKey
    valid_from: Instant
    valid_to: Instant | None

    @property
    def key_id(self) -> str:
        """The seal's key id."""
        return self.key.key_id


@dataclass(frozen=True)
class RecipientPeriod:
    """An `age1pq` recipient and when others may seal to it."""

    recipient: str
    valid_from: Instant
    valid_to: Instant | None

    @property
    def key_id(self) -> str:
        """SHA-256 of the recipient's text, as revocations name it."""
        return sha256(self.recipient.encode("ascii"))


_Period = TypeVar("_Period", SealPeriod, RecipientPeriod)


@dataclass(frozen=True)
class LedgerKeys:
    """The ledger's origin and verifier keys, in the text form of C2SP signed-note.

    `log_vkeys` sign its checkpoints, `event_vkey` its leaves; `witness_vkeys`
    are the keys with which this authority cosigns the checkpoints of others.
    """

    origin: str
    log_vkeys: tuple[str, ...]
    witness_vkeys: tuple[str, ...]
    event_vkey: str


@dataclass(frozen=True)
class Revocation:
    """From `at` on, what the key signed is refused; what it signed before stands."""

    key_id: Sha256
    at: Instant
    reason: str


@dataclass(frozen=True, kw_only=True)
class KeyStatement:
    """One statement. `raw` are the signed bytes it was read from (empty before signing)."""

    authority: Authority
    serial: int
    previous: Sha256 | None
    issued: Instant
    expires: Instant
    wire_url: str | None
    tls_sha256: Sha256 | None
    seals: tuple[SealPeriod, ...]
    recipients: tuple[RecipientPeriod, ...]
    transport: bytes
    minisign: bytes
    ledger: LedgerKeys
    revoked: tuple[Revocation, ...] = ()
    suite: str = SUITE
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the signed bytes; the next statement's `previous`."""
        return sha256(self.raw)

    @property
    def transport_key_id(self) -> str:
        """SHA-256 of the raw transport key: its `keyid` in RFC 9421 signatures."""
        return sha256(self.transport)

    def seal_at(self, instant: Instant, *, key_id: str | None = None) -> SealPublicKey:
        """Return the seal that speaks for the authority at `instant`.

        With `key_id`, that seal and no other; without, the one begun last.
        Raises `Unverified`: `key.unknown`, `key.not_yet_valid`, `key.expired`
        or `key.revoked`.
        """
        return self._valid(self.seals, instant, key_id, "seal").key

    def recipient_at(self, instant: Instant) -> str:
        """Return the recipient to which others seal at `instant`; errors as `seal_at`."""
        return self._valid(self.recipients, instant, None, "encryption key").recipient

    def check_transport(self, instant: Instant) -> bytes:
        """Return the raw transport key if the statement and the key stand at `instant`."""
        self._check_current(instant)
        self._check_revoked(self.transport_key_id, instant, "transport key")
        return self.transport

    def _valid(
        self,
        periods: tuple[_Period, ...],
        instant: Instant,
        key_id: str | None,
        what: str,
    ) -> _Period:
        self._check_current(instant)
        known = [period for period in periods if key_id in (None, period.key_id)]
        if not known:
            raise Unverified(
                "key.unknown",
                f"{self.authority.id}: names no {what} {str(key_id)[:16]}…",
                hint="The directory may be out of date here; refresh it.",
            )
        begun = [period for period in known if period.valid_from <= instant]
        if not begun:
            raise Unverified(
                "key.not_yet_valid", f"{self.authority.id}: its {what} is not yet valid then"
            )
        current = [p for p in begun if p.valid_to is None or instant < p.valid_to]
        if not current:
            raise Unverified("key.expired", f"{self.authority.id}: its {what} has expired by then")
        standing = [p for p in current if self._revocation(p.key_id, instant) is None]
        if not standing:
            self._check_revoked(current[0].key_id, instant, what)
        return max(standing, key=lambda period: (period.valid_from, period.key_id))

    def _check_current(self, instant: Instant) -> None:
        if instant >= self.expires:
            raise Unverified(
                "key.expired",
                f"{self.authority.id}: its key statement {self.serial} has expired by then",
                hint="A newer statement comes with the directory.",
            )

    def _revocation(self, key_id: str, instant: Instant) -> Revocation | None:
        matching = (r for r in self.revoked if r.key_id == key_id and instant >= r.at)
        return next(matching, None)

    def _check_revoked(self, key_id: str, instant: Instant, what: str) -> None:
        revocation = self._revocation(key_id, instant)
        if revocation:
            raise Unverified(
                "key.revoked",
                f"{self.authority.id}: its {what} was revoked at "
                f"{write_instant(revocation.at)}: {revocation.reason}",
            )

    def to_json(self) -> Object:
        """Return the payload that is signed."""
        return {
            "v": 1,
            "authority": self.authority.to_json(),
            "serial": self.serial,
            "previous": self.previous,
            "issued": write_instant(self.issued),
            "expires": write_instant(self.expires),
            "wire_url": self.wire_url,
            "tls_sha256": self.tls_sha256,
            "suite": self.suite,
            "seals": [{"key": p.key.to_json(), **_period_json(p)} for p in self.seals],
            "recipients": [{"recipient": p.recipient, **_period_json(p)} for p in self.recipients],
            "transport": write_base64(self.transport),
            "minisign": write_base64(self.minisign),
            "ledger": {
                "origin": self.ledger.origin,
                "log_vkeys": [*self.ledger.log_vkeys],
                "witness_vkeys": [*self.ledger.witness_vkeys],
                "event_vkey": self.ledger.event_vkey,
            },
            "revoked": [
                {"key_id": r.key_id, "at": write_instant(r.at), "reason": r.reason}
                for r in self.revoked
            ],
        }


def sign_key_statement(statement: KeyStatement, *, root: SealPrivateKey) -> bytes:
    """Return the statement's signed bytes; what `read_key_statement` would refuse is refused."""
    data = envelope.sign(
        payload_type=PAYLOAD_TYPE, payload=json.write(statement.to_json()), key=root
    )
    read_key_statement(data, root=root.public)
    return data


def read_key_statement(
    data: bytes, *, root: SealPublicKey, what: str = "key statement"
) -> KeyStatement:
    """Verify a statement under its authority's root and read it.

    Raises `Unverified` (`envelope.*`) or `Invalid`. Whether it is current is
    asked of the statement afterwards, for the instant in question.
    """
    return _verified(data, root, what)


@lru_cache(maxsize=1024)  # the same bytes under the same root say the same for ever
def _verified(data: bytes, root: SealPublicKey, what: str) -> KeyStatement:
    signed = envelope.read(data, what=what, limit=MAX_BYTES)
    payload = envelope.verify(signed, key=root, payload_type=PAYLOAD_TYPE, what=what)
    value = json.read_canonical_object(payload, what=what, limit=MAX_BYTES)
    return _read(Members(value, what=what), raw=data)


def check_successor(old: KeyStatement, new: KeyStatement) -> None:
    """Raise `Unverified` (`key_statement.*`) unless `new` directly follows `old`."""
    name = old.authority.id
    if new.authority.id != name:
        raise Unverified(
            "key_statement.other_authority", f"{name}: the next statement is another's"
        )
    if new.serial != old.serial + 1:
        raise Unverified(
            "key_statement.serial",
            f"{name}: statement {new.serial} cannot follow {old.serial}",
            hint="Fetch the statements between them from the directory.",
        )
    if new.previous != old.digest:
        raise Unverified(
            "key_statement.previous",
            f"{name}: statement {new.serial} follows another one than ours",
        )
    if new.issued < old.issued:
        raise Unverified(
            "key_statement.issued", f"{name}: statement {new.serial} is older than {old.serial}"
        )


def _read(members: Members, *, raw: bytes) -> KeyStatement:
    members.constant("v", 1)
    statement = KeyStatement(
        authority=Authority.from_members(members.members("authority")),
        serial=members.integer("serial", minimum=1),
        previous=members.sha256_or_null("previous"),
        issued=members.instant("issued"),
        expires=members.instant("expires"),
        wire_url=_read_url(members),
        tls_sha256=members.sha256_or_null("tls_sha256"),
        suite=members.choice("suite", (SUITE,)),
        seals=tuple(_read_seal(item) for item in members.each("seals", limit=MAX_KEYS)),
        recipients=tuple(
            _read_recipient(item) for item in members.each("recipients", limit=MAX_KEYS)
        ),
        transport=_read_ed25519(members, "transport"),
        minisign=_read_ed25519(members, "minisign"),
        ledger=_read_ledger(members.members("ledger")),
        revoked=tuple(
            _read_revocation(item) for item in members.each("revoked", limit=MAX_REVOCATIONS)
        ),
        raw=raw,
    )
    members.end()
    _check_whole(statement, members.what)
    return statement


def _check_whole(statement: KeyStatement, what: str) -> None:
    if not statement.seals:
        raise Invalid("key_statement.no_seal", f"{what}: names no seal")
    if statement.expires <= statement.issued:
        raise Invalid("key_statement.period", f"{what}: expires before it is issued")
    if (statement.serial == 1) != (statement.previous is None):
        raise Invalid(
            "key_statement.previous", f"{what}: the first statement, and no other, has no previous"
        )
    if (statement.wire_url is None) != (statement.tls_sha256 is None):
        raise Invalid(
            "key_statement.address", f"{what}: an address and its certificate go together"
        )
    names = [period.key_id for period in statement.seals]
    names += [period.key_id for period in statement.recipients]
    if len(set(names)) != len(names):
        raise Invalid("key_statement.key_twice", f"{what}: names a key twice")


def _period_json(period: SealPeriod | RecipientPeriod) -> Object:
    return {
        "valid_from": write_instant(period.valid_from),
        "valid_to": None if period.valid_to is None else write_instant(period.valid_to),
    }


def _read_period(members: Members) -> tuple[Instant, Instant | None]:
    valid_from = members.instant("valid_from")
    valid_to = members.instant_or_null("valid_to")
    members.end()
    if valid_to is not None and valid_to <= valid_from:
        raise Invalid("key_statement.period", f"{members.what}: ends before it begins")
    return valid_from, valid_to


def _read_seal(members: Members) -> SealPeriod:
    key = SealPublicKey.from_json(members.take("key"), what=members.what)
    return SealPeriod(key, *_read_period(members))


def _read_recipient(members: Members) -> RecipientPeriod:
    recipient = check_recipient(members.text("recipient", limit=4096))
    return RecipientPeriod(recipient, *_read_period(members))


def _read_ed25519(members: Members, name: str) -> bytes:
    return check_ed25519_public(
        members.base64(name, size=PUBLIC_BYTES), what=f"{members.what}: {name}"
    )


def _read_url(members: Members) -> str | None:
    url = members.text_or_null("wire_url", limit=600)
    if url is not None and not _URL.fullmatch(url):
        raise Invalid("key_statement.address", f"{members.what}: {url[:80]!r} is no https address")
    return url


def _read_ledger(members: Members) -> LedgerKeys:
    ledger = LedgerKeys(
        origin=members.text("origin", limit=255),
        log_vkeys=members.texts("log_vkeys", limit=MAX_KEYS),
        witness_vkeys=members.texts("witness_vkeys", limit=MAX_KEYS),
        event_vkey=members.text("event_vkey"),
    )
    members.end()
    texts = (ledger.origin, *ledger.log_vkeys, *ledger.witness_vkeys, ledger.event_vkey)
    if not all(_LINE.fullmatch(text) for text in texts):
        raise Invalid("key_statement.ledger", f"{members.what}: names and keys are printable ASCII")
    return ledger


def _read_revocation(members: Members) -> Revocation:
    revocation = Revocation(
        key_id=members.sha256("key_id"),
        at=members.instant("at"),
        reason=members.text("reason", limit=500),
    )
    members.end()
    return revocation
