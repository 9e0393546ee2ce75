# SPDX-License-Identifier: Apache-2.0
"""The readers of signed notes, verifier keys and checkpoints.

What is accepted must have been signed: with one fixed key, only the fixed texts are.
"""

import contextlib

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.ledger.checkpoint import open_checkpoint
    from comity.ledger.keys import parse_vkey
    from comity.ledger.note import read_note, verify_note

from comity.errors import ComityError
from comity.ledger.proof import read_proof
from support.ledgers import (
    all_witness_keys,
    event,
    event_key,
    log_keys,
    proved,
    verifiers,
    vkeys,
)

CHECKPOINT = read_proof(proved()).checkpoint
TEXTS = {
    CHECKPOINT.decode().split("\n\n")[0] + "\n",
    event(0).data.decode().split("\n\n")[0] + "\n",
}
KEYS = [*verifiers(log_keys()), *verifiers(all_witness_keys()), event_key().verifier]


def target(data: bytes) -> None:
    with contextlib.suppress(ComityError):
        parse_vkey(data.decode("utf-8", "replace"))
    try:
        opened = open_checkpoint(
            data,
            log_keys=verifiers(log_keys()),
            witness_keys=verifiers(all_witness_keys()),
        )
    except ComityError:
        pass
    else:
        assert opened.note.text in TEXTS, data
    note = read_note(data)
    verify_note(note, keys=KEYS)
    assert note.text in TEXTS, data


if __name__ == "__main__":
    harness.run(target, [CHECKPOINT, event(0).data, vkeys(log_keys())[0].encode()], largest=16_384)
