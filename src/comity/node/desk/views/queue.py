# SPDX-License-Identifier: Apache-2.0
"""The work queue: the first page after signing in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.node import queries
from comity.node.desk.views.page import DeskView
from comity.node.queries.views import QueueItem, QueueName
from comity.node.services import assistance

_VIEWS: Final = ("mine", "waiting", "due", "unassigned")
_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
_ORDER: Final[dict[str, Callable[[QueueItem], datetime]]] = {
    "due": lambda item: item.due or _NEVER,
    "activity": lambda item: item.updated,
}


@dataclass(frozen=True)
class Column:
    """A heading that sorts."""

    text: str
    url: str
    aria: str
    mark: str


class Queue(DeskView):
    """Show one of the four queues."""

    template = "desk/queue.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the queue, sorted as asked."""
        view = request.GET.get("view", "mine")
        chosen = cast("QueueName", view if view in _VIEWS else "mine")
        page = queries.queue(officer=self.officer, view=chosen, now=self.now)
        sort, descending = _asked(request)
        items = sorted(page.items, key=_ORDER[sort], reverse=descending)
        return self.show(
            page=page,
            items=items,
            columns=_columns(chosen, sort, descending=descending),
            explanation=_explanation(chosen),
            empty=_empty(chosen),
        )


class AssignMany(DeskView):
    """Give several requests to one officer."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Assign each of the chosen requests."""
        chosen, officer_id = request.POST.getlist("request"), request.POST.get("officer", "")
        for request_id in chosen:
            assistance.assign_request(
                officer=self.officer, now=self.now, request_id=request_id, to=officer_id
            )
        count = len(chosen)
        said = ngettext("%(count)s request assigned.", "%(count)s requests assigned.", count)
        messages.success(request, said % {"count": count})
        return redirect(f"/queue/?view={request.POST.get('view', 'unassigned')}")


def _asked(request: HttpRequest) -> tuple[str, bool]:
    text = request.GET.get("sort", "due")
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in _ORDER else ("due", False)


def _columns(view: str, sort: str, *, descending: bool) -> list[Column]:
    words = {"due": _("Due"), "activity": _("Last activity")}
    columns = []
    for name, text in words.items():
        current = name == sort
        turned = "-" if (current and not descending) or (not current and name != "due") else ""
        aria = ("descending" if descending else "ascending") if current else "none"
        mark = {"ascending": "▲", "descending": "▼", "none": ""}[aria]
        columns.append(Column(text, f"?view={view}&sort={turned}{name}", aria, mark))
    return columns


def _explanation(view: QueueName) -> str:
    return {
        "mine": _("Requests that are assigned to you and wait for this authority."),
        "waiting": _("Requests on which the other side has the next move."),
        "due": _("Requests with a date, the nearest first."),
        "unassigned": _("Requests that nobody has taken yet."),
    }[view]


def _empty(view: QueueName) -> str:
    return {
        "mine": _("Nothing is assigned to you. Look under “Unassigned” for new requests."),
        "waiting": _("No request waits on another authority."),
        "due": _("No request has a date."),
        "unassigned": _("Every request has somebody who looks after it."),
    }[view]
