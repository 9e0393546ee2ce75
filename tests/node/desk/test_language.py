# SPDX-License-Identifier: Apache-2.0
"""The desk speaks the officer's language."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from comity.errors import Invalid
from comity.node.services import accounts
from comity.node.store.models import OfficerRow

PASSWORD = "a long pass phrase of layla"


@pytest.fixture
def layla(node):
    return accounts.add_officer(
        by=None,
        login="layla",
        name="Layla",
        roles=["drafter"],
        password=PASSWORD,
        language="ar",
        now=node.now(),
    )


def sign_in(client: Client, login: str = "layla") -> None:
    form = {"login": login, "password": f"a long pass phrase of {login}"}
    assert client.post("/account/login/", form).status_code == 302


def spoken(client: Client, path: str = "/queue/", language: str = "en") -> str:
    answer = client.get(path, headers={"accept-language": language})
    assert f'<html lang="{answer.headers["Content-Language"]}"' in answer.content.decode()
    return answer.headers["Content-Language"]


def test_after_the_sign_in_the_desk_is_in_the_officers_language(layla, client):
    assert spoken(client, "/account/login/") == "en"
    sign_in(client)
    assert spoken(client) == "ar"


def test_a_choice_before_the_sign_in_holds_in_this_browser_only(layla, client):
    client.post("/language/", {"language": "en"})
    sign_in(client)
    assert spoken(client, language="ar") == "en"
    other = Client()
    sign_in(other)
    assert spoken(other) == "ar"


def test_a_choice_on_the_desk_is_the_officers_from_then_on(layla, client):
    sign_in(client)
    client.post("/language/", {"language": "en"})
    assert spoken(client, language="ar") == "en"
    other = Client()
    sign_in(other)
    assert spoken(other, language="ar") == "en"


def test_the_next_officer_at_the_same_machine_has_their_own_language(layla, officer, client):
    officer("amara", "drafter")
    OfficerRow.objects.filter(login="amara").update(language="en")
    sign_in(client, "amara")
    client.post("/language/", {"language": "en"})
    client.post("/account/logout/")
    sign_in(client)
    assert spoken(client) == "ar"


def test_the_choice_ends_with_the_browser(client, node):
    answer = client.post("/language/", {"language": "ar"})
    assert not answer.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"]


def test_an_officer_who_chose_none_has_the_browsers_language(officer, client):
    officer("amara", "drafter")
    sign_in(client, "amara")
    assert spoken(client, language="ar") == "ar"
    assert spoken(client, language="en") == "en"


def test_a_language_that_is_not_spoken_is_refused_with_those_that_are(node):
    with pytest.raises(Invalid) as caught:
        accounts.add_officer(
            by=None,
            login="layla",
            name="Layla",
            roles=["drafter"],
            password=PASSWORD,
            language="xx",
            now=node.now(),
        )
    assert caught.value.code == "officer.language"
    for code, name in settings.LANGUAGES:
        assert f"{code} ({name})" in caught.value.hint
    assert not OfficerRow.objects.exists()


def test_a_choice_that_is_not_spoken_changes_nothing(layla, client):
    sign_in(client)
    client.post("/language/", {"language": "xx"})
    assert spoken(client) == "ar"
    assert OfficerRow.objects.get(login="layla").language == "ar"
