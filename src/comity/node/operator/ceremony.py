# SPDX-License-Identifier: Apache-2.0
"""Making an authority's keys, and the key statements that say what they are for.

Nothing is ever overwritten: a new key is a file of the next generation, a new
statement a file with the next serial. The root signs statements and nothing
else; it is needed here and at no other moment of a node's life, so it can be
kept away from the node.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from comity.authorities.key_statement import (
    KeyStatement,
    LedgerKeys,
    RecipientPeriod,
    Revocation,
    SealPeriod,
    sign_key_statement,
)
from comity.authorities.model import Authority, Role
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.crypto.keys import (
    SealPrivateKey,
    SealPublicKey,
    read_seal,
    write_ed25519,
    write_mldsa44,
    write_private_file,
    write_seal,
)
from comity.crypto.sealing import EncryptionIdentity, write_identity
from comity.errors import Conflict, Invalid
from comity.ledger.keys import SignatureType, VerifierKey
from comity.node.config import NodeConfig
from comity.node.keyring import (
    ROOT_FILE,
    STATEMENTS,
    certificate_fingerprint,
    next_generation,
    read_keyring,
    write_public_seal,
)
from comity.node.secret import write_secret

ROOT_FOLDER: Final = "root-keys"
#: How long a statement stands unless the operator says otherwise, in days.
STATEMENT_DAYS: Final = 365
#: How long an old key stays named after a rotation, so that letters under way still arrive.
OVERLAP: Final = timedelta(days=30)
ROTATABLE: Final = ("seal", "encryption", "transport", "minisign", "tls")


@dataclass(frozen=True)
class Ceremony:
    """What was made: where the root lies, and the first statement."""

    root_folder: Path
    root: SealPublicKey
    statement: KeyStatement


def make_authority(config: NodeConfig, *, now: Instant, days: int = STATEMENT_DAYS) -> Ceremony:
    """Make root, operational keys, certificate, secret and the first statement.

    Raises `Conflict` if any of them is there already.
    """
    root_folder = config.folder / ROOT_FOLDER
    for folder in (config.keys, root_folder):
        if folder.exists() and any(folder.iterdir()):
            raise Conflict(
                "keys.exists",
                f"{folder} holds keys already; nothing was changed",
                hint="Choose another folder. Keys are never overwritten.",
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (config.keys / STATEMENTS).mkdir(mode=0o700)
    root = SealPrivateKey.generate()
    write_seal(root_folder, root, name="root")
    write_public_seal(config.keys / ROOT_FILE, root.public)
    write_secret(config.keys)
    statement = _first_statement(config, now=now, days=days)
    return Ceremony(root_folder, root.public, write_statement(config.keys, statement, root=root))


def write_statement(keys: Path, statement: KeyStatement, *, root: SealPrivateKey) -> KeyStatement:
    """Sign `statement`, keep it under its serial, and return it as signed."""
    signed = sign_key_statement(statement, root=root)
    write_private_file(keys / STATEMENTS / f"{statement.serial:04d}.json", signed)
    return replace(statement, raw=signed)


def renew(
    config: NodeConfig,
    *,
    root_folder: Path,
    now: Instant,
    days: int = STATEMENT_DAYS,
    rotate: Collection[str] = (),
    revoke: tuple[Revocation, ...] = (),
) -> KeyStatement:
    """Make the next statement, with fresh keys of the kinds in `rotate`.

    Names, roles and addresses are taken from the settings as they are now. The
    root is read from `root_folder`; it must be the one that signed so far.
    """
    unknown = sorted(set(rotate) - set(ROTATABLE))
    if unknown:
        raise Invalid("keys.kind", f"{', '.join(unknown)}: known kinds are {', '.join(ROTATABLE)}")
    old = read_keyring(config.keys)
    root = read_seal(root_folder, name="root")
    if root.public != old.root:
        raise Invalid("keys.other_root", f"{root_folder}: not the root of {config.authority}")
    _check_revocable(old.statements, revoke)
    expires = now + timedelta(days=days)
    statement = replace(
        old.statement,
        authority=_authority(config),
        serial=old.statement.serial + 1,
        previous=old.statement.digest,
        issued=now,
        expires=expires,
        wire_url=config.wire_url.rstrip("/"),
        revoked=(*old.statement.revoked, *revoke),
        raw=b"",
    )
    for kind in rotate:
        statement = _rotated(config, statement, kind, now=now)
    return write_statement(config.keys, _prolonged(statement), root=root)


def _check_revocable(statements: Collection[KeyStatement], revoke: tuple[Revocation, ...]) -> None:
    """Refuse to revoke what is no key of ours: a slip of the pen would leave the thief's alone."""
    known = {one.transport_key_id for one in statements}
    known |= {period.key_id for one in statements for period in one.seals}
    known |= {period.key_id for one in statements for period in one.recipients}
    for revocation in revoke:
        if revocation.key_id not in known:
            raise Invalid(
                "keys.unknown",
                f"{revocation.key_id}: no key statement of this authority names such a key",
                hint="`comity-node keys show` lists seals, encryption keys and the transport key.",
            )


