# SPDX-License-Identifier: Apache-2.0
"""The readers of custody statements, acquisition records and acceptances."""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.canonical import json
    from comity.evidence.acceptance import read_acceptance
    from comity.evidence.acquisition import read_acquisition, read_record, write_record
    from comity.evidence.custody import check_chain, read_statement
    from comity.evidence.model import CustodyStatement
    from comity.evidence.request_reference import read_reference, write_reference

from support import packages

RECORD = packages.record("EX-1", {"a.raw": b"a"})
CHAIN = packages.chain(RECORD)


def envelope(data: bytes) -> None:
    signed = read_statement(data)
    assert signed.raw == data
    check_chain([signed])


def payload(data: bytes) -> None:
    statement = CustodyStatement.from_json(json.read_canonical_object(data))
    assert json.write(statement.to_json()) == data


def record(data: bytes) -> None:
    assert write_record(read_record(data)) == data


def reference(data: bytes) -> None:
    assert write_reference(read_reference(data)) == data


READERS = (envelope, payload, record, reference, read_acquisition, read_acceptance)


def target(data: bytes) -> None:
    if data:
        READERS[data[0] % len(READERS)](data[1:])


if __name__ == "__main__":
    harness.run(
        target,
        [
            b"\x00" + CHAIN[0].raw,
            b"\x01" + CHAIN[0].envelope.payload,
            b"\x02" + write_record(RECORD),
            b"\x03" + write_reference(packages.reference()),
        ],
    )
