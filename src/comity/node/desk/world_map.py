# SPDX-License-Identifier: Apache-2.0
"""Draws the map "whom can we ask": one mark for each state, on land without borders.

Only geometry is made here. Marks that would cover each other are moved apart, the same way every
time; a mark is a place to press, not a location. The table beside the map holds the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from typing import Final

from comity.node.desk.capitals import AFRICA, AMERICAS, ASIA, EUROPE, PACIFIC, PLACES
from comity.node.desk.projection import HEIGHT, WIDTH, drawn

WORLD: Final = "world"
#: Corners of the view of each region in degrees: west, south, east, north.
_CORNERS: Final = {
    AFRICA: (-27.0, -37.0, 60.0, 39.0),
    AMERICAS: (-122.0, -42.0, -32.0, 50.0),
    ASIA: (31.0, -12.0, 143.0, 54.0),
    EUROPE: (-25.0, 33.5, 41.0, 67.0),
    PACIFIC: (112.0, -46.0, 190.0, 15.0),
}
#: Radius of a mark as a part of the width of the view.
_RADIUS: Final = {WORLD: 1 / 230}
_RADIUS_OF_A_REGION: Final = 1 / 84
#: How far apart the middles of two marks are at least, in radii.
_APART: Final = 2.15
_ROUNDS: Final = 60
_SAMPLES: Final = 12


@dataclass(frozen=True)
class View:
    """A window on the drawing, in its units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> str:
        """The `viewBox` of the window."""
        return f"{self.x:.1f} {self.y:.1f} {self.width:.1f} {self.height:.1f}"


@dataclass(frozen=True)
class Spot:
    """Where the mark of a state stands, in units of the drawing."""

    x: float
    y: float


@lru_cache(maxsize=8)
def view(region: str) -> View:
    """Return the window of a region, or of the world."""
    if region == WORLD:
        return View(0, 0, WIDTH, HEIGHT)
    west, south, east, north = _CORNERS[region]
    steps = [index / _SAMPLES for index in range(_SAMPLES + 1)]
    edge = [drawn(west + (east - west) * part, at) for part in steps for at in (south, north)]
    edge += [drawn(at, south + (north - south) * part) for part in steps for at in (west, east)]
    xs, ys = [x for x, _ in edge], [y for _, y in edge]
    return View(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def radius(region: str) -> float:
    """Return the radius of a mark in a view."""
    return view(region).width * _RADIUS.get(region, _RADIUS_OF_A_REGION)


@lru_cache(maxsize=8)
def spots(region: str) -> dict[str, Spot]:
    """Return where the marks of a view stand: of all states, or of the states of a region."""
    codes = [code for code, at in sorted(PLACES.items()) if region in (WORLD, at.region)]
    places = {code: drawn(PLACES[code].longitude, PLACES[code].latitude) for code in codes}
    return {code: Spot(x, y) for code, (x, y) in _moved_apart(places, radius(region)).items()}


def _moved_apart(
    places: dict[str, tuple[float, float]], size: float
) -> dict[str, tuple[float, float]]:
    """Push marks that overlap away from each other, each by half of what is missing."""
    moved = {code: list(place) for code, place in places.items()}
    codes = list(moved)
    least = size * _APART
    for _ in range(_ROUNDS):
        still = True
        for index, first in enumerate(codes):
            for second in codes[index + 1 :]:
                dx = moved[second][0] - moved[first][0]
                dy = moved[second][1] - moved[first][1]
                if abs(dx) >= least or abs(dy) >= least:
                    continue
                distance = hypot(dx, dy)
                if distance >= least - size / 50:
                    continue
                still = False
                if distance == 0:
                    dx, distance = 1.0, 1.0  # two states in one city: one mark goes east
                push = (least - distance) / 2 if distance != 1.0 else least / 2
                moved[first][0] -= dx / distance * push
                moved[first][1] -= dy / distance * push
                moved[second][0] += dx / distance * push
                moved[second][1] += dy / distance * push
        if still:
            break
    return {code: (place[0], place[1]) for code, place in moved.items()}
