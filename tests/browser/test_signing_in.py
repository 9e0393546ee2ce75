# SPDX-License-Identifier: Apache-2.0
"""Signing in: password, passkey, sessions, language; the strict content policy is never broken."""

from __future__ import annotations

import re

import pytest
from demo.network import Network

from browser.conftest import XV, Visit
from browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live]


def plug_in_key(visitor: Visitor) -> None:
    """Give the browser a security key that always says yes."""
    client = visitor.context.new_cdp_session(visitor.page)
    client.send("WebAuthn.enable")
    client.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_and_signs_in_without_a_password(visit: Visit, network: Network) -> None:
    # An officer of whom no other test has need: from here on the password alone is too little.
    noor = visit("xl.records", "noor")
    plug_in_key(noor)
    noor.open("/account/2fa/webauthn/add/")
    if noor.page.locator("input[name=password]").count():
        noor.page.fill("input[name=password]", network.password)
        noor.page.click("main button.primary")
    noor.page.fill("input[name=name]", "Key of the test")
    noor.page.check("input[name=passwordless]")
    noor.page.click("#mfa_webauthn_add")
    noor.page.wait_for_url(re.compile("recovery-codes|webauthn/$|2fa/$"))
    noor.context.clear_cookies()
    noor.open("/account/login/")
    noor.page.click("#passkey_login")
    noor.page.wait_for_url(re.compile("/queue/"))
    assert "Noor Haddad" in noor.page.inner_text("header")
    assert noor.complaints == []
    noor.open("/account/2fa/webauthn/")
    assert "Key of the test" in noor.text
    assert "Signs in without a password" in noor.text


def test_a_wrong_password_says_so_at_the_field_and_on_top(visit: Visit) -> None:
    stranger = visit(XV)
    stranger.sign_in("ines", "not the password")
    assert stranger.path.startswith("/account/login/")
    assert stranger.page.locator("#errors").is_visible()
    assert stranger.page.evaluate("document.activeElement.id") == "errors"


def test_sign_in_returns_to_the_page_that_was_asked_for(visit: Visit, network: Network) -> None:
    visitor = visit(XV)
    visitor.open("/ledger/")
    assert visitor.path.startswith("/account/login/?next=/ledger/")
    visitor.page.fill("input[name=login]", "otto")
    visitor.page.fill("input[name=password]", network.password)
    visitor.page.click("main button.primary")
    assert visitor.path == "/ledger/"


def test_the_session_list_shows_this_session_and_ends_the_others(visit: Visit) -> None:
    first, second = visit(XV, "otto"), visit(XV, "otto")
    second.open("/account/sessions/")
    second.press("Sign out everywhere else")
    first.open("/ledger/")
    assert first.path.startswith("/account/login/")


def test_the_language_is_switched_and_kept(visit: Visit) -> None:
    otto = visit(XV, "otto")
    otto.speak("ar")
    assert otto.page.get_attribute("html", "dir") == "rtl"
    otto.open("/directory/")
    assert otto.page.get_attribute("html", "lang") == "ar"
    otto.speak("en")
    assert otto.heading == "Directory"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_switching_the_language_never_leads_elsewhere(visit: Visit, target: str) -> None:
    otto = visit(XV, "otto")
    otto.page.locator("input[name=next]").first.evaluate(
        "(field, target) => { field.value = target; }", target
    )
    otto.page.click("button[lang=ar]")
    assert otto.page.url.startswith(otto.address)


def test_the_policy_is_strict_on_every_answer(visit: Visit) -> None:
    otto = visit(XV, "otto")
    for path in ("/queue/", "/_kit/", "/nowhere/", "/account/2fa/", "/account/login/"):
        policy = otto.open(path).headers["content-security-policy"]
        parts = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
        assert parts == {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "font-src": ["'self'"],
            "connect-src": ["'self'"],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        }
