# SPDX-License-Identifier: Apache-2.0
"""One officer action: what it will do, what it asks, and the check before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comity.assistance.actions import ACTION_FORMS
from comity.assistance.facts import Situation
from comity.assistance.labels import state_label
from comity.assistance.model import Direction, Kind, State
from comity.assistance.tables import TABLES
from comity.node import permissions, queries
from comity.node.desk import answering, kept
from comity.node.desk.forms.actions import ActionInputs
from comity.node.desk.forms.form import Data
from comity.node.desk.letter import letter
from comity.node.desk.views.page import DeskView
from comity.node.desk.views.request import DANGEROUS
from comity.node.desk.words import translated
from comity.node.permissions import Officer
from comity.node.queries.views import ActionView, PartyView, RequestPage
from comity.node.services import assistance
from comity.workflow.table import Transition

#: Acts before which the whole contents are read once more.
_REVIEWED: Final = frozenset({"submit", "approve", "send"})
#: Most digits of an event's number that are read.
_DIGITS: Final = 18
#: Acts that stay inside this authority.
_INSIDE: Final = frozenset({"submit", "return_to_draft", "approve", "discard"})


@dataclass(frozen=True)
class Consequence:
    """Who receives it and what leaves the node."""

    leaves: bool
    recipient: PartyView
    text: str


class Action(DeskView):
    """Show the form of an action, and do it."""

    template = "desk/action/page.html"

    def get(self, _request: HttpRequest, request_id: UUID, action: str) -> HttpResponse:
        """Show what it will do."""
        page, view = self._find(request_id, action)
        return self._show(page, view, _form(page, view))

    def post(self, request: HttpRequest, request_id: UUID, action: str) -> HttpResponse:
        """Do it, or show every reason why not."""
        page, view = self._find(request_id, action)
        if not _listed(page, action):
            return self._show(page, view, _form(page, view), kept=kept.texts(request.POST))
        form = _form(page, view, request.POST)

        def call(_data: dict[str, Any]) -> object:
            return assistance.perform(
                officer=self.officer,
                now=self.now,
                request_id=page.request_id,
                action=action,
                inputs=form.arguments(),
                seen=_number(request.POST.get("seen", "")),
            )

        done = answering.done(action, asked=answering.answered(page, action))
        if not self.attempt(form, call, done=done):
            return self._show(page, view, form)
        return redirect("desk:request", request_id)

    def _find(self, request_id: UUID, action: str) -> tuple[RequestPage, ActionView]:
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        for view in page.actions:
            if view.action == action:
                return page, view
        return page, _not_now(page, action, self.officer)

    def _show(
        self, page: RequestPage, view: ActionView, form: ActionInputs, kept: Sequence[str] = ()
    ) -> HttpResponse:
        if not _listed(page, view.action):
            self.status = 409
        return self.show(
            page=page,
            action=view,
            form=form,
            kept=kept,
            asked=answering.answered(page, view.action),
            review=view.action in _REVIEWED,
            letter=letter(page) if view.action in _REVIEWED else None,
            dangerous=view.action in DANGEROUS,
            consequence=_consequence(page, view.action),
        )


def _form(page: RequestPage, view: ActionView, data: Data = None) -> ActionInputs:
    asked = answering.fields_asked(page, answering.answered(page, view.action))
    return ActionInputs(view.form, page, data, asked=asked)


def _number(text: str) -> int | None:
    """Read which event was the newest on the page that was answered; None if it does not say."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _listed(page: RequestPage, action: str) -> bool:
    return any(view.action == action for view in page.actions)


def _not_now(page: RequestPage, action: str, officer: Officer) -> ActionView:
    """Return an action of the officer's that the state does not have, and say so.

    Raises `Refused` (`permission.denied`) for an action of other roles, in this state or in any,
    and `Http404` for one that has no page.
    """
    direction = Direction(page.direction)
    form, table = ACTION_FORMS.get((direction, action)), TABLES[direction]
    row = next((one for one in table.transitions if _is(one, action, page.state)), None)
    needed = row.roles if row else permissions.roles_for(action, page.direction)
    if officer.roles.isdisjoint(needed):
        raise permissions.denied(action, sorted(needed))
    if form is None or row is not None:
        raise Http404
    states = dict.fromkeys(
        _state(page, one.source.value)
        for one in table.transitions
        if one.action == action and not officer.roles.isdisjoint(one.roles)
    )
    reasons = (
        _("This request is now: %(state)s.") % {"state": _state(page, page.state)},
        _("“%(action)s” is possible only while it is: %(states)s.")
        % {"action": translated(form.label), "states": "; ".join(states)},
    )
    bare = replace(form, inputs=())  # their choices come with the state
    return ActionView(action, form.label, enabled=False, reasons=reasons, form=bare)


def _is(row: Transition[State, Situation], action: str, state: str) -> bool:
    return row.action == action and row.source == state and bool(row.roles)


def _state(page: RequestPage, state: str) -> str:
    label = state_label(
        direction=Direction(page.direction), kind=Kind(page.kind), state=State(state)
    )
    return translated(label)


def _consequence(page: RequestPage, action: str) -> Consequence:
    peer = page.requested if page.direction == "outgoing" else page.requesting
    if action == "discard":
        text = _("Nothing. The draft ends here and is never sent.")
    elif action in _INSIDE:
        text = _("Nothing. It stays a draft of this authority.")
    elif action == "send":
        text = _("Everything below, signed by this authority. It cannot be called back unread.")
    elif action in {"deliver", "deliver_in_part"}:
        text = _("The package with the exhibits and their chain of custody, sealed and signed.")
    else:
        text = _("What you write below, signed by this authority.")
    return Consequence(action not in _INSIDE, peer, text)
