# SPDX-License-Identifier: Apache-2.0
"""What this node trusts, in the form that a verifier takes (`comity.authorities.trust`)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from comity.authorities.key_statement import KeyStatement
from comity.authorities.trust import Expectation, Trust, TrustedAuthority, WitnessRule
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant
from comity.crypto.keys import SealPublicKey
from comity.node.keyring import keyring
from comity.node.services import register
from comity.node.store.models import PeerRow


def build_trust(
    *,
    now: Instant,
    proofs_from: Sequence[str] = (),
    accepted_by: str | None = None,
    package: str | None = None,
) -> Trust:
    """Return the trust file's contents: every known root, and who must have witnessed whom."""
    ring = keyring()
    own = ring.statement.authority
    authorities = [
        TrustedAuthority(id=own.id, name=own.name, state=own.state, root=ring.root),
        *(
            TrustedAuthority(
                id=AuthorityId(row.authority),
                name=row.name,
                state=row.state,
                root=SealPublicKey.from_json(row.root, what=f"root of {row.authority}"),
            )
            for row in PeerRow.objects.filter(status="known")
        ),
    ]
    authorities.sort(key=lambda one: one.id)
    known = [one.id for one in authorities]
    return Trust(
        made=now,
        authorities=tuple(authorities),
        witnesses={ledger: _rule(ledger, known) for ledger in known},
        expect=Expectation(
            proofs_from=tuple(AuthorityId(name) for name in proofs_from),
            accepted_by=AuthorityId(accepted_by) if accepted_by else None,
            package=ObjectId(package) if package else None,
        ),
    )


def package_keys(*authorities: str) -> tuple[KeyStatement, ...]:
    """Return every key statement of these authorities, of ours and of our witnesses.

    This is what a package must carry so that each signature and cosignature in it
    can be checked on a machine that knows only roots.
    """
    wanted = {settings.CONFIG.authority, *settings.CONFIG.witnesses, *authorities}
    return tuple(statement for name in sorted(wanted) for statement in register.statements_of(name))


def _rule(ledger: AuthorityId, known: list[AuthorityId]) -> WitnessRule:
    """A log's own authority never counts; otherwise our witnesses and ourselves do."""
    ours = {settings.CONFIG.authority, *settings.CONFIG.witnesses} - {ledger}
    names = tuple(name for name in known if name in ours)
    return WitnessRule(quorum=min(settings.CONFIG.quorum, len(names)), names=names)
