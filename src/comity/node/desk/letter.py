# SPDX-License-Identifier: Apache-2.0
"""A request as a letter: the same fields in the order of paper, nothing added to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.canonical.time import Instant
from comity.node.queries.views import BasisView, FieldView, PartyView, RequestPage


@dataclass(frozen=True)
class LetterPart:
    """A numbered part of the letter; the number is printed as an identifier."""

    number: str
    title: str
    items: tuple[FieldView, ...]


@dataclass(frozen=True)
class Letter:
    """What the template prints."""

    language: str
    sender: PartyView
    recipient: PartyView
    reference: str
    peer_reference: str
    continues: str
    sent: Instant | None
    """When it left the requesting side, on that side's own page; None before it does."""
    received: Instant | None
    subject: str
    basis: BasisView | None
    measure: str
    parts: tuple[LetterPart, ...]
    closing: str


def letter(page: RequestPage) -> Letter:
    """Return the letter of a request; fields without an answer are left out."""
    answered = [
        (section.title, tuple(field for field in section.fields if field.value != ""))
        for section in page.sections
    ]
    continues = [link.reference for link in page.linked if link.relation == "preservation_of"]
    return Letter(
        language=get_language() or "en",
        sender=page.requesting,
        recipient=page.requested,
        reference=page.reference,
        peer_reference=page.peer_reference,
        continues=", ".join(continues),
        sent=_when(page, "request.sent"),
        received=_when(page, "request.received"),
        subject=page.title,
        basis=page.basis,
        measure=page.measure_label,
        parts=tuple(
            LetterPart(f"{number}.", title, fields)
            for number, (title, fields) in enumerate(
                ((title, fields) for title, fields in answered if fields), start=1
            )
        ),
        closing=_(
            "This letter has the contents of the signed message with the same reference."
            " The signed message prevails."
        ),
    )


def _when(page: RequestPage, event: str) -> Instant | None:
    return next((item.at for item in page.timeline if item.event == event), None)
