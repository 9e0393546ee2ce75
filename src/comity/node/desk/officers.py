# SPDX-License-Identifier: Apache-2.0
"""The officer who asks for a page."""

from __future__ import annotations

from django.http import HttpRequest

from comity.node.permissions import Officer
from comity.node.services.accounts import officer_of


def acting(request: HttpRequest) -> Officer | None:
    """Return the officer who is signed in, read once a request; None on the way in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    if not hasattr(request, "_officer"):
        request._officer = officer_of(user)  # type: ignore[attr-defined]  # noqa: SLF001
    return request._officer  # type: ignore[attr-defined]  # noqa: SLF001
