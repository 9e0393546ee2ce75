# SPDX-License-Identifier: Apache-2.0
"""What every view of the desk has in common.

A view makes one query or one service call. An error of a query becomes a page; an error of a
service call becomes the form's error summary, and what was typed stays in the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View

from comity.canonical.time import Instant
from comity.errors import ComityError, Invalid
from comity.node.clock import clock
from comity.node.desk.officers import acting
from comity.node.desk.views import errors
from comity.node.desk.words import capital, say, say_alone, translated
from comity.node.permissions import Officer

#: The place at the beginning of a message of the core, as `reply_by: `; the field shows it.
_PLACES: Final = re.compile(r"\A(?:[a-z_]+: )+")


class DeskView(View):
    """A page for an officer who is signed in."""

    template = ""
    status = 200
    problem: ComityError | None = None
    result: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, or show the page of the error that a query raised."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ComityError as error:
            response = errors.answer(request, error)
        response.headers["Cache-Control"] = "no-store"
        return response

    @property
    def officer(self) -> Officer:
        """The officer who asks. `SignInMiddleware` has seen to it that there is one."""
        officer = acting(self.request)
        if officer is None:
            raise RuntimeError("a page of the desk was reached without signing in")
        return officer

    @property
    def now(self) -> Instant:
        """The present instant of the node."""
        return clock().now()

    def show(self, template: str = "", /, **context: Any) -> HttpResponse:
        """Render a page; the errors of a refused service call go with it."""
        return render(
            self.request,
            template or self.template,
            {**self._problem_context(), **context},
            status=self.status,
        )

    def attempt(
        self, form: forms.Form, call: Callable[[dict[str, Any]], object], *, done: str = ""
    ) -> bool:
        """Make the one service call with the form's answers; its answer is then in `result`.

        Returns False when the form or the service refused; then `show` explains why.
        Refusals for want of permission are not the form's affair and are raised.
        """
        if not form.is_valid():
            self.status = 422
            return False
        try:
            self.result = call(form.cleaned_data)
        except ComityError as error:
            self._refuse(form, error)
            return False
        if done:
            messages.success(self.request, done)
        return True

    def _refuse(self, form: forms.Form, error: ComityError) -> None:
        self.status = errors.status_of(error)
        if self.status in {403, 404}:
            raise error
        self.problem = error
        field = _field_of(error, form)
        if isinstance(error, Invalid) and field:
            form.add_error(field, capital(_PLACES.sub("", translated(error.message))))
            self.problem = None

    def _problem_context(self) -> dict[str, object]:
        error = self.problem
        if error is None:
            return {}
        reasons = getattr(error, "reasons", ()) or (error.message,)
        return {
            "problems": [say_alone(reason) for reason in reasons],
            "hint": say(error.hint),
            "code": error.code,
        }


def _field_of(error: ComityError, form: forms.Form) -> str:
    """Return the field that an error speaks of: as it says, or as its message begins."""
    places = [str(error.details.get("field", "")), *error.message.split(": ")[:-1]]
    return next((place for place in places if place in form.fields), "")
