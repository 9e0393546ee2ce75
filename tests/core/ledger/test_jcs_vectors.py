# SPDX-License-Identifier: Apache-2.0
"""RFC 8785: the author's files and numbers, through our writer where it writes them.

Comity writes no floating-point numbers, so the files that hold some are refused;
the library underneath must still give their published form.
"""

from __future__ import annotations

import json
import struct

import pytest
import rfc8785

from comity.canonical import json as canonical
from comity.errors import Invalid
from support.shared import shared_path

pytestmark = pytest.mark.shared
FOLDER = shared_path("vectors", "ledger", "jcs")
WITHOUT_FLOATS = {"arrays": False, "french": True, "unicode": True, "values": False}


@pytest.mark.parametrize("name", sorted(WITHOUT_FLOATS))
def test_the_author_s_files(name: str) -> None:
    source = (FOLDER / "input" / f"{name}.json").read_bytes()
    expected = bytes.fromhex((FOLDER / "outhex" / f"{name}.txt").read_text())
    assert (FOLDER / "output" / f"{name}.json").read_bytes() == expected
    assert rfc8785.dumps(json.loads(source)) == expected
    if WITHOUT_FLOATS[name]:
        assert canonical.write(canonical.read(source)) == expected
    elif name == "values":
        with pytest.raises(Invalid) as refused:
            canonical.read(source)
        assert refused.value.code == "json.float"


def test_ten_thousand_numbers() -> None:
    lines = (FOLDER / "es6-numbers-10000.txt").read_text().split()
    integers = 0
    for line in lines:
        bits, _, expected = line.partition(",")
        value = struct.unpack(">d", bytes.fromhex(bits.rjust(16, "0")))[0]
        assert rfc8785.dumps(value).decode() == expected
        with pytest.raises(Invalid):
            canonical.write(value)
        if value.is_integer() and abs(value) < 1 << 53:
            assert canonical.write(int(value)).decode() == expected
            integers += 1
    assert len(lines) == 10_000
    assert integers > 0
