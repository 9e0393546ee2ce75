# SPDX-License-Identifier: Apache-2.0
"""Signed envelopes: DSSE v1 with both signatures of one seal.

An envelope carries exact payload bytes, their type, and exactly two signatures
over both (the DSSE pre-authentication encoding): Ed25519, then ML-DSA-65. The
algorithm follows from the place and the key, never from a field that a sender
fills in. The ML-DSA signature is made as TAP 21 of The Update Framework says:
over `tuf`, the byte 1 and SHA-512 of the encoding; securesystemslib does it.

The reader is strict, since that library's is not: bounded size, RFC 8785 bytes,
exact members, canonical base64, signatures of exact length. Every byte of an
envelope counts; change any one and `read` or `verify` refuses it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from securesystemslib import dsse
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from comity.canonical import json
from comity.canonical.base64 import read_base64
from comity.canonical.members import Members
from comity.crypto.keys import SealPrivateKey, SealPublicKey
from comity.errors import Invalid, Unverified

#: Largest envelope read by default, in bytes.
MAX_BYTES: Final = 1 << 20
ED25519_SIGNATURE_BYTES: Final = 64
MLDSA65_SIGNATURE_BYTES: Final = 3309
_ED25519: Final = "/ed25519"
_MLDSA65: Final = "/ml-dsa-65"
_SIGNATURES: Final = ((_ED25519, ED25519_SIGNATURE_BYTES), (_MLDSA65, MLDSA65_SIGNATURE_BYTES))
_TYPE: Final = re.compile(r"application/[a-z0-9][a-z0-9.+-]{0,98}", re.ASCII)
_KEY_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Envelope:
    """An envelope as read, not yet verified.

    `key_id` is the seal that it claims; `raw` the exact bytes, to be stored as they are.
    """

    payload_type: str
    payload: bytes
    key_id: str
    ed25519_signature: bytes
    mldsa65_signature: bytes
    raw: bytes


def sign(*, payload_type: str, payload: bytes, key: SealPrivateKey) -> bytes:
    """Return the envelope of `payload`, signed with both keys of the seal."""
    _check_type(payload_type, what="envelope")
    envelope = dsse.Envelope(payload, payload_type, {})
    ed25519, mldsa65 = _public_keys(key.public)
    envelope.sign(CryptoSigner(key.ed25519, ed25519))
    envelope.sign(CryptoSigner(key.mldsa65, mldsa65))
    return json.write(envelope.to_dict())


def read(data: bytes, *, what: str = "envelope", limit: int = MAX_BYTES) -> Envelope:
    """Read an envelope's exact form without judging its signatures.

    Raises `Invalid` for another form, `Unverified` with
    `envelope.signature_missing` for fewer than two signatures.
    """
    members = Members(json.read_canonical_object(data, what=what, limit=limit), what=what)
    payload = read_base64(members.text("payload", limit=limit, empty=True), what=f"{what}: payload")
    payload_type = members.text("payloadType", limit=120)
    _check_type(payload_type, what=what)
    entries = members.array("signatures", limit=len(_SIGNATURES))
    members.end()
    if len(entries) < len(_SIGNATURES):
        raise Unverified(
            "envelope.signature_missing",
            f"{what}: has {len(entries)} signatures; an Ed25519 and an ML-DSA-65 one are required",
        )
    key_ids, signatures = [], []
    for index, (suffix, size) in enumerate(_SIGNATURES):
        entry = Members(entries[index], what=f"{what}: signature {index + 1}")
        key_ids.append(_read_key_id(entry.text("keyid", limit=100), suffix, entry.what))
        signatures.append(entry.base64("sig", size=size))
        entry.end()
    if key_ids[0] != key_ids[1]:
        raise Invalid("envelope.two_seals", f"{what}: its signatures name two different seals")
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        key_id=key_ids[0],
        ed25519_signature=signatures[0],
        mldsa65_signature=signatures[1],
        raw=data,
    )


def verify(
    envelope: Envelope, *, key: SealPublicKey, payload_type: str, what: str = "envelope"
) -> bytes:
    """Return the payload if both signatures of `key` stand over it and this type.

    Raises `Unverified`: `envelope.wrong_type`, `envelope.unknown_key` or
    `envelope.signature_invalid`.
    """
    if envelope.payload_type != payload_type:
        raise Unverified(
            "envelope.wrong_type", f"{what}: is {envelope.payload_type}, expected {payload_type}"
        )
    if envelope.key_id != key.key_id:
        raise Unverified(
            "envelope.unknown_key",
            f"{what}: signed with the seal {envelope.key_id[:16]}…, expected {key.key_id[:16]}…",
        )
    ed25519, mldsa65 = _public_keys(key)
    signatures = {
        ed25519.keyid: Signature(ed25519.keyid, envelope.ed25519_signature.hex()),
        mldsa65.keyid: Signature(mldsa65.keyid, envelope.mldsa65_signature.hex()),
    }
    encoded = dsse.Envelope(envelope.payload, payload_type, signatures)
    try:
        encoded.verify([ed25519, mldsa65], threshold=len(_SIGNATURES))
    except (VerificationError, UnverifiedSignatureError) as error:
        raise Unverified(
            "envelope.signature_invalid",
            f"{what}: a signature does not stand over these bytes",
            hint="Do not use the content. Ask the sender for the original by another channel.",
        ) from error
    return envelope.payload


def _public_keys(key: SealPublicKey) -> tuple[SSlibKey, SSlibKey]:
    return (
        SSlibKey.from_crypto(key.ed25519_key, keyid=key.key_id + _ED25519),
        SSlibKey.from_crypto(key.mldsa65_key, keyid=key.key_id + _MLDSA65),
    )


def _check_type(payload_type: str, *, what: str) -> None:
    if not _TYPE.fullmatch(payload_type):
        raise Invalid("envelope.type", f"{what}: {payload_type[:60]!r} is not a payload type")


def _read_key_id(text: str, suffix: str, what: str) -> str:
    key_id = text.removesuffix(suffix)
    if key_id == text or not _KEY_ID.fullmatch(key_id):
        raise Invalid("envelope.key_id", f"{what}: its key id is not a seal's with {suffix}")
    return key_id
