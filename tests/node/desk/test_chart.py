# SPDX-License-Identifier: Apache-2.0
"""The drawing of a chain of custody holds what its table holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.node.desk import samples
from comity.node.desk.chart import WIDTH, custody_chart

CHAINS = st.integers(min_value=0, max_value=30).map(lambda n: samples.EXHIBIT.custody * n)


@given(steps=CHAINS, mirrored=st.booleans())
def test_every_statement_has_exactly_one_mark_in_order_of_the_chain(steps, mirrored):
    chart = custody_chart(steps, mirrored=mirrored)
    assert [mark.step for mark in chart.marks] == list(steps)
    heights = [mark.y for mark in chart.marks]
    assert heights == sorted(set(heights))
    assert len(chart.links) == max(0, len(steps) - 1)


@given(steps=CHAINS, mirrored=st.booleans())
def test_nothing_is_ever_drawn_outside_the_picture(steps, mirrored):
    chart = custody_chart(steps, mirrored=mirrored)
    assert all(0 < mark.x < WIDTH and 0 < mark.y < chart.height for mark in chart.marks)
    assert all(0 < lane.x < WIDTH and 0 < lane.label_y < chart.height for lane in chart.lanes)


def test_each_authority_has_a_lane_and_only_the_first_has_filled_marks():
    chart = custody_chart(samples.EXHIBIT.custody, mirrored=False)
    assert [lane.label for lane in chart.lanes] == [samples.OURS.name, samples.THEIRS.name]
    assert [mark.kind for mark in chart.marks] == ["ours", "ours", "ours", "theirs"]


def test_a_right_to_left_page_mirrors_the_drawing():
    plain = custody_chart(samples.EXHIBIT.custody, mirrored=False)
    mirrored = custody_chart(samples.EXHIBIT.custody, mirrored=True)
    assert [mark.x for mark in mirrored.marks] == [WIDTH - mark.x for mark in plain.marks]
    assert (mirrored.direction, mirrored.latin_anchor) == ("rtl", "end")
