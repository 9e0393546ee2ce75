# SPDX-License-Identifier: Apache-2.0
"""The reader of trust policies: what it accepts can be evaluated."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.ledger.policy import read_policy

from support.ledgers import all_witness_keys, log_keys, vkeys

TEXT = "\n".join(
    [
        f"log {vkeys(log_keys())[0]} https://xv.example/log",
        *(f"witness w{at} {text}" for at, text in enumerate(vkeys(all_witness_keys())[::2])),
        "group some 2 w0 w1 w2",
        "quorum some",
        "",
    ]
).encode()


def target(data: bytes) -> None:
    policy = read_policy(data)
    everybody = [entry.key for entry in policy.witnesses]
    assert policy.satisfied(everybody), data


if __name__ == "__main__":
    harness.run(target, [TEXT, b"quorum none\n"], largest=8_192)
