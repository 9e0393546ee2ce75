# SPDX-License-Identifier: Apache-2.0
"""The component page: every component in every state, for eyes and for the visual test."""

from __future__ import annotations

from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.node.desk import samples
from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.desk.forms.identifiers import identifiers
from comity.node.desk.labels import STATUSES
from comity.node.desk.views.page import DeskView


class KitForm(DeskForm):
    """One control of each kind, some of them refused."""

    line = controls.LineControl(label="One line", help_text="In any script.")
    text = controls.TextControl(label="Many lines", required=False)
    code = controls.CodeControl(label="Identifier", required=False)
    date = controls.DayControl(label="Date", required=False)
    moment = controls.MomentControl(label="Instant in UTC", required=False)
    tick = controls.TickControl(label="I have read it", required=False)

    def __init__(self, data: Data = None) -> None:
        super().__init__(data)
        few, many = [("a", "First"), ("b", "Second")], [(str(n), f"Choice {n}") for n in range(9)]
        self.fields["radio"] = controls.one_of(few, label="One of few")
        self.fields["list"] = controls.one_of(many, label="One of many", required=False)
        self.fields["some"] = controls.some_of(few, label="Some", required=False)
        self.fields["identifiers"] = identifiers(label="Identifiers", required=False)
        self.fields["statement"] = controls.yes_no(label="A statement", required=False)


class Kit(DeskView):
    """Show the catalogue."""

    template = "desk/kit.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show every component."""
        refused = {"line": "", "date": "31.12.2026", "identifiers-0-kind": "ip"}
        form = KitForm({**refused, "identifiers-0-value": "203.0.113.300", "text": samples.ARABIC})
        return self.show(
            form=form,
            samples=samples,
            statuses=[(table, list(values)) for table, values in STATUSES.items()],
            page=SimpleNamespace(request_id=samples.EXHIBIT.id, clocks=samples.CLOCKS),
            timeline=_entries(),
            looks=[("", _("Button")), ("primary", _("Primary act")), ("danger", _("Danger"))],
        )


def _entries() -> list[SimpleNamespace]:
    return [SimpleNamespace(kind="event", **vars(entry)) for entry in samples.TIMELINE]
