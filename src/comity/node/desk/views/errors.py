# SPDX-License-Identifier: Apache-2.0
"""Pages for everything that did not work: what happened, and what to do next.

The one place where the families of `comity.errors` become answers of the desk.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.csrf import requires_csrf_token

from comity.errors import ComityError, Conflict, Invalid, Refused, Unavailable, Unverified
from comity.node.desk import kept
from comity.node.desk.context import bare_frame
from comity.node.desk.labels import label
from comity.node.desk.words import say, say_alone

#: Codes that mean "there is no such thing here".
_ABSENT: Final = (".unknown", ".not_found")
_DENIED: Final = "permission."
_DENIED_HERE: Final = "permission.denied"
_RETRY_SECONDS: Final = "30"


def status_of(error: ComityError) -> int:
    """Return the HTTP status of an error: the map of families, and two codes apart."""
    if error.code.startswith(_DENIED):
        return 403
    if isinstance(error, Invalid):
        return 404 if error.code.endswith(_ABSENT) else 422
    if isinstance(error, Unavailable):
        return 503
    return 409 if isinstance(error, Refused | Conflict | Unverified) else 500


def answer(request: HttpRequest, error: ComityError) -> HttpResponse:
    """Return the page for an error that no form can show."""
    status = status_of(error)
    denied = error.code == _DENIED_HERE
    response = _page(
        request,
        status,
        heading=_heading(status, error),
        happened=_roles_lack() if denied else say_alone(error.message),
        advice=say(error.hint) if error.hint else _advice(status),
        reasons=_needed(error)
        if denied
        else [say_alone(one) for one in getattr(error, "reasons", ())],
        code=error.code,
    )
    if status == 503:  # noqa: PLR2004 - service unavailable
        response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return _page(
        request,
        400,
        heading=_("The desk did not understand this"),
        happened=_("The browser sent something that is not part of this page."),
        advice=_("Go back, load the page again and repeat what you did."),
    )


def unclear(request: HttpRequest, form: Form) -> HttpResponse:
    """Answer 400 to an address whose question cannot be read, and say what is wrong with it."""
    return _page(
        request,
        400,
        heading=_("The desk did not understand this"),
        happened=_("The address of this page asks for something that cannot be read."),
        advice=_("Correct it, or begin again from the list."),
        reasons=[
            f"{form[name].label}: {text}" if name in form.fields else text
            for name, texts in form.errors.items()
            for text in texts
        ],
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 403 where no error of ours says more."""
    return _page(
        request,
        403,
        heading=_heading(403, None),
        happened=_roles_lack(),
        advice=_advice(403),
    )


@requires_csrf_token
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not match: usually a page that was open too long."""
    return _page(
        request,
        403,
        heading=_("This page was open too long"),
        happened=_("The form belongs to an earlier sign-in, so it was not accepted."),
        advice=_("Load the page again and repeat what you did."),
        code=reason[:60] and "desk.stale_form",
        kept=kept.again(request),
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    """Answer 401 to a form from an officer whose session has ended, and give the form back."""
    return _page(
        request,
        401,
        heading=_("You have been signed out"),
        happened=_("Your session ended before this was sent. Nothing was saved or sent."),
        advice=_("Sign in again, then repeat what you did."),
        sign_in=True,
        code="desk.signed_out",
        kept=kept.again(request),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return _page(
        request,
        404,
        heading=_heading(404, None),
        happened=_("There is nothing at this address, or it is not open to you."),
        advice=_advice(404),
    )


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - it may be what broke
    """Answer 500: a fault of ours, already in the node's log. Needs no database and no session."""
    page = render_to_string(
        "desk/errors/page.html",
        {
            "desk": bare_frame(),
            "heading": _("The desk made a mistake"),
            "happened": _(
                "This is a fault of the program, not of what you did. Nothing was half done."
            ),
            "advice": _("Try again. If it happens twice, tell an operator the time shown below."),
        },
    )
    return HttpResponse(page, status=500)


def _page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    context["back"] = _back(request)
    response = render(request, "desk/errors/page.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"  # it may give back what was written
    return response


def _back(request: HttpRequest) -> str:
    """The page the reader came from, if it is one of ours."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _roles_lack() -> str:
    return _("Your roles do not include this, or it is not here.")


def _needed(error: ComityError) -> list[str]:
    """The roles that would do, in words: the code of an action tells an officer nothing."""
    roles = error.details.get("roles")
    if not isinstance(roles, list) or not roles:
        return []
    named = pgettext("between two roles that would do", " or ").join(
        label("role", str(role)) for role in roles
    )
    return [_("It needs the role: %(roles)s") % {"roles": named}]


def _heading(status: int, error: ComityError | None) -> str:
    if isinstance(error, Unverified):
        return _("This could not be verified")
    headings = {
        403: _("You may not open this"),
        404: _("Nothing here"),
        409: _("Not possible now"),
        422: _("Something in this is not right"),
        503: _("Not available just now"),
    }
    return headings.get(status, _("The desk made a mistake"))


def _advice(status: int) -> str:
    advice = {
        403: _("A supervisor of your authority can tell who may do this."),
        404: _("Check the address, or look for the request in the work queue."),
        409: _("Load the page again to see how things stand."),
        422: _("Go back and correct it."),
        503: _("Try again in a minute. Nothing that you saved is lost."),
    }
    return advice.get(status, "")
