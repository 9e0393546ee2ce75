# SPDX-License-Identifier: Apache-2.0
"""A node goes on with the law that an older version adopted, though this one finds fault with it."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from comity.canonical import json
from comity.errors import Invalid
from comity.law.archive import FORMAT
from comity.law.load import PartFiles, check_parts, digest_of, read_directory, reopen_parts
from comity.node import queries
from comity.node.queries.health import node_health
from comity.node.services import assistance, law, law_packs
from comity.node.store.models import AssessmentRow
from support.law_adoption import demonstration
from support.nodeworld import LAW

#: Russia takes no part in the convention; the older version saw nothing wrong with the record.
RUSSIA = (
    'for_instrument = "coe_185"\n[[declaration]]\nstate = "RU"\narticle = "25"\n'
    'type = "declaration"\ntext = "x"\neffect = "information"\n'
    'confidence = "verified"\nsource = ["demo_fiction"]\n'
)


@pytest.fixture
def law_folder(settings, tmp_path: Path) -> Path:
    """The demonstration's overlay with that record, which the settings name from now on."""
    folder = tmp_path / "law"
    shutil.copytree(LAW, folder)
    (folder / "more.toml").write_text(RUSSIA)
    settings.CONFIG = replace(settings.CONFIG, law=(folder,))
    return folder


@pytest.fixture
def older(node, law_folder) -> tuple[PartFiles, ...]:
    """The law in use, kept by an older version."""
    parts = (demonstration()[0], read_directory(law_folder))
    assert {one.code for one in check_parts(parts)} == {"law.declaration_of_no_party"}
    described = [
        {
            "name": part.name,
            "signed_by": "",
            "own_state": "",
            "files": {name: data.decode() for name, data in part.files.items()},
        }
        for part in parts
    ]
    path = law_packs.store()._path(digest_of(parts))
    path.write_bytes(json.write({"format": FORMAT, "parts": described}))
    law_packs.record_adoption(reopen_parts(parts), by=None, now=node.now())
    law.kept_pack.cache_clear()
    yield parts
    path.unlink()
    law.kept_pack.cache_clear()


def test_a_node_starts_with_the_law_that_it_used(node, older, law_folder, caplog):
    (law_folder / "more.toml").write_text(f"{RUSSIA}# as if the program came with newer law\n")
    with caplog.at_level(logging.ERROR, logger="comity.law"):
        assert law_packs.adopt_at_start(now=node.now()).digest == digest_of(older)
    assert "RU takes no part" in caplog.text
    assert law.pack().digest == digest_of(older)
    (item,) = [item for item in node_health(node.now()) if item.title == "Law packs"]
    assert "stays in use" in item.detail
    with pytest.raises(Invalid):
        law_packs.adopt(by=None, now=node.now())


def test_a_request_of_that_day_is_explained_with_it(node, older, officer):
    drafter = officer("amara", "drafter")
    request = assistance.create_request(
        officer=drafter,
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=("computer_fraud",),
        title="A mailbox",
    )
    law_packs.record_adoption(reopen_parts(demonstration()), by=None, now=node.now())
    law.kept_pack.cache_clear()
    assert law.pack().digest == digest_of(demonstration())
    page = queries.assessment(officer=drafter, request_id=request.id)
    assert page.assessment.pack_digest == digest_of(older)
    assert law.answer_again(AssessmentRow.objects.get(request=request.id)) == page.assessment


def test_its_altered_file_is_written_anew(node, older):
    path = law_packs.store()._path(digest_of(older))
    path.write_bytes(b"{}")
    assert law_packs.adopt_at_start(now=node.now()).digest == digest_of(older)
    assert law.pack().digest == digest_of(older)
