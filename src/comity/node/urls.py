# SPDX-License-Identifier: Apache-2.0
"""Addresses of the desk. The wire has its own table (`comity.node.wire.urls`) and its own port."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

handler400 = "comity.node.desk.views.errors.bad_request"
handler403 = "comity.node.desk.views.errors.forbidden"
handler404 = "comity.node.desk.views.errors.not_found"
handler500 = "comity.node.desk.views.errors.server_error"


@login_not_required
def closed(_request: HttpRequest) -> HttpResponse:
    """Answer 404: an operator makes accounts and resets passwords, and no mail is sent."""
    raise Http404


@login_not_required
def alive(_request: HttpRequest) -> HttpResponse:
    """Answer 200 while the desk and its database answer; says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("healthz", alive),
    # allauth refers to these by name even where they are switched off.
    re_path(r"^account/(?:signup|email|confirm-email|password/reset|login/code)/", closed),
    path("account/", include("allauth.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("", include("comity.node.api.main")),
    path("", include("comity.node.desk.urls")),
]
