# SPDX-License-Identifier: Apache-2.0
"""The law pack to read: every instrument and every state, on a day that the reader chooses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import urlencode

from comity.node.desk.forms.law import DayForm, SearchForm
from comity.node.desk.law_words import coded_text
from comity.node.desk.views import errors
from comity.node.desk.views.page import DeskView
from comity.node.queries import law_pack, law_pages


class LawView(DeskView):
    """A page about the law: it asks by GET only."""

    http_method_names = ("get", "head", "options")
    tab = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the words of one pack."""
        with law_pack.one_pack():
            return super().dispatch(request, *args, **kwargs)

    def show_law(self, **context: Any) -> HttpResponse:
        """Render the page under its tab."""
        return self.show(tab=self.tab, own=settings.CONFIG.state, **context)

    def query(self, **values: str) -> str:
        """Return what links to other pages carry on: the chosen day, if one was chosen."""
        chosen = self.request.GET.get("on", "")
        carried = {"on": chosen} if chosen else {}
        return f"?{urlencode({**carried, **values})}" if carried or values else ""


class Instruments(LawView):
    """All instruments."""

    template = "desk/law/instruments.html"
    tab = "instruments"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list, or those with the words that were looked for."""
        form = SearchForm(request.GET, self.now.date())
        on = form.cleaned_data["on"] if form.is_valid() else self.now.date()
        page = law_pages.instruments(officer=self.officer, on=on)
        if not form.is_valid():
            self.status = 400
            return self.show_law(form=form)
        wanted = form.cleaned_data["q"].strip().casefold()
        lines = [line for line in page.lines if wanted in _searched(line.instrument)]
        return self.show_law(form=form, page=page, lines=lines, query=self.query())


def _searched(item: Any) -> str:
    return " ".join((item.id, item.short, item.title, *item.number.values())).casefold()


class Instrument(LawView):
    """One instrument."""

    template = "desk/law/instrument.html"
    tab = "instruments"

    def get(self, request: HttpRequest, instrument_id: str) -> HttpResponse:
        """Show it as it stands on the day."""
        form = DayForm(request.GET, self.now.date())
        on = form.cleaned_data["on"] if form.is_valid() else self.now.date()
        page = law_pages.instrument(officer=self.officer, instrument_id=instrument_id, on=on)
        if not form.is_valid():
            return errors.unclear(request, form)
        return self.show_law(form=form, page=page, query=self.query())


class States(LawView):
    """All states, territories and organisations."""

    template = "desk/law/states.html"
    tab = "states"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list, or those with the letters that were looked for."""
        form = SearchForm(request.GET, self.now.date())
        on = form.cleaned_data["on"] if form.is_valid() else self.now.date()
        page = law_pages.states(officer=self.officer, on=on)
        if not form.is_valid():
            self.status = 400
            return self.show_law(form=form)
        wanted = form.cleaned_data["q"].strip().casefold()
        named = [(coded_text(line.state.id, "state"), line) for line in page.lines]
        lines = [
            line
            for name, line in sorted(named, key=lambda one: one[0])
            if wanted in f"{line.state.id} {line.state.label} {name}".casefold()
        ]
        return self.show_law(form=form, page=page, lines=lines, query=self.query())


class State(LawView):
    """One state."""

    template = "desk/law/state.html"
    tab = "states"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show what is recorded of it on the day."""
        form = DayForm(request.GET, self.now.date())
        on = form.cleaned_data["on"] if form.is_valid() else self.now.date()
        page = law_pages.state(officer=self.officer, code=code, on=on)
        if not form.is_valid():
            return errors.unclear(request, form)
        return self.show_law(form=form, page=page, query=self.query())
