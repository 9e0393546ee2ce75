# SPDX-License-Identifier: Apache-2.0
"""Make the pages of the manual that follow from the code, or check that they do.

.venv/bin/python scripts/generate_docs.py            write docs/reference/*
.venv/bin/python scripts/generate_docs.py --check    only say which are stale
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "reference"
MOST_LINES_SHOWN = 20


def pages() -> dict[str, Callable[[], str]]:
    """Return what makes each page. Imported late: the code may need Django to be set up."""
    from reference.api import api_page, openapi_file
    from reference.commands import comity_page, node_page
    from reference.errors import error_page
    from reference.events import event_page
    from reference.law import instruments_page, measures_page, vocabulary_page
    from reference.messages import message_page
    from reference.permissions import permission_page
    from reference.settings import settings_page
    from reference.verification import verification_page
    from reference.workflows import workflow_page

    return {
        "api.md": api_page,
        "openapi.json": openapi_file,
        "comity.md": comity_page,
        "comity-node.md": node_page,
        "events.md": event_page,
        "law-instruments.md": instruments_page,
        "law-measures.md": measures_page,
        "law-vocabulary.md": vocabulary_page,
        "messages.md": message_page,
        "permissions.md": permission_page,
        "verification.md": verification_page,
        "workflows.md": workflow_page,
        "errors.md": lambda: error_page(ROOT),
        "settings.md": settings_page,
    }


def difference(name: str, old: str, new: str) -> str:
    """Return the beginning of what a stale page would change."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, "the code", lineterm="")
    return "\n".join(list(lines)[:MOST_LINES_SHOWN])


def main() -> int:
    """Write or check every page; return the exit status."""
    sys.path.insert(0, str(ROOT / "scripts"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throwaway_node")
    import django

    django.setup()
    check = "--check" in sys.argv[1:]
    stale = []
    makers = pages()
    for name, make in sorted(makers.items()):
        path = PAGES / name
        text = make()
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale.append(name)
        if check:
            print(difference(name, old, text))
        else:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run .venv/bin/python scripts/generate_docs.py")
        return 1
    print(f"{len(makers)} pages are up to date" + (f"; wrote {', '.join(stale)}" if stale else ""))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
