# SPDX-License-Identifier: Apache-2.0
"""Every state has its mark, no mark covers another, and the land has no borders."""

from __future__ import annotations

from itertools import combinations
from math import hypot
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import comity.node.desk
import comity_law
from comity.law.load import load_pack
from comity.node.desk import world_map
from comity.node.desk.capitals import PLACES, REGIONS
from comity.node.desk.projection import CENTRE, HEIGHT, WIDTH, drawn

VIEWS = (world_map.WORLD, *REGIONS)
COAST = Path(comity.node.desk.__file__).parent / "static" / "desk" / "coastline.svg"
#: Half of the globe's surface lies between these latitudes.
HALF = 30.0


def test_every_member_and_observer_has_a_place_and_nobody_else():
    states = load_pack(comity_law.PATH).states.values()
    wanted = {one.id for one in states if one.kind in ("member", "observer")}
    assert set(PLACES) == wanted
    assert len(wanted) == 195


@pytest.mark.parametrize("region", VIEWS)
def test_no_mark_covers_another_or_lies_outside_its_view(region):
    window, size, spots = world_map.view(region), world_map.radius(region), world_map.spots(region)
    assert spots
    for first, second in combinations(spots.values(), 2):
        assert hypot(first.x - second.x, first.y - second.y) > size * 1.9
    for code, spot in spots.items():
        assert window.x < spot.x < window.x + window.width, code
        assert window.y < spot.y < window.y + window.height, code


@pytest.mark.parametrize("region", VIEWS)
def test_a_mark_stays_near_its_place(region):
    for code, spot in world_map.spots(region).items():
        x, y = drawn(PLACES[code].longitude, PLACES[code].latitude)
        assert hypot(spot.x - x, spot.y - y) < world_map.radius(region) * 8, code


def test_the_regions_together_are_the_world():
    together = [code for region in REGIONS for code in world_map.spots(region)]
    assert sorted(together) == sorted(world_map.spots(world_map.WORLD))


@given(
    longitude=st.floats(-180, 180, allow_nan=False), latitude=st.floats(-56, 84, allow_nan=False)
)
def test_every_place_is_inside_the_drawing(longitude, latitude):
    x, y = drawn(longitude, latitude)
    assert -0.01 <= x <= WIDTH + 0.01
    assert -0.01 <= y <= HEIGHT + 0.01


def test_equal_areas_are_equal_on_the_map():
    """A strip of one degree of longitude from the equator to 30 degrees is half of a hemisphere."""

    def area(south: float, north: float) -> float:
        steps = 2000
        total = 0.0
        for index in range(steps):
            low = south + (north - south) * index / steps
            high = south + (north - south) * (index + 1) / steps
            (left, y_low), (right, _) = drawn(CENTRE, low), drawn(CENTRE + 1, low)
            total += (right - left) * (y_low - drawn(CENTRE, high)[1])
        return total

    assert area(0, HALF) == pytest.approx(area(HALF, 83.99), rel=0.02)


def test_the_land_is_one_shape_without_lines_and_names_its_source():
    drawing = COAST.read_text(encoding="utf-8")
    assert drawing.count("<path") == 1
    assert "stroke" not in drawing
    assert "Natural Earth" in drawing.partition("-->")[0]
    assert "public domain" in drawing.partition("-->")[0]
    assert len(drawing) < 60_000
