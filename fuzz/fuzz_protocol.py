# SPDX-License-Identifier: Apache-2.0
"""Statements, parcel headers, receipts, part lists and padding, also behind a good signature.

The first byte chooses the reader: upper case feeds foreign bytes to admission,
lower case the members of something that a peer has really signed.
"""

import atheris
import harness

with atheris.instrument_imports(include=["comity"]):
    from comity.protocol import admit, padding, parcel, parts, receipt, statement

from datetime import timedelta

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.crypto import envelope
from support.authorities import BEGIN, make_authority
from support.requests import an_id

XV, XM = make_authority("xv.moj"), make_authority("xm.moj")
CASE = an_id("case")
STATEMENT = statement.Statement(
    id=an_id("statement"),
    type="assistance.withdrawal/1",
    sender=XV.id,
    to=(XM.id,),
    case=CASE,
    seq=1,
    previous=None,
    created=BEGIN,
    expires=BEGIN + timedelta(days=14),
    body={"request_id": CASE, "reasons": "No longer needed."},
)
HEADER = parcel.Header(
    sender=XV.id,
    to=(XM.id,),
    content=parcel.Content.STATEMENT,
    part_list=Sha256("ab" * 32),
    size=5_000,
    part_size=1 << 24,
    created=BEGIN,
    expires=BEGIN + timedelta(days=14),
)
RECEIPT = receipt.Receipt(
    kind=receipt.Kind.RELAY_REFUSED,
    issuer=XV.id,
    to=XM.id,
    parcel=Sha256("ab" * 32),
    statement=None,
    previous=None,
    at=BEGIN,
    claimed=BEGIN,
    serial=1,
    directory=None,
    reason=receipt.Reason("a.b", "why not"),
)
LIST = parts.write_part_list(
    parts.PartList(size=70_000, part_size=65_536, parts=(sha256(b"a"), sha256(b"b")))
)


class Nothing:
    """A receiver that has nothing yet."""

    def statement_with_id(self, *_):
        return None

    def statement_at(self, *_):
        return None

    def requesting(self, _case):
        return None


def find(_key_id: str):
    return XV.statement


def take(data: bytes) -> object:
    return admit.admit_statement(
        data, me=XM.id, sender=XV.id, lookup=find, known=Nothing(), now=BEGIN
    )


def signed(module, payload: bytes) -> bytes:
    return envelope.sign(payload_type=module.PAYLOAD_TYPE, payload=payload, key=XV.seal)


TARGETS = {
    b"S": take,
    b"H": lambda data: admit.admit_header(data, me=XM.id, lookup=find, now=BEGIN),
    b"R": lambda data: admit.admit_receipt(data, me=XM.id, lookup=find, now=BEGIN),
    b"s": lambda data: take(signed(statement, data)),
    b"h": parcel.read_payload,
    b"r": receipt.read_payload,
    b"l": lambda data: parts.read_part_list(data, expected=sha256(data)),
    b"p": padding.unpad_statement,
}


def target(data: bytes) -> None:
    chosen = TARGETS.get(data[:1])
    if chosen is not None:
        chosen(data[1:])


if __name__ == "__main__":
    seeds = [
        b"S" + statement.sign_statement(STATEMENT, seal=XV.seal),
        b"H" + parcel.sign_header(HEADER, seal=XV.seal),
        b"R" + receipt.sign_receipt(RECEIPT, seal=XV.seal).raw,
        b"s" + json.write(STATEMENT.to_json()),
        b"h" + json.write(HEADER.to_json()),
        b"r" + json.write(RECEIPT.to_json()),
        b"l" + LIST,
        b"p" + padding.pad_statement(b"words"),
    ]
    harness.run(target, seeds)
