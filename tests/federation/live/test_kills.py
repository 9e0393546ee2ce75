# SPDX-License-Identifier: Apache-2.0
"""The story between three real nodes that are killed again and again while it plays.

Stories are played, one after the other, until nodes have been killed with
SIGKILL fifty times. Each must finish; on both sides every event stands in the
record once, and the two sides' chains of custody agree.
"""

from __future__ import annotations

import os

import pytest
from demo.disk_image import write_disk_image
from demo.network import running_network
from demo.story import Story

from support.kills import Reaper
from support.story_checks import check_nodes, check_records, verify

pytestmark = [pytest.mark.live, pytest.mark.slow]
KILLS = 50


def test_a_node_killed_at_fifty_moments_loses_nothing_and_does_nothing_twice(tmp_path):
    exhibit = tmp_path / "seized-disk.img"
    write_disk_image(exhibit)
    seed = int(os.environ.get("COMITY_SEED", "20261121"))
    with running_network(tmp_path / "nodes", say=print) as network:
        reaper = Reaper(network, seed=seed)
        reaper.start()
        endings = []
        try:
            while reaper.kills < KILLS:
                tag = f"({len(endings) + 1})"
                story = Story(network, exhibit=exhibit, say=print, tag=tag, patience=400)
                reaper.story = story
                endings.append(story.play())
                reaper.story = None
                story.close()
                assert reaper.problem is None, reaper.problem
        finally:
            reaper.end()
            story.close()
        assert reaper.kills >= KILLS
        story = Story(network, exhibit=exhibit, say=print)
        try:
            story.export(endings[-1].package_id, tmp_path / "out")
            for ending in endings:
                check_records(story, ending.request_id)
        finally:
            story.close()
        check_nodes(network)
    assert verify(tmp_path / "out").returncode == 0
