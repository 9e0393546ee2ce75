# SPDX-License-Identifier: Apache-2.0
"""What must be true once a story has been played: on both nodes, and of the package alone."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from demo.network import Network, clean_environment, program
from demo.story import Story

#: Events that a story has more than once, or as often as officers save.
REPEATED: Final = {"request.edited", "approval.given", "custody.recorded", "request.submitted"}
SETTLE_SECONDS: Final = 60


def settled_pages(story: Story, request: str) -> tuple[Any, ...]:
    """Both pages, once receipts and witnesses have caught up: they follow the last words."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        pages = story.both_pages(request)
        settled = not any(awaited(page) for page in pages) and all(map(is_final, pages))
        if settled or time.monotonic() > until:
            return pages
        time.sleep(0.2)


def is_final(page: Any) -> bool:
    """Tell whether every event of a page is below a witnessed checkpoint."""
    return all(item["final"] for item in page["timeline"] if item["ledger_index"] is not None)


def awaited(page: Any) -> list[Any]:
    """Return the receipts that have not come."""
    return [receipt for receipt in page["delivery"] if receipt["at"] is None]


def check_records(story: Story, request: str) -> None:
    """Both sides' records of the request agree, and every event stands there once."""
    ours, theirs = settled_pages(story, request)
    for page in (ours, theirs):
        assert page["state"] == "closed"
        counts = Counter(item["event"] for item in page["timeline"])
        twice = {event: n for event, n in counts.items() if n > 1 and event not in REPEATED}
        assert not twice, twice
        assert len(page["exhibits"]) == 1
        assert len(page["packages"]) == 1
        assert not awaited(page), awaited(page)
        assert is_final(page)
    chains = [
        [(step["sequence"], step["digest"]) for step in page["exhibits"][0]["custody"]]
        for page in (ours, theirs)
    ]
    shorter = min(map(len, chains))
    assert chains[0][:shorter] == chains[1][:shorter]
    assert [number for number, _ in chains[0]] == list(range(1, len(chains[0]) + 1))


def check_nodes(network: Network) -> None:
    """Every node says of itself that nothing is wrong."""
    for node in network.nodes.values():
        done = subprocess.run(
            [program("comity-node"), "check", "--config", str(node.config)],
            capture_output=True,
            text=True,
            env=clean_environment(),
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def verify(out: Path) -> subprocess.CompletedProcess[str]:
    """Verify the package in a process of its own that knows only the trust file."""
    return subprocess.run(
        [
            program("comity"), "package", "verify", str(out / "package"),
            "--trust", str(out / "trust.json"), "--json",
        ],
        capture_output=True, text=True, env=clean_environment(), cwd="/", check=False,
    )  # fmt: skip
