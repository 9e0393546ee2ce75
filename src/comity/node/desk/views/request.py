# SPDX-License-Identifier: Apache-2.0
"""The page of one request, what refreshes it, its letter, and who looks after it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from comity.node import queries
from comity.node.desk import history
from comity.node.desk.letter import letter
from comity.node.desk.views.page import DeskView
from comity.node.queries.views import RequestPage
from comity.node.services import assistance

PRIMARY: Final = frozenset({"submit", "approve", "send", "acknowledge", "accept", "deliver"})
DANGEROUS: Final = frozenset(
    {"withdraw", "refuse", "reject_package", "decline_condition", "discard"}
)


def request_context(page: RequestPage, request: HttpRequest) -> dict[str, Any]:
    """Return what the request page and its refreshed part need."""
    show = request.GET.get("show", "all")
    show = show if show in history.FILTERS else "all"
    return {
        "page": page,
        "timeline": history.history(page, show=show),
        "timeline_filters": history.filters(page, show=show),
        "show": show,
        "seen": history.mark(page),
        "primary": PRIMARY,
        "dangerous": DANGEROUS,
    }


class RequestView(DeskView):
    """Everything about one request."""

    template = "desk/request.html"

    def get(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show the page."""
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        return self.show(**request_context(page, request))


class Live(DeskView):
    """The part of the request page that changes, asked for every fifteen seconds."""

    template = "desk/parts/request_live.html"

    def get(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Answer 204 while nothing has happened, so that nothing moves under the reader."""
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        if request.GET.get("seen") == history.mark(page):
            return HttpResponse(status=204)
        return self.show(**request_context(page, request), refreshed=True)


class LetterView(DeskView):
    """The request as a letter."""

    template = "desk/request_letter.html"

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show the letter."""
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        return self.show(page=page, letter=letter(page))


class Assign(DeskView):
    """Give one request to an officer."""

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Assign it and go back."""
        assistance.assign_request(
            officer=self.officer,
            now=self.now,
            request_id=str(request_id),
            to=request.POST.get("officer", ""),
        )
        return redirect("desk:request", request_id)
