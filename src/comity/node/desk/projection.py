# SPDX-License-Identifier: Apache-2.0
"""The Equal Earth projection: longitude and latitude to a plane on which areas stay comparable.

B. Šavrič, T. Patterson, B. Jenny, "The Equal Earth map projection", International Journal of
Geographical Information Science 33(3), 2019. The map is cut in the Bering Strait, so that no state
and no archipelago of the Pacific is torn apart.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final

#: Width of the drawing of the whole globe, in units of the drawing.
WIDTH: Final = 1000.0
#: The meridian in the middle; the cut is opposite, at 168.5 degrees west.
CENTRE: Final = 11.5
_A: Final = (1.340264, -0.081106, 0.000893, 0.003796)
_HALF_TURN: Final = 180.0
#: The northernmost latitude that is drawn; the drawing begins there.
TOP: Final = 84.0
#: The southernmost: Tierra del Fuego. South of it is no state.
BOTTOM: Final = -57.0


def _raw(longitude: float, latitude: float) -> tuple[float, float]:
    a1, a2, a3, a4 = _A
    theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
    squared = theta * theta
    sixth = squared**3
    stretch = 3 * (9 * a4 * squared * sixth + 7 * a3 * sixth + 3 * a2 * squared + a1)
    x = 2 * sqrt(3) * radians(longitude) * cos(theta) / stretch
    y = a4 * theta * squared * sixth + a3 * theta * sixth + a2 * theta * squared + a1 * theta
    return x, y


_SCALE: Final = WIDTH / (2 * _raw(_HALF_TURN, 0)[0])


def turned(longitude: float) -> float:
    """Return the longitude counted from the middle of the map, in -180 to 180 degrees."""
    return (longitude - CENTRE + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN


def drawn(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the place in the drawing: x from the left edge, y from the top, in its units."""
    x, y = _raw(turned(longitude), latitude)
    return x * _SCALE + WIDTH / 2, (_raw(0, TOP)[1] - y) * _SCALE


#: Height of the drawing in its units.
HEIGHT: Final = (_raw(0, TOP)[1] - _raw(0, BOTTOM)[1]) * _SCALE
