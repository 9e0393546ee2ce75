# SPDX-License-Identifier: Apache-2.0
"""The DSSE envelope reader and its signatures."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.crypto import envelope

from support.authorities import make_seal

SEAL = make_seal("fuzz")
TYPE = "application/vnd.comity.statement+json"
GOOD = envelope.sign(payload_type=TYPE, payload=b'{"v":1}', key=SEAL)


def target(data: bytes) -> None:
    payload = envelope.verify(envelope.read(data), key=SEAL.public, payload_type=TYPE)
    assert data == GOOD, (data, payload)


if __name__ == "__main__":
    harness.run(target, [GOOD, b'{"payload":"","payloadType":"","signatures":[]}'])
