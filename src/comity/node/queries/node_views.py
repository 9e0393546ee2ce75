# SPDX-License-Identifier: Apache-2.0
"""What is shown of the node itself: its ledger, its peers, its health."""

from __future__ import annotations

from dataclasses import dataclass

from comity.canonical.time import Instant
from comity.node.queries.views import PartyView


@dataclass(frozen=True)
class WitnessView:
    """A witness and how far it has cosigned."""

    authority: str
    name: str
    size: int | None
    at: Instant | None


@dataclass(frozen=True)
class LedgerEntryView:
    """One entry, described from the audit row behind it."""

    index: int
    at: Instant
    event: str
    label: str
    reference: str
    """Empty when the officer may not see the case, or the entry has none."""
    leaf_sha256: str
    status: str
    """`sequenced`, `integrated`, `final`."""


@dataclass(frozen=True)
class LedgerPage:
    """The node's log."""

    origin: str
    sequenced: int
    integrated: int
    final: int
    root_sha256: str
    checkpoint: str
    """The newest signed checkpoint, as text."""
    published: Instant | None
    quorum: int
    witnesses: tuple[WitnessView, ...]
    entries: tuple[LedgerEntryView, ...]


@dataclass(frozen=True)
class PeerView:
    """A peer authority and the state of the line to it."""

    party: PartyView
    roles: tuple[str, ...]
    serial: int
    statement_expires: Instant
    wire_url: str
    status: str
    """`known`, `quarantined`, `expired`."""
    last_heard: Instant | None
    clock_difference: int | None
    """Seconds the peer's clock is ahead of ours, as last measured."""
    waiting: int
    """Messages on their way to it."""
    last_problem: str


@dataclass(frozen=True)
class HealthItem:
    """One thing `comity-node check` looks at."""

    id: str
    title: str
    status: str
    """`ok`, `warning`, `problem`."""
    detail: str
    hint: str
