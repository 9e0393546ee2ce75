# SPDX-License-Identifier: Apache-2.0
"""The whole story between three real node processes, undisturbed and under SIGKILL.

Amara of Valdoria has a disk preserved in Meridia, asks for its image, answers a
question and accepts a condition; Dara images the disk; the package is sealed,
witnessed, sent, verified and accepted; both sides close. Then the nodes are
gone and only the package and the trust file are left.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from demo.disk_image import write_disk_image
from demo.network import Network, clean_environment, program, running_network
from demo.story import Story

from support.kills import Reaper

pytestmark = [pytest.mark.live, pytest.mark.slow]
KILLS = 50
#: Events that a story has more than once, or as often as officers save.
REPEATED = {"request.edited", "approval.given", "custody.recorded", "request.submitted"}


@pytest.fixture
def exhibit(tmp_path):
    path = tmp_path / "seized-disk.img"
    write_disk_image(path)
    return path


def say(text):
    sys.stdout.write(text + "\n")


def test_the_story_plays_and_its_package_verifies_without_the_nodes(tmp_path, exhibit):
    with running_network(tmp_path / "nodes", say=say) as network:
        story = Story(network, exhibit=exhibit, say=say)
        try:
            ending = story.play()
            story.export(ending.package_id, tmp_path / "out")
            check_records(story, ending.request_id)
        finally:
            story.close()
    done = verify(tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["verified"] is True
    out = tmp_path / "out" / "package" / "data" / "evidence"
    (image,) = out.rglob("seized-disk.img")
    assert image.read_bytes() == exhibit.read_bytes()


def test_a_node_killed_at_fifty_moments_loses_nothing_and_does_nothing_twice(tmp_path, exhibit):
    seed = int(os.environ.get("COMITY_SEED", "20261121"))
    with running_network(tmp_path / "nodes", say=say) as network:
        reaper = Reaper(network, seed=seed)
        reaper.start()
        endings = []
        try:
            while reaper.kills < KILLS:
                tag = f"({len(endings) + 1})"
                story = Story(network, exhibit=exhibit, say=say, tag=tag, patience=400)
                reaper.story = story
                endings.append(story.play())
                reaper.story = None
                story.close()
                assert reaper.problem is None, reaper.problem
        finally:
            reaper.end()
            story.close()
        assert reaper.kills >= KILLS
        story = Story(network, exhibit=exhibit, say=say)
        try:
            story.export(endings[-1].package_id, tmp_path / "out")
            for ending in endings:
                check_records(story, ending.request_id)
        finally:
            story.close()
        check_nodes(network)
    assert verify(tmp_path / "out").returncode == 0


def settled_pages(story: Story, request: str):
    """Both pages, once receipts and witnesses have caught up: they follow the last words."""
    until = time.monotonic() + 60
    while True:
        pages = story.both_pages(request)
        settled = not any(awaited(page) for page in pages) and all(map(is_final, pages))
        if settled or time.monotonic() > until:
            return pages
        time.sleep(0.2)


def is_final(page) -> bool:
    return all(item["final"] for item in page["timeline"] if item["ledger_index"] is not None)


def awaited(page) -> list:
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
