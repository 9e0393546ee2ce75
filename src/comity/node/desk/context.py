# SPDX-License-Identifier: Apache-2.0
"""What every page shows: the authority, the officer, the pages that this officer may open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from comity.node import permissions
from comity.node.clock import clock
from comity.node.desk.officers import acting
from comity.node.permissions import Officer


@dataclass(frozen=True)
class NavItem:
    """One entry of the bar."""

    text: str
    url: str
    current: bool


@dataclass(frozen=True)
class DeskContext:
    """The frame of a page."""

    authority: str
    authority_name: str
    classification: str
    officer: Officer | None
    nav: tuple[NavItem, ...]
    languages: tuple[tuple[str, str], ...]
    help_url: str
    now: datetime


def desk(request: HttpRequest) -> dict[str, object]:
    """Return the frame as `desk`, made only where a template asks for it."""
    return {"desk": SimpleLazyObject(lambda: _frame(request))}


def bare_frame() -> DeskContext:
    """Return a frame that needs neither session nor database: for the page after a fault."""
    return DeskContext(
        authority=settings.CONFIG.authority,
        authority_name=settings.CONFIG.name,
        classification=_classification(),
        officer=None,
        nav=(),
        languages=(),
        help_url="",
        now=clock().now(),
    )


def _classification() -> str:
    return _("Official: for international legal assistance only")


def _frame(request: HttpRequest) -> DeskContext:
    officer = acting(request)
    return DeskContext(
        authority=settings.CONFIG.authority,
        authority_name=settings.CONFIG.name,
        classification=_classification(),
        officer=officer,
        nav=_nav(request, officer) if officer else (),
        languages=tuple(settings.LANGUAGES),
        help_url=reverse("desk:help") if officer else "",
        now=clock().now(),
    )


def _nav(request: HttpRequest, officer: Officer) -> tuple[NavItem, ...]:
    entries = [
        ("desk:queue", _("Work queue"), bool(permissions.readable(officer))),
        ("desk:new-request", _("New request"), permissions.may(officer, "create")),
        ("desk:law-home", _("The law"), permissions.may(officer, "law.read")),
        ("desk:ledger", _("Ledger"), permissions.may(officer, "ledger.read")),
        ("desk:peers", _("Directory"), permissions.may(officer, "peers.read")),
        ("desk:officers", _("Officers"), permissions.may(officer, "officers.manage")),
        ("desk:health", _("State of the node"), permissions.may(officer, "health.read")),
    ]
    return tuple(
        NavItem(text, reverse(route), _is_current(reverse(route), request.path))
        for route, text, open_to_them in entries
        if open_to_them
    )


def _is_current(url: str, path: str) -> bool:
    """The law has pages below its entry; every other entry is one page."""
    return path == url or (url == reverse("desk:law-home") and path.startswith(url))
