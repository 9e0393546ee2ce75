# SPDX-License-Identifier: Apache-2.0
"""What an action answers, and what is said once an action is done.

Nobody answers blind: a page that answers a question, an offer or a consultation shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _lazy

from comity.assistance.model import State
from comity.node.queries.views import RequestPage, TimelineItem

#: Action -> the state in which it is an answer, and the event that brought what is answered.
ANSWERS: Final = {
    "supplement": (State.INFORMATION_REQUESTED, "question.received"),
    "accept_condition": (State.CONDITION_OFFERED, "condition.offer_received"),
    "decline_condition": (State.CONDITION_OFFERED, "condition.offer_received"),
    "reply_consultation": (State.CONSULTATION, "consultation.received"),
}
#: The fact of a question that names fields of the request (`services._telling`).
_ABOUT: Final = "About"
_ANSWERED: Final = _lazy("Your answer is on its way to the other side.")
DONE: Final = {
    "submit": _lazy("The draft now waits for the approval of two officers."),
    "discard": _lazy("The draft has been discarded. Nothing was sent."),
    "return_to_draft": _lazy("The request is a draft again and can be changed."),
    "approve": _lazy("Your approval of these contents is on record."),
    "send": _lazy("The request has been signed and is on its way to the other side."),
    "supplement": _lazy("The further information is on its way to the other side."),
    "accept_condition": _lazy("You accepted the conditions. The other side is being told."),
    "decline_condition": _lazy("You declined the conditions. The other side is being told."),
    "reply_consultation": _lazy("Your reply is on its way to the other side."),
    "confirm_receipt": _lazy("You confirmed the receipt. The other side is being told."),
    "reject_package": _lazy("You rejected the package. The other side is being told."),
    "withdraw": _lazy("The request has been withdrawn. The other side is being told."),
    "close": _lazy("The request has been closed. The other side is being told."),
    "acknowledge": _lazy("Your acknowledgement is on its way to the other side."),
    "request_information": _lazy("Your question is on its way to the other side."),
    "offer_condition": _lazy("Your conditions are on their way to the other side."),
    "open_consultation": _lazy("The consultation is open. The other side is being told."),
    "proceed_without_reply": _lazy("The work goes on without the reply."),
    "accept": _lazy("The request has been accepted. The other side is being told."),
    "refuse": _lazy("The request has been refused. The other side is being told."),
    "postpone": _lazy("The request is postponed. The other side is being told."),
    "take_up": _lazy("The request has been taken up again. The other side is being told."),
    "start_execution": _lazy("The execution has begun. The other side is being told."),
    "report_preservation": _lazy("Your report on the preservation is on its way."),
    "report_progress": _lazy("Your report is on its way to the other side."),
    "deliver_in_part": _lazy("These exhibits are on their way; more will follow."),
    "deliver": _lazy("The exhibits are on their way to the other side."),
}


def answered(page: RequestPage, action: str) -> TimelineItem | None:
    """Return what the other side said and this action answers; None for any other action."""
    state, event = ANSWERS.get(action, ("", ""))
    if page.state != state:
        return None
    return next((item for item in page.timeline if item.event == event), None)


def done(action: str, *, asked: TimelineItem | None) -> str:
    """Return the sentence that an officer reads after an action; `asked` is what it answered."""
    said = _ANSWERED if action == "supplement" and asked else DONE[action]
    return str(said)


def fields_asked(page: RequestPage, asked: TimelineItem | None) -> frozenset[str]:
    """Return the fields of the request that a question names."""
    facts = asked.facts if asked else ()
    left = "".join(fact.value for fact in facts if fact.label == _ABOUT)
    found = set()
    for name, label in _longest_first(page):
        if label in left:
            found.add(name)
            left = left.replace(label, "")  # so that no shorter label is found in it
    return frozenset(found)


def _longest_first(page: RequestPage) -> Iterable[tuple[str, str]]:
    views = (view for section in page.sections for view in section.fields)
    return sorted(((one.id, one.label) for one in views), key=lambda pair: -len(pair[1]))
