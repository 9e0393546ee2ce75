# SPDX-License-Identifier: Apache-2.0
"""The work queue: the first page after signing in, and the way to every request there ever was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.node import permissions, queries
from comity.node.desk.views.page import DeskView
from comity.node.queries.queue_views import QueueName, QueuePage, QueueSort
from comity.node.services import assistance

_VIEWS: Final = ("mine", "waiting", "due", "unassigned", "finished", "all")
_SORTS: Final = ("due", "-due", "activity", "-activity")
#: Most digits of a page number that are read; more is no number of ours.
_DIGITS: Final = 6


@dataclass(frozen=True)
class Column:
    """A heading that sorts."""

    text: str
    url: str
    aria: str
    mark: str


@dataclass(frozen=True)
class Turning:
    """The links to the pages before and after; blank where there is none."""

    before: str
    after: str


class Home(DeskView):
    """Lead to what the officer's menu begins with."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Go to the work queue; an officer who reads no request looks after the node."""
        reads = bool(permissions.readable(self.officer))
        return redirect("desk:queue" if reads else "desk:health")


class Queue(DeskView):
    """Show one of the queues, or what a search found."""

    template = "desk/queue.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the queue, sorted as asked; an officer who reads no request has none."""
        if not permissions.readable(self.officer):
            readers = sorted(role for role, scope in permissions.READS.items() if scope)
            raise permissions.denied("queue.read", readers)
        view = request.GET.get("view", "mine")
        chosen = cast("QueueName", view if view in _VIEWS else "mine")
        sort = request.GET.get("sort", "")
        page = queries.queue(
            officer=self.officer,
            view=chosen,
            now=self.now,
            sort=cast("QueueSort", sort) if sort in _SORTS else None,
            number=_number(request.GET.get("page", "")),
            search=request.GET.get("q", ""),
        )
        return self.show(
            page=page,
            items=page.items,
            columns=_columns(page),
            turning=_turning(page),
            explanation=_explanation(page),
            empty=_empty(page),
        )


class AssignMany(DeskView):
    """Give several requests to one officer."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Assign each of the chosen requests."""
        chosen, officer_id = request.POST.getlist("request"), request.POST.get("officer", "")
        if chosen:
            given = assistance.assign_requests(
                officer=self.officer, now=self.now, request_ids=chosen, to=officer_id
            )
            count = len(given)
            said = ngettext("%(count)s request assigned.", "%(count)s requests assigned.", count)
            messages.success(request, said % {"count": count})
        else:
            messages.info(request, _("No request was chosen, so none was assigned."))
        view = request.POST.get("view", "")
        return redirect(f"/queue/?view={view if view in _VIEWS else 'unassigned'}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 1


def _address(page: QueuePage, /, **changes: str | int) -> str:
    """The address of this list with something changed in it."""
    kept: dict[str, str | int] = {"q": page.search} if page.search else {"view": page.view}
    return "?" + urlencode({**kept, "sort": page.sort, **changes})


def _columns(page: QueuePage) -> list[Column]:
    words = {"due": _("Due"), "activity": _("Last activity")}
    columns = []
    for name, text in words.items():
        current, descending = page.sort.removeprefix("-") == name, page.sort.startswith("-")
        turned = "-" if (current and not descending) or (not current and name != "due") else ""
        aria = ("descending" if descending else "ascending") if current else "none"
        mark = {"ascending": "▲", "descending": "▼", "none": ""}[aria]
        columns.append(Column(text, _address(page, sort=f"{turned}{name}"), aria, mark))
    return columns


def _turning(page: QueuePage) -> Turning | None:
    if page.pages == 1:
        return None
    before = _address(page, page=page.number - 1) if page.number > 1 else ""
    after = _address(page, page=page.number + 1) if page.number < page.pages else ""
    return Turning(before, after)


def _explanation(page: QueuePage) -> str:
    if page.search:
        return ""
    return {
        "mine": _("Requests that are assigned to you and wait for this authority."),
        "waiting": _("Requests on which the other side has the next move."),
        "due": _("Requests with a date, the nearest first."),
        "unassigned": _("Requests that nobody has taken yet."),
        "finished": _("Requests that were closed, refused, withdrawn or discarded."),
        "all": _("Every request that you may see, finished ones too."),
    }[page.view]


def _empty(page: QueuePage) -> str:
    if page.search:
        return ""
    return {
        "mine": _("Nothing is assigned to you. Look under “Unassigned” for new requests."),
        "waiting": _("No request waits on another authority."),
        "due": _("No request has a date."),
        "unassigned": _("Every request has somebody who looks after it."),
        "finished": _("No request has been finished yet."),
        "all": _("There is no request that you may see."),
    }[page.view]
