# SPDX-License-Identifier: Apache-2.0
"""An answer on paper: the words of the terminal, the data attached, the same bytes each time."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from comity.errors import Invalid
from comity.law import LegalFacts, assess
from comity.law.answer import Assessment
from comity.law.explain.page import as_text, page
from comity.law.explain.paper import PRINTABLE, as_pdf
from comity.law.pack import Pack

pytest.importorskip("typst", reason="the engine that prints is not installed")


@pytest.fixture(scope="module")
def answer(pack: Pack) -> Assessment:
    facts = LegalFacts("NO", "JP", "stored_content", ("illegal_access",))
    return assess(facts=facts, pack=pack, as_of=date(2026, 11, 21))


def poppler(name: str, *arguments: object) -> bytes:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"NOT RUN: {name} is not installed (poppler-utils)")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=True)
    return done.stdout


def letters(text: str) -> str:
    """Return a text without the spaces, lines and hyphens that setting puts in."""
    return "".join(char for char in text if char.isalnum())


def test_the_same_answer_gives_the_same_bytes(answer: Assessment, pack: Pack) -> None:
    made = as_pdf(answer, pack)
    assert made.startswith(b"%PDF-")
    assert as_pdf(answer, pack) == made


def test_paper_says_what_the_terminal_says(answer: Assessment, pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "answer.pdf"
    file.write_bytes(as_pdf(answer, pack))
    said = letters(poppler("pdftotext", "-layout", file, "-").decode())
    blocks = page(answer, pack)
    assert len(blocks) > 10
    for block in blocks:
        assert letters(block.heading.split(":")[0])[:30] in said
    assert sum(1 for line in as_text(blocks) if line.strip()) > 60


def test_the_data_are_attached(answer: Assessment, pack: Pack, tmp_path: Path) -> None:
    file = tmp_path / "answer.pdf"
    file.write_bytes(as_pdf(answer, pack))
    poppler("pdfdetach", "-saveall", "-o", tmp_path, file)
    assert json.loads((tmp_path / "answer.json").read_bytes()) == answer.to_json()


@pytest.mark.parametrize("language", PRINTABLE)
def test_every_printable_language_is_printed(answer: Assessment, pack: Pack, language: str) -> None:
    assert len(as_pdf(answer, pack, language=language)) > 10_000


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_letters_that_the_fonts_lack_are_refused_by_name(
    answer: Assessment, pack: Pack, language: str
) -> None:
    with pytest.raises(Invalid) as error:
        as_pdf(answer, pack, language=language)
    assert error.value.code == "law.not_printable"
    assert repr(language) in error.value.message
