# SPDX-License-Identifier: Apache-2.0
"""Make the coastline under the desk's map: one outline of all land, without any border.

    python scripts/import_coastline.py FOLDER/land-110m.json

reads the land of Natural Earth (public domain, 1:110 million) as the npm package `world-atlas`
distributes it in TopoJSON, projects it as the desk does and writes one small SVG file. Antarctica
is left out, and so is every island that would be smaller than a pixel. Run once, at development
time; the file it writes is part of the program. It fails rather than draw a line across the map.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from comity.node.desk.projection import BOTTOM, HEIGHT, TOP, WIDTH, drawn, turned  # noqa: E402

TARGET: Final = ROOT / "src" / "comity" / "node" / "desk" / "static" / "desk" / "coastline.svg"
#: Smallest area that is drawn, in square units of the drawing.
SMALLEST: Final = 0.25
#: Two neighbouring points of a coast farther apart than this lie on both sides of the cut.
ACROSS: Final = 180.0
FILL: Final = "#dfe4ea"

Ring = list[tuple[float, float]]


def rings(topology: dict[str, Any]) -> Iterator[Ring]:
    """Yield every ring of the land in degrees."""
    scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [_absolute(arc, scale, move) for arc in topology["arcs"]]
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            for ring in polygon:
                yield _joined(ring, arcs)


def _absolute(arc: list[list[int]], scale: list[float], move: list[float]) -> Ring:
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale[0] + move[0], y * scale[1] + move[1]))
    return points


def _joined(ring: list[int], arcs: list[Ring]) -> Ring:
    points: Ring = []
    for index in ring:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def outline(ring: Ring) -> str:
    """Return a ring as path data, to a tenth of a unit; empty where it is too small to be seen."""
    ring = [(longitude, min(latitude, TOP)) for longitude, latitude in ring]
    if min(latitude for _, latitude in ring) < BOTTOM:
        return ""
    around = [turned(longitude) for longitude, _ in ring]
    if any(abs(a - b) > ACROSS for a, b in pairwise(around)):
        raise SystemExit(f"a coast crosses the cut of the map near {ring[0]}")
    points = [drawn(*point) for point in ring]
    if _area(points) < SMALLEST:
        return ""
    steps: list[tuple[int, int]] = []
    for x, y in points:
        step = (round(x * 10), round(y * 10))
        if not steps or steps[-1] != step:
            steps.append(step)
    moves = [f"l{_tenth(x - px)} {_tenth(y - py)}" for (px, py), (x, y) in pairwise(steps)]
    return f"M{_tenth(steps[0][0])} {_tenth(steps[0][1])}{''.join(moves)}z"


def _tenth(value: int) -> str:
    return f"{value / 10:g}"


def _area(points: Ring) -> float:
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def main() -> int:
    """Write the file; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("land", type=Path, help="land-110m.json of the npm package world-atlas")
    data = parser.parse_args().land.read_bytes()
    every = list(rings(json.loads(data)))
    shapes = [path for path in map(outline, every) if path]
    source = (
        "Natural Earth 1:110m land, version 4.1.0, public domain (naturalearthdata.com), from the "
        f"npm package world-atlas 2.0.2, land-110m.json, sha256 {hashlib.sha256(data).hexdigest()};"
        " projected by scripts/import_coastline.py. Land only, no borders."
    )
    TARGET.write_text(
        f"<!-- {source} -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:.1f}">'
        f'<path fill="{FILL}" d="{"".join(shapes)}"/></svg>\n',
        encoding="utf-8",
    )
    print(f"{len(shapes)} of {len(every)} outlines, {TARGET.stat().st_size} bytes")
    return 0 if shapes else 1


if __name__ == "__main__":
    raise SystemExit(main())
