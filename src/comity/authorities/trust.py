# SPDX-License-Identifier: Apache-2.0
"""The trust file: all that a verifier must know beforehand, and nothing secret.

A court gets it by a channel of its own choosing: the roots of the authorities
that may appear in a package, which witnesses must have cosigned whose ledger,
and what must be there. The last part, `expect`, lets the verifier notice that a
whole acceptance or a whole ledger's proofs have been taken out, which no
signature inside the package could tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from comity.authorities.key_statement import KeyStatement, read_key_statement
from comity.authorities.model import MAX_NAME, Authority
from comity.canonical import json
from comity.canonical.ids import AuthorityId, ObjectId, parse_authority_id
from comity.canonical.members import Members
from comity.canonical.time import Instant, write_instant
from comity.crypto.keys import SealPublicKey
from comity.errors import Invalid, Unverified

FORMAT: Final = "comity.trust/1"
#: Largest trust file read, in bytes.
MAX_BYTES: Final = 4 << 20
MAX_AUTHORITIES: Final = 500
MAX_WITNESSES: Final = 50


@dataclass(frozen=True)
class TrustedAuthority:
    """An authority whose root was checked by hand."""

    id: AuthorityId
    name: str
    state: str
    root: SealPublicKey


@dataclass(frozen=True)
class WitnessRule:
    """At least `quorum` of the named authorities must have cosigned a ledger."""

    quorum: int
    names: tuple[AuthorityId, ...]


@dataclass(frozen=True)
class Expectation:
    """What a complete package holds besides itself."""

    proofs_from: tuple[AuthorityId, ...] = ()
    accepted_by: AuthorityId | None = None
    package: ObjectId | None = None


@dataclass(frozen=True, kw_only=True)
class Trust:
    """A trust file as read. `witnesses` maps a ledger's authority to its rule."""

    made: Instant
    authorities: tuple[TrustedAuthority, ...]
    witnesses: Mapping[AuthorityId, WitnessRule] = field(
        default_factory=lambda: MappingProxyType({})
    )
    expect: Expectation = Expectation()

    def authority(self, identifier: AuthorityId) -> TrustedAuthority:
        """Return a trusted authority; raise `Unverified` (`trust.unknown_authority`)."""
        for authority in self.authorities:
            if authority.id == identifier:
                return authority
        raise Unverified(
            "trust.unknown_authority",
            f"{identifier} is not in the trust file",
            hint="If it should be, obtain its root by a channel you trust and add it.",
        )

    def read_key_statement(
        self, data: bytes, *, authority: AuthorityId, what: str = "key statement"
    ) -> KeyStatement:
        """Verify an authority's key statement under the root trusted here."""
        statement = read_key_statement(data, root=self.authority(authority).root, what=what)
        if statement.authority.id != authority:
            raise Unverified(
                "key_statement.other_authority", f"{what}: speaks for {statement.authority.id}"
            )
        return statement


def write_trust(trust: Trust) -> bytes:
    """Return the trust file's bytes (RFC 8785)."""
    data = json.write(
        {
            "format": FORMAT,
            "made": write_instant(trust.made),
            "authorities": [
                {"id": a.id, "name": a.name, "state": a.state, "root": a.root.to_json()}
                for a in trust.authorities
            ],
            "witnesses": {
                ledger: {"quorum": rule.quorum, "names": [*rule.names]}
                for ledger, rule in trust.witnesses.items()
            },
            "expect": {
                "proofs_from": [*trust.expect.proofs_from],
                "accepted_by": trust.expect.accepted_by,
                "package": trust.expect.package,
            },
        }
    )
    read_trust(data)
    return data


def read_trust(data: bytes, *, what: str = "trust file") -> Trust:
    """Read a trust file; raise `Invalid` on anything unknown, doubtful or missing."""
    members = Members(json.read_object(data, what=what, limit=MAX_BYTES), what=what)
    members.constant("format", FORMAT)
    trust = Trust(
        made=members.instant("made"),
        authorities=tuple(
            _read_authority(item) for item in members.each("authorities", limit=MAX_AUTHORITIES)
        ),
        witnesses=_read_witnesses(members),
        expect=_read_expectation(members.members("expect")),
    )
    members.end()
    _check_known(trust, what)
    return trust


def _read_authority(members: Members) -> TrustedAuthority:
    identifier = members.authority("id")
    name = members.text("name", limit=MAX_NAME)
    state = members.text("state", limit=2)
    root = SealPublicKey.from_json(members.take("root"), what=members.what)
    members.end()
    Authority(id=identifier, name=name, state=state, roles=frozenset())  # checks name and state
    return TrustedAuthority(id=identifier, name=name, state=state, root=root)


def _read_witnesses(members: Members) -> Mapping[AuthorityId, WitnessRule]:
    value = members.take("witnesses")
    what = f"{members.what}: witnesses"
    if not isinstance(value, dict) or len(value) > MAX_AUTHORITIES:
        raise Invalid("trust.witnesses", f"{what}: expected an object of reasonable size")
    rules = {}
    for name, item in value.items():
        ledger = parse_authority_id(name, what=what)
        rule = Members(item, what=f"{what}: {name}")
        names = _read_names(rule, "names", limit=MAX_WITNESSES)
        rules[ledger] = WitnessRule(
            quorum=rule.integer("quorum", minimum=0, maximum=len(names)), names=names
        )
        rule.end()
    return MappingProxyType(rules)


def _read_expectation(members: Members) -> Expectation:
    expectation = Expectation(
        proofs_from=_read_names(members, "proofs_from", limit=MAX_AUTHORITIES),
        accepted_by=None if members.is_null("accepted_by") else members.authority("accepted_by"),
        package=members.object_id_or_null("package"),
    )
    members.end()
    return expectation


def _read_names(members: Members, name: str, *, limit: int) -> tuple[AuthorityId, ...]:
    texts = members.texts(name, limit=limit, text_limit=140)
    if len(set(texts)) != len(texts):
        raise Invalid("trust.names", f"{members.what}: {name} names an authority twice")
    return tuple(parse_authority_id(text, what=f"{members.what}: {name}") for text in texts)


def _check_known(trust: Trust, what: str) -> None:
    known = {authority.id for authority in trust.authorities}
    if len(known) != len(trust.authorities):
        raise Invalid("trust.names", f"{what}: an authority is listed twice")
    named = {*trust.witnesses, *trust.expect.proofs_from}
    named |= {name for rule in trust.witnesses.values() for name in rule.names}
    if trust.expect.accepted_by is not None:
        named.add(trust.expect.accepted_by)
    missing = sorted(named - known)
    if missing:
        raise Invalid(
            "trust.names",
            f"{what}: names {', '.join(missing)[:200]} without a root",
            hint="Every authority that is named needs an entry under authorities.",
        )