def _first_statement(config: NodeConfig, *, now: Instant, days: int) -> KeyStatement:
    keys, expires = config.keys, now + timedelta(days=days)
    return KeyStatement(
        authority=_authority(config),
        serial=1,
        previous=None,
        issued=now,
        expires=expires,
        wire_url=config.wire_url.rstrip("/"),
        tls_sha256=_new_certificate(config, now=now),
        seals=(SealPeriod(_new_seal(keys), now, expires),),
        recipients=(RecipientPeriod(_new_recipient(keys), now, expires),),
        transport=_new_ed25519(keys, "transport"),
        minisign=_new_ed25519(keys, "minisign"),
        ledger=_new_ledger_keys(config, year=now.year),
    )


def _prolonged(statement: KeyStatement) -> KeyStatement:
    """Let the newest seal and recipient stand as long as the statement."""
    return replace(
        statement,
        seals=(
            *statement.seals[:-1],
            replace(statement.seals[-1], valid_to=statement.expires),
        ),
        recipients=(
            *statement.recipients[:-1],
            replace(statement.recipients[-1], valid_to=statement.expires),
        ),
    )


def _rotated(
    config: NodeConfig, statement: KeyStatement, kind: str, *, now: Instant
) -> KeyStatement:
    keys, until = config.keys, now + OVERLAP
    if kind == "seal":
        old = tuple(_until(period, until) for period in statement.seals if _stands(period, now))
        new = SealPeriod(_new_seal(keys), now, statement.expires)
        return replace(statement, seals=(*old, new))
    if kind == "encryption":
        kept = tuple(_until(p, until) for p in statement.recipients if _stands(p, now))
        fresh = RecipientPeriod(_new_recipient(keys), now, statement.expires)
        return replace(statement, recipients=(*kept, fresh))
    if kind == "tls":
        return replace(statement, tls_sha256=_new_certificate(config, now=now))
    fresh_key = _new_ed25519(keys, kind)
    if kind == "transport":
        return replace(statement, transport=fresh_key)
    return replace(statement, minisign=fresh_key)


P = TypeVar("P", SealPeriod, RecipientPeriod)


def _stands(period: SealPeriod | RecipientPeriod, now: Instant) -> bool:
    return period.valid_to is None or now < period.valid_to


def _until(period: P, end: Instant) -> P:
    if period.valid_to is not None and period.valid_to <= end:
        return period
    return replace(period, valid_to=end)


def _authority(config: NodeConfig) -> Authority:
    return Authority(
        id=AuthorityId(config.authority),
        name=config.name,
        state=config.state,
        roles=frozenset(Role(role) for role in config.roles),
    )


def _new_seal(keys: Path) -> SealPublicKey:
    seal = SealPrivateKey.generate()
    write_seal(keys, seal, name=f"seal-{next_generation(keys, 'seal')}")
    return seal.public


def _new_recipient(keys: Path) -> str:
    identity = EncryptionIdentity.generate()
    write_identity(keys / f"encryption-{next_generation(keys, 'encryption')}.txt", identity)
    return identity.recipient


def _new_ed25519(keys: Path, kind: str) -> bytes:
    key = Ed25519PrivateKey.generate()
    write_ed25519(keys / f"{kind}-{next_generation(keys, kind)}.pem", key)
    return key.public_key().public_bytes_raw()


def _new_ledger_keys(config: NodeConfig, *, year: int) -> LedgerKeys:
    """Names follow C2SP: the log signs under its origin, a witness under its own name."""
    origin = f"{config.authority}/ledger/{year}"
    witness = f"{config.authority}/witness"
    log = (
        _vkey(config.keys, "log", origin, SignatureType.ED25519),
        _vkey(config.keys, "log", origin, SignatureType.COSIGNATURE_ML_DSA_44),
    )
    cosigner = (
        _vkey(config.keys, "witness", witness, SignatureType.COSIGNATURE_ED25519),
        _vkey(config.keys, "witness", witness, SignatureType.COSIGNATURE_ML_DSA_44),
    )
    event = _vkey(config.keys, "event", f"{config.authority}/events", SignatureType.ED25519)
    return LedgerKeys(origin=origin, log_vkeys=log, witness_vkeys=cosigner, event_vkey=event)


def _vkey(keys: Path, role: str, name: str, kind: SignatureType) -> str:
    if kind is SignatureType.COSIGNATURE_ML_DSA_44:
        strong = MLDSA44PrivateKey.generate()
        write_mldsa44(keys / f"{role}-1.mldsa44.pem", strong)
        public = strong.public_key().public_bytes_raw()
    else:
        key = Ed25519PrivateKey.generate()
        write_ed25519(keys / (f"{role}-1.pem" if role == "event" else f"{role}-1.ed25519.pem"), key)
        public = key.public_key().public_bytes_raw()
    return VerifierKey.of(name=name, type=kind, public=public).to_text()


def _new_certificate(config: NodeConfig, *, now: Instant) -> Sha256:
    """Make a self-signed certificate; peers pin it by its digest, so no one else vouches."""
    host = urlsplit(config.wire_url).hostname or "localhost"
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, config.authority)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(dt.UTC) - timedelta(days=1))
        .not_valid_after(now.astimezone(dt.UTC) + timedelta(days=3 * 365))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    stem = f"wire-{next_generation(config.keys, 'wire')}"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private_file(config.keys / f"{stem}.key", pem)
    path = config.keys / f"{stem}.crt"
    write_private_file(path, certificate.public_bytes(Encoding.PEM))
    return Sha256(certificate_fingerprint(path))
