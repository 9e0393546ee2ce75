# SPDX-License-Identifier: Apache-2.0
"""The built-in law, read once."""

from __future__ import annotations

from datetime import date

import pytest

import comity_law
from comity.law.load import PartFiles, load_parts, read_directory
from comity.law.pack import Pack

DAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def built_in() -> PartFiles:
    return read_directory(comity_law.PATH)


@pytest.fixture(scope="session")
def pack(built_in: PartFiles) -> Pack:
    return load_parts([built_in])
