# SPDX-License-Identifier: Apache-2.0
"""How officers log in: what allauth and axes need to know about us.

Accounts are made by an operator (`comity-node officers add`); nobody signs up.
Second-factor secrets are encrypted in the database with a key derived from the
desk's secret, so that a copy of the database alone does not hold them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.handlers.proxy import AxesProxyHandler
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up; everything else as allauth does it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody opens an account for themselves."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, unless the name is locked: then axes answers, and says so."""
        if AxesProxyHandler.is_allowed(request, credentials):
            super().pre_authenticate(request, **credentials)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps second-factor secrets encrypted at rest."""

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted for the database."""
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        return _cipher().decrypt(encrypted_text.encode("ascii")).decode()


def _cipher() -> Fernet:
    key = HKDF(
        algorithm=SHA256(), length=32, salt=None, info=b"comity/second-factor/v1"
    ).derive(settings.SECRET_KEY.encode())  # fmt: skip
    return Fernet(base64.urlsafe_b64encode(key))


def attempted_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None) -> str:
    """Return the login that an attempt is counted against (for axes)."""
    given = credentials or {}
    name = given.get("login") or given.get("username") or ""
    if not name and request is not None:
        name = request.POST.get("login", "")
    return str(name).strip().lower()[:150]


def display(officer: Any) -> str:
    """Return how an officer is addressed."""
    return str(officer.name)


class OfficerLanguageMiddleware:
    """Speaks the language chosen in this browser, else the officer's, the browser's, the node's.

    A choice is kept in the language cookie until the browser is closed or the officer signs
    out: the next one at the same machine is answered in their own language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the officer's language and say so in the response."""
        known = request.user.is_authenticated
        language = _language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        if known and not request.user.is_authenticated:
            response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return response


def _language(request: HttpRequest) -> str:
    """Return the language to answer in; one that the desk does not speak counts as none."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    own = str(getattr(request.user, "language", ""))  # nobody's, before the sign-in
    for language in (chosen, own):
        if language in dict(settings.LANGUAGES):
            return language
    return translation.get_language_from_request(request)
