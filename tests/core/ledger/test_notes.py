# SPDX-License-Identifier: Apache-2.0
"""Signed notes and keys: one form, and no signature counted that nobody made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Invalid, Unverified
from comity.ledger import merkle
from comity.ledger.keys import (
    SignatureType,
    SigningKey,
    VerifierKey,
    instant_of,
    parse_vkey,
    posix_time,
)
from comity.ledger.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    SignatureLine,
    read_note,
    sign_line,
    sign_note,
    verify_note,
    write_note,
)
from comity.ledger.tree_head import TreeHead, read_tree_head
from support.ledgers import NOW, key

NAME = "xv.moj/notes"
TEXT = "A text.\n"
HEAD = TreeHead("xv.moj/log", 3, merkle.leaf_hash(b"root")).to_text()
KINDS = list(SignatureType)


def code_of(call, *arguments, **named) -> str:
    with pytest.raises((Invalid, Unverified)) as refused:
        call(*arguments, **named)
    return refused.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_signs_and_verifies(kind: SignatureType) -> None:
    signer = key(NAME, kind)
    note = read_note(sign_note(HEAD, keys=[signer], now=NOW))
    (one,) = verify_note(note, keys=[signer.verifier], strict=True)
    assert one.key == signer.verifier
    assert one.timestamp == (int(NOW.timestamp()) if kind.timestamped else None)
    assert parse_vkey(signer.verifier.to_text()) == signer.verifier


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_bit_of_text_or_signature_may_change(kind: SignatureType, data: st.DataObject) -> None:
    signer = key(NAME, kind)
    line = sign_line(HEAD, key=signer, now=NOW)
    at = data.draw(st.integers(0, len(line.signature) - 1))
    changed = bytearray(line.signature)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unverified):
        signer.verifier.verify(HEAD, bytes(changed))
    with pytest.raises(Unverified):
        signer.verifier.verify(HEAD.replace("3", "4", 1), line.signature)


def test_types_are_not_confused() -> None:
    # The same Ed25519 key under both types; its plain signature with a time put before it.
    private = Ed25519PrivateKey.generate()
    plain = SigningKey(name=NAME, type=SignatureType.ED25519, private=private)
    timed = SigningKey(name=NAME, type=SignatureType.COSIGNATURE_ED25519, private=private)
    assert plain.verifier.key_id != timed.verifier.key_id
    forged = posix_time(NOW).to_bytes(8, "big") + plain.sign(HEAD, now=NOW)
    assert code_of(timed.verifier.verify, HEAD, forged) == "note.signature_invalid"
    cut = timed.sign(HEAD, now=NOW)[8:]
    assert code_of(plain.verifier.verify, HEAD, cut) == "note.signature_invalid"


def test_the_ml_dsa_signature_commits_to_the_name() -> None:
    signer = key(NAME, SignatureType.COSIGNATURE_ML_DSA_44)
    other = VerifierKey.of(
        name="xv.moj/other", type=signer.verifier.type, public=signer.verifier.public
    )
    signature = signer.sign(HEAD, now=NOW)
    assert code_of(other.verify, HEAD, signature) == "note.signature_invalid"


def test_a_time_beyond_the_format_is_refused() -> None:
    signer = key(NAME, SignatureType.COSIGNATURE_ED25519)
    late = (1 << 63).to_bytes(8, "big") + bytes(64)
    assert code_of(signer.verifier.verify, HEAD, late) == "note.signature_invalid"


def test_an_ml_dsa_line_under_no_checkpoint_is_refused() -> None:
    signer = key(NAME, SignatureType.COSIGNATURE_ML_DSA_44)
    signature = signer.sign(HEAD, now=NOW)
    assert code_of(signer.verifier.verify, TEXT, signature) == "note.signature_invalid"


def test_lines_of_unknown_keys_are_ignored_and_strictly_refused() -> None:
    known, stranger = key(NAME, SignatureType.ED25519), key("xx.nobody/k", SignatureType.ED25519)
    same_name = key(NAME, SignatureType.COSIGNATURE_ED25519)
    note = read_note(sign_note(TEXT, keys=[stranger, known, same_name], now=NOW))
    (one,) = verify_note(note, keys=[known.verifier])
    assert one.line.key_id == known.verifier.key_id
    strict = {"keys": [known.verifier], "strict": True}
    assert code_of(verify_note, note, **strict) == "note.unknown_key"
    assert code_of(verify_note, note, keys=[]) == "note.no_known_signature"


def test_one_bad_line_of_a_known_key_condemns_the_note() -> None:
    first, second = key(NAME, SignatureType.ED25519), key("xv.moj/b", SignatureType.ED25519)
    lines = [
        sign_line(TEXT, key=first, now=NOW),
        SignatureLine(second.name, second.verifier.key_id, bytes(64)),
    ]
    note = read_note(write_note(TEXT, lines))
    keys = [first.verifier, second.verifier]
    assert code_of(verify_note, note, keys=keys) == "note.signature_invalid"
    assert verify_note(note, keys=keys[:1])


def good() -> bytes:
    return sign_note(TEXT, keys=[key(NAME, SignatureType.ED25519)], now=NOW)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "note.no_signature"),
        (b"text\n", "note.no_signature"),
        (b"text\n\n", "note.no_final_newline"),
        (good()[:-1], "note.no_final_newline"),
        (good() + b"x\n", "note.signature_line"),
        (good() + b"\n", "note.no_final_newline"),
        (good().replace("— ".encode(), b"- "), "note.signature_line"),
        (good().replace("— ".encode(), "—\u00a0".encode()), "note.signature_line"),
        (good().replace(b"xv.moj/notes", b"xv+moj/notes"), "note.signature_line"),
        (good().replace(b"xv.moj/notes", b""), "note.signature_line"),
        (good().replace(b"xv.moj/notes", "xv\u2003moj".encode()), "note.signature_line"),
        (b"text\n\n\xe2\x80\x94 name AAAA\n", "note.signature_line"),
        (b"text\n\n\xe2\x80\x94 name A-_A\n", "note.signature_line"),
        (b"text\n\n\xe2\x80\x94 name\n", "note.signature_line"),
        (good().replace(b"\n", b"\r\n"), "note.control_character"),
        (good().replace(b"text", b"te\x07xt"), "note.control_character"),
        (b"\xff" + good(), "note.not_utf8"),
        (b"x" * (MAX_NOTE_BYTES + 1), "note.too_large"),
        (TEXT.encode() + b"\n" + good().split(b"\n\n")[1] * 65, "note.too_many_signatures"),
    ],
)
def test_what_is_no_note(data: bytes, code: str) -> None:
    assert code_of(read_note, data) == code


def test_sixteen_signatures_are_accepted_and_many_refused_quickly() -> None:
    names = [f"xv.moj/k{number}" for number in range(MAX_SIGNATURES)]
    keys = [key(name, SignatureType.COSIGNATURE_ML_DSA_44) for name in names]
    note = sign_note(HEAD, keys=keys, now=NOW)
    assert len(verify_note(read_note(note), keys=[one.verifier for one in keys[:16]])) == 16
    line = note.split(b"\n\n")[1].split(b"\n")[0] + b"\n"
    assert code_of(read_note, TEXT.encode() + b"\n" + line * 10_000) == "note.too_large"


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused_in_our_own_words(data: bytes) -> None:
    for attempt in (data, TEXT.encode() + b"\n" + data, good() + data):
        try:
            note = read_note(attempt)
        except Invalid:
            continue
        assert read_note(note.to_bytes()) == read_note(note.to_bytes())


@given(st.text(max_size=200))
def test_every_text_that_can_be_signed_reads_back(text: str) -> None:
    signer = key(NAME, SignatureType.ED25519)
    try:
        data = sign_note(f"{text}\n", keys=[signer], now=NOW)
    except (Invalid, UnicodeEncodeError):
        assert any(char < " " and char != "\n" for char in text) or not _encodable(text)
        return
    assert read_note(data).text == f"{text}\n"


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "vkey.syntax"),
        ("name", "vkey.syntax"),
        ("name+00000000", "vkey.syntax"),
        ("name+00000000+", "vkey.unsupported"),
        ("name+00000000+AA==", "vkey.unsupported"),
        ("name+00000000+AQ==", "vkey.size"),
        ("name+00000000+*", "base64.malformed"),
        ("x" * 5_000, "vkey.syntax"),
        (
            "na me+00000000+" + key(NAME, SignatureType.ED25519).verifier.to_text()[-44:],
            "vkey.name",
        ),
        ("n" * 300 + key(NAME, SignatureType.ED25519).verifier.to_text()[12:], "vkey.name"),
        (key(NAME, SignatureType.ED25519).verifier.to_text().replace("+", "+A", 1), "vkey.id"),
    ],
)
def test_what_is_no_verifier_key(text: str, code: str) -> None:
    assert code_of(parse_vkey, text) == code


def test_a_signing_key_is_of_its_type() -> None:
    private = Ed25519PrivateKey.generate()
    arguments = {"name": NAME, "type": SignatureType.COSIGNATURE_ML_DSA_44, "private": private}
    assert code_of(SigningKey, **arguments) == "vkey.algorithm"


def test_what_cannot_be_written() -> None:
    assert code_of(write_note, "no newline", []) == "note.text"
    assert code_of(write_note, TEXT, []) == "note.no_signature"


def test_times_that_can_be_signed() -> None:
    assert instant_of(posix_time(NOW)) == NOW
    assert code_of(posix_time, datetime(2026, 1, 1)) == "time.naive"  # noqa: DTZ001
    assert code_of(posix_time, datetime(1970, 1, 1, tzinfo=UTC)) == "ledger.time"
    assert code_of(instant_of, 1 << 62) == "ledger.time"


ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"log\n3\n{ROOT}", "checkpoint.lines"),
        ("log\n3\n", "checkpoint.lines"),
        (f"log\n3\n{ROOT}\nextension\n", "checkpoint.extension_lines"),
        (f"\n3\n{ROOT}\n", "ledger.origin"),
        (f"{'o' * 256}\n3\n{ROOT}\n", "ledger.origin"),
        (f"log\n03\n{ROOT}\n", "ledger.number"),
        (f"log\n+3\n{ROOT}\n", "ledger.number"),
        (f"log\n-3\n{ROOT}\n", "ledger.number"),
        (f"log\n1_0\n{ROOT}\n", "ledger.number"),
        (f"log\n٣\n{ROOT}\n", "ledger.number"),
        (f"log\n 3\n{ROOT}\n", "ledger.number"),
        (f"log\n\n{ROOT}\n", "ledger.number"),
        (f"log\n9223372036854775808\n{ROOT}\n", "ledger.number"),
        (f"log\n{'9' * 5000}\n{ROOT}\n", "ledger.number"),
        ("log\n3\nAAAA\n", "ledger.hash_size"),
        ("log\n3\nAAAA-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "base64.malformed"),
        (f"log\n3\n{ROOT[:-2]}B=\n", "base64.not_canonical"),
    ],
)
def test_what_is_no_checkpoint_text(text: str, code: str) -> None:
    assert code_of(read_tree_head, text) == code


def test_the_largest_size() -> None:
    assert read_tree_head(f"log\n{2**63 - 1}\n{ROOT}\n").size == 2**63 - 1
