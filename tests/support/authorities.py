# SPDX-License-Identifier: Apache-2.0
"""Fictional authorities with real keys, made from a name, the same in every run.

`make_authority("xv.moj")` gives all private keys and a signed first key
statement. The ledger keys are placeholders in the right text form unless the
test gives its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.authorities.key_statement import (
    KeyStatement,
    LedgerKeys,
    RecipientPeriod,
    SealPeriod,
    read_key_statement,
    sign_key_statement,
)
from comity.authorities.model import Authority, Role
from comity.authorities.trust import Trust, TrustedAuthority
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId
from comity.crypto.keys import SealPrivateKey
from comity.crypto.sealing import EncryptionIdentity

#: When the fictional authorities' keys begin; their statements last two years.
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {"xv.moj": "Ministry of Justice of Valdoria", "xm.moj": "Ministry of Justice of Meridia"}


@dataclass(frozen=True)
class FictionalAuthority:
    """All keys of one authority and its signed key statement."""

    authority: Authority
    root: SealPrivateKey
    seal: SealPrivateKey
    identity: EncryptionIdentity
    transport: Ed25519PrivateKey
    minisign: Ed25519PrivateKey
    statement: KeyStatement

    @property
    def id(self) -> AuthorityId:
        return self.authority.id

    def trusted(self) -> TrustedAuthority:
        return TrustedAuthority(
            id=self.id,
            name=self.authority.name,
            state=self.authority.state,
            root=self.root.public,
        )


def seed(*parts: str) -> bytes:
    """Return 32 bytes that follow from the parts."""
    return hashlib.sha256("\x1f".join(("test", *parts)).encode()).digest()


def make_seal(*parts: str) -> SealPrivateKey:
    return SealPrivateKey.from_seeds(
        ed25519_seed=seed(*parts, "ed25519"), mldsa65_seed=seed(*parts, "mldsa65")
    )


@cache
def make_authority(
    name: str,
    *,
    ledger: LedgerKeys | None = None,
    wire_url: str | None = None,
    tls_sha256: Sha256 | None = None,
    roles: frozenset[Role] = frozenset({Role.CENTRAL, Role.CONTACT_24_7}),
) -> FictionalAuthority:
    """Return the authority of this name, with keys that follow from the name."""
    root, seal = make_seal(name, "root"), make_seal(name, "seal")
    identity = EncryptionIdentity(seed(name, "identity"))
    transport = Ed25519PrivateKey.from_private_bytes(seed(name, "transport"))
    minisign = Ed25519PrivateKey.from_private_bytes(seed(name, "minisign"))
    authority = Authority(
        id=AuthorityId(name),
        name=NAMES.get(name, f"Authority {name}"),
        state=name[:2].upper(),
        roles=roles,
    )
    statement = KeyStatement(
        authority=authority,
        serial=1,
        previous=None,
        issued=BEGIN,
        expires=BEGIN + timedelta(days=730),
        wire_url=wire_url,
        tls_sha256=tls_sha256,
        seals=(SealPeriod(seal.public, BEGIN, None),),
        recipients=(RecipientPeriod(identity.recipient, BEGIN, None),),
        transport=transport.public_key().public_bytes_raw(),
        minisign=minisign.public_key().public_bytes_raw(),
        ledger=ledger
        or LedgerKeys(
            origin=f"{name}.ledger.test",
            log_vkeys=(f"{name}.ledger.test+00000000+AQ==",),
            witness_vkeys=(),
            event_vkey=f"{name}.events.test+00000000+AQ==",
        ),
    )
    return FictionalAuthority(
        authority=authority,
        root=root,
        seal=seal,
        identity=identity,
        transport=transport,
        minisign=minisign,
        statement=sign_again(statement, root),
    )


def sign_again(statement: KeyStatement, root: SealPrivateKey, **changes: object) -> KeyStatement:
    """Return the statement with changes, signed and read back."""
    changed = replace(statement, **changes)
    return read_key_statement(sign_key_statement(changed, root=root), root=root.public)


def make_trust(*authorities: FictionalAuthority, **members: object) -> Trust:
    return Trust(made=BEGIN, authorities=tuple(a.trusted() for a in authorities), **members)
