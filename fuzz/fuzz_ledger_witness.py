# SPDX-License-Identifier: Apache-2.0
"""The witness: every request gets an answer, and only the log's own trees are cosigned."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.ledger.witness import Witness, read_request

from comity.ledger.proof import read_proof
from support.ledgers import NOW, ORIGIN, WITNESSES, log_keys, proved, verifiers, witness_keys

WITNESS = Witness(keys=witness_keys(WITNESSES[0]), logs={ORIGIN: verifiers(log_keys())})
CHECKPOINT = read_proof(proved()).checkpoint
GOOD = b"old 0\n\n" + CHECKPOINT
FIRST = WITNESS.add_checkpoint(GOOD, seen=lambda _: None, last_signed=0, now=NOW)
TEXT = CHECKPOINT.split(b"\n\n")[0]


def target(data: bytes) -> None:
    for known in (None, FIRST.state):
        answer = WITNESS.add_checkpoint(
            data, seen=lambda _, known=known: known, last_signed=0, now=NOW
        )
        assert answer.status in {200, 400, 403, 404, 409, 422}
        assert answer.body.endswith(b"\n")
        if answer.state is not None:
            assert TEXT + b"\n\n" in data, data
    read_request(data)


if __name__ == "__main__":
    harness.run(target, [GOOD, GOOD.replace(b"old 0", b"old 7")], largest=16_384)
