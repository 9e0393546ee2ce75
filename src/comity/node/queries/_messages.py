# SPDX-License-Identifier: Apache-2.0
"""Messages of peers that had no effect here, and messages that are missing.

Neither changes a request; so somebody must be told. What a message or its
fault says is told only to who may read the request. Everybody else who looks
after the node gets numbers and codes.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet

from comity.canonical.ids import ObjectId
from comity.canonical.time import Instant
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.queries import _labels
from comity.node.queries._common import Parties, visible
from comity.node.queries.views import TroubleView
from comity.node.services import inbox, outbox
from comity.node.store.models import RequestRow, StatementInRow

#: How long health tells of a message that had no effect, and how many it names.
TOLD_FOR: Final = timedelta(days=14)
MOST_TOLD: Final = 20
#: A message is missing when those behind it have waited this long.
MISSING_AFTER: Final = timedelta(hours=1)
#: How an error ends its first line: `… [assistance.not_now]`.
_CODE: Final = re.compile(r"\[([a-z0-9_.]+)\]$")


def troubles(row: RequestRow, parties: Parties, now: Instant) -> tuple[TroubleView, ...]:
    """Return what an officer who reads the request must know of its messages, the newest first."""
    idle = StatementInRow.objects.filter(case=row.pk, state__in=["rejected", "waiting"])
    rows = list(idle.defer("raw").order_by("-applied", "-seq"))
    found = [
        TroubleView(
            kind="no_effect",
            message_label=_labels.MESSAGES.get(one.type, one.type),
            by=parties.view(one.sender).name,
            at=one.applied,
            numbers=(),
            reasons=_reasons(one.problem),
        )
        for one in rows
        if one.state == "rejected"
    ]
    if not any(one.state == "waiting" and one.arrived < now - MISSING_AFTER for one in rows):
        return tuple(found)
    missing = [
        TroubleView(
            kind="missing",
            message_label="",
            by=parties.view(sender).name,
            at=None,
            numbers=numbers,
            reasons=(),
        )
        for sender, numbers in inbox.gaps(ObjectId(str(row.pk)))
    ]
    return (*missing, *found)


def told(now: Instant, officer: Officer | None) -> str:
    """Return what health says of messages; nothing if all is well.

    `officer` is who reads it; none stands for the operator's command.
    """
    refused = StatementInRow.objects.filter(state="rejected", applied__gt=now - TOLD_FOR)
    waiting = _waiting(now)
    said = [_lost()]
    if officer is not None:
        known = _known(officer)
        said += _refused_in_words(refused.filter(known)) + _missing_in_words(waiting.filter(known))
        refused, waiting = refused.exclude(known), waiting.exclude(known)
    said += [_refused_in_numbers(refused), _missing_in_numbers(waiting)]
    return "; ".join(filter(None, said))


def code_of(problem: str) -> str:
    """Return the code of a kept error, which says what is wrong and nothing of the case."""
    found = _CODE.search(problem.split("\n", 1)[0])
    return found[1] if found else "a fault"


def _known(officer: Officer) -> Q:
    """The statements whose case the officer may read; those of no request too, for who reads all.

    A message that opens a case and has no effect leaves no request behind.
    """
    here = Q(case__in=RequestRow.objects.filter(visible(officer)).values("pk"))
    if permissions.readable(officer).get("incoming", ()) is None:
        return here | ~Q(case__in=RequestRow.objects.values("pk"))
    return here


def _waiting(now: Instant) -> QuerySet[StatementInRow]:
    return StatementInRow.objects.filter(state="waiting", arrived__lt=now - MISSING_AFTER)


def _lost() -> str:
    lost = outbox.failures()
    return f"{len(lost)} of ours did not arrive: comity-node outbox failed" if lost else ""


def _refused_in_words(refused: QuerySet[StatementInRow]) -> list[str]:
    return [
        f"{row.type} of {row.sender} in case {row.case} had no effect here: {row.problem}"
        for row in refused.order_by("-applied")[:MOST_TOLD]
    ]


def _missing_in_words(waiting: QuerySet[StatementInRow]) -> list[str]:
    cases = waiting.values_list("case", flat=True).distinct()[:MOST_TOLD]
    return [
        f"in case {case} the messages {', '.join(map(str, numbers))} of {sender} are missing"
        for case in cases
        for sender, numbers in inbox.gaps(ObjectId(str(case)))
    ]


def _refused_in_numbers(refused: QuerySet[StatementInRow]) -> str:
    kinds = Counter(
        (sender, code_of(problem)) for sender, problem in refused.values_list("sender", "problem")
    )
    return "; ".join(
        f"{number} of {sender} had no effect here: {code}"
        for (sender, code), number in sorted(kinds.items())
    )


def _missing_in_numbers(waiting: QuerySet[StatementInRow]) -> str:
    cases = waiting.order_by("sender").values_list("sender", "case").distinct()
    senders = Counter(sender for sender, _case in cases)
    return "; ".join(
        f"messages of {sender} are missing in {number} case{'s' if number > 1 else ''}"
        for sender, number in senders.items()
    )


def _reasons(problem: str) -> tuple[str, ...]:
    """Return the reasons of a kept error, or else its message without the code."""
    message, *more = problem.split("\n")
    reasons = tuple(line[4:] for line in more if line.startswith("  - "))
    return reasons or (_CODE.sub("", message).strip(),)
