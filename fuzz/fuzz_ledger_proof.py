# SPDX-License-Identifier: Apache-2.0
"""The reader and verifier of proof files: only the fixed proof may be accepted."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.ledger.proof import verify_proof

from support.ledgers import all_witness_keys, event_key, log_keys, proved, vkeys

GOOD = {proved(), proved(1, 0)}
KEYS = {
    "log_vkeys": vkeys(log_keys()),
    "event_vkey": event_key().verifier.to_text(),
    "witnesses": vkeys(all_witness_keys()),
    "quorum": 3,
}


def target(data: bytes) -> None:
    verify_proof(data, **KEYS)
    assert data in GOOD, data


if __name__ == "__main__":
    harness.run(target, [*GOOD, b"c2sp.org/tlog-proof@v1\nindex 0\n\n"])
