# SPDX-License-Identifier: Apache-2.0
"""Ledger proofs in a package: each shows one event in its authority's own log.

The keys come from the authority's key statement, which witnesses must have
cosigned from the trust file. A witness counts for the authority whose key
statement names its key, never for a name alone.
"""

from __future__ import annotations

from comity.authorities.trust import Trust, WitnessRule
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant
from comity.errors import Unverified
from comity.evidence.keyring import Keyring
from comity.ledger.keys import parse_vkey
from comity.ledger.proof import VerifiedProof, verify_proof

_NO_RULE = WitnessRule(quorum=0, names=())


def check_proof(
    data: bytes,
    *,
    authority: AuthorityId,
    event_type: str,
    keyring: Keyring,
    trust: Trust,
    now: Instant | None,
    what: str,
) -> VerifiedProof:
    """Verify a proof file strictly; its leaf must be this authority's, of this type.

    Raises `Unverified` (`proof.*`, `package.proof_*`) or `Invalid`.
    """
    proof = _verify(data, authority=authority, keyring=keyring, trust=trust, now=now, what=what)
    if proof.leaf.authority != authority:
        raise Unverified(
            "package.proof_authority", f"{what}: is of {proof.leaf.authority}, not of {authority}"
        )
    if proof.leaf.event_type != event_type:
        raise Unverified(
            "package.proof_event", f"{what}: shows {proof.leaf.event_type}, not {event_type}"
        )
    return proof


def _verify(
    data: bytes,
    *,
    authority: AuthorityId,
    keyring: Keyring,
    trust: Trust,
    now: Instant | None,
    what: str,
) -> VerifiedProof:
    """Try the authority's key statements, the latest first: ledger keys may have changed."""
    rule = trust.witnesses.get(authority, _NO_RULE)
    witnesses = keyring.witnesses(besides=authority)
    first: Unverified | None = None
    for statement in keyring.of(authority):
        try:
            proof = verify_proof(
                data,
                log_vkeys=statement.ledger.log_vkeys,
                event_vkey=statement.ledger.event_vkey,
                witnesses=tuple(witnesses),
                quorum=rule.quorum,
                strict=True,
                now=now,
                what=what,
            )
        except Unverified as error:
            first = first or error
            continue
        _require_quorum(proof, rule, witnesses, what)
        return proof
    raise first or Unverified("package.no_key_statement", f"{what}: no key statement")


def _require_quorum(
    proof: VerifiedProof, rule: WitnessRule, witnesses: dict[str, AuthorityId], what: str
) -> None:
    owners = {parse_vkey(text).name: owner for text, owner in witnesses.items()}
    signed = {owners[name] for name in proof.witnesses} & set(rule.names)
    if len(signed) < rule.quorum:
        raise Unverified(
            "proof.quorum",
            f"{what}: {len(signed)} of the witnesses that the trust file names cosigned,"
            f" {rule.quorum} are required",
        )
