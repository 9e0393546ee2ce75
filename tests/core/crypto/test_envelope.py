# SPDX-License-Identifier: Apache-2.0
"""Both signatures or nothing: what an envelope accepts and how it refuses."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical import json as canonical
from comity.crypto import envelope
from comity.errors import ComityError, Invalid, Unverified
from support.authorities import make_seal

TYPE = "application/vnd.comity.statement+json"
SEAL, OTHER = make_seal("a"), make_seal("b")
SIGNED = envelope.sign(payload_type=TYPE, payload=b'{"v":1}', key=SEAL)


def accepted(data: bytes) -> bytes:
    return envelope.verify(envelope.read(data), key=SEAL.public, payload_type=TYPE)


def refusal(data: bytes) -> str:
    with pytest.raises(ComityError) as caught:
        accepted(data)
    assert isinstance(caught.value, Invalid | Unverified)
    return caught.value.code


def changed(change) -> bytes:
    value = json.loads(SIGNED)
    change(value)
    return canonical.write(value)


def test_the_payload_comes_back_exactly() -> None:
    assert accepted(SIGNED) == b'{"v":1}'
    read = envelope.read(SIGNED)
    assert (read.key_id, read.payload_type, read.raw) == (SEAL.public.key_id, TYPE, SIGNED)


def test_the_signatures_are_those_of_the_standards() -> None:
    """Checked with the algorithms alone, as a stranger would from the specification."""
    import hashlib

    value = json.loads(SIGNED)
    payload = base64.b64decode(value["payload"])
    encoded = b"DSSEv1 %d %b %d %b" % (len(TYPE), TYPE.encode(), len(payload), payload)
    ed25519, mldsa65 = (base64.b64decode(entry["sig"]) for entry in value["signatures"])
    Ed25519PublicKey.from_public_bytes(SEAL.public.ed25519).verify(ed25519, encoded)
    tap21 = b"tuf\x01" + hashlib.sha512(encoded).digest()
    MLDSA65PublicKey.from_public_bytes(SEAL.public.mldsa65).verify(mldsa65, tap21)
    assert [entry["keyid"] for entry in value["signatures"]] == [
        f"{SEAL.public.key_id}/ed25519",
        f"{SEAL.public.key_id}/ml-dsa-65",
    ]


def swap(value) -> None:
    value["signatures"].reverse()


def duplicate(value) -> None:
    value["signatures"][1] = value["signatures"][0]


def third(value) -> None:
    value["signatures"].append(value["signatures"][0])


def mix(value) -> None:
    other = json.loads(envelope.sign(payload_type=TYPE, payload=b'{"v":1}', key=OTHER))
    value["signatures"][1] = other["signatures"][1]


def rename(value) -> None:
    for entry in value["signatures"]:
        entry["keyid"] = entry["keyid"].replace(SEAL.public.key_id, OTHER.public.key_id)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda v: v["signatures"].pop(), "envelope.signature_missing"),
        (lambda v: v["signatures"].pop(0), "envelope.signature_missing"),
        (lambda v: v["signatures"].clear(), "envelope.signature_missing"),
        (swap, "envelope.key_id"),
        (duplicate, "envelope.key_id"),
        (third, "json.member_too_long"),
        (lambda v: v["signatures"].extend([v["signatures"][0]] * 9_998), "json.too_large"),
        (mix, "envelope.two_seals"),
        (rename, "envelope.unknown_key"),
        (lambda v: v.update(payload="e30="), "envelope.signature_invalid"),
        (lambda v: v.update(payloadType="application/other"), "envelope.wrong_type"),
        (lambda v: v.update(payloadType="text/plain"), "envelope.type"),
        (lambda v: v.update(extra=1), "json.member_unknown"),
        (lambda v: v["signatures"][0].update(alg="none"), "json.member_unknown"),
        (lambda v: v["signatures"][0].update(sig="AAAA"), "json.member_size"),
        (lambda v: v["signatures"][0].update(keyid="x"), "envelope.key_id"),
        (lambda v: v["signatures"][0].pop("keyid"), "json.member_missing"),
        (lambda v: v.update(signatures={}), "json.member_type"),
        (lambda v: v.update(payload="e3"), "base64.malformed"),
        (lambda v: v.update(payload="e31="), "base64.not_canonical"),
    ],
)
def test_each_alteration_is_refused_by_name(change, code: str) -> None:
    assert refusal(changed(change)) == code


@pytest.mark.parametrize("index", [0, 1])
def test_one_good_signature_is_not_enough(index: int) -> None:
    def spoil(value) -> None:
        signature = bytearray(base64.b64decode(value["signatures"][index]["sig"]))
        signature[40] ^= 1
        value["signatures"][index]["sig"] = base64.b64encode(signature).decode()

    assert refusal(changed(spoil)) == "envelope.signature_invalid"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xef\xbb\xbf" + SIGNED,
        SIGNED + b"\n",
        SIGNED.replace(b'":', b'": ', 1),
        SIGNED.replace(b'{"payload"', b'{"payload":"e30=","payload"', 1),
        b"[" * 10_000,
        b'{"payload":' + b"9" * 10_000 + b"}",
        b'{"payload":NaN}',
        b'{"payload":"\\ud800"}',
        b"\xff\xfe",
    ],
)
def test_what_is_not_the_exact_form_is_refused(data: bytes) -> None:
    assert refusal(data).startswith(("json.", "envelope."))


def test_limits_are_the_callers() -> None:
    with pytest.raises(Invalid, match="at most 100 are read"):
        envelope.read(SIGNED, limit=100)


def test_only_a_payload_type_is_signed() -> None:
    with pytest.raises(Invalid):
        envelope.sign(payload_type="no type", payload=b"", key=SEAL)


@given(st.integers(min_value=0, max_value=len(SIGNED) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_accepted(place: int, mask: int) -> None:
    data = bytearray(SIGNED)
    data[place] ^= mask
    assert refusal(bytes(data))


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 8), st.binary(max_size=8))
def test_cut_and_inserted_bytes_are_never_accepted(place: int, cut: int, insert: bytes) -> None:
    data = SIGNED[:place] + insert + SIGNED[place + cut :]
    if data != SIGNED:
        assert refusal(data)


@given(st.binary(max_size=2_000))
def test_every_payload_survives(payload: bytes) -> None:
    data = envelope.sign(payload_type=TYPE, payload=payload, key=SEAL)
    assert accepted(data) == payload
