# SPDX-License-Identifier: Apache-2.0
"""The reader of law packs: any bytes in an instrument's file are faults or a pack that answers."""

from datetime import date

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.law import LegalFacts, assess
    from comity.law.load import PartFiles, check_parts, load_parts

from support.law_packs import TINY

TREATY = TINY.files["treaty.toml"]


def target(data: bytes) -> None:
    part = PartFiles("fuzzed", {**TINY.files, "treaty.toml": data})
    problems = check_parts([part])
    for problem in problems:
        assert problem.code
        assert problem.file
        assert problem.fix
    if not problems:
        pack = load_parts([part])
        facts = LegalFacts("XA", "XB", "help")
        assess(facts=facts, pack=pack, as_of=date(2026, 11, 21)).to_json()


if __name__ == "__main__":
    harness.run(target, [TREATY, TREATY.replace(b"2001-01-01", b"2001")], largest=8_192)
