# SPDX-License-Identifier: Apache-2.0
"""A request as a letter: the same fields in the order of paper, nothing added to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.node.desk.words import translated
from comity.node.queries.views import FieldView, PartyView, RequestPage


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
    subject: str
    opening: str
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
        subject=page.title,
        opening=_opening(page),
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


def _opening(page: RequestPage) -> str:
    measure, authority = translated(page.measure_label), page.requested.name
    if page.basis is None:
        return _("We ask %(authority)s for this measure: %(measure)s.") % {
            "authority": authority,
            "measure": measure,
        }
    return _("Under the %(instrument)s, %(article)s, we ask %(authority)s for: %(measure)s.") % {
        "instrument": translated(page.basis.title),
        "article": translated(page.basis.article),
        "authority": authority,
        "measure": measure,
    }
