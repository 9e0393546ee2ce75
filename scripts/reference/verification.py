# SPDX-License-Identifier: Apache-2.0
"""The steps of `comity package verify`, from the module that takes them."""

from __future__ import annotations

import re

from comity.evidence import verify
from reference.markdown import page, table

INTRODUCTION = """
`comity package verify` takes these steps in this order and prints each with its outcome: `ok`,
`FAILED` with every fault and its file, or `-` with the reason why there was nothing to check or why
an earlier step stood in the way. Any failed step means that the package is not verified. A step
without an outcome never counts as passed: the report says at its end what it does not tell.
"""


def verification_page() -> str:
    """Return the page of the verifier's steps; refuse one that differs from the code's."""
    rows = re.findall(
        r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", verify.__doc__ or "", flags=re.MULTILINE
    )
    titles = [check.title for check in verify._checks(None)]  # noqa: SLF001 - what is documented
    if [title for _, title, _ in rows] != titles:
        raise SystemExit(f"the verifier's docstring lists {rows}, the code takes {titles}")
    never = "\n".join(f"- {text}" for text in verify._ALWAYS_OPEN)  # noqa: SLF001
    return page(
        "Steps of verification",
        INTRODUCTION,
        table(("No.", "Step", "What it settles"), rows),
        "## What no verification can settle\n\n" + never,
    )
