# SPDX-License-Identifier: Apache-2.0
"""An answer on paper: the blocks of `page` as PDF/A-3, with the JSON of the answer attached.

The words are those of the desk and the terminal; paper and data cannot part. The same
answer gives the same bytes. The engine (typst) brings its fonts: what they have no sign
for is refused by name rather than printed as an empty box.
"""

from __future__ import annotations

import json as stdlib_json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from comity.canonical import json
from comity.errors import Invalid, Unavailable
from comity.law.answer import Assessment
from comity.law.explain.page import Block, page
from comity.law.pack import Pack

#: Languages of labels whose letters the engine's own fonts have.
PRINTABLE: Final = ("en", "es", "fr", "ru")
_TEMPLATE: Final = Path(__file__).with_name("paper.typ")
#: What may be printed: PDF/A forbids a missing glyph, and lets data be attached.
_STANDARD: Final = "a-3b"


def as_pdf(answer: Assessment, pack: Pack, *, language: str = "en") -> bytes:
    """Return the answer as a PDF file, labels in `language`.

    Raises `Invalid` (`law.not_printable`) for a language or a sign that the fonts lack,
    and `Unavailable` (`law.no_printer`) where the engine is not installed.
    """
    if language not in PRINTABLE:
        raise Invalid(
            "law.not_printable",
            f"an answer cannot be printed with labels in {language!r}",
            hint=f"Print it in one of {', '.join(PRINTABLE)}, or print the page of the desk.",
        )
    try:
        import typst  # 80 MB that most runs never need
    except ImportError as error:
        raise Unavailable(
            "law.no_printer",
            "the engine that prints is not installed",
            hint="Install it with `pip install comity[pdf]`.",
        ) from error
    blocks = page(answer, pack, language=language)
    midnight = datetime.combine(answer.as_of, time(), tzinfo=UTC)
    try:
        made: bytes = typst.compile(
            str(_TEMPLATE),
            format="pdf",
            ignore_system_fonts=True,  # the same letter on every machine
            pdf_standards=[_STANDARD],
            sys_inputs={"given": _given(answer, pack, blocks, language)},
            timestamp=int(midnight.timestamp()),
        )
    except typst.TypstError as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise Invalid(
            "law.not_printable",
            f"the answer cannot be printed: {reason}",
            hint="Ask in English, or print the page of the desk.",
        ) from error
    return made


def _given(answer: Assessment, pack: Pack, blocks: Sequence[Block], language: str) -> str:
    title = blocks[0].heading
    return stdlib_json.dumps(
        {
            "title": title,
            "author": "Comity",
            "language": language,
            "foot": f"{pack.name} {pack.version}, {pack.digest[:16]}, as of {answer.as_of}",
            "document": json.write(answer.to_json()).decode(),
            "blocks": [
                {
                    "heading": block.heading,
                    "level": block.level,
                    "lines": [
                        {"text": line.text, "detail": line.detail, "sign": line.sign or "-"}
                        for line in block.lines
                    ],
                }
                for block in blocks
            ],
        }
    )
