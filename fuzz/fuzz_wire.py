# SPDX-License-Identifier: Apache-2.0
"""The bodies of a peer's answers, and the signature headers of a peer's requests."""

import atheris
import harness

with atheris.instrument_imports(include=["comity.node.wire"]):
    from comity.node.wire import answers, signature

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId
from comity.errors import Invalid
from comity.protocol.receiving import Quota
from support.authorities import BEGIN, seed

KEY = Ed25519PrivateKey.from_private_bytes(seed("fuzz"))
PUBLIC = KEY.public_key().public_bytes_raw()
URL = "https://node.test/v1/hello"
HEADERS = signature.sign_request(method="GET", url=URL, body=sha256(b""), key=KEY, now=BEGIN)
NAMES = sorted(HEADERS)
PEER = AuthorityId("xm.moj")


def verify(data: bytes) -> None:
    """The three headers, one a line."""
    lines = data.decode("latin-1").split("\n")
    headers = dict(zip(NAMES, lines, strict=False))
    signature.claimed_key(headers)
    signed = signature.verify_request(method="GET", url=URL, headers=headers, key=PUBLIC)
    assert signed.created == BEGIN, headers


TARGETS = {
    b"r": answers.read_receipts,
    b"p": answers.read_progress,
    b"h": answers.read_headers,
    b"g": answers.read_greeting,
    b"e": lambda data: answers.read_problem(data, peer=PEER),
    b"s": verify,
}


def target(data: bytes) -> None:
    chosen = TARGETS.get(data[:1])
    if chosen is not None:
        chosen(data[1:])


if __name__ == "__main__":
    greeting = answers.Greeting(PEER, 1, ("S1",), BEGIN, 1, None, Quota())
    seeds = [
        b"r" + answers.write_receipts([b"receipt"]),
        b"p" + answers.write_progress({0, 1, 2, 7}, [b"receipt"]),
        b"h" + answers.write_headers([("1", b"header")]),
        b"g" + answers.write_greeting(greeting),
        b"e" + answers.write_problem(Invalid("a.b", "what"), now=BEGIN),
        b"s" + "\n".join(HEADERS[name] for name in NAMES).encode(),
    ]
    harness.run(target, seeds)
