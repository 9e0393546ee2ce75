# SPDX-License-Identifier: Apache-2.0
"""Who is let in where: a role without the right sees neither button nor page, and gets 403."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from comity.node.desk import urls
from comity.node.permissions import Role
from comity.node.services import assistance

ROLES = [role.value for role in Role]
#: Page -> roles that may open it. `{request}` is a draft of this authority.
PAGES = {
    "/queue/": set(ROLES) - {"operator"},
    "/requests/new/": {"drafter"},
    "/requests/{request}/": {"drafter", "approver", "supervisor"},
    "/requests/{request}/letter/": {"drafter", "approver", "supervisor"},
    "/requests/{request}/law/": {"drafter", "approver", "supervisor"},
    "/requests/{request}/live/": {"drafter", "approver", "supervisor"},
    "/requests/{request}/draft/": {"drafter"},
    "/requests/{request}/draft/about/": {"drafter"},
    "/requests/{request}/draft/case/": {"drafter"},
    "/requests/{request}/do/submit/": {"drafter"},
    "/requests/{request}/exhibits/new/": set(),
    "/requests/{request}/packages/new/": set(),
    "/law/ask/": set(ROLES) - {"operator"},
    "/law/compare/": set(ROLES) - {"operator"},
    "/law/map/": set(ROLES) - {"operator"},
    "/law/map/states.csv": set(ROLES) - {"operator"},
    "/law/instruments/": set(ROLES) - {"operator"},
    "/law/instruments/coe_185/": set(ROLES) - {"operator"},
    "/law/states/": set(ROLES) - {"operator"},
    "/law/states/NO/": set(ROLES) - {"operator"},
    "/ledger/": set(ROLES),
    "/directory/": set(ROLES),
    "/officers/": {"operator"},
    "/health/": {"operator", "supervisor"},
    "/you/": set(ROLES),
    "/help/": set(ROLES),
    "/_kit/": set(ROLES),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_other(role, desk, officer, draft):
    request = draft(officer("author", "drafter"))
    client = desk("visitor", role)
    seen = {page: client.get(page.format(request=request)).status_code for page in PAGES}
    expected = {page: 200 if role in allowed else 403 for page, allowed in PAGES.items()}
    assert seen == expected


POSTS = {
    "/queue/assign/": ({"officer": "x", "request": "{request}"}, {"supervisor"}),
    "/requests/{request}/assign/": ({"officer": "nobody"}, {"supervisor"}),
    "/requests/{request}/draft/case/autosave/": ({"version": "1"}, {"drafter"}),
    "/requests/{request}/do/submit/": ({}, {"drafter"}),
    "/requests/{request}/do/approve/": ({"digest": "0" * 64}, {"approver"}),  # but not yet
    "/requests/{request}/law/": ({"instrument": "coe_185", "version": "1"}, {"drafter"}),
    "/requests/{request}/exhibits/new/": ({}, set()),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", POSTS)
def test_each_role_does_its_acts_and_no_other(role, page, desk, officer, draft):
    data, allowed = POSTS[page]
    request = draft(officer("author", "drafter"))
    client = desk("visitor", role)
    sent = {name: value.format(request=request) for name, value in data.items()}
    answer = client.post(page.format(request=request), sent)
    assert (answer.status_code == 403) == (role not in allowed)


@pytest.mark.usefixtures("node")
def test_nobody_gets_anywhere_without_signing_in():
    client = Client()
    asked = 0
    for pattern in get_resolver(urls).url_patterns:
        assert isinstance(pattern, URLPattern)
        path = "/" + re.sub(r"<(\w+):\w+>", _sample, str(pattern.pattern))
        if pattern.name == "language":
            continue
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/account/login/"), path
        asked += 1
    assert asked > 25


def _sample(match: re.Match[str]) -> str:
    kinds = {"uuid": "6f1c2b52-5a3e-4c1b-9f53-2f0d9a0b7c11", "int": "1"}
    return kinds.get(match[1], "x")


def test_a_button_that_a_role_may_not_press_is_not_on_the_page(desk, officer, draft, node):
    author = officer("author", "drafter")
    request = draft(author, complete=True)
    assistance.submit_request(officer=author, now=node.now(), request_id=request)
    seen = {
        role: set(re.findall(r'id="(?:do|why)-(\w+)"', _text(desk(role, role), request)))
        for role in ("drafter", "approver", "supervisor")
    }
    assert seen["drafter"] == {"return_to_draft"}
    assert seen["approver"] == {"return_to_draft", "approve", "send"}
    assert seen["supervisor"] == set()


def test_an_absent_request_and_a_forbidden_one_look_alike(desk, officer, draft):
    request = draft(officer("author", "drafter"))
    client = desk("outsider", "central")
    forbidden = client.get(f"/requests/{request}/")
    absent = client.get("/requests/6f1c2b52-5a3e-4c1b-9f53-2f0d9a0b7c11/")
    strip = re.compile(r"value=\"[^\"]*\"|[0-9a-f-]{36}")
    assert forbidden.status_code == absent.status_code == 403
    assert strip.sub("", forbidden.content.decode()) == strip.sub("", absent.content.decode())


def _text(client: Client, request: str) -> str:
    return client.get(f"/requests/{request}/").content.decode()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_lands_where_its_menu_leads(role, desk):
    client = desk("visitor", role)
    landed = client.get("/", follow=True)
    assert landed.status_code == 200
    page = landed.redirect_chain[-1][0]
    assert page == ("/health/" if role == "operator" else "/queue/")
    navigation = landed.content.decode().partition("<nav")[2].partition("</nav>")[0]
    assert f'href="{page}"' in navigation
