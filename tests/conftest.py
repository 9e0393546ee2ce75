# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: how hard Hypothesis tries, and the clock."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from support.clock import SetClock

# `fast` is for while you work; `dev` is quick and different each time; `ci` tries harder and
# repeats itself, so that a failure there is about the change and not about luck; `deep` is for a
# night (DEEP=1).
_SLOW_MACHINES = (HealthCheck.too_slow,)
settings.register_profile("fast", max_examples=5, deadline=None)
settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile(
    "ci",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=_SLOW_MACHINES,
)
settings.register_profile(
    "deep", max_examples=5_000, deadline=None, suppress_health_check=_SLOW_MACHINES
)
settings.load_profile(os.environ.get("COMITY_HYPOTHESIS", "dev"))


@pytest.fixture
def clock() -> SetClock:
    """Stand at the beginning of the story until the test moves time."""
    return SetClock()
