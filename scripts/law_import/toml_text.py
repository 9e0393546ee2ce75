# SPDX-License-Identifier: Apache-2.0
"""Write TOML the way a lawyer would want to read it.

Keys in the order given, short lists on one line, long ones one item a line,
inline tables for small records inside a list. `None` is never written: TOML has
no null, and an absent key is how the pack says "not established".
"""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 100


def scalar(value: Any) -> str:
    """Return one value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = ", ".join(f"{k} = {scalar(v)}" for k, v in value.items() if v is not None)
        return "{ " + inner + " }"
    if isinstance(value, list):
        return _array(value, "")
    raise TypeError(f"{value!r} cannot be written as TOML")


def _array(items: list[Any], name: str) -> str:
    one_line = "[" + ", ".join(scalar(item) for item in items) + "]"
    has_tables = any(isinstance(item, dict) for item in items)
    if len(name) + len(one_line) + 3 <= _WIDTH and not (has_tables and len(items) > 1):
        return one_line
    return "[\n" + "".join(f"  {scalar(item)},\n" for item in items) + "]"


#: Keys written as tables of their own, below the record they belong to.
_BELOW = {"clocks": "clock", "dual_criminality": "dual_criminality", "threshold": "threshold"}


def table(header: str, record: dict[str, Any]) -> str:
    """Return one `[header]` or `[[header]]` table with the tables that belong to it."""
    below = ""
    lines = [header] if header else []
    for key, value in record.items():
        if value is None or value in ([], {}):
            continue
        if key in _BELOW and header == "[[provision]]":
            below += _tables_below(_BELOW[key], value)
            continue
        text = _array(value, key) if isinstance(value, list) else scalar(value)
        lines.append(f"{_key(key)} = {text}")
    return "\n".join(lines) + "\n" + below


def _tables_below(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join("\n" + table(f"[[provision.{name}]]", item) for item in value)
    return "\n" + table(f"[provision.{name}]", value)


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else json.dumps(key, ensure_ascii=False)


def document(comment: str, tables: list[tuple[str, dict[str, Any]]]) -> str:
    """Return a whole file: licence line, a comment, then the tables in order."""
    head = "# SPDX-License-Identifier: Apache-2.0\n" + "".join(
        f"# {line}\n" for line in comment.splitlines()
    )
    return head + "\n" + "\n".join(table(header, record) for header, record in tables)
