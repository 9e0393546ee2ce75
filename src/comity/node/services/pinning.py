# SPDX-License-Identifier: Apache-2.0
"""Taking the hub's directory into use.

Promises: a directory older than the known one is refused; a peer that appears under
another root, whose key statements go back, contradict one another or do not follow
without a gap, or that is listed no more, is quarantined: nothing new of it is used
until an operator has compared its root by telephone and released it, and it holds up
nobody else's entry; a directory that shows other keys for this node than its own is
refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from comity.authorities.directory import Directory, Entry, read_directory
from comity.authorities.key_statement import KeyStatement, check_successor, read_key_statement
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.time import Instant
from comity.crypto.keys import SealPublicKey
from comity.errors import Conflict, Invalid, Refused, Unverified
from comity.node import permissions
from comity.node.keyring import keyring
from comity.node.permissions import Officer
from comity.node.services._record import Recorder, recording
from comity.node.store.models import DirectoryRow, HubRow, KeyStatementRow, PeerRow


@dataclass(frozen=True)
class Pinned:
    """What a directory changed: names of authorities."""

    version: int
    added: tuple[str, ...]
    renewed: tuple[str, ...]
    quarantined: tuple[str, ...]


def pin_directory(
    *,
    by: Officer | None,
    data: bytes,
    hub: SealPublicKey,
    now: Instant,
    statements: Sequence[bytes] = (),
) -> Pinned:
    """Take a hub's directory into use.

    The first directory pins the hub: another hub's is refused from then on. A directory
    has only the newest key statement of each authority; `statements` are those between
    that one and the last one known here, if this node missed a directory.
    Raises `Unverified`, `Conflict` or `Refused` and changes nothing if the
    directory, or a statement in it, does not stand.
    """
    if by is not None:
        permissions.require(by, "peers.pin")
    with recording(officer=by, now=now) as record:
        row = _pinned_hub(hub, now)
        known = row.directory_rows.order_by("-version").first()
        directory = read_directory(
            data,
            hub=hub,
            now=now,
            known_version=known.version if known else None,
            known_digest=Sha256(known.sha256) if known else None,
        )
        if known is None or known.version < directory.version:
            _keep_directory(row, directory, now)
        changes: dict[str, list[str]] = {"added": [], "renewed": [], "quarantined": []}
        for entry in directory.entries:
            if entry.authority == settings.CONFIG.authority:
                _check_own(entry)
            elif change := _take_entry(record, entry, statements, now):
                changes[change].append(entry.authority)
        changes["quarantined"] += _quarantine_unlisted(record, directory)
        record(
            event="directory.pinned",
            subject=("directory", directory.digest),
            private={"version": directory.version, "directory": directory.digest},
        )
    return Pinned(directory.version, **{name: tuple(names) for name, names in changes.items()})


def release_peer(*, by: Officer | None, authority: str, root_key_id: str, now: Instant) -> None:
    """Accept a peer's new root after it was compared with the peer in person.

    `root_key_id` is what the peer read out; it must be that of the root in the
    newest directory. Raises `Refused` (`peer.root_differs`) otherwise.
    """
    if by is not None:
        permissions.require(by, "peers.pin")
    with recording(officer=by, now=now) as record:
        row = PeerRow.objects.select_for_update().filter(authority=authority).first()
        if row is None or row.status != "quarantined":
            raise Invalid("peer.not_quarantined", f"{authority}: is not in quarantine here")
        entry = _newest_directory(now).entry(AuthorityId(authority))
        if entry.root.key_id != root_key_id:
            raise Refused(
                "peer.root_differs",
                f"{authority}: the directory shows the root {entry.root.key_id}",
                reasons=("it is not the one that was read out",),
                hint="Trust neither; call the hub.",
            )
        if row.root == entry.root.to_json():
            _check_chain(row, [entry.statement])
        row.root, row.status = entry.root.to_json(), "known"
        _adopt(row, entry.statement, now)
        record(
            event="peer.released",
            subject=("peer", authority),
            private={"peer": authority, "root": root_key_id},
            peer=authority,
        )


def _pinned_hub(hub: SealPublicKey, now: Instant) -> HubRow:
    row = HubRow.objects.select_for_update().first()
    if row is None:
        return HubRow.objects.create(key_id=hub.key_id, seal=hub.to_json(), pinned=now)
    if row.key_id != hub.key_id:
        raise Refused(
            "directory.other_hub",
            "another hub is pinned here",
            reasons=(f"pinned is {row.key_id[:16]}…, the given key is {hub.key_id[:16]}…",),
        )
    return row


def _keep_directory(hub: HubRow, directory: Directory, now: Instant) -> None:
    DirectoryRow.objects.create(
        hub=hub,
        version=directory.version,
        sha256=directory.digest,
        raw=directory.raw,
        issued=directory.issued,
        expires=directory.expires,
        pinned=now,
    )


def _newest_directory(now: Instant) -> Directory:
    row = DirectoryRow.objects.select_related("hub").order_by("-version").first()
    if row is None:
        raise Invalid("directory.none", "no directory is pinned here")
    hub = SealPublicKey.from_json(row.hub.seal, what="hub")
    return read_directory(bytes(row.raw), hub=hub, now=now, known_version=row.version)


def _check_own(entry: Entry) -> None:
    """The directory must not show peers other keys than ours."""
    ring = keyring()
    if entry.root.key_id != ring.root.key_id or entry.statement.raw not in {
        statement.raw for statement in ring.statements
    }:
        raise Conflict(
            "directory.shows_other_keys",
            f"the directory lists {entry.authority} with keys that are not this node's",
            hint="Send the hub the newest file of keys/statements. If you did: call the hub.",
        )


def _take_entry(
    record: Recorder, entry: Entry, statements: Sequence[bytes], now: Instant
) -> str | None:
    row = PeerRow.objects.select_for_update().filter(authority=entry.authority).first()
    if row is None:
        row = PeerRow(authority=entry.authority, root=entry.root.to_json())
        change, chain = "added", [entry.statement]
    elif row.root != entry.root.to_json():
        return _quarantine(record, row, f"the directory shows another root, {entry.root.key_id}")
    else:
        change, chain = "renewed", [*_between(row, entry, statements), entry.statement]
        try:
            if not _is_newer(row, entry.statement):
                return None
            _check_chain(row, chain)
        except (Conflict, Unverified) as error:
            # The others' entries stand all the same: one authority must not hold up a directory.
            return _quarantine(record, row, error.message)
    for statement in chain:
        _adopt(row, statement, now)
    private: Object = {
        "peer": entry.authority,
        "serial": entry.statement.serial,
        "statement": entry.statement.digest,
        "root": entry.root.key_id,
    }
    record(
        event=f"peer.{change}",
        subject=("peer", entry.authority),
        private=private,
        peer=entry.authority,
    )
    return change


def _quarantine_unlisted(record: Recorder, directory: Directory) -> list[str]:
    """Quarantine the peers that the directory lists no more; return their names."""
    listed = {entry.authority for entry in directory.entries}
    gone = PeerRow.objects.select_for_update().exclude(authority__in=listed).order_by("authority")
    problem = f"is no longer in the directory (version {directory.version})"
    return [row.authority for row in gone if _quarantine(record, row, problem)]


def _quarantine(record: Recorder, row: PeerRow, problem: str) -> str | None:
    if row.status == "quarantined":
        return None
    row.status, row.last_problem = "quarantined", problem
    row.save()
    record(
        event="peer.quarantined",
        subject=("peer", row.authority),
        private={"peer": row.authority, "problem": problem},
        peer=row.authority,
    )
    return "quarantined"


def _known(row: PeerRow) -> KeyStatementRow:
    root = SealPublicKey.from_json(row.root, what=f"root of {row.authority}")
    return KeyStatementRow.objects.get(
        authority=row.authority, root_key_id=root.key_id, serial=row.serial
    )


def _is_newer(row: PeerRow, statement: KeyStatement) -> bool:
    known = _known(row)
    if statement.serial == known.serial:
        if statement.digest != known.sha256:
            raise Conflict(
                "key_statement.two_views",
                f"{row.authority}: two statements are signed as serial {known.serial}",
                hint="Keep both files, trust neither, and call the authority.",
            )
        return False
    if statement.serial < known.serial:
        raise Unverified(
            "key_statement.rolled_back",
            f"{row.authority}: statement {statement.serial} is older than {known.serial}",
            hint="An old statement may hide a revocation. Ask the hub for the current directory.",
        )
    return True


def _between(row: PeerRow, entry: Entry, statements: Sequence[bytes]) -> list[KeyStatement]:
    """Return those of the given statements that stand between the known one and the entry's."""
    found = []
    for data in statements:
        try:
            read = read_key_statement(data, root=entry.root)
        except Unverified:
            continue  # another authority's: it is signed under another root
        if row.serial < read.serial < entry.statement.serial:
            found.append(read)
    return sorted(found, key=lambda one: one.serial)


def _check_chain(row: PeerRow, chain: Sequence[KeyStatement]) -> None:
    """Raise `Unverified` (`key_statement.*`) unless the chain follows what is known, unbroken."""
    root = SealPublicKey.from_json(row.root, what=f"root of {row.authority}")
    last = read_key_statement(bytes(_known(row).raw), root=root)
    for statement in chain:
        if statement.digest != last.digest:
            check_successor(last, statement)
        last = statement


def _adopt(row: PeerRow, statement: KeyStatement, now: Instant) -> None:
    authority = statement.authority
    row.name, row.state, row.serial = authority.name, authority.state, statement.serial
    row.roles = sorted(role.value for role in authority.roles)
    row.save()
    KeyStatementRow.objects.get_or_create(
        sha256=statement.digest,
        defaults={
            "authority": authority.id,
            "root_key_id": SealPublicKey.from_json(row.root, what="root").key_id,
            "serial": statement.serial,
            "raw": statement.raw,
            "expires": statement.expires,
            "pinned": now,
        },
    )
