# SPDX-License-Identifier: Apache-2.0
"""What an officer who is not signed in gets: the sign-in page, but never in place of a form.

A session ends while somebody writes. To lead a form that was sent to the sign-in page would lose
it, and what a page asks for in the background must not be answered with a page of another kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from comity.node.desk.views import errors


class SignInMiddleware(LoginRequiredMiddleware):
    """Ask for a sign-in, and give back what was sent without one."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """Answer a request of somebody who is not signed in."""
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
        if request.method == "POST":
            return errors.signed_out(request)
        answer: HttpResponseBase = super().handle_no_permission(request, view_func)
        return answer
