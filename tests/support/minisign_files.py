# SPDX-License-Identifier: Apache-2.0
"""The public key file that the stock `minisign -V -p` reads."""

from __future__ import annotations

import hashlib

from comity.canonical.base64 import write_base64


def public_key_text(public: bytes) -> str:
    """Return the public key file of a raw Ed25519 key, under the number that our signatures name."""
    number = hashlib.sha256(public).digest()[:8]
    label = int.from_bytes(number, "little")
    encoded = write_base64(b"Ed" + number + public)
    return f"untrusted comment: minisign public key {label:016X}\n{encoded}\n"
