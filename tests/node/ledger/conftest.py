# SPDX-License-Identifier: Apache-2.0
"""A node with witnesses, and a rollback guard that begins anew with every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.ledger_node import Peers


@pytest.fixture
def peers(node, world) -> Iterator[Peers]:
    """Return the witnesses of the node under test."""
    from django.conf import settings

    from comity.node.services import _ledger_halt

    def begin_anew() -> None:
        # The guard is a file: unlike the database it is not rolled back by itself.
        settings.CONFIG.rollback_guard.unlink(missing_ok=True)
        _ledger_halt.reset()

    begin_anew()
    yield Peers(world)
    begin_anew()
