# SPDX-License-Identifier: Apache-2.0
"""Which law this node uses: the built-in pack with the overlays of the settings, once adopted.

Promises: a pack comes into use whole and without a fault, by an event in the
ledger, or not at all; while the pack that the settings offer has a fault, the
one adopted last stays in use and the refusal is said aloud. Every pack that was
ever in use is kept by its digest, so that an old request is explained with the
law of its day. A signed overlay counts only with a seal that the pinned register
gives its publisher.

The file of a pack is on the disk before the event names it: what stops in
between leaves a file that nobody names, never a name without a file.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

import comity_law
from comity.canonical import json
from comity.canonical.digest import Sha256, parse_sha256
from comity.canonical.json import JSON, Object
from comity.canonical.time import Instant
from comity.crypto import envelope
from comity.errors import ComityError, Invalid, Refused, Unverified
from comity.law.archive import PackStore
from comity.law.load import PartFiles, check_parts, digest_of, load_parts, read_directory
from comity.law.overlay import MAX_BYTES, SignedPart, publisher_of, read_part
from comity.law.pack import Pack
from comity.law.reader import Problem
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import register
from comity.node.services._record import recording
from comity.node.store import mapping
from comity.node.store.models import AuditRow, LedgerStateRow, RequestRow

_log = logging.getLogger("comity.law")

ADOPTED: Final = "law.pack_adopted"
#: How many faults of a refused pack the log shows.
_MOST_LOGGED: Final = 20
#: Faults of the packs that were judged last, by digest; a pack never changes under its digest.
_JUDGED: Final[dict[Sha256, tuple[Problem, ...]]] = {}
_MOST_JUDGED: Final = 8


@dataclass(frozen=True)
class AdoptedPart:
    """One part of a pack: the built-in law or an overlay, and who signed it ("" if nobody)."""

    name: str
    version: str
    digest: Sha256
    signed_by: str


@dataclass(frozen=True)
class AdoptedPack:
    """A pack that is in use or was, since when, and where the ledger says so."""

    digest: Sha256
    name: str
    version: str
    parts: tuple[AdoptedPart, ...]
    adopted: Instant
    leaf_index: int


@dataclass(frozen=True)
class Offer:
    """What the settings offer, held against what is in use.

    `problems` are the faults for which it is refused; `trouble` is set when it
    could not even be read (a folder, a signature). A faultless offer that is not
    `in_use` waits for `adopt`.
    """

    digest: Sha256 | None
    in_use: bool
    problems: tuple[Problem, ...]
    trouble: ComityError | None = None

    @property
    def refused(self) -> bool:
        """Whether this law cannot be adopted as it stands."""
        return bool(self.problems) or self.trouble is not None


def store() -> PackStore:
    """Return the packs that this node keeps."""
    return PackStore(settings.CONFIG.law_store)


def adopted() -> tuple[AdoptedPack, ...]:
    """Return every adoption of a pack, the newest first: that one is in use."""
    return tuple(_adopted(row) for row in _rows())


def in_use() -> AdoptedPack | None:
    """Return the pack in use; None before the first was adopted."""
    row = _rows().first()
    return _adopted(row) if row else None


def adopt(*, by: Officer | None, now: Instant) -> AdoptedPack:
    """Make the law that the settings offer the one in use. Nothing happens if it is already.

    Raises `Invalid` (`law.pack_invalid`) naming file, key and fix, `Unverified` for
    a signature that does not hold, and `Unavailable` when the disk refuses; then the
    pack in use stays.
    """
    if by is not None:
        permissions.require(by, "law.adopt")
    return _take_up(offered(now=now), by=by, now=now)


def adopt_at_start(*, now: Instant) -> AdoptedPack:
    """Adopt what the settings offer, or go on with the pack in use and say so in the log.

    Raises the error of the offer when there is no older pack, and that of the kept
    file (`law.pack_altered`, `law.pack_not_kept`) when the older one cannot be used.
    """
    try:
        return adopt(by=None, now=now)
    except ComityError as error:
        last = in_use()
        if last is None:
            raise
        store().verify(last.digest)
        _log.error(
            "the law that the settings name is refused, %s %s (%s) stays in use: %s",
            last.name,
            last.version,
            last.digest[:12],
            _listed(error),
        )
        return last


def offer(*, now: Instant) -> Offer:
    """Judge what the settings offer, without changing anything."""
    last = in_use()
    try:
        parts = offered(now=now)
    except ComityError as error:
        return Offer(digest=None, in_use=False, problems=(), trouble=error)
    digest = digest_of(parts)
    if last is not None and last.digest == digest:
        return Offer(digest=digest, in_use=True, problems=())
    return Offer(digest=digest, in_use=False, problems=judge(parts))


def offered(*, now: Instant) -> tuple[PartFiles, ...]:
    """Read the built-in law and the overlays of the settings; verify those that are signed."""
    overlays = [_overlay(path, now) for path in settings.CONFIG.law]
    return (read_directory(comity_law.PATH), *overlays)


def judge(parts: Sequence[PartFiles]) -> tuple[Problem, ...]:
    """Return every fault for which this node refuses the pack made of `parts`."""
    digest = digest_of(parts)
    if digest not in _JUDGED:
        found = check_parts(parts)
        while len(_JUDGED) >= _MOST_JUDGED:
            _JUDGED.pop(next(iter(_JUDGED)))
        _JUDGED[digest] = found
    return _JUDGED[digest] or _unfit(load_parts(parts))


# --- adopting ----------------------------------------------------------------------------------


def _take_up(parts: Sequence[PartFiles], *, by: Officer | None, now: Instant) -> AdoptedPack:
    digest = digest_of(parts)
    last = in_use()
    if last is not None and last.digest == digest:
        if not _whole(digest):
            store().mend(parts)
        return last
    pack = load_parts(parts)
    _refuse_unfit(pack)
    store().keep(parts)
    return record_adoption(pack, by=by, now=now)


def record_adoption(pack: Pack, *, by: Officer | None, now: Instant) -> AdoptedPack:
    """Make a pack that was checked and kept the one in use. `adopt` does all three."""
    with recording(officer=by, now=now) as record:
        # Two processes may adopt at once: the second finds what the first has done.
        LedgerStateRow.objects.select_for_update().first()
        last = in_use()
        if last is not None and last.digest == pack.digest:
            record.unchanged = True
            return last
        row = record(
            event=ADOPTED,
            subject=("node", settings.CONFIG.authority),
            private=_described(pack, last),
        )
    made = _adopted(row)
    _log.info("the law in use is now %s %s (%s)", made.name, made.version, made.digest[:12])
    return made


def _whole(digest: Sha256) -> bool:
    """Whether the kept file is as it should be; if not, it is written anew from the offer."""
    try:
        store().verify(digest)
    except (Invalid, Unverified) as error:
        _log.warning("the file of the law pack in use is written anew: %s", error.message)
        return False
    return True


def _described(pack: Pack, last: AdoptedPack | None) -> Object:
    parts: list[JSON] = [
        {
            "name": part.name,
            "version": part.version,
            "digest": part.digest,
            "signed_by": part.signed_by,
        }
        for part in pack.parts
    ]
    return {
        "pack": pack.digest,
        "name": pack.name,
        "version": pack.version,
        "parts": parts,
        "previous": last.digest if last else None,
    }


def _rows() -> QuerySet[AuditRow]:
    """Return the adoptions, the newest first."""
    return AuditRow.objects.filter(
        subject_kind="node", subject=settings.CONFIG.authority, event=ADOPTED
    ).order_by("-leaf_index")


def _adopted(row: AuditRow) -> AdoptedPack:
    body = json.read_object(bytes(row.payload), what=ADOPTED)
    parts = body["parts"]
    return AdoptedPack(
        digest=parse_sha256(str(body["pack"]), what=ADOPTED),
        name=str(body["name"]),
        version=str(body["version"]),
        parts=tuple(_adopted_part(part) for part in parts) if isinstance(parts, list) else (),
        adopted=row.at,
        leaf_index=row.leaf_index,
    )


def _adopted_part(part: JSON) -> AdoptedPart:
    given = part if isinstance(part, dict) else {}
    name, version, digest, signed_by = (
        str(given.get(key, "")) for key in ("name", "version", "digest", "signed_by")
    )
    return AdoptedPart(name, version, parse_sha256(digest, what=ADOPTED), signed_by)


# --- what a node needs of its law ----------------------------------------------------------------


def _refuse_unfit(pack: Pack) -> None:
    """Raise `Invalid` if this node could not do its work with the pack."""
    problems = _unfit(pack)
    if problems:
        raise Invalid(
            "law.pack_unfit",
            f"the law pack {pack.name} {pack.version} cannot be used here: {problems[0]}",
            hint=problems[0].fix,
            details={"problems": [" ".join(problem.lines) for problem in problems]},
        )


def _unfit(pack: Pack) -> tuple[Problem, ...]:
    """Return what the pack lacks: our own state, and what requests on record rest on.

    A request may name what no pack here ever knew, since peers have other packs; but
    what the pack in use knows of it must stay, or its page could not be shown any more.
    """
    named = {("state", str(settings.CONFIG.state)): "the settings"}
    last = _last_pack()
    if last is not None:
        for row in RequestRow.objects.order_by("created").iterator():
            for kind, name in _rests_on(row):
                if name in _known(last, kind):
                    named.setdefault((kind, name), row.reference)
    return tuple(
        Problem(
            code="law.still_needed",
            file="comity.toml",
            key="law",
            message=f"the {kind} {name!r} is missing, of which {where} speaks",
            fix=f"Name the folder or the signed file that holds {name!r} in the setting law.",
        )
        for (kind, name), where in sorted(named.items())
        if name not in _known(pack, kind)
    )


def _rests_on(row: RequestRow) -> Iterator[tuple[str, str]]:
    content = mapping.facts_of(row).content
    for authority in (content.requesting, content.requested):
        yield "state", authority[:2].upper()
    yield "measure", content.measure
    for offence in content.offences:
        yield "offence", offence


def _known(pack: Pack, kind: str) -> Container[str]:
    known: dict[str, Container[str]] = {
        "state": pack.states,
        "measure": pack.measures,
        "offence": pack.offences,
    }
    return known[kind]


def _last_pack() -> Pack | None:
    """The pack in use, to compare a new one with; None if there is none or its file is lost."""
    last = in_use()
    if last is None:
        return None
    try:
        return store().open(last.digest)
    except ComityError as error:
        _log.warning("the new law is not compared with the one in use: %s", error.message)
        return None


def _listed(error: ComityError) -> str:
    problems = error.details.get("problems")
    if not isinstance(problems, list) or not problems:
        return str(error)
    shown = "\n".join(str(problem) for problem in problems[:_MOST_LOGGED])
    more = len(problems) - _MOST_LOGGED
    return f"{error.message}\n{shown}" + (f"\nand {more} more" if more > 0 else "")


# --- overlays ------------------------------------------------------------------------------------


def _overlay(path: Path, now: Instant) -> PartFiles:
    """Read a folder of law, or a signed law pack."""
    if not path.is_file():
        return read_directory(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid("law.unreadable", f"{path}: {error.strerror}") from error
    return _signed(data, path, now).part


def _signed(data: bytes, path: Path, now: Instant) -> SignedPart:
    """Verify a signed overlay with the register: the publisher's own seal, not revoked.

    A revoked seal could put any date on what it signs, so nothing signed with it is
    taken up anew, whenever it says it was signed.
    """
    publisher = publisher_of(data)
    key_id = envelope.read(data, what=str(path), limit=MAX_BYTES).key_id
    statements = register.statements_of(publisher)
    keys = [seal.key for one in statements for seal in one.seals if seal.key_id == key_id]
    if not keys:
        raise Unverified(
            "law.unknown_signer",
            f"{path}: signed with a seal that no accepted key statement of {publisher} names",
            hint="Pin the newest directory, or ask the publisher which seal it used.",
        )
    signed = read_part(data, key=keys[-1])
    register.statement_at(publisher, key_id=key_id, instant=signed.issued)
    if any(key_id == line.key_id and line.at <= now for line in statements[-1].revoked):
        raise Unverified(
            "law.signer_revoked",
            f"{path}: {publisher} has revoked the seal that signed it",
            hint="Ask the publisher to sign its law with its present seal.",
        )
    if signed.issued > now:
        raise Refused(
            "law.not_yet_issued", f"{path}: it says it was issued in the future, {signed.issued}"
        )
    return signed
