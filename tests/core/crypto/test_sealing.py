# SPDX-License-Identifier: Apache-2.0
"""Sealed files: who can open them, and what an altered one does."""

from __future__ import annotations

import os
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto import age_format
from comity.crypto.age_format import Stanza
from comity.crypto.bech32 import read_bech32, write_bech32
from comity.crypto.sealing import EncryptionIdentity, check_recipient, seal, unseal
from comity.errors import ComityError, Invalid, Unverified
from support.authorities import seed

FIRST, SECOND = EncryptionIdentity(seed("first")), EncryptionIdentity(seed("second"))


def sealed(data: bytes, *identities: EncryptionIdentity) -> bytes:
    target = BytesIO()
    seal(BytesIO(data), target, recipients=[i.recipient for i in identities or (FIRST,)])
    return target.getvalue()


def opened(data: bytes, *identities: EncryptionIdentity) -> bytes:
    target = BytesIO()
    unseal(BytesIO(data), target, identities=identities or (FIRST,))
    return target.getvalue()


def refusal(data: bytes, *identities: EncryptionIdentity) -> str:
    with pytest.raises(ComityError) as caught:
        opened(data, *identities)
    assert isinstance(caught.value, Invalid | Unverified)
    return caught.value.code


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
def test_every_size_survives(size: int) -> None:
    data = os.urandom(size)
    assert opened(sealed(data)) == data


def test_each_recipient_opens_the_same_bytes_and_nobody_else() -> None:
    file = sealed(b"evidence", FIRST, SECOND)
    assert opened(file, FIRST) == opened(file, SECOND) == b"evidence"
    assert refusal(file, EncryptionIdentity(seed("third"))) == "sealing.no_match"
    assert opened(file, EncryptionIdentity(seed("third")), SECOND) == b"evidence"


def test_no_two_files_share_a_key() -> None:
    assert len({sealed(b"same")[-60:] for _ in range(20)}) == 20


def test_the_plaintext_is_not_in_the_file() -> None:
    assert b"a telling sentence" not in sealed(b"a telling sentence " * 50)


