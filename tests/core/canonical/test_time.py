# SPDX-License-Identifier: Apache-2.0
"""Instants: one spelling, written and read alike for every year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical.time import later, read_date, read_instant, write_instant
from comity.errors import Invalid


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back_to_the_second(instant: datetime) -> None:
    text = write_instant(instant)
    assert len(text) == len("2026-11-21T09:30:00Z")
    assert read_instant(text) == instant.replace(microsecond=0)


def test_early_years_have_four_digits() -> None:
    assert write_instant(datetime(592, 11, 3, 2, 14, tzinfo=UTC)) == "0592-11-03T02:14:00Z"


def test_nothing_is_later_than_the_last_moment() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert later(last - timedelta(minutes=1), timedelta(minutes=5)) == last
    assert later(last - timedelta(hours=1), timedelta(minutes=5)) < last


def test_other_zones_are_written_in_utc_and_none_is_refused() -> None:
    there = datetime(2026, 11, 21, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    assert write_instant(there) == "2026-11-21T09:30:00Z"
    with pytest.raises(Invalid) as caught:
        write_instant(datetime(2026, 11, 21))  # noqa: DTZ001
    assert caught.value.code == "time.naive"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "2026-11-21T09:30:00",
        "2026-11-21T09:30:00+00:00",
        "2026-11-21T09:30:00.5Z",
        "2026-11-21 09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-11-21T24:00:00Z",
        "592-11-03T02:14:00Z",
        "٢٠٢٦-11-21T09:30:00Z",
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_instant(text)


@pytest.mark.parametrize("text", ["", "2026-2-3", "2026-02-30", "21.11.2026", "٢٠٢٦-11-21"])
def test_a_date_is_a_real_day_in_one_spelling(text: str) -> None:
    with pytest.raises(Invalid):
        read_date(text)
