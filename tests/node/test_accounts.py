# SPDX-License-Identifier: Apache-2.0
"""Officers' accounts: made, changed and closed on record, never deleted."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from comity.errors import Conflict, Invalid, Refused
from comity.node.services import accounts
from comity.node.store.models import AuditRow, OfficerRow

GOOD = {
    "by": None,
    "login": "amara",
    "name": "Amara Okoye",
    "roles": ["drafter"],
    "password": "correct horse battery",
}


def add(node, **changes):
    return accounts.add_officer(**{**GOOD, **changes}, now=node.now())


def signs_in(login: str, password: str) -> bool:
    request = RequestFactory().post("/account/login/")
    return authenticate(request, username=login, password=password) is not None


def test_an_officer_can_sign_in(node):
    officer = add(node)
    assert officer.roles == {"drafter"}
    assert signs_in("amara", GOOD["password"])
    assert not signs_in("amara", "wrong")
    assert AuditRow.objects.filter(event="officer.added").count() == 1
    assert b"Amara" not in bytes(AuditRow.objects.get(event="officer.added").payload)


@pytest.mark.parametrize(
    "changes",
    [
        {"login": "A"},
        {"login": "amara okoye"},
        {"login": "9lives"},
        {"name": " "},
        {"name": "x\u202e"},
        {"roles": []},
        {"roles": ["king"]},
        {"password": "short"},
        {"password": "password1234"},
        {"language": "xx"},
    ],
)
def test_what_cannot_be_is_refused(node, changes):
    with pytest.raises(Invalid):
        add(node, **changes)
    assert not OfficerRow.objects.exists()


def test_a_login_is_given_once(node):
    add(node)
    with pytest.raises(Conflict):
        add(node, name="Somebody else")


def test_roles_are_changed_on_record(node):
    add(node)
    officer = accounts.set_roles(
        by=None, login="amara", roles=["approver", "supervisor"], now=node.now()
    )
    assert officer.roles == {"approver", "supervisor"}
    assert AuditRow.objects.filter(event="officer.roles_changed").count() == 1


def test_a_new_password_ends_the_old_one(node):
    add(node)
    accounts.set_password(by=None, login="amara", password="another long one", now=node.now())
    assert not signs_in("amara", GOOD["password"])
    assert signs_in("amara", "another long one")


def test_a_closed_account_cannot_sign_in_or_act(node):
    add(node)
    accounts.disable_officer(by=None, login="amara", now=node.now())
    assert not signs_in("amara", GOOD["password"])
    with pytest.raises(Invalid) as invalid:
        accounts.officer_by_login("amara")
    assert invalid.value.code == "officer.unknown"
    assert OfficerRow.objects.filter(login="amara").exists()


def test_only_an_operator_manages_accounts(node):
    drafter = add(node)
    with pytest.raises(Refused) as refused:
        add(node, by=drafter, login="bram")
    assert refused.value.code == "permission.denied"
    operator = add(node, login="otto", roles=["operator"])
    assert add(node, by=operator, login="bram").login == "bram"
    assert AuditRow.objects.latest("pk").officer.login == "otto"
