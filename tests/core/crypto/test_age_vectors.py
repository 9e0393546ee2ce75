# SPDX-License-Identifier: Apache-2.0
"""All 143 vectors of the age project (C2SP/CCTV): as specified, or refused by name."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest

from comity.crypto.passphrase import reveal
from comity.crypto.sealing import EncryptionIdentity, unseal
from comity.errors import Invalid, Unverified
from support.age_vectors import Vector, read_vector, unseal_with_classical
from support.shared import shared_folder, shared_path

pytestmark = pytest.mark.shared
_FOLDER = shared_folder() / "vectors" / "age"
_FILES = sorted(p for p in _FOLDER.glob("*") if p.name != "README.md") if _FOLDER.is_dir() else []
VECTORS = [read_vector(path) for path in _FILES]
CODES = {
    "header failure": "sealing.header_malformed",
    "no match": "sealing.no_match",
    "HMAC failure": "sealing.header_mac",
    "payload failure": "sealing.payload_damaged",
    "success": "",
}


def outcome(call, vector: Vector, identities: list) -> tuple[str, str]:
    """Return the error code ("" for success) and the SHA-256 of what was written."""
    target = BytesIO()
    try:
        call(BytesIO(vector.body), target, identities=identities)
    except (Invalid, Unverified) as error:
        return error.code, hashlib.sha256(target.getvalue()).hexdigest()
    return "", hashlib.sha256(target.getvalue()).hexdigest()


def post_quantum(vector: Vector) -> list[EncryptionIdentity]:
    texts = [t for t in vector.identities if t.startswith("AGE-SECRET-KEY-PQ-")]
    return [EncryptionIdentity.from_text(t) for t in texts] or [EncryptionIdentity.generate()]


def test_the_collection_is_whole() -> None:
    shared_path("vectors", "age")
    assert len(VECTORS) == 143


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v.name)
def test_in_production(vector: Vector) -> None:
    """Hybrid files open as specified; armoured, passphrase and classical ones are named."""
    code, digest = outcome(unseal, vector, post_quantum(vector))
    if vector.armored:
        starts = vector.body.startswith(b"-----BEGIN AGE")
        assert code == ("sealing.armored" if starts else "sealing.header_malformed")
    elif "scrypt" in vector.name or "x25519" in vector.name.replace("enc_x25519", ""):
        expected = {"sealing.passphrase_recipient", "sealing.classical_recipient"}
        unknown = {"scrypt_uppercase", "x25519_lowercase"}  # not the known types: nobody's stanza
        broken = {"hybrid_x25519_arg", "x25519_grease"}
        if vector.name in unknown:
            expected = {"sealing.no_match"}
        elif vector.name not in broken and vector.expect == "header failure":
            expected.add("sealing.header_malformed")
        assert code in expected
    elif vector.name.startswith("hybrid"):
        assert code == CODES[vector.expect]
        assert vector.expect != "success" or digest == vector.payload
    else:  # vectors about the frame, which exist with X25519 stanzas only
        assert code in {"sealing.classical_recipient", "sealing.header_malformed"}
        assert code == "sealing.classical_recipient" or vector.expect == "header failure"


WITH_STANZA = [v for v in VECTORS if not v.armored and "scrypt" not in v.name]


@pytest.mark.parametrize("vector", WITH_STANZA, ids=lambda v: v.name)
def test_as_specified(vector: Vector) -> None:
    """With the tests' X25519 stanza every binary vector behaves as its `expect` line says."""
    code, digest = outcome(unseal_with_classical, vector, list(vector.identities))
    assert code == CODES[vector.expect]
    if vector.expect == "success":
        assert digest == vector.payload


WITH_PASSPHRASE = [v for v in VECTORS if not v.armored and "scrypt" in v.name]


@pytest.mark.parametrize("vector", WITH_PASSPHRASE, ids=lambda v: v.name)
def test_key_files_under_a_passphrase_as_specified(vector: Vector) -> None:
    """The reader of passphrase-protected key files behaves as the scrypt vectors say."""
    codes = {**CODES, "no match": ("keys.passphrase_wrong", "sealing.no_match")}
    try:
        content = reveal(vector.body, passphrase=vector.passphrases[0].encode())
        code = ""
    except (Invalid, Unverified) as error:
        content, code = b"", error.code
    assert (
        code in codes[vector.expect]
        if vector.expect == "no match"
        else (code == codes[vector.expect])
    )
    if vector.expect == "success":
        assert hashlib.sha256(content).hexdigest() == vector.payload


@pytest.mark.parametrize(
    "vector", [v for v in WITH_STANZA if v.expect == "payload failure"], ids=lambda v: v.name
)
def test_before_a_payload_fails_only_whole_genuine_chunks_are_written(vector: Vector) -> None:
    """The vectors give what may come out at most; we stop at the last chunk that was in place."""
    target = BytesIO()
    with pytest.raises(Unverified):
        unseal_with_classical(BytesIO(vector.body), target, identities=list(vector.identities))
    assert len(target.getvalue()) % (64 * 1024) == 0
