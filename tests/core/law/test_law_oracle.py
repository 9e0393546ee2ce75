# SPDX-License-Identifier: Apache-2.0
"""The pack's party lists against the research they were made from, which the engine never reads.

Needs the shared folder and skips, saying so, without it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml

from comity.law.pack import Pack
from comity.law.standing import Bound, of_instrument, of_state
from support.shared import shared_path

from .conftest import DAY

#: Every value is read as the text that is written: NO is Norway, a date is no object.
LISTS = yaml.load(
    shared_path("domain", "law", "parties.yaml").read_bytes(),
    Loader=yaml.BaseLoader,
)["parties"]
NAMED = sorted(
    name
    for name, listed in LISTS.items()
    if not name.endswith("_partners")  # these only say that some treaty exists
    and isinstance((listed.get("states") or [None])[0], dict)
)


def has_date(row: dict[str, str]) -> bool:
    return len(row.get("in_force") or "") == len("2026-11-21")


@pytest.mark.parametrize("name", NAMED)
def test_nobody_is_bound_before_the_day_that_was_researched(pack: Pack, name: str) -> None:
    instrument = pack.instruments[name]
    first: dict[str, date] = {}
    for row in filter(has_date, LISTS[name]["states"]):
        day = date.fromisoformat(row["in_force"])
        first[row["state"]] = min(day, first.get(row["state"], day))
    for state, day in first.items():
        before = of_state(instrument, state, day - timedelta(days=1), pack)
        assert before.bound is not Bound.YES, state


@pytest.mark.parametrize("name", NAMED)
def test_today_binds_who_was_found_to_be_bound_and_nobody_else(pack: Pack, name: str) -> None:
    instrument = pack.instruments[name]
    rows: dict[str, list[dict[str, str]]] = {}
    for row in LISTS[name]["states"]:
        rows.setdefault(row["state"], []).append(row)
    for code, state in pack.states.items():
        if state.of is not None:
            continue  # extensions to territories stand in a list of their own
        bound = of_state(instrument, code, DAY, pack).bound
        found = rows.get(code, [])
        if any(map(sure, found)):
            assert bound is Bound.YES, code
        if all(row["status"].startswith(("signed", "consent")) for row in found):
            assert bound is not Bound.YES, code  # nobody who only signed, nobody unnamed


def sure(row: dict[str, str]) -> bool:
    """Whether the research says that the state is bound since a day that has come."""
    return (
        row["status"] in ("party", "bound")
        and row["confidence"] != "unverified"
        and not row.get("until")
        and has_date(row)
        and row["in_force"] <= DAY.isoformat()
    )


def test_the_oracle_has_something_to_say(pack: Pack) -> None:
    rows = [row for name in NAMED for row in LISTS[name]["states"]]
    assert len(NAMED) >= 20
    assert len([row for row in rows if sure(row)]) >= 120
    assert any(of_instrument(pack.instruments[name], DAY).bound is Bound.YES for name in NAMED)
