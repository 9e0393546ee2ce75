# SPDX-License-Identifier: Apache-2.0
"""What a package says, gathered once: the single source of everything derived from it.

The custody graph, the crate metadata, the list of digests and the reports are
all functions of `PackageFacts`. The sender writes what they return; a verifier
gathers the facts again from the signed statements and the files, calls the
same functions and compares bytes. So a package cannot tell two stories.

The output of these functions is therefore part of the format: a change to it
is a new version of the package format, and the old functions stay for the
packages made with them. For the same reason they ask no library and no machine
anything that may change (the Unicode version, the locale, the time).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.authorities.model import Authority
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.evidence.acquisition import AcquisitionRecord
from comity.evidence.custody import SignedStatement
from comity.evidence.layout import evidence_path
from comity.evidence.model import Item
from comity.evidence.request_reference import RequestReference


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """One evidence file as it is in the package; `item` is its path below the exhibit's folder."""

    exhibit: str
    item: str
    size: int
    md5: str
    sha1: str
    sha256: str
    sha512: str

    @property
    def path(self) -> str:
        """The path in the package."""
        return evidence_path(self.exhibit, self.item)

    def matches(self, item: Item) -> bool:
        """Tell whether a custody statement lists exactly this file."""
        listed = (item.path, item.size, item.sha256, item.sha512)
        return listed == (self.item, self.size, self.sha256, self.sha512)


@dataclass(frozen=True, kw_only=True)
class ExhibitFacts:
    """One exhibit: its chain of custody up to the transfer, its acquisition, its files."""

    number: str
    chain: tuple[SignedStatement, ...]
    acquisition: AcquisitionRecord | None
    files: tuple[FileFacts, ...]


@dataclass(frozen=True, kw_only=True)
class PackageFacts:
    """Everything that the derived files of one package are made from."""

    package: ObjectId
    sender: AuthorityId
    recipient: AuthorityId
    sealed_at: Instant
    request: RequestReference
    authorities: Mapping[AuthorityId, Authority]
    exhibits: tuple[ExhibitFacts, ...]

    def authority_name(self, authority: AuthorityId) -> str:
        """Return the official name from the carried key statement, else the identifier."""
        known = self.authorities.get(authority)
        return known.name if known else authority
