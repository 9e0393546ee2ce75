# SPDX-License-Identifier: Apache-2.0
"""A pack that was once adopted stays readable, whatever a later version finds fault with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from comity.canonical import json
from comity.errors import Invalid, Unverified
from comity.law.answer import LegalFacts
from comity.law.archive import FORMAT, PackStore
from comity.law.engine import assess
from comity.law.load import PartFiles, check_parts, digest_of, load_parts
from support.law_packs import TINY, Edit, append, edited, swap

TREATY = "treaty.toml"
SOURCED = 'confidence = "verified"\nsource = ["s"]\n'
DAY = date(2026, 11, 21)

#: What an older version adopted without a word -> the fault that is found in it today.
ADOPTED_ONCE: dict[str, tuple[Edit, str]] = {
    "a declaration of a state that takes no part": (
        append(
            TREATY,
            '[[declaration]]\nstate = "XC"\narticle = "1"\ntype = "declaration"\ntext = "x"\n'
            f'effect = "information"\n{SOURCED}',
        ),
        "law.declaration_of_no_party",
    ),
    "a file of comments": (append("later.toml", "# to be written\n"), "law.empty_file"),
    "a rule that cites an instrument which is not there": (
        append(
            "rules.toml",
            '[[rule]]\nid = "r"\nkind = "excludes"\nfirst = { instruments = ["treaty"] }\n'
            f'measures = ["help"]\narticle = "old_treaty 1"\ntext = "x"\n{SOURCED}',
        ),
        "law.unknown_instrument",
    ),
    "dates that cannot both be true": (
        swap(TREATY, 'in_force = "2001-01-01"', 'in_force = "1999-01-01"'),
        "law.impossible_dates",
    ),
}


def kept_by_an_older_version(folder: Path, part: PartFiles) -> PackStore:
    """Write the file of a pack as any version writes it, without asking this one."""
    described = {"name": part.name, "signed_by": "", "own_state": ""}
    files = {name: data.decode() for name, data in part.files.items()}
    whole = {"format": FORMAT, "parts": [{**described, "files": files}]}
    (folder / f"{digest_of([part])}.json").write_bytes(json.write(whole))
    return PackStore(folder)


@pytest.mark.parametrize("name", ADOPTED_ONCE)
def test_an_adopted_pack_stays_readable(tmp_path: Path, name: str) -> None:
    edit, code = ADOPTED_ONCE[name]
    part = edited(TINY, edit)
    assert code in {problem.code for problem in check_parts([part])}
    store = kept_by_an_older_version(tmp_path, part)
    pack = store.open(digest_of([part]))
    facts = LegalFacts("XB", "XC", "help")
    assert assess(facts=facts, pack=pack, as_of=DAY).pack_digest == digest_of([part])
    with pytest.raises(Invalid):  # opened it is not thereby faultless: nobody adopts it anew
        load_parts([part])
    with pytest.raises(Invalid):
        store.keep([part])


@pytest.mark.parametrize("name", ADOPTED_ONCE)
def test_the_altered_file_of_an_adopted_pack_is_mended(tmp_path: Path, name: str) -> None:
    part = edited(TINY, ADOPTED_ONCE[name][0])
    digest = digest_of([part])
    store = kept_by_an_older_version(tmp_path, part)
    (path,) = tmp_path.glob("*.json")
    before = path.read_bytes()
    path.write_bytes(before[:100])
    with pytest.raises(Unverified):
        store.open(digest)
    store.mend([part])
    assert path.read_bytes() == before
    assert store.open(digest).digest == digest


def test_only_a_pack_that_was_kept_is_mended(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        PackStore(tmp_path).mend([edited(TINY, swap(TREATY, '"XB"', '"XQ"'))])
    assert caught.value.code == "law.pack_invalid"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_not_opened(tmp_path: Path) -> None:
    part = edited(TINY, swap(TREATY, 'state = "XB"', 'state = "XQ"'))
    with pytest.raises(Invalid) as caught:
        kept_by_an_older_version(tmp_path, part).open(digest_of([part]))
    assert caught.value.code == "law.pack_invalid"
