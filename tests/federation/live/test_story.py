# SPDX-License-Identifier: Apache-2.0
"""The whole story between three real node processes, as `make demo PLAY=1` plays it.

Amara of Valdoria has a disk preserved in Meridia, asks for its image, answers a
question and accepts a condition; Dara images the disk; the package is sealed,
witnessed, sent, verified and accepted; both sides close. Then the nodes are
gone and only the package and the trust file are left.

Valdoria stores in PostgreSQL if a server can be started here, Meridia and the
witness in SQLite; `test_kills` plays the story with SQLite alone.
"""

from __future__ import annotations

import json
import warnings

import pytest
from demo.disk_image import write_disk_image
from demo.network import running_network
from demo.story import Story

from support import postgresql
from support.story_checks import check_records, verify

pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def exhibit(tmp_path):
    path = tmp_path / "seized\ndisk, 50%.img"  # stored under another name
    write_disk_image(path)
    return path


@pytest.fixture
def databases():
    try:
        with postgresql.server() as database:
            yield {"xv.moj": database}
    except postgresql.NoServer as error:
        warnings.warn(f"the story is played on SQLite alone: {error}", stacklevel=1)
        yield {}


def test_the_story_plays_and_its_package_verifies_without_the_nodes(tmp_path, exhibit, databases):
    with running_network(tmp_path / "nodes", say=print, databases=databases) as network:
        story = Story(network, exhibit=exhibit, say=print)
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
    (image,) = (path for path in out.rglob("*") if path.is_file())
    assert image.name == ending.stored_name != exhibit.name
    assert image.read_bytes() == exhibit.read_bytes()
