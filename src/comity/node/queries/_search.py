# SPDX-License-Identifier: Apache-2.0
"""Finding requests by words: number, title, other side, identifiers, exhibit numbers.

Every word must be found somewhere in the request. Plain ORM, the same on SQLite and
PostgreSQL: the words of the request lie folded in one column, so the database compares
folded text with folded text.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Exists, OuterRef, Q

from comity.errors import Invalid
from comity.node.store.findable import folded
from comity.node.store.models import ExhibitRow, PeerRow

#: Longest search, in characters.
MAX_SEARCH: Final = 200
#: Most words in one search.
MAX_WORDS: Final = 10


def search_words(text: str) -> tuple[str, ...]:
    """Return the words to look for, folded; none for a blank search.

    Raises `Invalid` (`search.too_long`, `search.too_many_words`).
    """
    if len(text) > MAX_SEARCH:
        raise Invalid(
            "search.too_long",
            f"a search has at most {MAX_SEARCH} characters",
            hint="Search for a number or a few words.",
        )
    words = tuple(dict.fromkeys(folded(text).split()))
    if len(words) > MAX_WORDS:
        raise Invalid(
            "search.too_many_words",
            f"a search has at most {MAX_WORDS} words",
            hint="Search for a number or a few words.",
        )
    return words


def matching(words: tuple[str, ...]) -> Q:
    """Return the condition that a request holds every one of `words`."""
    peers = tuple(PeerRow.objects.values_list("authority", "name", "state"))
    condition = Q()
    for word in words:
        condition &= _holds(word, peers)
    return condition


def _holds(word: str, peers: tuple[tuple[str, str, str], ...]) -> Q:
    named = [
        authority
        for authority, name, state in peers
        if word in folded(authority) or word in folded(name) or word == folded(state)
    ]
    exhibits = ExhibitRow.objects.filter(request=OuterRef("pk"), number__icontains=word)
    return (
        Q(findable__contains=word)
        | Q(direction="outgoing", requested__in=named)
        | Q(direction="incoming", requesting__in=named)
        | Q(Exists(exhibits))
    )
