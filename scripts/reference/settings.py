# SPDX-License-Identifier: Apache-2.0
"""The settings of a node, from the fields of `NodeConfig`."""

from __future__ import annotations

from dataclasses import MISSING, fields

from comity.node.config import NodeConfig
from reference.markdown import code, page, table

INTRODUCTION = """
A node reads `comity.toml` in its folder. An environment variable `COMITY_` and the name in
capitals overrules the file; lists are written with commas there. Relative paths are relative
to the folder of the file. An unknown name is an error that names the nearest known one, and
`comity-node check` prints every problem at once. Secrets are never settings: they are files in
the folder `keys`.
"""


def written(value: object) -> str:
    """Return a default as it would stand in the file."""
    if value is MISSING:
        return "must be given"
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, int):
        return code(str(value))
    if isinstance(value, tuple):
        return code("[" + ", ".join(f'"{item}"' for item in value) + "]")
    return code(f'"{value}"')


def settings_page() -> str:
    """Return the page of settings; refuse a setting without an explanation."""
    rows = []
    for field in fields(NodeConfig):
        if field.name == "folder":
            continue
        text = field.metadata.get("help", "")
        if not text:
            raise SystemExit(f"the setting {field.name} has no help text")
        name = field.name.upper()
        rows.append((code(field.name), written(field.default), text, code(f"COMITY_{name}")))
    if not rows:
        raise SystemExit("NodeConfig has no settings")
    return page("Settings", INTRODUCTION, table(("Name", "Default", "Meaning", "Variable"), rows))
