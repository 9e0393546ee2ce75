# SPDX-License-Identifier: Apache-2.0
"""Which files a package has, and where: nothing else may be in it.

Every path has exactly one meaning (`place_of`) or none, and a path without a
meaning is refused. `data/` is what the sender seals; `signatures/` holds the
seal; `acceptance/` is what the receiver adds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from comity.canonical.ids import AuthorityId, parse_authority_id, parse_exhibit_number
from comity.errors import Invalid
from comity.evidence.model import CustodyEvent
from comity.evidence.names import check_path

BAGIT: Final = "bagit.txt"
BAG_INFO: Final = "bag-info.txt"
PROFILE: Final = "bagit-profile.json"
MANIFEST_SHA256: Final = "manifest-sha256.txt"
MANIFEST_SHA512: Final = "manifest-sha512.txt"
TAG_MANIFEST_SHA256: Final = "tagmanifest-sha256.txt"
TAG_MANIFEST_SHA512: Final = "tagmanifest-sha512.txt"
SEAL: Final = "signatures/tagmanifest-sha256.txt.dsse.json"
MINISIG: Final = "signatures/tagmanifest-sha256.txt.minisig"
RO_CRATE: Final = "data/ro-crate-metadata.json"
REQUEST: Final = "data/request/request-reference.json"
CASE_GRAPH: Final = "data/metadata/case.jsonld"
HASHDEEP: Final = "data/metadata/hashdeep.txt"
ACCEPTANCE: Final = "acceptance/acceptance.json"
EVIDENCE_FOLDER: Final = "data/evidence"

#: The files that the tag manifests list.
TAG_FILES: Final = (BAG_INFO, PROFILE, BAGIT, MANIFEST_SHA256, MANIFEST_SHA512)
#: All files at the root of a package.
ROOT_FILES: Final = (*TAG_FILES, TAG_MANIFEST_SHA256, TAG_MANIFEST_SHA512)
#: Files that every package has besides evidence, custody, keys and reports.
REQUIRED_FILES: Final = (*ROOT_FILES, SEAL, MINISIG, RO_CRATE, REQUEST, CASE_GRAPH, HASHDEEP)
REPORT_NAMES: Final = (
    "acquisition.txt",
    "acquisition.html",
    "custody-form.txt",
    "custody-form.html",
)

_STEP: Final = re.compile(r"(\d{4})-([a-z]+)\.(json|tlog-proof)", re.ASCII)
_KEYS: Final = re.compile(r"(.+)\.([1-9]\d{0,8})\.json", re.ASCII)
_LEDGER: Final = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)\.tlog-proof", re.ASCII)
_REPORT: Final = re.compile(rf"(.+)\.({'|'.join(map(re.escape, REPORT_NAMES))})")
#: Parts after `data/custody/`: the exhibit's number and the file.
_CUSTODY_PARTS: Final = 2


class Kind(Enum):
    """What a file of a package is."""

    ROOT = auto()
    SIGNATURE = auto()
    EVIDENCE = auto()
    STATEMENT = auto()
    STATEMENT_PROOF = auto()
    LEDGER_PROOF = auto()
    KEY_STATEMENT = auto()
    ACQUISITION = auto()
    REQUEST = auto()
    DERIVED = auto()
    ACCEPTANCE = auto()
    ACCEPTANCE_STATEMENT = auto()
    ACCEPTANCE_PROOF = auto()
    ACCEPTANCE_KEYS = auto()


@dataclass(frozen=True, kw_only=True)
class Place:
    """The meaning of one path; members that do not apply are empty."""

    path: str
    kind: Kind
    exhibit: str = ""
    seq: int = 0
    event: str = ""
    authority: AuthorityId | None = None
    serial: int = 0
    item: str = ""

    @property
    def payload(self) -> bool:
        """Whether the payload manifests list the file."""
        return self.path.startswith("data/")

    @property
    def acceptance(self) -> bool:
        """Whether the receiver added the file."""
        return self.path.startswith("acceptance/")


def place_of(path: str) -> Place | None:
    """Return the meaning of a relative path in a package, or None if it has none."""
    if path in _FIXED:
        return Place(path=path, kind=_FIXED[path])
    parts = path.split("/")
    reader = _VARIABLE.get("/".join(parts[:2]))
    try:
        return reader(path, parts[2:]) if reader else None
    except Invalid:
        return None


def statement_path(exhibit: str, seq: int, event: CustodyEvent, *, accepted: bool = False) -> str:
    """Return where the statement of a custody event lies."""
    folder = "acceptance/custody" if accepted else "data/custody"
    return f"{folder}/{exhibit}/{seq:04d}-{event}.json"


def proof_path(exhibit: str, seq: int, event: CustodyEvent, *, accepted: bool = False) -> str:
    """Return where the ledger proof of a custody event lies."""
    path = statement_path(exhibit, seq, event, accepted=accepted)
    return f"{path.removesuffix('.json')}.tlog-proof"


def keys_path(authority: str, serial: int, *, accepted: bool = False) -> str:
    """Return where a key statement lies."""
    folder = "acceptance/keys" if accepted else "data/keys"
    return f"{folder}/{authority}.{serial}.json"


def ledger_path(authority: str, event_type: str) -> str:
    """Return where another ledger proof lies, such as that of the request's sending."""
    return f"data/ledger/{authority}/{event_type}.tlog-proof"


