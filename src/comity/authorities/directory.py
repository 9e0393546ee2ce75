# SPDX-License-Identifier: Apache-2.0
"""The directory: a hub lists the authorities, their roots and their key statements.

The hub vouches for *who* takes part; the *keys* come from each authority's own
statement, signed under its root. A reader refuses a directory that is older
than the one it knows, that has expired, that another hub signed, or that shows
something else under a version it has already seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.authorities.key_statement import KeyStatement, read_key_statement
from comity.canonical import json
from comity.canonical.base64 import write_base64
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto import envelope
from comity.crypto.keys import SealPrivateKey, SealPublicKey
from comity.errors import Conflict, Invalid, Unverified

PAYLOAD_TYPE: Final = "application/vnd.comity.directory+json"
#: Largest directory read, in bytes of its envelope.
MAX_BYTES: Final = 16 << 20
MAX_ENTRIES: Final = 2_000
#: Largest key statement in an entry, in bytes.
MAX_STATEMENT_BYTES: Final = 256 * 1024


@dataclass(frozen=True)
class DirectoryHead:
    """Which directory somebody has in use: its version and the digest of its bytes.

    Statements and receipts carry it, so that a hub which shows different
    directories to different States is found out by ordinary mail.
    """

    version: int
    sha256: Sha256

    def to_json(self) -> json.Object:
        """Return the members that `read` takes."""
        return {"version": self.version, "sha256": self.sha256}

    @classmethod
    def read(cls, members: Members) -> DirectoryHead:
        """Read a head; raise `Invalid` on anything else."""
        head = cls(version=members.integer("version", minimum=1), sha256=members.sha256("sha256"))
        members.end()
        return head


@dataclass(frozen=True)
class Entry:
    """One authority: its root, and its key statement as verified under that root."""

    authority: AuthorityId
    root: SealPublicKey
    statement: KeyStatement


@dataclass(frozen=True, kw_only=True)
class Directory:
    """A verified directory. `raw` are the bytes that the hub signed."""

    version: int
    issued: Instant
    expires: Instant
    entries: tuple[Entry, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def digest(self) -> Sha256:
        """SHA-256 of the signed bytes; with the version, the directory's head."""
        return sha256(self.raw)

    @property
    def head(self) -> DirectoryHead:
        """Version and digest."""
        return DirectoryHead(version=self.version, sha256=self.digest)

    def entry(self, authority: AuthorityId) -> Entry:
        """Return an authority's entry; raise `Unverified` (`directory.unknown_authority`)."""
        for entry in self.entries:
            if entry.authority == authority:
                return entry
        raise Unverified(
            "directory.unknown_authority",
            f"{authority} is not in the directory (version {self.version})",
            hint="Refresh the directory, or have the authority admitted by the hub.",
        )


def sign_directory(
    *,
    version: int,
    issued: Instant,
    expires: Instant,
    entries: Sequence[tuple[SealPublicKey, bytes]],
    hub: SealPrivateKey,
) -> bytes:
    """Return a directory signed by the hub, from each authority's root and signed statement.

    Every statement is verified first: a hub publishes nothing that readers refuse.
    """
    read = [(read_key_statement(data, root=root), root, data) for root, data in entries]
    listed: list[json.JSON] = [
        {
            "authority": statement.authority.id,
            "root": root.to_json(),
            "statement": write_base64(data),
        }
        for statement, root, data in sorted(read, key=lambda item: item[0].authority.id)
    ]
    payload: json.Object = {
        "v": 1,
        "version": version,
        "issued": write_instant(issued),
        "expires": write_instant(expires),
        "entries": listed,
    }
    data = envelope.sign(payload_type=PAYLOAD_TYPE, payload=json.write(payload), key=hub)
    read_directory(data, hub=hub.public, now=issued, known_version=None)
    return data


def read_directory(
    data: bytes,
    *,
    hub: SealPublicKey,
    now: Instant,
    known_version: int | None,
    known_digest: Sha256 | None = None,
) -> Directory:
    """Verify a directory and every key statement in it.

    `known_version` and `known_digest` are those of the directory in use. Raises
    `Unverified` with `directory.rolled_back` or `directory.expired`, or as an
    envelope does; `Conflict` with `directory.two_views` if the same version
    stands for other bytes: keep both, they prove that the hub showed two views.
    """
    signed = envelope.read(data, what="directory", limit=MAX_BYTES)
    payload = envelope.verify(signed, key=hub, payload_type=PAYLOAD_TYPE, what="directory")
    directory = _read(payload, data)
    if known_version is not None and directory.version < known_version:
        raise Unverified(
            "directory.rolled_back",
            f"directory: version {directory.version} is older than {known_version}, known here",
            hint="An old directory may hide a revocation. Ask the hub for the current one.",
        )
    if known_digest not in (None, directory.digest) and directory.version == known_version:
        raise Conflict(
            "directory.two_views",
            f"directory: two different directories are signed as version {known_version}",
            hint="Keep both files, trust neither, and call the hub.",
        )
    if now >= directory.expires:
        raise Unverified(
            "directory.expired",
            f"directory: version {directory.version} expired at {write_instant(directory.expires)}",
            hint="Fetch the current directory from the hub.",
        )
    return directory


def _read(payload: bytes, raw: bytes) -> Directory:
    value = json.read_canonical_object(payload, what="directory", limit=MAX_BYTES)
    members = Members(value, what="directory")
    members.constant("v", 1)
    directory = Directory(
        version=members.integer("version", minimum=1),
        issued=members.instant("issued"),
        expires=members.instant("expires"),
        entries=tuple(_read_entry(item) for item in members.each("entries", limit=MAX_ENTRIES)),
        raw=raw,
    )
    members.end()
    names = [entry.authority for entry in directory.entries]
    if names != sorted(set(names)):
        raise Invalid("directory.entries", "directory: its entries are not sorted and unique")
    if directory.expires <= directory.issued:
        raise Invalid("directory.period", "directory: expires before it is issued")
    return directory


def _read_entry(members: Members) -> Entry:
    authority = members.authority("authority")
    root = SealPublicKey.from_json(members.take("root"), what=members.what)
    data = members.base64("statement", limit=MAX_STATEMENT_BYTES)
    members.end()
    statement = read_key_statement(data, root=root, what=f"{members.what}: statement")
    if statement.authority.id != authority:
        raise Invalid(
            "directory.entries",
            f"{members.what}: {authority} is listed with the statement of {statement.authority.id}",
        )
    return Entry(authority=authority, root=root, statement=statement)
