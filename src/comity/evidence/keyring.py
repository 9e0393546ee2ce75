# SPDX-License-Identifier: Apache-2.0
"""The key statements that a package carries, verified under the roots of the trust file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from comity.authorities.key_statement import KeyStatement, Revocation, check_successor
from comity.authorities.model import Authority
from comity.canonical.ids import AuthorityId
from comity.canonical.time import Instant, later, write_instant
from comity.crypto.keys import SealPublicKey
from comity.errors import Unverified
from comity.ledger.keys import parse_vkey

_MINUTE_ENDS = timedelta(seconds=59)


class Keyring:
    """Answers which key spoke for whom at what time. Holds verified statements only."""

    def __init__(
        self, statements: Sequence[KeyStatement], *, added: Sequence[KeyStatement] = ()
    ) -> None:
        """Take verified statements of any authorities; check that they follow each other.

        `statements` come from one party and must have no gap; those `added` come from
        another, who may have begun to know an authority at another time. Raises
        `Unverified` (`key_statement.*`) for a gap or a contradiction.
        """
        for one_party in (statements, added):
            for known in _by_authority(one_party).values():
                for old, new in pairwise(known):
                    check_successor(old, new)
        self._statements = _by_authority([*statements, *added])
        for known in self._statements.values():
            for old, new in pairwise(known):
                if new.serial <= old.serial + 1:
                    check_successor(old, new)

    @property
    def authorities(self) -> Mapping[AuthorityId, Authority]:
        """Each authority as its latest statement describes it."""
        return {name: known[-1].authority for name, known in self._statements.items()}

    def of(self, authority: AuthorityId) -> tuple[KeyStatement, ...]:
        """Return an authority's statements, the latest first.

        Raises `Unverified` (`package.no_key_statement`) if there is none.
        """
        known = self._statements.get(authority)
        if not known:
            raise Unverified(
                "package.no_key_statement", f"the package carries no key statement of {authority}"
            )
        return tuple(reversed(known))

    def seal(self, authority: AuthorityId, *, key_id: str, at: Instant) -> SealPublicKey:
        """Return the authority's seal `key_id` if it could sign at `at`; else raise `Unverified`.

        A revocation in any later statement counts for the earlier ones too.
        """
        statements = self.of(authority)
        self._refuse_revoked(statements, key_id, at)
        first: Unverified | None = None
        for statement in statements:
            try:
                return statement.seal_at(at, key_id=key_id)
            except Unverified as error:
                first = first or error
        raise first or Unverified("key.unknown", f"{authority}: no seal {key_id[:16]}…")

    def seal_within_minute(
        self,
        authority: AuthorityId,
        *,
        key_id: str,
        minute: Instant,
        proved_at: Instant | None = None,
    ) -> SealPublicKey:
        """Like `seal`, for a time that is known to the minute only (a ledger leaf's).

        The leaf's minute is a claim of its author. `proved_at` is when witnesses had
        cosigned it, if they had to: a seal that was revoked by then could have been used
        by a thief who dates back, so it is refused.
        """
        if proved_at is not None:
            self._refuse_revoked(self.of(authority), key_id, proved_at)
        try:
            return self.seal(authority, key_id=key_id, at=later(minute, _MINUTE_ENDS))
        except Unverified:
            return self.seal(authority, key_id=key_id, at=minute)

    def witnesses(self, *, besides: AuthorityId) -> dict[str, AuthorityId]:
        """Return the witness keys (vkey text) of all authorities but `besides`, and whose each is.

        Raises `Unverified` if one witness name stands for two authorities.
        """
        keys: dict[str, AuthorityId] = {}
        names: dict[str, AuthorityId] = {}
        for authority, known in self._statements.items():
            if authority == besides:
                continue
            for text in (vkey for one in known for vkey in one.ledger.witness_vkeys):
                name = parse_vkey(text, what=f"{authority}: witness key").name
                if names.setdefault(name, authority) != authority:
                    raise Unverified(
                        "package.witness_name",
                        f"the witness name {name} stands for {names[name]} and for {authority}",
                    )
                keys[text] = authority
        return keys

    @staticmethod
    def _refuse_revoked(statements: Sequence[KeyStatement], key_id: str, at: Instant) -> None:
        found: list[Revocation] = [
            revocation
            for statement in statements
            for revocation in statement.revoked
            if revocation.key_id == key_id and at >= revocation.at
        ]
        if found:
            raise Unverified(
                "key.revoked",
                f"{statements[0].authority.id}: its seal was revoked at"
                f" {write_instant(found[0].at)}: {found[0].reason}",
            )


def _by_authority(statements: Sequence[KeyStatement]) -> dict[AuthorityId, list[KeyStatement]]:
    """Return the statements of each authority in order, each once."""
    found: dict[AuthorityId, list[KeyStatement]] = {}
    for statement in sorted(statements, key=lambda one: (one.authority.id, one.serial)):
        known = found.setdefault(statement.authority.id, [])
        if known and known[-1].digest == statement.digest:
            continue  # the receiver may carry a statement that the sender carried too
        known.append(statement)
    return found
