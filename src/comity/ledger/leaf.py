# SPDX-License-Identifier: Apache-2.0
"""Leaves of an authority's log: events that say nothing about anybody.

A leaf is a signed note of two lines: the format's name, and an RFC 8785 object
of the author's name, the type of event, the minute, and three values that look
random to whoever has not been given their opening: the commitment to the
private body, the slot of the item, the policy. The private body itself, its
salt and the item's secret never enter a log; who holds them can show what the
leaf commits to, and who destroys them erases it.

The slot numbers an item's events without naming the item: whoever has the
item's secret can compute slot 0, 1, 2, ... and see that each stands in the log
once and that none is missing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.ids import AuthorityId, parse_authority_id
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.time import Instant
from comity.errors import Invalid, Unverified
from comity.ledger import merkle
from comity.ledger.keys import SignatureType, SigningKey, VerifierKey
from comity.ledger.note import SignedNote, read_note, sign_note, verify_note
from comity.ledger.numbers import HASH_BYTES, MAX_NUMBER
from comity.ledger.tiles import MAX_ENTRY_BYTES

LEAF_FORMAT: Final = "comity/event/v1"
SALT_BYTES: Final = 32
ITEM_SECRET_BYTES: Final = 32
#: Largest private body, as RFC 8785 bytes. It holds identifiers and digests, never files.
MAX_PRIVATE_BYTES: Final = 64 * 1024
_COMMIT_LABEL: Final = b"comity/commit/v1\x00"
_SLOT_LABEL: Final = b"comity/slot/v1"
_EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,3}", re.ASCII)
_MINUTE: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z", re.ASCII)
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: its exact bytes, and what they say."""

    data: bytes
    authority: AuthorityId
    event_type: str
    at: Instant
    peer: AuthorityId | None
    commitment: bytes
    slot: bytes
    policy: Sha256

    @property
    def hash(self) -> bytes:
        """The leaf hash of RFC 6962, 32 bytes."""
        return merkle.leaf_hash(self.data)


def commit(*, salt: bytes, private: Object) -> bytes:
    """Return SHA-256("comity/commit/v1" || 0x00 || salt || JCS(private)), 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise Invalid("leaf.salt", f"a salt of {len(salt)} bytes, expected {SALT_BYTES}")
    body = json.write(private)
    if len(body) > MAX_PRIVATE_BYTES:
        raise Invalid(
            "leaf.private_size", f"a private body of {len(body)} bytes; at most {MAX_PRIVATE_BYTES}"
        )
    return hashlib.sha256(_COMMIT_LABEL + salt + body).digest()


def slot(*, item_secret: bytes, sequence: int) -> bytes:
    """Return HMAC-SHA-256(item_secret, "comity/slot/v1" || uint64 sequence), 32 bytes."""
    if len(item_secret) != ITEM_SECRET_BYTES:
        raise Invalid(
            "leaf.item_secret", f"{len(item_secret)} bytes, an item secret has {ITEM_SECRET_BYTES}"
        )
    if not 0 <= sequence <= MAX_NUMBER:
        raise Invalid("leaf.sequence", f"{sequence} is not the number of an event")
    message = _SLOT_LABEL + sequence.to_bytes(8, "big")
    return hmac.new(item_secret, message, hashlib.sha256).digest()


def make_leaf(
    *,
    authority: str,
    event_type: str,
    private: Object,
    salt: bytes,
    item_secret: bytes,
    sequence: int,
    peer: str | None,
    policy: str,
    at: Instant,
    signer: SigningKey,
    event_types: frozenset[str] | None = None,
) -> Leaf:
    """Return the signed leaf of one event.

    `salt` and `item_secret` are 32 random bytes each, the salt fresh for every
    leaf. `sequence` counts the item's events from 0. `policy` is the SHA-256 in
    hexadecimal of the policy in force. `at` is cut to the minute. `event_types`,
    if given, is the closed list that `event_type` must be in.
    """
    if signer.verifier.type is not SignatureType.ED25519:
        raise Invalid("leaf.signer", "leaves are signed with Ed25519 (type 0x01)")
    if at.tzinfo is None:
        raise Invalid("time.naive", "an instant without a time zone cannot be written")
    value: Object = {
        "auth": parse_authority_id(authority),
        "body": _write_32(commit(salt=salt, private=private)),
        "peer": None if peer is None else parse_authority_id(peer, what="peer"),
        "pol": _write_32(bytes.fromhex(parse_sha256(policy, what="policy"))),
        "slot": _write_32(slot(item_secret=item_secret, sequence=sequence)),
        "t": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "type": _check_event_type(event_type, event_types),
        "v": _VERSION,
    }
    text = f"{LEAF_FORMAT}\n{json.write(value).decode()}\n"
    return read_leaf(sign_note(text, keys=[signer], now=at), event_types=event_types)


def read_leaf(
    data: bytes, *, event_types: frozenset[str] | None = None, what: str = "leaf"
) -> Leaf:
    """Parse a leaf strictly; its signature is not checked (see `open_leaf`)."""
    return _read(data, event_types, what)[0]


@lru_cache(maxsize=512)  # whoever verifies a leaf asks for its slot next
def _read(data: bytes, event_types: frozenset[str] | None, what: str) -> tuple[Leaf, SignedNote]:
    if len(data) > MAX_ENTRY_BYTES:
        raise Invalid("leaf.size", f"{what}: {len(data)} bytes, at most {MAX_ENTRY_BYTES}")
    note = read_note(data, what=what)
    if len(note.lines) != 1 or note.to_bytes() != data:
        raise Invalid("leaf.note", f"{what}: not a canonical note with one signature")
    form, _, body = note.text.partition("\n")
    if form != LEAF_FORMAT or body.count("\n") != 1:
        raise Invalid("leaf.format", f"{what}: not a leaf of the format {LEAF_FORMAT}")
    members = Members(
        json.read_canonical_object(body[:-1].encode(), what=what, limit=MAX_ENTRY_BYTES), what=what
    )
    members.constant("v", _VERSION)
    leaf = Leaf(
        data=data,
        authority=members.authority("auth"),
        event_type=_check_event_type(members.text("type", limit=160), event_types),
        at=_read_minute(members.text("t", limit=20), what),
        peer=None if members.is_null("peer") else members.authority("peer"),
        commitment=_read_32(members.text("body", limit=43), f"{what}: body"),
        slot=_read_32(members.text("slot", limit=43), f"{what}: slot"),
        policy=Sha256(_read_32(members.text("pol", limit=43), f"{what}: pol").hex()),
    )
    members.end()
    return leaf, note


def verify_leaf(
    data: bytes,
    *,
    verifier: VerifierKey,
    event_types: frozenset[str] | None = None,
    what: str = "leaf",
) -> Leaf:
    """Parse a leaf and check its author's signature; raise `Unverified` if it fails."""
    if verifier.type is not SignatureType.ED25519:
        raise Invalid("leaf.signer", "leaves are signed with Ed25519 (type 0x01)")
    leaf, note = _read(data, event_types, what)
    verify_note(note, keys=[verifier], strict=True, what=what)
    return leaf


