# SPDX-License-Identifier: Apache-2.0
"""Key statements that the user names, and the public keys in them as other programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from comity.authorities.key_statement import MAX_BYTES as MAX_STATEMENT_BYTES
from comity.authorities.key_statement import KeyStatement
from comity.authorities.trust import Trust
from comity.cli._files import read_file
from comity.crypto import minisign
from comity.errors import Invalid, Unverified


def read_statements(paths: Sequence[Path], trust: Trust) -> list[KeyStatement]:
    """Read key statements, or folders of them, each under a root of the trust file.

    Raises `Invalid` (`file.*`) or `Unverified` (`key_statement.*`).
    """
    statements: list[KeyStatement] = []
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise Invalid("file.missing", f"{path}: holds no key statement (*.json)")
        statements += [_read(file, trust) for file in files]
    return statements


def public_files(statement: KeyStatement) -> dict[str, bytes]:
    """Return name and content of one file for each public key, or kind of key, in a statement.

    Seals as PEM (SubjectPublicKeyInfo), the minisign key as minisign keeps it, the keys of
    the ledger as C2SP verifier keys, one a line.
    """
    name = f"{statement.authority.id}.{statement.serial}"
    ledger = statement.ledger
    files = {
        f"{name}.minisign.pub": minisign.public_file(statement.minisign),
        f"{name}.log.vkeys": _lines(ledger.log_vkeys),
        f"{name}.witness.vkeys": _lines(ledger.witness_vkeys),
        f"{name}.events.vkey": _lines([ledger.event_vkey]),
    }
    for number, period in enumerate(statement.seals, start=1):
        for kind, key in (
            ("ed25519", period.key.ed25519_key),
            ("mldsa65", period.key.mldsa65_key),
        ):
            pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            files[f"{name}.seal-{number}.{kind}.pem"] = pem
    return files


def _read(path: Path, trust: Trust) -> KeyStatement:
    """Read a key statement under whichever trusted root signed it."""
    data = read_file(path, limit=MAX_STATEMENT_BYTES)
    for authority in trust.authorities:
        try:
            return trust.read_key_statement(data, authority=authority.id, what=str(path))
        except Unverified:
            continue
    raise Unverified(
        "key_statement.unknown_root", f"{path}: no root of the trust file has signed it"
    )


def _lines(vkeys: Sequence[str]) -> bytes:
    return "".join(f"{vkey}\n" for vkey in vkeys).encode("ascii")
