# SPDX-License-Identifier: Apache-2.0
"""One history of a request: events and custody in one list, newest first.

Receipts are proof of delivery. Every message brings several, so they would hide what happened:
they have a table of their own on the page and are not in this list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils.translation import gettext as _

from comity.canonical.digest import sha256
from comity.node.queries.views import Fact, RequestPage, TimelineItem

Kind = Literal["event", "custody"]
_CUSTODY: Final = "custody."
FILTERS: Final = ("all", "event", "custody")


@dataclass(frozen=True)
class Entry:
    """One line of the history."""

    id: str
    kind: Kind
    at: datetime
    label: str
    actor: str
    ours: bool
    text: str
    facts: tuple[Fact, ...]
    ledger_index: int | None
    final: bool


@dataclass(frozen=True)
class Filter:
    """A link that shows one kind of entries."""

    text: str
    url: str
    current: bool


def history(page: RequestPage, *, show: str = "all") -> tuple[Entry, ...]:
    """Return the history of a request, newest first: everything, or one kind."""
    entries = (entry for entry in map(_event, page.timeline) if show in {"all", entry.kind})
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def filters(page: RequestPage, *, show: str) -> tuple[Filter, ...]:
    """Return the links above the history; only kinds that occur, and none for a single kind."""
    present = {entry.kind for entry in history(page)}
    if len(present) < 2:  # noqa: PLR2004 - one kind needs no choice
        return ()
    words = {
        "all": _("Everything"),
        "event": _("Events"),
        "custody": _("Custody"),
    }
    return tuple(
        Filter(words[kind], f"?show={kind}", kind == show)
        for kind in FILTERS
        if kind == "all" or kind in present
    )


def _event(item: TimelineItem) -> Entry:
    return Entry(
        id=item.id,
        kind="custody" if item.event.startswith(_CUSTODY) else "event",
        at=item.at,
        label=item.label,
        actor=item.actor,
        ours=item.ours,
        text=item.text,
        facts=item.facts,
        ledger_index=item.ledger_index,
        final=item.final,
    )


def mark(page: RequestPage) -> str:
    """Return a short text that changes whenever anything on the request page does.

    It covers the whole page, not its newest event: the page is put together of several reads, and
    an event may be in one of them and not yet in another. The next look then shows the rest.
    """
    return sha256(repr(page).encode())[:16]
