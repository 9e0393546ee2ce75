# SPDX-License-Identifier: Apache-2.0
"""One history of a request: events and custody in one list, newest first, receipts folded below.

Receipts are proof of delivery. Every message brings several, so they would hide what happened:
they stay in the same place, under a heading that opens, or alone when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """Return the history of a request, newest first: one kind, or all but the receipts."""
    if show == "receipt":
        return receipts(page)
    entries = map(_event, page.timeline)
    return _newest_first(entry for entry in entries if show in {"all", entry.kind})


def receipts(page: RequestPage) -> tuple[Entry, ...]:
    """Return the receipts for the messages of a request, newest first."""
    return _newest_first(_receipts(page))


def _newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def filters(page: RequestPage, *, show: str) -> tuple[Filter, ...]:
    """Return the links above the history; only kinds that occur, and none for a single kind."""
    present = {entry.kind for entry in (*history(page), *receipts(page))}
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
