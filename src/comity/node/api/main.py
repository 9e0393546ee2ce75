# SPDX-License-Identifier: Apache-2.0
"""The interface as a whole: its addresses below `/api/v1/`, and its OpenAPI description.

Promises: every answer is a JSON document or a problem document, whatever was asked;
nothing but GET is answered; nobody is answered who is not signed in. django-ninja's
own pages are switched off: they would load programs from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import ValidationError

from comity.canonical.json import Object
from comity.errors import ComityError, Invalid
from comity.node.api import forms
from comity.node.api.callers import caller
from comity.node.api.law import router
from comity.node.api.problems import document, method_not_allowed, problem
from comity.node.api.questions import malformed

VERSION: Final = "1"
PREFIX: Final = "api/v1/"
_DESCRIPTION: Final = (
    "Reads for the programs of an authority. Sign in at the desk and send its session cookie."
    " The documents are those of `comity law --json`: their `format` names their form, which"
    " grows by members and changes its name when its meaning changes."
)
_PROBLEMS: Final = {
    "401": "nobody is signed in (`api.sign_in`)",
    "403": "no role of the officer allows this (`permission.denied`)",
    "404": "there is no such record",
    "409": "not possible now: the law pack is not in order",
    "422": "the question is malformed, or names something that the law does not know",
    "503": "out of reach just now; try again later",
}

api = NinjaAPI(
    title="Comity",
    version=VERSION,
    description=_DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("/law", router)


@api.exception_handler(ComityError)
def _problem(_request: HttpRequest, error: ComityError) -> HttpResponse:
    return problem(error)


@api.exception_handler(ValidationError)
def _malformed(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(malformed(error.errors))


@lru_cache(maxsize=1)
def openapi() -> Object:
    """Return the OpenAPI 3.1 description of every address."""
    made: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    made["servers"] = [{"url": f"/{PREFIX.rstrip('/')}"}]
    schemas = made["components"]["schemas"]
    described = forms.Problem.model_json_schema()
    schemas["Problem"] = described
    made["components"]["securitySchemes"] = {
        "desk": {
            "type": "apiKey",
            "in": "cookie",
            "name": "comity_<authority>_session",
            "description": "The session of the desk; the name holds the authority's.",
        }
    }
    made["security"] = [{"desk": []}]
    for address in made["paths"].values():
        for operation in address.values():
            operation["responses"] |= _problem_responses()
    return made


def _problem_responses() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": words, "content": content} for status, words in _PROBLEMS.items()
    }


def _description(request: HttpRequest) -> HttpResponse:
    caller(request)
    return document(openapi())


def _no_such_address(request: HttpRequest) -> HttpResponse:
    caller(request)
    raise Invalid(
        "api.no_such_address",
        f"there is nothing at {request.path[:120]}",
        hint=f"/{PREFIX}openapi.json lists every address.",
    )


View = Callable[..., Any]


def _guarded(view: View) -> View:
    """Answer as the interface promises, whatever the view or the framework does."""

    @login_not_required  # it answers 401 itself: a program cannot read a log-in page
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "GET":
            return method_not_allowed("GET")
        try:
            return view(request, *args, **kwargs)
        except ComityError as error:
            return problem(error)

    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # GET alone gets past the line above
    return guarded


def _patterns() -> list[URLPattern]:
    found, _, _ = api.urls
    views = [
        path(f"{PREFIX}{one.pattern}", _guarded(one.callback))
        for one in found
        if isinstance(one, URLPattern) and one.name != "api-root"
    ]
    return [
        *views,
        path(f"{PREFIX}openapi.json", _guarded(_description)),
        re_path("^api(?:/|$)", _guarded(_no_such_address)),
    ]


urlpatterns = _patterns()
