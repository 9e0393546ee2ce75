# SPDX-License-Identifier: Apache-2.0
"""The reader of minisign files."""

import io

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.crypto import minisign

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.authorities import seed

KEY = Ed25519PrivateKey.from_private_bytes(seed("fuzz"))
PUBLIC = KEY.public_key().public_bytes_raw()
GOOD = minisign.sign_file(io.BytesIO(b"file"), key=KEY, comment="package 7")


def target(data: bytes) -> None:
    minisign.verify_file(io.BytesIO(b"file"), data, key=PUBLIC)
    assert data == GOOD, data


if __name__ == "__main__":
    harness.run(target, [GOOD], largest=2_048)
