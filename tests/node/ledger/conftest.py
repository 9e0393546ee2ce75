# SPDX-License-Identifier: Apache-2.0
"""The witnesses of the node under test."""

from __future__ import annotations

import pytest

from support.ledger_node import Peers


@pytest.fixture
def peers(node, world) -> Peers:
    """Return the witnesses of the node under test."""
    return Peers(world)
