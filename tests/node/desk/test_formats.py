# SPDX-License-Identifier: Apache-2.0
"""Dates, sizes and citations as officers read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.utils import translation

from comity.node.desk import formats

MOMENT = datetime(2026, 3, 14, 21, 30, tzinfo=UTC)


@pytest.fixture
def in_athens(monkeypatch):
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, time_zone="Europe/Athens"))


def test_an_instant_is_shown_in_utc_and_for_machines():
    assert formats.instant(MOMENT) == (
        '<time datetime="2026-03-14T21:30:00Z"><bdi dir="ltr">2026-03-14 21:30 UTC</bdi></time>'
    )


@pytest.mark.usefixtures("in_athens")
def test_the_local_time_stands_beside_utc_even_on_another_day():
    html = formats.instant(MOMENT)
    assert "2026-03-14 21:30 UTC" in html
    assert "14 March 2026, 23:30 local time" in html


@pytest.mark.usefixtures("in_athens")
def test_an_arabic_date_has_the_day_first():
    with translation.override("ar"):
        assert "14 مارس 2026، 23:30" in formats.instant(MOMENT)


def test_a_legal_date_has_words_and_digits():
    assert formats.day(date(2027, 1, 20)) == (
        '<time datetime="2027-01-20"><bdi>20 January 2027</bdi>'
        ' (<bdi dir="ltr" class="whole">2027-01-20</bdi>)</time>'
    )


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB (1024 B)"), (1_474_560, "1.4 MiB (1474560 B)")],
)
def test_a_size_keeps_its_exact_number_of_bytes(size, shown):
    assert formats.size(size) == f'<bdi dir="ltr">{shown}</bdi>'


@pytest.mark.parametrize("citation", ["29(2)(a)", "art. 29(2)(a)"])
def test_an_article_is_written_in_one_way(citation):
    assert formats.article(citation) == 'art. <bdi dir="ltr" class="whole">29(2)(a)</bdi>'


def test_a_citation_that_is_no_number_stays_as_it_is():
    assert formats.article("Annex A") == '<bdi dir="ltr">Annex A</bdi>'


@pytest.mark.parametrize(
    ("period", "words"),
    [("P60D", "60 days"), ("P1M", "1 month"), ("PT96H", "96 hours"), ("PT30M", "30 minutes")],
)
def test_a_period_is_said_in_words(period, words):
    assert formats.period(period) == f"<bdi>{words}</bdi>"


def test_a_period_of_two_parts_is_shown_as_the_law_pack_has_it():
    assert formats.period("P1M10D") == '<bdi dir="ltr" class="whole">P1M10D</bdi>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P60D", ("60 days", "60 يومًا")),
        ("P1W", ("1 week", "أسبوع")),
        ("P45M", ("45 months", "45 شهرًا")),
        ("P3Y", ("3 years", "3 سنوات")),
        ("PT8H", ("8 hours", "8 ساعات")),
        ("PT96H", ("96 hours", "96 ساعة")),
    ],
)
def test_a_period_is_in_the_words_of_the_reader(text, words):
    for language, expected in zip(("en", "ar"), words, strict=True):
        with translation.override(language):
            assert f">{expected}<" in formats.period(text)
