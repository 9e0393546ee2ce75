# SPDX-License-Identifier: Apache-2.0
"""One node for the tests of this folder: Valdoria's, on `NODE_TEST_DATABASE` or SQLite.

The node's settings must exist before Django is set up, so the world is made
while this file is imported. Every test runs in a transaction that is rolled
back; what needs real concurrency starts real processes.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.clock import SetClock
from support.nodeworld import World, make_world

_FOLDER = Path(tempfile.mkdtemp(prefix="comity-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
WORLD = make_world(_FOLDER, own="xv.moj", database=os.environ.get("NODE_TEST_DATABASE", "sqlite"))

import django  # noqa: E402 - the settings file had to be made first

django.setup()

from django.conf import settings as _settings  # noqa: E402 - likewise

_settings.PASSWORD_HASHERS = ["support.hashers.QuickArgon2"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Keep this process's node from the workers: each makes one of its own."""
    for name in ("COMITY_CONFIG", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def world() -> World:
    """Return the three authorities."""
    return WORLD


@pytest.fixture
def node(db: None, clock: SetClock, world: World) -> Iterator[SetClock]:
    """A node with its peers pinned; returns the clock that its services are given."""
    from comity.node.clock import set_clock
    from comity.node.services import pinning
    from support.law_adoption import adopt_law
    from support.ledger_node import forget_guards

    forget_guards()
    set_clock(clock)
    adopt_law(clock.now())
    pinning.pin_directory(by=None, data=world.directory(), hub=world.hub.public, now=clock.now())
    yield clock
    set_clock(None)


@pytest.fixture
def officer(node: SetClock):
    """Return a function that makes an officer with the given roles."""
    from comity.node.services import accounts

    def make(login: str, *roles: str):
        return accounts.add_officer(
            by=None,
            login=login,
            name=login.capitalize(),
            roles=roles,
            password=f"a long pass phrase of {login}",
            now=node.now(),
        )

    return make


@pytest.fixture
def walk(node: SetClock, officer):
    """Officers of every role, and a second approver."""
    from comity.node.permissions import Role
    from support.officer_walk import Walk

    officers = {role.value: officer(f"a-{role.value}", role.value) for role in Role}
    officers["second"] = officer("second", "approver")
    return Walk(node, officers)
