# SPDX-License-Identifier: Apache-2.0
"""Finding the files that belong together: segments of E01 images and split raw images.

Imaging tools number segments in the extension: `.E01`, `.E02`, … `.E99`,
`.EAA`, … for EWF (and `.s01`, `.L01`, `.Ex01` likewise); `.000` or `.001`
onwards for raw. Any member names its set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from comity.errors import Unavailable

_EWF: Final = re.compile(r"(.+)\.([ESLesl])(x?)(\d\d|[A-Za-z]{2})", re.DOTALL)
_EWF_LAST_NUMBER: Final = 99
_RAW: Final = re.compile(r"(.+)\.(\d{3})", re.DOTALL)


@dataclass(frozen=True)
class SegmentSet:
    """The files of a set that are there, in order; `missing` says what is known to be absent."""

    paths: tuple[Path, ...]
    missing: str = ""


def find_segments(path: Path) -> SegmentSet:
    """Return the set that `path` belongs to, or the one file.

    The set ends at the first number that is not there; if a later one is, that is told
    in `missing`, as is a first one that is absent. Letters in place of numbers count
    only after number 99: without it `.log`, `.eml` and `.exe` would look like segments.
    """
    ewf, raw = _EWF.fullmatch(path.name), _RAW.fullmatch(path.name)
    if ewf and (ewf[4].isdigit() or _ewf_last_number(ewf) in _siblings(path)):
        return _collect(path, _ewf_names(ewf[1], ewf[2], ewf[3], lower=ewf[4].islower()))
    if raw:
        first = 0 if f"{raw[1]}.000" in _siblings(path) else 1
        return _collect(path, (f"{raw[1]}.{number:03d}" for number in range(first, 1_000)))
    return SegmentSet((path,))


def _collect(path: Path, names: Iterator[str]) -> SegmentSet:
    """Return the unbroken run of `names` that are there, if the named file is in it."""
    present = _siblings(path)
    run: list[str] = []
    gap = ""
    for name in names:
        if name not in present:
            gap = name
            break
        run.append(name)
    if path.name not in run:
        return SegmentSet((path,), gap)
    later = any(name in present for name in names)
    return SegmentSet(tuple(path.with_name(name) for name in run), gap if later else "")


def _ewf_last_number(ewf: re.Match[str]) -> str:
    """Return the name after which numbers give way to letters."""
    return f"{ewf[1]}.{ewf[2]}{ewf[3]}{_EWF_LAST_NUMBER}"


def _ewf_names(stem: str, kind: str, x: str, *, lower: bool) -> Iterator[str]:
    """Yield `E01` to `E99`, then `EAA` to `EZZ`, `FAA` to `ZZZ`, as EnCase counts."""
    for number in range(1, _EWF_LAST_NUMBER + 1):
        yield f"{stem}.{kind}{x}{number:02d}"
    letters = ascii_lowercase if lower else ascii_uppercase
    own = ascii_lowercase if kind.islower() else ascii_uppercase
    for lead in own[own.index(kind) :]:
        for second in letters:
            for third in letters:
                yield f"{stem}.{lead}{x}{second}{third}"


def _siblings(path: Path) -> set[str]:
    try:
        return {sibling.name for sibling in path.parent.iterdir()}
    except OSError as error:
        raise Unavailable(
            "acquire.source_unreadable",
            f"{path.parent}: the folder cannot be read: {error.strerror}",
        ) from error