def acquisition_path(exhibit: str) -> str:
    """Return where the signed acquisition record of an exhibit lies."""
    return f"data/acquisition/{exhibit}.json"


def report_path(exhibit: str, name: str) -> str:
    """Return where a report lies; `name` is one of `REPORT_NAMES`."""
    return f"data/reports/{exhibit}.{name}"


def evidence_path(exhibit: str, item: str) -> str:
    """Return where an item of an exhibit lies."""
    return f"{EVIDENCE_FOLDER}/{exhibit}/{item}"


def _evidence(path: str, parts: list[str]) -> Place | None:
    if len(parts) < _CUSTODY_PARTS:
        return None
    item = check_path("/".join(parts[1:]))
    return Place(path=path, kind=Kind.EVIDENCE, exhibit=parse_exhibit_number(parts[0]), item=item)


def _custody(path: str, parts: list[str]) -> Place | None:
    return _step(path, parts, Kind.STATEMENT, Kind.STATEMENT_PROOF)


def _accepted_custody(path: str, parts: list[str]) -> Place | None:
    return _step(path, parts, Kind.ACCEPTANCE_STATEMENT, Kind.ACCEPTANCE_PROOF)


def _step(path: str, parts: list[str], statement: Kind, proof: Kind) -> Place | None:
    found = _STEP.fullmatch(parts[-1])
    if len(parts) != _CUSTODY_PARTS or not found or found[2] not in list(CustodyEvent):
        return None
    kind = statement if found[3] == "json" else proof
    number = parse_exhibit_number(parts[0])
    return Place(path=path, kind=kind, exhibit=number, seq=int(found[1]), event=found[2])


def _keys(path: str, parts: list[str]) -> Place | None:
    kind = Kind.KEY_STATEMENT if path.startswith("data/") else Kind.ACCEPTANCE_KEYS
    found = _KEYS.fullmatch("/".join(parts))
    if not found:
        return None
    authority = parse_authority_id(found[1])
    return Place(path=path, kind=kind, authority=authority, serial=int(found[2]))


def _ledger(path: str, parts: list[str]) -> Place | None:
    found = _LEDGER.fullmatch(parts[-1])
    if len(parts) != _CUSTODY_PARTS or not found:
        return None
    identifier = parse_authority_id(parts[0])
    return Place(path=path, kind=Kind.LEDGER_PROOF, authority=identifier, event=found[1])


def _acquisition(path: str, parts: list[str]) -> Place | None:
    name = "/".join(parts)
    if not name.endswith(".json"):
        return None
    number = parse_exhibit_number(name.removesuffix(".json"))
    return Place(path=path, kind=Kind.ACQUISITION, exhibit=number)


def _report(path: str, parts: list[str]) -> Place | None:
    found = _REPORT.fullmatch("/".join(parts))
    if not found:
        return None
    return Place(path=path, kind=Kind.DERIVED, exhibit=parse_exhibit_number(found[1]))


_FIXED: Final = {
    **dict.fromkeys(ROOT_FILES, Kind.ROOT),
    SEAL: Kind.SIGNATURE,
    MINISIG: Kind.SIGNATURE,
    RO_CRATE: Kind.DERIVED,
    CASE_GRAPH: Kind.DERIVED,
    HASHDEEP: Kind.DERIVED,
    REQUEST: Kind.REQUEST,
    ACCEPTANCE: Kind.ACCEPTANCE,
}
_VARIABLE: Final[dict[str, Callable[[str, list[str]], Place | None]]] = {
    "data/evidence": _evidence,
    "data/custody": _custody,
    "acceptance/custody": _accepted_custody,
    "data/keys": _keys,
    "acceptance/keys": _keys,
    "data/ledger": _ledger,
    "data/acquisition": _acquisition,
    "data/reports": _report,
}
