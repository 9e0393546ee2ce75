# SPDX-License-Identifier: Apache-2.0
"""Read the research files as they are (YAML, strings kept as strings)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NAMES = (
    "sources",
    "instruments",
    "parties",
    "measures",
    "offences",
    "authorities",
    "dataprotection",
)


@dataclass(frozen=True)
class Research:
    """The seven files, parsed."""

    sources: list[dict[str, Any]]
    instruments: list[dict[str, Any]]
    parties: dict[str, dict[str, Any]]
    declarations: list[dict[str, Any]]
    measures: dict[str, Any]
    offences: dict[str, Any]
    authorities: dict[str, Any]
    dataprotection: dict[str, Any]


class _Strings(yaml.SafeLoader):
    """A loader that reads Norway as `NO` and dates as text."""


_Strings.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(folder: Path) -> Research:
    """Return the content of `folder`."""
    data = {}
    for name in NAMES:
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        data[name] = yaml.load(text, Loader=_Strings)  # noqa: S506  (a SafeLoader)
    return Research(
        sources=data["sources"]["sources"],
        instruments=data["instruments"]["instruments"],
        parties=data["parties"]["parties"],
        declarations=data["parties"]["declarations_and_reservations"]["records"],
        measures=data["measures"],
        offences=data["offences"],
        authorities=data["authorities"],
        dataprotection=data["dataprotection"],
    )
