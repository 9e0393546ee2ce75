# SPDX-License-Identifier: Apache-2.0
"""Reports count as people do."""

from __future__ import annotations

import pytest

from comity.evidence.verification import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 unbroken chains"), (1, "1 unbroken chain"), (2, "2 unbroken chains")],
)
def test_one_is_no_plural(number: int, text: str) -> None:
    assert counted(number, "unbroken chain") == text
