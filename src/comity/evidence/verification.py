# SPDX-License-Identifier: Apache-2.0
"""What the steps of a verification share: the files as read, and what is known so far.

Small files are read once, hashed and kept; what is parsed later are those very
bytes. Evidence is read once, in its own step, and never kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from comity.authorities.model import Authority
from comity.authorities.trust import Trust
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import ComityError, Unverified
from comity.evidence.acceptance import SignedAcceptance
from comity.evidence.acquisition import SignedAcquisition
from comity.evidence.bag import BagInfo
from comity.evidence.contents import FileFacts, PackageFacts
from comity.evidence.custody import SignedStatement
from comity.evidence.keyring import Keyring
from comity.evidence.layout import Kind, Place
from comity.evidence.reading import EVIDENCE_ALGORITHMS, OTHER_ALGORITHMS, Reader, ReadFile
from comity.evidence.report import Fault
from comity.evidence.request_reference import RequestReference
from comity.ledger.proof import VerifiedProof

#: Most octets of small files (manifests, statements, proofs, keys) that are kept in memory.
MAX_KEPT_BYTES: Final = 512 << 20
#: Largest single file that is read whole.
MAX_SMALL_BYTES: Final = 256 << 20
#: Most faults collected in one step.
MAX_FAULTS: Final = 1_000
_Value = TypeVar("_Value")


class StepFailed(Exception):
    """Ends a step with its faults."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].message if faults else "")
        self.faults = tuple(faults)


class StepSkipped(Exception):
    """Ends a step that has nothing to check; the text says why."""


class Faults:
    """Collects what is wrong in one step, file by file, and goes on."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, file: str, code: str, message: str) -> None:
        """Note a fault."""
        if len(self.found) < MAX_FAULTS:
            self.found.append(Fault(file=file, code=code, message=message))

    @contextmanager
    def at(self, file: str) -> Iterator[None]:
        """Turn an error inside the block into a fault of `file`."""
        try:
            yield
        except (StepFailed, StepSkipped):
            raise
        except ComityError as error:
            self.add(file, error.code, error.message)
        except Exception as error:  # noqa: BLE001 - see `unforeseen`
            self.found.append(unforeseen(error, file))

    def end(self) -> None:
        """End the step if anything was wrong."""
        if self.found:
            raise StepFailed(self.found)


def unforeseen(error: Exception, file: str) -> Fault:
    """Return the fault that stands for an error nobody thought of.

    It is a mistake of this program. But whoever made the package must not be able to
    end a verification without its report, so the step fails, and says what happened.
    """
    text = f"{file}: could not be checked; the program failed with {type(error).__name__}: {error}"
    return Fault(file=file, code="package.not_checkable", message=text)


@dataclass(frozen=True)
class Event:
    """One custody event of the package: where it is, what it says, what proves it."""

    path: str
    signed: SignedStatement
    proof: VerifiedProof


@dataclass
class State:
    """What the steps have found; a member is set by the step that vouches for it."""

    root: Path
    trust: Trust
    now: Instant | None
    reader: Reader
    sizes: dict[str, int] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    read: dict[str, ReadFile] = field(default_factory=dict)
    kept: int = 0
    info: BagInfo | None = None
    keyring: Keyring | None = None
    sealed_keys: Keyring | None = None
    seal: str | None = None
    request: RequestReference | None = None
    chains: dict[str, list[Event]] = field(default_factory=dict)
    records: dict[str, SignedAcquisition] = field(default_factory=dict)
    facts: PackageFacts | None = None
    proved: set[AuthorityId] = field(default_factory=set)
    sending_proved: bool = False
    trees: dict[tuple[str, int], tuple[bytes, str]] = field(default_factory=dict)
    acceptance: SignedAcceptance | None = None
    notes: list[str] = field(default_factory=list)
    _evidence: dict[str, list[FileFacts]] | None = None

    def of_kind(self, *kinds: Kind) -> list[Place]:
        """Return the places of these kinds in order of their paths."""
        return [place for place in self.places.values() if place.kind in kinds]

    def small(self, path: str) -> bytes:
        """Return the bytes of a small file, read and hashed once.

        Raises `Unverified` (`package.missing`, `package.too_large`) or `Unavailable`.
        """
        known = self.read.get(path)
        if known is None:
            known = self._read_small(path)
        if known.data is None:
            raise Unverified("package.too_large", f"{path}: was not kept")
        return known.data

    def digest(self, path: str, algorithm: str) -> str:
        """Return a digest of a file, reading it now if it has not been read yet."""
        if path not in self.read:
            self.read_payload(path)
        return self.read[path].digests[algorithm]

    def read_payload(self, path: str) -> ReadFile:
        """Read a file for all its digests, unless it has been read; return what was found."""
        if path in self.read:
            return self.read[path]
        place = self.places[path]
        if place.kind in {Kind.EVIDENCE, Kind.DERIVED}:
            evidence = place.kind is Kind.EVIDENCE
            algorithms = EVIDENCE_ALGORITHMS if evidence else OTHER_ALGORITHMS
            self.read[path] = self.reader.read(path, self.sizes[path], algorithms, keep=False)
        else:
            self._read_small(path)
        return self.read[path]

    def evidence(self) -> dict[str, list[FileFacts]]:
        """Return the evidence files as read, by exhibit, in order of their paths."""
        if self._evidence is None:
            files: dict[str, list[FileFacts]] = {}
            for place in self.of_kind(Kind.EVIDENCE):
                found = self.read[place.path]
                facts = FileFacts(
                    exhibit=place.exhibit, item=place.item, size=found.size, **found.digests
                )
                files.setdefault(place.exhibit, []).append(facts)
            for ones in files.values():
                ones.sort(key=lambda one: one.item)
            self._evidence = files
        return self._evidence

    def sender_authorities(self) -> Mapping[AuthorityId, Authority]:
        """Return the authorities as the sealed key statements describe them.

        Without what the receiver added: the derived files are older than that.
        """
        return _present(self.sealed_keys).authorities

    def require_info(self) -> BagInfo:
        """Return what bag-info.txt says; steps that need it run after the one that reads it."""
        return _present(self.info)

    def require_keyring(self) -> Keyring:
        """Return the verified key statements."""
        return _present(self.keyring)

    def require_request(self) -> RequestReference:
        """Return the request reference."""
        return _present(self.request)

    def require_facts(self) -> PackageFacts:
        """Return everything the package says."""
        return _present(self.facts)

    def _read_small(self, path: str) -> ReadFile:
        if path not in self.sizes:
            raise Unverified("package.missing", f"{path}: is missing")
        size = self.sizes[path]
        if size > MAX_SMALL_BYTES or self.kept + size > MAX_KEPT_BYTES:
            raise Unverified("package.too_large", f"{path}: too large to be read whole")
        self.kept += size
        found = self.reader.read(path, size, OTHER_ALGORITHMS, keep=True)
        self.read[path] = found
        return found


def _present(value: _Value | None) -> _Value:
    """Return a value that an earlier step has set; the table of steps sees to it that it has."""
    if value is None:
        raise AssertionError("a step ran before the one it needs")
    return value


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, whose plural ends in s: "1 file", "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
