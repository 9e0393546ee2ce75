# SPDX-License-Identifier: Apache-2.0
"""One history of a request: events, custody and receipts in one list, newest first.

Receipts are proof of delivery and say so; they stand in the same list because officers look for
everything that happened in one place, but they never look like a decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils.translation import gettext as _

from comity.canonical.digest import sha256
from comity.node.queries.views import Fact, ReceiptView, RequestPage, TimelineItem

Kind = Literal["event", "custody", "receipt"]
_CUSTODY: Final = "custody."
FILTERS: Final = ("all", "event", "custody", "receipt")


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
    """Return the history of a request, newest first, of one kind or all."""
    entries = [*map(_event, page.timeline), *_receipts(page)]
    chosen = [entry for entry in entries if show in {"all", entry.kind}]
    return tuple(sorted(chosen, key=lambda entry: entry.at, reverse=True))


def filters(page: RequestPage, *, show: str) -> tuple[Filter, ...]:
    """Return the links above the history; only kinds that occur, and none for a single kind."""
    present = {entry.kind for entry in history(page)}
    if len(present) < 2:  # noqa: PLR2004 - one kind needs no choice
        return ()
    words = {
        "all": _("Everything"),
        "event": _("Events"),
        "custody": _("Custody"),
        "receipt": _("Delivery"),
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


def _receipts(page: RequestPage) -> Iterator[Entry]:
    for number, receipt in enumerate(page.delivery):
        if receipt.at is not None:
            yield _receipt(number, receipt, receipt.at)


def _receipt(number: int, receipt: ReceiptView, at: datetime) -> Entry:
    facts = (Fact(_("Message"), receipt.message_label),)
    return Entry(
        id=f"receipt-{number}",
        kind="receipt",
        at=at,
        label=receipt.kind_label,
        actor=receipt.by,
        ours=receipt.direction == "incoming",
        text="",
        facts=(*facts, Fact(_("Detail"), receipt.detail)) if receipt.detail else facts,
        ledger_index=None,
        final=False,
    )


def mark(page: RequestPage) -> str:
    """Return a short text that changes whenever anything on the request page does.

    It covers the whole page, not its newest event: the page is put together of several reads, and
    an event may be in one of them and not yet in another. The next look then shows the rest.
    """
    return sha256(repr(page).encode())[:16]
