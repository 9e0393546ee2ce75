# SPDX-License-Identifier: Apache-2.0
"""Drafting: begin a request, its task list, one section at a time, saved as it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comity.errors import Conflict, Invalid
from comity.node import permissions, queries
from comity.node.desk import tasks
from comity.node.desk.forms.drafting import AboutForm, NewRequestForm
from comity.node.desk.forms.fields import FieldsForm
from comity.node.desk.views.page import DeskView
from comity.node.queries.views import FieldView, NewRequestPage, RequestPage, SectionView
from comity.node.services import assistance


class NewRequest(DeskView):
    """Begin a request."""

    template = "desk/draft/new.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.show(form=NewRequestForm(self._choices()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin the draft, then go to its task list."""
        form = NewRequestForm(self._choices(), request.POST)
        if not self.attempt(form, self._begin):
            return self.show(form=form)
        return redirect("desk:draft", self.result)

    def _choices(self) -> NewRequestPage:
        return queries.new_request_page(officer=self.officer, now=self.now)

    def _begin(self, data: dict[str, Any]) -> str:
        return assistance.create_request(officer=self.officer, now=self.now, **data).id


class DraftView(DeskView):
    """A page of a draft; what can no longer be changed is refused."""

    def draft(self, request_id: UUID) -> RequestPage:
        """Return the request, which must be open for changes by this officer."""
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        permissions.require(self.officer, "save_fields", page)
        if not page.editable:
            raise Conflict(
                "request.not_editable",
                "this request cannot be changed now",
                hint="Open the request to see how it stands.",
            )
        return page

    def section(self, page: RequestPage, section_id: str) -> SectionView:
        """Return one section of the form."""
        for section in page.sections:
            if section.id == section_id:
                return section
        raise Invalid("section.unknown", "the form has no such section")

    def save(self, page: RequestPage, form: FieldsForm, version: int) -> None:
        """Keep what can be kept; what the core refuses is marked and the rest is kept."""
        try:
            assistance.save_fields(
                officer=self.officer,
                now=self.now,
                request_id=page.request_id,
                fields=form.given(),
                version=version,
            )
        except Invalid as error:
            if not form.refuse(error):
                raise
            self.save(page, form, version)


class Tasks(DraftView):
    """The task list."""

    template = "desk/draft/tasks.html"

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show what is to be written and what the law still misses."""
        page = self.draft(request_id)
        return self.show(page=page, checked=tasks.checked(page), groups=tasks.groups(page))


class About(DraftView):
    """The title of a draft, and how fast it is."""

    template = "desk/draft/about.html"

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show what is saved."""
        page = self.draft(request_id)
        return self.show(page=page, form=AboutForm(page))

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Save it."""
        page = self.draft(request_id)
        form = AboutForm(page, request.POST)

        def call(data: dict[str, Any]) -> object:
            return assistance.save_fields(
                officer=self.officer, now=self.now, request_id=page.request_id, fields={}, **data
            )

        if not self.attempt(form, call):
            return self.show(page=page, form=form)
        return redirect("desk:draft", request_id)


class Section(DraftView):
    """One section of the form, with the law's checklist beside it."""

    template = "desk/draft/section.html"

    def get(self, _request: HttpRequest, request_id: UUID, section: str) -> HttpResponse:
        """Show what is saved."""
        page = self.draft(request_id)
        chosen = self.section(page, section)
        return self._show(page, chosen, FieldsForm(chosen.fields))

    def post(self, request: HttpRequest, request_id: UUID, section: str) -> HttpResponse:
        """Save, or show both texts when someone saved in between."""
        page = self.draft(request_id)
        chosen = self.section(page, section)
        form = FieldsForm(chosen.fields, request.POST)
        try:
            self.save(page, form, _version(request))
        except Conflict:
            self.status = 409
            return self.show("desk/draft/conflict.html", **_conflict(page, chosen, form))
        if form.errors:
            self.status = 422
            return self._show(self.draft(request_id), chosen, form)
        then = request.POST.get("then", "")
        if then == "tasks":
            return redirect("desk:draft", request_id)
        known = {entry.id for entry in page.sections}
        return redirect("desk:draft-section", request_id, then if then in known else section)

    def _show(self, page: RequestPage, section: SectionView, form: FieldsForm) -> HttpResponse:
        return self.show(
            page=page,
            checked=tasks.checked(page),
            section=section,
            form=form,
            following=_following(page, section),
            problem_title=_("Everything else was saved; this was not") if form.errors else "",
        )


class Autosave(DraftView):
    """Save as the officer types; the answer is a line of text, never a new form."""

    template = "desk/draft/autosaved.html"

    def post(self, request: HttpRequest, request_id: UUID, section: str) -> HttpResponse:
        """Save and say when, or say why not."""
        page = self.draft(request_id)
        form = FieldsForm(self.section(page, section).fields, request.POST)
        try:
            self.save(page, form, _version(request))
        except Conflict:
            return self.show(page=page, form=form, conflict=True)
        page = self.draft(request_id)
        return self.show(page=page, checked=tasks.checked(page), form=form, saved=self.now)


@dataclass(frozen=True)
class Pair:
    """One field as it is saved and as it was typed in another tab."""

    view: FieldView
    field: object
    differs: bool


def _conflict(page: RequestPage, section: SectionView, form: FieldsForm) -> dict[str, Any]:
    changed = FieldsForm(section.fields, form.data)
    pairs = [Pair(view, form[view.id], view.id in changed.changed_data) for view in section.fields]
    return {"page": page, "section": section, "pairs": pairs, "form": form}


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004


def _following(page: RequestPage, section: SectionView) -> SectionView | None:
    names = [entry.id for entry in page.sections]
    after = names.index(section.id) + 1
    return page.sections[after] if after < len(names) else None
