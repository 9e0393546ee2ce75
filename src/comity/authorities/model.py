# SPDX-License-Identifier: Apache-2.0
"""Who is who: an authority, its State and the roles it plays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canonical.ids import AuthorityId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import is_blank
from comity.errors import Invalid

#: Longest official name, in characters.
MAX_NAME: Final = 200
_STATE: Final = re.compile(r"[A-Z]{2}", re.ASCII)


class Role(StrEnum):
    """What an authority does under the instruments, or for the others."""

    CENTRAL = "central"
    """Sends and answers requests for mutual assistance (Budapest Convention, Article 27(2))."""
    CONTACT_24_7 = "contact_24_7"
    """Point of contact of the 24/7 Network (Article 35)."""
    COMPETENT = "competent"
    """Orders or executes measures: a court, a prosecutor, the police."""
    FORENSIC = "forensic"
    """Acquires and examines evidence."""
    WITNESS = "witness"
    """Cosigns the checkpoints of others' ledgers."""
    HUB = "hub"
    """Publishes the directory of authorities."""


@dataclass(frozen=True)
class Authority:
    """An authority: its name in the network, its official name, its State (ISO 3166-1), roles."""

    id: AuthorityId
    name: str
    state: str
    roles: frozenset[Role]

    def __post_init__(self) -> None:
        if not _STATE.fullmatch(self.state):
            raise Invalid("authority.state", f"authority: {self.state[:20]!r} is no state code")
        if self.id.partition(".")[0] != self.state.lower():
            raise Invalid(
                "authority.state",
                f"authority {self.id}: does not begin with its state {self.state}",
            )
        if is_blank(self.name) or len(self.name) > MAX_NAME or not self.name.isprintable():
            raise Invalid(
                "authority.name", f"authority {self.id}: needs a name of 1 to {MAX_NAME} signs"
            )

    def to_json(self) -> Object:
        """Return the members that `from_members` reads."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "roles": [*sorted(role.value for role in self.roles)],
        }

    @classmethod
    def from_members(cls, members: Members) -> Authority:
        """Read an authority; raise `Invalid` on anything but what `to_json` makes."""
        identifier = members.authority("id")
        name = members.text("name", limit=MAX_NAME)
        state = members.text("state", limit=2)
        roles = members.texts("roles", limit=len(Role), text_limit=20)
        members.end()
        if list(roles) != sorted(set(roles)) or not set(roles) <= {role.value for role in Role}:
            raise Invalid(
                "authority.roles", f"{members.what}: roles must be known, sorted and named once"
            )
        return cls(
            id=identifier, name=name, state=state, roles=frozenset(Role(role) for role in roles)
        )
