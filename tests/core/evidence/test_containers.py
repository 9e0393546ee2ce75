# SPDX-License-Identifier: Apache-2.0
"""Step 11: what an acquisition record says of a container, the files must bear out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from comity.evidence.acquired import ContainerCheck
from comity.evidence.model import Tool
from comity.evidence.package import assemble
from comity.evidence.verify import verify_package
from comity.forensics.ewf import check_exhibit
from support import packages
from support.ewf_images import MEDIUM, image

KEYS = packages.authority(packages.SENDER)
GOOD = image()
BROKEN = image(md5=b"\0" * 16)
DIGESTS = (
    ("md5", hashlib.md5(MEDIUM).hexdigest()),
    ("sha1", hashlib.sha1(MEDIUM).hexdigest()),
)
CLAIM = ContainerCheck(
    format="EWF-E01",
    outcome="consistent",
    tool=Tool(name="comity", version="0"),
    media_size=len(MEDIUM),
    stored=DIGESTS,
    computed=DIGESTS,
    detail="",
)
NOT_CHECKED = replace(
    CLAIM, outcome="not_checked", tool=None, media_size=None, stored=(), computed=()
)


def step(tmp_path, files, container):
    record = replace(packages.record("EX-1", files), container=container)
    spec = packages.make_spec({"EX-1": files}, records={"EX-1": record})
    assemble(spec, target=tmp_path / "p", seal=KEYS.seal, minisign_key=KEYS.minisign)
    report = verify_package(
        tmp_path / "p",
        trust=packages.trust(),
        now=packages.START + timedelta(days=1),
        check_container=check_exhibit,
    )
    assert [one.number for one in report.failed] in ([], [11])
    return {fault.code for fault in report.steps[10].faults}, report


@pytest.mark.parametrize(
    ("files", "container", "codes"),
    [
        ({"disk.E01": GOOD}, CLAIM, set()),
        ({"disk.E01": GOOD}, None, set()),
        ({"disk.raw": b"x" * 600}, None, set()),
        ({"disk.raw": b"x" * 600}, NOT_CHECKED, set()),
        ({"disk.raw": b"x" * 600}, CLAIM, {"acquisition.no_container"}),
        ({"a.txt": b"a", "disk.E01": GOOD}, CLAIM, set()),
        ({"a.txt": b"a", "disk.E01": BROKEN}, None, {"acquisition.container_inconsistent"}),
        ({"disk.E01": BROKEN}, NOT_CHECKED, {"acquisition.container_inconsistent"}),
        (
            {"disk.E01": BROKEN},
            CLAIM,
            {"acquisition.container_differs", "acquisition.container_inconsistent"},
        ),
        ({"a.E01": GOOD, "b.E01": BROKEN}, CLAIM, {"acquisition.container_inconsistent"}),
        ({"disk.bin": GOOD}, CLAIM, set()),
        ({"disk.E01": GOOD}, replace(CLAIM, media_size=1), {"acquisition.container_differs"}),
    ],
)
def test_a_claim_stands_only_if_the_files_bear_it_out(tmp_path, files, container, codes):
    assert step(tmp_path, files, container)[0] == codes


def test_what_cannot_be_checked_is_said(tmp_path):
    codes, report = step(tmp_path, {"a.E01": GOOD, "b.E02": image(number=2)}, CLAIM)
    assert codes == set()
    assert any("segments are missing" in note for note in report.not_checked)


def test_an_exhibit_of_very_many_files_is_checked_one_by_one(tmp_path):
    """More files than a process may hold open."""
    files = {f"{number:04}.txt": b"x" for number in range(2_000)}
    assert step(tmp_path, {**files, "z.E01": BROKEN}, None)[0] == {
        "acquisition.container_inconsistent"
    }