class _Dripping(BytesIO):
    """A raw stream that answers in small pieces."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 1_000) if size and size > 0 else 1_000)


def test_a_stream_that_answers_in_pieces_is_read_whole() -> None:
    data, target, plain = os.urandom(150_000), BytesIO(), BytesIO()
    seal(_Dripping(data), target, recipients=[FIRST.recipient])
    unseal(_Dripping(target.getvalue()), plain, identities=[FIRST])
    assert plain.getvalue() == data


def test_progress_counts_plaintext() -> None:
    counted: list[int] = []
    seal(BytesIO(bytes(150_000)), BytesIO(), recipients=[FIRST.recipient], progress=counted.append)
    assert sum(counted) == 150_000
    back: list[int] = []
    unseal(BytesIO(sealed(bytes(99_000))), BytesIO(), identities=[FIRST], progress=back.append)
    assert sum(back) == 99_000


@pytest.mark.parametrize(
    ("recipients", "code"),
    [
        ([], "sealing.recipients"),
        ([FIRST.recipient] * 2, "sealing.recipients"),
        (["age1pq1"], "bech32.malformed"),
        (
            ["age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"],
            "recipient.malformed",
        ),
        ([FIRST.recipient.upper()], "recipient.malformed"),
        ([FIRST.recipient[:-1] + "q"], "bech32.malformed"),
        ([write_bech32("age1pq", bytes(1216))], "recipient.malformed"),
        ([write_bech32("age1pq", bytes(1215))], "recipient.malformed"),
        ([write_bech32("age1pq", b"\xff" * 1184 + b"\x09" + bytes(31))], "recipient.malformed"),
    ],
)
def test_only_sound_post_quantum_recipients_are_sealed_to(recipients, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        seal(BytesIO(b""), BytesIO(), recipients=recipients)
    assert caught.value.code == code


def test_a_recipient_is_checked_when_it_is_enrolled() -> None:
    assert check_recipient(FIRST.recipient) == FIRST.recipient


def test_an_identity_has_one_text() -> None:
    text = FIRST.to_text()
    assert text.startswith("AGE-SECRET-KEY-PQ-1")
    assert EncryptionIdentity.from_text(text + "\n") == FIRST


@pytest.mark.parametrize(
    "text", ["", "AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZ", "é", FIRST.recipient]
)
def test_other_texts_are_no_identity_and_are_not_repeated(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        EncryptionIdentity.from_text(text)
    assert caught.value.code == "identity.malformed"
    assert len(text) < 20 or text not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("X25519", "sealing.classical_recipient"),
        ("ssh-ed25519", "sealing.classical_recipient"),
        ("scrypt", "sealing.passphrase_recipient"),
    ],
)
def test_a_weaker_recipient_added_to_a_file_is_refused(kind: str, code: str) -> None:
    """A dishonest sender could otherwise open a back door that the reader never sees."""
    file_key = bytes(16)
    good = age_format.read_header(BytesIO(sealed(b""))).stanzas
    target = BytesIO()
    weaker = Stanza(kind=kind, arguments=("AAAA",), body=bytes(32))
    age_format.write_header(target, stanzas=(*good, weaker), file_key=file_key)
    assert refusal(target.getvalue() + bytes(60)) == code


def test_unknown_stanzas_are_left_alone() -> None:
    identity_stanza = age_format.read_header(BytesIO(sealed(b"x"))).stanzas[0]
    file_key = FIRST.unwrap(identity_stanza)
    assert file_key is not None
    target = BytesIO()
    grease = Stanza(kind="joint-grease", arguments=("a", "b"), body=bytes(200))
    age_format.write_header(target, stanzas=(grease, identity_stanza), file_key=file_key)
    age_format.encrypt_payload(BytesIO(b"content"), target, file_key=file_key)
    assert opened(target.getvalue()) == b"content"


def test_headers_are_bounded() -> None:
    stanza = b"-> x a\n\n"
    assert refusal(b"age-encryption.org/v1\n" + stanza * 100_000) == "sealing.header_malformed"
    assert refusal(b"age-encryption.org/v1\n-> " + b"a" * 1_000_000) == "sealing.header_malformed"
    long_body = b"-> x a\n" + (b"A" * 64 + b"\n") * 100_000
    assert refusal(b"age-encryption.org/v1\n" + long_body) == "sealing.header_malformed"
    assert refusal(b"age-encryption.org/v1\n-> " + b"a " * 9 + b"a\n\n") == (
        "sealing.header_malformed"
    )
    assert refusal(b"age-encryption.org/v1\n--- AAAA\n") == "sealing.header_malformed"


LONG = bytes(range(256)) * 600  # three chunks
SEALED = sealed(LONG)


@pytest.mark.parametrize("cut", range(1, 3))
def test_truncation_at_a_chunk_boundary_is_refused(cut: int) -> None:
    chunk = 65_536 + 16
    payload = len(SEALED) - (2 * chunk + (len(LONG) - 131_072) + 16)
    assert refusal(SEALED[: payload + cut * chunk]) == "sealing.payload_damaged"


def test_swapped_and_repeated_chunks_are_refused() -> None:
    chunk = 65_536 + 16
    start = len(SEALED) - (2 * chunk + (len(LONG) - 131_072) + 16)
    head, one, two, rest = (
        SEALED[:start],
        SEALED[start : start + chunk],
        SEALED[start + chunk : start + 2 * chunk],
        SEALED[start + 2 * chunk :],
    )
    assert opened(head + one + two + rest) == LONG
    for payload in (two + one + rest, one + one + two + rest, one + rest, rest + two + one):
        assert refusal(head + payload) == "sealing.payload_damaged"


def test_parts_of_two_files_do_not_mix() -> None:
    other = sealed(LONG)
    half = len(SEALED) // 2
    assert refusal(SEALED[:half] + other[half:]) == "sealing.payload_damaged"


SMALL = sealed(b"a short statement")


@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(place: int, mask: int) -> None:
    data = bytearray(SMALL)
    data[place] ^= mask
    assert refusal(bytes(data))


@given(st.integers(0, len(SMALL)), st.integers(0, 40), st.binary(max_size=40))
def test_cut_and_inserted_bytes_are_never_accepted(place: int, cut: int, insert: bytes) -> None:
    data = SMALL[:place] + insert + SMALL[place + cut :]
    if data != SMALL:
        assert refusal(data)


@given(st.binary(max_size=300), st.sampled_from(["age1pq", "age-secret-key-pq-", "a"]))
def test_bech32_has_one_text_for_one_value(data: bytes, prefix: str) -> None:
    text = write_bech32(prefix, data)
    assert read_bech32(text, what="text") == (prefix, data)
    assert read_bech32(text.upper(), what="text") == (prefix, data)


@given(st.binary(max_size=40), st.integers(0, 60), st.sampled_from("qpzry9x8gf2tvdw0b1 é"))
def test_a_mistyped_bech32_text_is_refused(data: bytes, place: int, char: str) -> None:
    text = write_bech32("age1pq", data)
    place %= len(text)
    changed = text[:place] + char + text[place + 1 :]
    if changed != text:
        with pytest.raises(Invalid):
            read_bech32(changed, what="text")


@pytest.mark.parametrize(
    "text",
    ["", "1", "1qqqqqq", "abc", "Age1pq1qqqqqq", "a12UEL5L", "x" * 5_000, "split1cheo2y9e2w"],
)
def test_other_texts_are_no_bech32(text: str) -> None:
    with pytest.raises(Invalid):
        read_bech32(text, what="text")
