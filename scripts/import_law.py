#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the law pack's TOML from the research files, once, and check every record on the way.

    python scripts/import_law.py ../shared/domain/law src/comity_law

The direction is one way: afterwards the TOML is the source, and lawyers edit it.
The import stops at the first record that it does not understand: an unknown
status, a source that is not registered, a date in words, a computed date that
does not follow from the rule it names, a list whose count is wrong. It writes
nothing unless everything was understood.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from law_import import checks, instruments, research, states, vocabulary


def main(arguments: list[str]) -> int:
    """Read the research folder, check it, write the pack's files."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    source, target = Path(arguments[0]), Path(arguments[1])
    files = research.read(source)
    checks.run(files)
    written: dict[str, str] = {}
    written |= vocabulary.files(files)
    written |= states.files(files)
    written |= instruments.files(files)
    for name, text in sorted(written.items()):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(written)} files, {sum(map(len, written.values()))} characters")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
