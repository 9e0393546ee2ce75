# SPDX-License-Identifier: Apache-2.0
"""Real images, from acquisition to verified package: what comes out is what went in."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from comity.evidence.verify import verify_package
from comity.forensics.acquire import acquire
from comity.forensics.ewf import check_exhibit
from support import packages
from support.clock import SetClock
from support.shared import shared_files

pytestmark = pytest.mark.shared


def order(number):
    from comity.forensics.acquire import Order

    made = packages.record(number, {"a": b"a"})
    return Order(
        id=made.id,
        exhibit=number,
        description=made.description,
        request=made.request,
        examiner=made.examiner,
        place=made.place,
        purpose=made.purpose,
        legal_authority=made.legal_authority,
        local_offset="+00:00",
        host="Linux",
        tool=made.tool,
        remarks="",
    )


def test_every_image_comes_out_as_it_went_in(tmp_path):
    images = shared_files("data", "disk-images", pattern="*")
    files, records, sources = {}, {}, {}
    for number, path in enumerate(images, start=1):
        exhibit = f"EX-{number}"
        made = acquire(
            path,
            target=tmp_path / exhibit,
            order=order(exhibit),
            clock=SetClock(packages.START),
        )
        files[exhibit] = {name: copy.read_bytes() for name, copy in made.files.items()}
        records[exhibit] = replace(made.record, request=packages.REQUEST)
        sources[exhibit] = path
    spec = packages.make_spec(files, records=records)
    root = tmp_path / "package"
    sender = packages.authority(packages.SENDER)
    packages.assemble(spec, target=root, seal=sender.seal, minisign_key=sender.minisign)
    packages.accept(root, spec)
    report = verify_package(root, trust=packages.trust(), check_container=check_exhibit)
    assert report.ok, report.failed
    for exhibit, path in sources.items():
        out = root / "data/evidence" / exhibit / path.name
        assert digest(out) == digest(path)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
