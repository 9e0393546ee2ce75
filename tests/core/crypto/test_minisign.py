# SPDX-License-Identifier: Apache-2.0
"""Minisign files: made for stock tools, read without slack."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.minisign import public_file, sign_file, verify_file
from comity.errors import ComityError, Invalid, Unverified
from support.authorities import seed
from support.programs import program

KEY = Ed25519PrivateKey.from_private_bytes(seed("minisign"))
PUBLIC = KEY.public_key().public_bytes_raw()
CONTENT = b"0123456789abcdef  data/evidence\n"
SIGNED = sign_file(BytesIO(CONTENT), key=KEY, comment="package 7")
LINES = SIGNED.decode().split("\n")


def refusal(content: bytes, signature: bytes, key: bytes = PUBLIC) -> str:
    with pytest.raises(ComityError) as caught:
        verify_file(BytesIO(content), signature, key=key)
    assert isinstance(caught.value, Invalid | Unverified)
    return caught.value.code


def test_the_trusted_comment_comes_back() -> None:
    assert verify_file(BytesIO(CONTENT), SIGNED, key=PUBLIC) == "package 7"


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (b"", "minisign.malformed"),
        (SIGNED + b"x", "minisign.malformed"),
        (SIGNED.rstrip(b"\n"), "minisign.malformed"),
        (SIGNED.replace(b"\n", b"\r\n"), "minisign.malformed"),
        (SIGNED.replace(b"of an authority", b"by somebody"), "minisign.malformed"),
        (SIGNED.replace(b"trusted comment: package", b"comment: package"), "minisign.malformed"),
        (SIGNED.replace(b"package 7", b"package 8"), "minisign.signature_invalid"),
        (SIGNED.replace(b"package 7", b"package\t7"), "minisign.comment"),
        (SIGNED.replace(LINES[3].encode(), LINES[1].encode()), "minisign.malformed"),
        (SIGNED.replace(b"RUR", b"RWR", 1), "minisign.malformed"),
        (b"\xff" * 100, "minisign.malformed"),
        (b"a" * 5_000, "minisign.malformed"),
    ],
)
def test_each_alteration_is_refused_by_name(signature: bytes, code: str) -> None:
    assert signature != SIGNED
    assert refusal(CONTENT, signature) == code


def test_another_file_or_key_is_refused() -> None:
    assert refusal(CONTENT + b"\n", SIGNED) == "minisign.signature_invalid"
    other = Ed25519PrivateKey.from_private_bytes(seed("other")).public_key().public_bytes_raw()
    assert refusal(CONTENT, SIGNED, other) == "minisign.other_key"
    assert refusal(CONTENT, SIGNED, bytes(32)) == "key.small_order"


def test_a_comment_with_a_line_break_is_not_signed() -> None:
    with pytest.raises(Invalid):
        sign_file(BytesIO(b""), key=KEY, comment="one\ntwo")


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(place: int, mask: int) -> None:
    data = bytearray(SIGNED)
    data[place] ^= mask
    assert refusal(CONTENT, bytes(data))


@pytest.mark.thirdparty
def test_the_stock_tool_agrees(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    (tmp_path / "file.minisig").write_bytes(SIGNED)
    (tmp_path / "key.pub").write_bytes(public_file(PUBLIC))
    command = [program("minisign"), "-V", "-m", tmp_path / "file", "-p", tmp_path / "key.pub"]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    assert "package 7" in good.stdout
    (tmp_path / "file").write_bytes(CONTENT + b"x")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
