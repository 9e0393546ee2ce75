# SPDX-License-Identifier: Apache-2.0
"""Key statements, directories and trust files, also behind a good signature.

A reader behind a signature would otherwise hardly be reached: so the first byte
chooses, and the payload readers are fed with bytes that the test's own key signs.
"""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.authorities import directory, key_statement, trust
    from comity.canonical import json

from comity.crypto import envelope
from support.authorities import BEGIN, make_authority, make_seal, make_trust

XV, HUB = make_authority("xv.moj"), make_seal("hub")
DIRECTORY = directory.sign_directory(
    version=1,
    issued=BEGIN,
    expires=XV.statement.expires,
    entries=[(XV.root.public, XV.statement.raw)],
    hub=HUB,
)


def signed(payload_type: str, payload: bytes, key) -> bytes:
    return envelope.sign(payload_type=payload_type, payload=payload, key=key)


def target(data: bytes) -> None:
    choice, body = data[:1], data[1:]
    if choice == b"k":
        body = signed(key_statement.PAYLOAD_TYPE, body, XV.root)
        key_statement.read_key_statement(body, root=XV.root.public)
    elif choice == b"K":
        key_statement.read_key_statement(body, root=XV.root.public)
    elif choice == b"d":
        body = signed(directory.PAYLOAD_TYPE, body, HUB)
        directory.read_directory(body, hub=HUB.public, now=BEGIN, known_version=None)
    elif choice == b"D":
        directory.read_directory(body, hub=HUB.public, now=BEGIN, known_version=None)
    else:
        trust.read_trust(body)


if __name__ == "__main__":
    seeds = [
        b"k" + json.write(XV.statement.to_json()),
        b"K" + XV.statement.raw,
        b"d" + envelope.read(DIRECTORY).payload,
        b"D" + DIRECTORY,
        b"t" + trust.write_trust(make_trust(XV)),
    ]
    harness.run(target, seeds)
