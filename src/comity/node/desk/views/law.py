# SPDX-License-Identifier: Apache-2.0
"""What the law engine said about a request, with its citations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from comity.node import permissions, queries
from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.desk.views.page import DeskView
from comity.node.queries import law_grounds, law_pack
from comity.node.services import assistance


class BasisForm(DeskForm):
    """The choice of a basis; where the law leaves it open, with the officer's reason."""

    instrument = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Data = None) -> None:
        super().__init__(data)
        self.fields["reason"] = controls.TextControl(
            label=_("Why this basis is used although the law leaves it open"),
            max_length=4000,
            required=False,
        )


class Law(DeskView):
    """Show the answer, and let a drafter choose a basis."""

    template = "desk/law.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the words of one pack."""
        with law_pack.one_pack():
            return super().dispatch(request, *args, **kwargs)

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show the stored answer."""
        return self._show(request_id, BasisForm())

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Record the officer's choice."""
        form = BasisForm(request.POST)

        def call(data: dict[str, Any]) -> object:
            return assistance.choose_basis(
                officer=self.officer, now=self.now, request_id=str(request_id), **data
            )

        if not self.attempt(form, call, done=_("Your choice has been recorded.")):
            return self._show(request_id, form)
        return redirect("desk:law", request_id)

    def _show(self, request_id: UUID, form: BasisForm) -> HttpResponse:
        page = queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)
        answer = queries.assessment(officer=self.officer, request_id=str(request_id))
        grounds = law_grounds.grounds_of(answer.assessment)
        return self.show(
            answer=answer,
            transfer=grounds.transfer,
            sources=grounds.sources,
            stamp=grounds.pack,
            bases=sorted(answer.assessment.bases, key=lambda basis: _RANK[basis.status]),
            form=form,
            version=page.version,
            may_choose=page.editable and permissions.may(self.officer, "choose_basis", page),
        )


_RANK = {"usable": 0, "undetermined": 1, "not_usable": 2}
