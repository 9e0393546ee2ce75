# SPDX-License-Identifier: Apache-2.0
"""What did not work is told in words: no code of ours, no link that leads nowhere."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import resolve

from comity.node.permissions import Role

CODES = re.compile(r"officers\.manage|\(read\)|\(create\)|may not do this|\w+_\w+\(")


def main_of(answer) -> str:
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def test_a_refused_page_names_the_roles_as_the_desk_calls_them(desk):
    answer = desk("author", "drafter").get("/health/")
    text = main_of(answer)
    assert answer.status_code == 403
    assert "Your roles do not include this" in text
    assert "Operator or Supervisor" in text
    assert not CODES.search(text)


def test_a_refused_request_tells_nothing_about_it(desk):
    answer = desk("otto", "operator").get("/requests/6f1c2b52-5a3e-4c1b-9f53-2f0d9a0b7c11/")
    text = main_of(answer)
    assert answer.status_code == 403
    assert "or it is not here" in text
    assert "It needs the role" not in text
    assert not CODES.search(text)


@pytest.mark.parametrize("role", [role.value for role in Role if role is not Role.APPROVER])
def test_a_refused_action_says_who_may_in_arabic_too(desk, draft, officer, role):
    request = draft(officer("author", "drafter"))
    client = desk("visitor", role)
    client.post("/language/", {"language": "ar", "next": "/queue/"})
    answer = client.get(f"/requests/{request}/do/approve/")
    assert answer.status_code == 403
    text = main_of(answer)
    assert not CODES.search(text)
    assert "approver" not in text


def test_a_stale_form_is_explained(officer, desk):
    from comity.node.store.models import OfficerRow

    made = officer("author", "drafter")
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        OfficerRow.objects.get(pk=made.id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answer = client.post("/requests/new/", {})
    assert answer.status_code == 403
    assert "This page was open too long" in main_of(answer)


@pytest.mark.parametrize("address", ["/account/password/change/", "/account/reauthenticate/"])
def test_no_page_about_passwords_leads_to_a_reset_that_does_not_exist(desk, address):
    answer = desk("otto", "operator").get(address)
    text = main_of(answer)
    assert answer.status_code == 200
    assert "Forgot" not in text
    assert "placeholder" not in text
    for link in re.findall(r'href="(/[^"]*)"', text):
        assert resolve(link)


@pytest.mark.parametrize("login", ["otto", "nobody"])
def test_a_sign_in_that_does_not_fit_is_told_in_the_words_of_the_page(officer, login):
    officer("otto", "operator")
    answer = Client().post("/account/login/", {"login": login, "password": "not this one at all"})
    text = main_of(answer)
    assert "The sign-in name or the password is not right." in text
    assert "username and/or" not in text
