# SPDX-License-Identifier: Apache-2.0
"""The age header and payload readers, and the Bech32 texts of keys."""

import contextlib
import io

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.crypto import bech32, sealing
    from comity.errors import ComityError

from support.authorities import seed

IDENTITY = sealing.EncryptionIdentity(seed("fuzz"))


def sealed(data: bytes) -> bytes:
    target = io.BytesIO()
    sealing.seal(io.BytesIO(data), target, recipients=[IDENTITY.recipient])
    return target.getvalue()


GOOD = {sealed(b"statement"), sealed(b"")}


def target(data: bytes) -> None:
    with contextlib.suppress(ComityError):
        bech32.read_bech32(data.decode("latin-1"), what="text")
    sealing.unseal(io.BytesIO(data), io.BytesIO(), identities=[IDENTITY])
    assert data in GOOD, data


if __name__ == "__main__":
    harness.run(target, [*GOOD, IDENTITY.recipient.encode(), IDENTITY.to_text().encode()])
