# SPDX-License-Identifier: Apache-2.0
"""Signing in: names are locked, nobody opens an account, cookies say whose they are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve

from comity.node.login import attempted_name
from comity.node.services import accounts
from comity.node.store.models import OfficerRow
from comity.node.urls import closed

PASSWORD = "a long pass phrase of amara"
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Attempts are counted in the memory of the process, which the tests share."""
    cache.clear()


@pytest.fixture
def amara(officer):
    return officer("amara", "drafter")


def attempt(client: Client, password: str, *, login: str = "amara", **extra: str):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_an_officer_signs_in_and_out(amara, client):
    assert attempt(client, PASSWORD).status_code == 302
    assert signed_in(client)
    assert client.get("/account/logout/").status_code in {200, 302}
    client.post("/account/logout/")
    assert not signed_in(client)


def test_a_name_is_locked_after_some_wrong_passwords_wherever_they_come_from(amara, client):
    for number in range(settings.CONFIG.attempts):
        answer = attempt(client, "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert answer.status_code == 429
    right = attempt(Client(), PASSWORD, REMOTE_ADDR="198.51.100.7")
    assert right.status_code == 429


def test_upper_case_and_spaces_give_no_further_tries(amara, client):
    for spelling in ["amara", "AMARA", " amara", "Amara "] * settings.CONFIG.attempts:
        answer = attempt(client, "wrong", login=spelling)
    assert answer.status_code == 429
    assert attempt(Client(), PASSWORD).status_code == 429


def test_a_locked_name_locks_no_other(amara, officer, client):
    officer("bram", "drafter")
    for _ in range(settings.CONFIG.attempts):
        attempt(client, "wrong")
    assert attempt(Client(), "a long pass phrase of bram", login="bram").status_code == 302


def test_nobody_opens_an_account(node, client):
    form = {"login": "eve", "username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/account/signup/", form).status_code == 404
    assert not OfficerRow.objects.exists()


def test_nothing_of_allauth_is_open_that_is_not_known_here():
    """A new release of allauth may bring pages that let people in by other ways."""
    patterns = {pattern for pattern in _patterns(get_resolver()) if pattern.startswith("account/")}
    samples = {re.sub(r"\(\?P<\w+>.*?\)|<[^>]+>", "1", one).strip("^$") for one in patterns}
    opened = {path for path in samples if resolve(f"/{path}").func is not closed}
    assert len(samples) - len(opened) >= 8
    assert {path for path in opened if not path.startswith("account/2fa/")} == {
        "account/inactive/",
        "account/login/",
        "account/logout/",
        "account/password/change/",
        "account/password/set/",
        "account/reauthenticate/",
        "account/sessions/",
    }


def _patterns(resolver: URLResolver, before: str = "") -> list[str]:
    found = []
    for part in resolver.url_patterns:
        path = before + str(part.pattern).removeprefix("^")
        if isinstance(part, URLResolver):
            found += _patterns(part, path)
        elif part.callback is not closed:
            found.append(path)
    return found


def test_a_closed_account_has_no_session_any_more(amara, client, node):
    attempt(client, PASSWORD)
    accounts.disable_officer(by=None, login="amara", now=node.now())
    answer = client.get("/queue/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(LOGIN)


def test_a_new_password_ends_every_session(amara, client, node):
    attempt(client, PASSWORD)
    assert client.get("/queue/").status_code == 200
    accounts.set_password(by=None, login="amara", password="another long phrase", now=node.now())
    assert client.get("/queue/").headers["Location"].startswith(LOGIN)


def test_taken_roles_are_gone_at_the_next_click(amara, client, node):
    attempt(client, PASSWORD)
    assert client.get("/requests/new/").status_code == 200
    accounts.set_roles(by=None, login="amara", roles=["operator"], now=node.now())
    assert client.get("/requests/new/").status_code == 403


def test_cookies_carry_the_authority_and_are_kept_from_scripts(amara, client):
    client.get(LOGIN)
    attempt(client, PASSWORD)
    assert set(client.cookies) == {"comity_xv_moj_session", "comity_xv_moj_csrf"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] in {"Lax", "Strict"}


def test_a_form_without_its_token_is_refused(amara):
    client = Client(enforce_csrf_checks=True)
    assert attempt(client, PASSWORD).status_code == 403
    assert not signed_in(client)


def test_every_answer_carries_the_strict_policy(amara, client):
    for path in (LOGIN, "/no-such-page/", "/healthz"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_second_factors_are_sealed_in_the_database(amara):
    row = OfficerRow.objects.get(login="amara")
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(row, secret)
    stored = Authenticator.objects.get(user=row)
    assert secret not in str(stored.data)
    assert TOTP(stored).validate_code("000000") in {True, False}  # it can be read back


@pytest.mark.parametrize(
    ("credentials", "name"),
    [({"username": " Amara "}, "amara"), ({"login": "BRAM"}, "bram"), (None, ""), ({}, "")],
)
def test_attempts_are_counted_by_name(credentials, name):
    assert attempted_name(None, credentials) == name


def test_a_session_ends_with_its_hours(amara, client):
    attempt(client, PASSWORD)
    hours = timedelta(hours=settings.CONFIG.session_hours)
    assert 0 < client.session.get_expiry_age() <= hours.total_seconds()


def test_guesses_at_a_second_factor_are_limited_by_account(amara, client):
    row = OfficerRow.objects.get(login="amara")
    TOTP.activate(row, "JBSWY3DPEHPK3PXP")
    attempt(client, PASSWORD)
    said = [
        client.post("/account/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{n}")
        for n in range(settings.CONFIG.attempts + 1)
    ]
    assert "Too many" not in said[-2].content.decode()
    assert "Too many" in said[-1].content.decode()