def open_leaf(
    data: bytes,
    *,
    private: Object,
    salt: bytes,
    verifier: VerifierKey,
    event_types: frozenset[str] | None = None,
    what: str = "leaf",
) -> Leaf:
    """Like `verify_leaf`, and the leaf must commit to `private` under `salt`."""
    leaf = verify_leaf(data, verifier=verifier, event_types=event_types, what=what)
    if not hmac.compare_digest(commit(salt=salt, private=private), leaf.commitment):
        raise Unverified("leaf.commitment", f"{what}: does not commit to this private body")
    return leaf


def slot_of(data: bytes) -> str:
    """Return the slot of a leaf in hexadecimal: what may occur only once in a log."""
    return read_leaf(data).slot.hex()


def check_complete(leaves: Iterable[Leaf], *, item_secret: bytes, events: int) -> None:
    """Check that the item has exactly the events 0 to `events - 1` among `leaves`.

    `leaves` are those of every log the item was in. Raises `Unverified` naming the
    first event that is missing, stands twice, or follows after the last one.
    """
    counts: dict[bytes, int] = {}
    for leaf in leaves:
        counts[leaf.slot] = counts.get(leaf.slot, 0) + 1
    for sequence in range(events + 1):
        found = counts.get(slot(item_secret=item_secret, sequence=sequence), 0)
        if found != (1 if sequence < events else 0):
            raise Unverified(
                "leaf.incomplete",
                f"event {sequence} of the item is in the logs {found} times",
                details={"sequence": sequence, "found": found},
            )


def _check_event_type(name: str, allowed: frozenset[str] | None) -> str:
    if not _EVENT_TYPE.fullmatch(name):
        raise Invalid("leaf.event_type", f"{name[:60]!r} is not an event type like 'request.sent'")
    if allowed is not None and name not in allowed:
        raise Invalid("leaf.event_type", f"{name!r} is not in the list of event types")
    return name


def _read_minute(text: str, what: str) -> Instant:
    if not _MINUTE.fullmatch(text):
        raise Invalid("leaf.time", f"{what}: {text!r} is not a minute like 2026-11-21T09:30Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("leaf.time", f"{what}: {text!r} is no real time") from error


def _write_32(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _read_32(text: str, what: str) -> bytes:
    try:
        value = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("leaf.base64url", f"{what}: not base64url") from error
    if len(value) != HASH_BYTES or _write_32(value) != text:
        raise Invalid("leaf.base64url", f"{what}: not 32 bytes in canonical base64url")
    return value
