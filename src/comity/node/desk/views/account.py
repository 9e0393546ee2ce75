# SPDX-License-Identifier: Apache-2.0
"""The officer's own page, and the language of the desk."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from comity.node.desk.officers import acting
from comity.node.desk.views.page import DeskView
from comity.node.services import accounts


class Account(DeskView):
    """Show who is signed in, with which roles, and where to change how they sign in."""

    template = "desk/account.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return self.show(roles=sorted(self.officer.roles))


@method_decorator(login_not_required, name="dispatch")
class Language(View):
    """Switch the language: in this browser until it is closed, and for the officer signed in."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choice and go back to the page the reader was on."""
        target = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            target, {request.get_host()}, require_https=request.is_secure()
        )
        response = redirect(target if safe else "/")
        language = request.POST.get("language", "")
        if language in dict(settings.LANGUAGES):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
            officer = acting(request)
            if officer is not None:
                accounts.choose_language(officer=officer, language=language)
        return response
