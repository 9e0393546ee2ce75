# SPDX-License-Identifier: Apache-2.0
"""Errors of the API as problem documents (RFC 9457), with our own stable codes.

The one place where the families of `comity.errors` become statuses of the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from django.http import HttpResponse

from comity.canonical.json import JSON, Object
from comity.errors import ComityError, Conflict, Invalid, Refused, Unavailable, Unverified

CONTENT_TYPE: Final = "application/problem+json"
SIGN_IN: Final = "api.sign_in"
_ABSENT: Final = (".unknown", ".no_such_address")
_DENIED: Final = "permission."
_RETRY_SECONDS: Final = "30"


def status_of(error: ComityError) -> HTTPStatus:
    """Return the HTTP status of an error: the map of families, and three codes apart."""
    if error.code == SIGN_IN:
        return HTTPStatus.UNAUTHORIZED
    if error.code.startswith(_DENIED):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, Invalid):
        absent = error.code.endswith(_ABSENT)
        return HTTPStatus.NOT_FOUND if absent else HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, Unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE
    known = isinstance(error, Refused | Conflict | Unverified)
    return HTTPStatus.CONFLICT if known else HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: ComityError) -> HttpResponse:
    """Return the problem document of an error."""
    status = status_of(error)
    response = document(_body(error, status), status=status, content_type=CONTENT_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:  # RFC 9110 15.5.2 wants a challenge
        response.headers["WWW-Authenticate"] = 'Session realm="comity"'
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def method_not_allowed(allowed: str) -> HttpResponse:
    """Return the answer to any method but those `allowed`."""
    error = Invalid("api.method", f"this address answers {allowed} only")
    status = HTTPStatus.METHOD_NOT_ALLOWED
    response = document(_body(error, status), status=status, content_type=CONTENT_TYPE)
    response.headers["Allow"] = allowed
    return response


def document(
    value: Mapping[str, JSON],
    *,
    status: HTTPStatus = HTTPStatus.OK,
    content_type: str = "application/json",
) -> HttpResponse:
    """Return a JSON document, for whoever asked and nobody between."""
    response = HttpResponse(
        json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"),
        status=status,
        content_type=content_type,
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _body(error: ComityError, status: HTTPStatus) -> Object:
    reasons: list[JSON] = [*error.reasons] if isinstance(error, Refused) else []
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": error.message,
        "code": error.code,
        "family": error.family,
        "hint": error.hint,
        "reasons": reasons,
    }
