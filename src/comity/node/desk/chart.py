# SPDX-License-Identifier: Apache-2.0
"""Draws a chain of custody: one lane for each authority, one mark for each statement.

Only geometry is made here, in the units of an SVG view box; the template writes it out and the
table beside it holds the same facts. In a right-to-left page the drawing is mirrored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from comity.node.queries.views import CustodyStep

WIDTH: Final = 360
_EDGE: Final = 16
_LANE: Final = 34
_ROW: Final = 58
_HEAD_LINE: Final = 22
_MARK: Final = 8


@dataclass(frozen=True)
class Lane:
    """The vertical line of one authority, and its name above."""

    x: int
    label: str
    label_y: int


@dataclass(frozen=True)
class Mark:
    """One custody statement: a filled circle for the first authority, hollow for the others."""

    x: int
    y: int
    kind: str
    step: CustodyStep


@dataclass(frozen=True)
class Link:
    """The path from a statement to the next one in the chain."""

    path: str


@dataclass(frozen=True)
class Chart:
    """Everything that the template draws."""

    width: int
    height: int
    mark: int
    text_x: int
    text_anchor: str
    latin_anchor: str
    direction: str
    lanes_top: int
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]


def custody_chart(steps: Sequence[CustodyStep], *, mirrored: bool) -> Chart:
    """Return the drawing of `steps`, oldest on top."""
    holders = list(dict.fromkeys(step.authority.authority for step in steps))
    names = {step.authority.authority: step.authority.name for step in steps}
    top = _EDGE + _HEAD_LINE * len(holders)

    def across(x: int) -> int:
        return WIDTH - x if mirrored else x

    columns = {holder: across(_EDGE + _LANE * index) for index, holder in enumerate(holders)}
    marks = tuple(
        Mark(
            x=columns[step.authority.authority],
            y=top + _ROW * index + _ROW // 2,
            kind="ours" if step.authority.authority == holders[0] else "theirs",
            step=step,
        )
        for index, step in enumerate(steps)
    )
    return Chart(
        width=WIDTH,
        height=top + _ROW * len(marks),
        mark=_MARK,
        text_x=across(_EDGE + _LANE * len(holders)),
        text_anchor="start",
        latin_anchor="end" if mirrored else "start",
        direction="rtl" if mirrored else "ltr",
        lanes_top=top,
        lanes=tuple(
            Lane(x=columns[holder], label=names[holder], label_y=_EDGE + _HEAD_LINE * index)
            for index, holder in enumerate(holders)
        ),
        marks=marks,
        links=tuple(_link(before, after) for before, after in pairwise(marks)),
    )


def _link(before: Mark, after: Mark) -> Link:
    middle = (before.y + after.y) // 2
    return Link(
        f"M{before.x} {before.y} C{before.x} {middle} {after.x} {middle} {after.x} {after.y}"
    )
