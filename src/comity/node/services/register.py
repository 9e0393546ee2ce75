# SPDX-License-Identifier: Apache-2.0
"""The register of peers as the other services read it: who is who, and whose key is whose.

A peer's keys come only from its own statement, signed under the root that was
pinned (`comity.node.services.pinning`). Every statement that was ever accepted
stays, so that an old signature is judged by the statement of its time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings

from comity.authorities.directory import DirectoryHead
from comity.authorities.key_statement import KeyStatement, read_key_statement
from comity.canonical.digest import Sha256
from comity.canonical.time import Instant
from comity.crypto.keys import SealPublicKey
from comity.errors import Unavailable, Unverified
from comity.node.keyring import keyring
from comity.node.store.models import (
    DirectoryRow,
    KeyStatementRow,
    LedgerWitnessRow,
    LineRow,
    PeerProofRow,
    PeerRow,
)
from comity.node.wake import wake_after_commit

#: How long after its end a directory is still used.
GRACE: Final = timedelta(days=14)
#: Largest difference of clocks that is kept, in seconds: some 68 years.
_MOST_DIFFERENCE: Final = 2**31 - 1


def peer(authority: str) -> PeerRow:
    """Return the row of a peer; raise `Unverified` (`peer.unknown`) if there is none."""
    row = PeerRow.objects.filter(authority=authority).first()
    if row is None:
        raise Unverified(
            "peer.unknown",
            f"{authority[:140]} is no peer of this node",
            hint="Pin a directory that lists it: `comity-node peers pin FILE --hub-key FILE`.",
        )
    return row


def statement_of(authority: str) -> KeyStatement:
    """Return the newest accepted key statement of a peer, or our own."""
    return statements_of(authority)[-1]


def statements_of(authority: str) -> tuple[KeyStatement, ...]:
    """Return every accepted key statement of an authority, oldest first.

    Raises `Unverified` with `peer.unknown`, or `peer.quarantined` while it is in
    doubt who it is, or whether it takes part at all.
    """
    if authority == settings.CONFIG.authority:
        return keyring().statements
    row = peer(authority)
    if row.status == "quarantined":
        raise Unverified(
            "peer.quarantined",
            f"{authority}: is in quarantine",
            hint="Its root changed, its key statements do not follow one another, or the directory "
            "lists it no more. Compare the root by telephone, then `comity-node peers release`.",
        )
    root = SealPublicKey.from_json(row.root, what=f"root of {authority}")
    rows = KeyStatementRow.objects.filter(authority=authority, root_key_id=root.key_id)
    found = [read_key_statement(bytes(row.raw), root=root) for row in rows.order_by("serial")]
    if not found:
        raise Unverified("peer.no_statement", f"{authority}: no key statement stands here")
    return tuple(found)


def statement_at(authority: str, *, key_id: str, instant: Instant) -> KeyStatement:
    """Return the statement under which a seal spoke at an instant.

    Raises `Unverified` (`key.*`) when no accepted statement says so.
    """
    refusal: Unverified | None = None
    for statement in reversed(statements_of(authority)):
        try:
            statement.seal_at(instant, key_id=key_id)
        except Unverified as error:
            refusal = refusal or error
        else:
            return statement
    raise refusal or Unverified("key.unknown", f"{authority}: no statement names this seal")


def directory_head() -> DirectoryHead | None:
    """Return version and digest of the directory in use, None before the first."""
    row = DirectoryRow.objects.order_by("-version").first()
    return DirectoryHead(version=row.version, sha256=Sha256(row.sha256)) if row else None


def require_directory(now: Instant) -> None:
    """Raise `Unavailable` (`directory.outdated`) if ours expired longer than `GRACE` ago.

    An expired directory may hide that an authority was removed. The grace is for the
    hub's delay; after it nothing is exchanged until a newer one is pinned.
    """
    row = DirectoryRow.objects.order_by("-version").only("version", "expires").first()
    if row is not None and now >= row.expires + GRACE:
        raise Unavailable(
            "directory.outdated",
            f"the directory that is pinned here, version {row.version}, expired more than "
            f"{GRACE.days} days ago",
            hint="Pin the hub's current directory: `comity-node peers pin FILE --hub-key FILE`.",
        )


def note_heard(*, authority: str, now: Instant, peer_clock: Instant | None) -> None:
    """Remember when a peer was heard and how its clock differs. No event: it is no act."""
    difference = None if peer_clock is None else int((peer_clock - now).total_seconds())
    if difference is not None:  # what a peer says must fit into the column, however absurd
        difference = max(-_MOST_DIFFERENCE, min(difference, _MOST_DIFFERENCE))
    changes = {"last_heard": now, "last_problem": ""}
    if difference is not None:
        changes["clock_difference"] = difference
    PeerRow.objects.filter(authority=authority).update(**changes)


def end_pauses(*, authority: str, now: Instant) -> None:
    """End every pause that a peer's silence has brought, for it has just spoken.

    What waits for it, as a peer, as a witness or as the keeper of a proof, is due at
    once. No event: it is no act. Reads first: most words come from peers that were never silent.
    """
    line = LineRow.objects.filter(authority=authority, failures__gt=0)
    witness = LedgerWitnessRow.objects.filter(authority=authority, failures__gt=0)
    if not line.exists() and not witness.exists():
        return
    line.update(failures=0, next_attempt=None)
    witness.update(failures=0, next_attempt=None)
    PeerProofRow.objects.filter(authority=authority, next_attempt__gt=now).update(next_attempt=now)
    wake_after_commit()


def ask_everybody() -> None:
    """Let every peer be asked at once what waits there, for this node was away.

    They hear in this way that it is back, and end the pauses that its silence has brought.
    """
    LineRow.objects.update(asked=None)


def note_problem(*, authority: str, problem: str) -> None:
    """Remember why a peer could not be reached."""
    PeerRow.objects.filter(authority=authority).update(last_problem=problem[:2_000])
