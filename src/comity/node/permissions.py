# SPDX-License-Identifier: Apache-2.0
"""Who may do what: one table, used by views, services and queries alike.

Promises: an action that is in no row of the table is open to nobody; what an
officer may read follows from the same table as what they may do; a refusal
carries the code `permission.denied` and names the roles that would be needed.
A role opens the door; whether the request's state allows the action is the
workflow's question (`comity.assistance.decide`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from comity.assistance.model import Direction, State
from comity.assistance.tables import TABLES
from comity.errors import Refused


class Role(StrEnum):
    """What an officer is trusted with. One officer may hold several."""

    DRAFTER = "drafter"
    APPROVER = "approver"
    CENTRAL = "central"
    EXAMINER = "examiner"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Officer:
    """The acting officer, as services and queries take it."""

    id: str
    login: str
    name: str
    roles: frozenset[str]
    language: str = "en"


class Subject(Protocol):
    """A request, as far as permissions look at it."""

    @property
    def direction(self) -> str:
        """`outgoing` or `incoming`."""
        ...

    @property
    def state(self) -> str:
        """The workflow state."""
        ...


def _of_tables(direction: Direction) -> dict[str, frozenset[str]]:
    """Return who may take each action of a workflow table, in any state."""
    found: dict[str, frozenset[str]] = {}
    for row in TABLES[direction].transitions:
        if row.roles:
            found[row.action] = found.get(row.action, frozenset()) | row.roles
    return found


#: Actions on a request: those of the workflow tables, and those of this node alone.
_OUTGOING: Final[dict[str, frozenset[str]]] = {
    **_of_tables(Direction.OUTGOING),
    "create": frozenset({Role.DRAFTER}),
    "choose_basis": frozenset({Role.DRAFTER}),
    "assign": frozenset({Role.SUPERVISOR}),
    "export_package": frozenset({Role.EXAMINER, Role.APPROVER, Role.DRAFTER}),
}
_INCOMING: Final[dict[str, frozenset[str]]] = {
    **_of_tables(Direction.INCOMING),
    "assign": frozenset({Role.CENTRAL, Role.SUPERVISOR}),
    "register_exhibit": frozenset({Role.EXAMINER}),
    "lodge_acquisition": frozenset({Role.EXAMINER}),
    "record_custody": frozenset({Role.EXAMINER}),
    "assemble_package": frozenset({Role.EXAMINER}),
    "export_package": frozenset({Role.EXAMINER, Role.CENTRAL}),
}
#: Actions that concern no single request.
_NODE: Final[dict[str, frozenset[str]]] = {
    "ledger.read": frozenset(set(Role)),
    "peers.read": frozenset(set(Role)),
    "peers.pin": frozenset({Role.OPERATOR}),
    "officers.manage": frozenset({Role.OPERATOR}),
    "law.packs": frozenset(set(Role)),
    "law.adopt": frozenset({Role.OPERATOR}),
    "health.read": frozenset({Role.OPERATOR, Role.SUPERVISOR}),
    "law.read": frozenset(set(Role) - {Role.OPERATOR}),
}
_TABLES: Final = {"outgoing": _OUTGOING, "incoming": _INCOMING}

_EVERY: Final = None
_IN_EXECUTION: Final = frozenset(
    {
        State.ACCEPTED,
        State.IN_EXECUTION,
        State.PARTLY_DELIVERED,
        State.DELIVERED,
        State.CLOSED,
    }
)
_WITH_EVIDENCE: Final = frozenset({State.PARTLY_ANSWERED, State.ANSWERED, State.CLOSED})
#: Which requests a role reads: direction -> states, where None means every state.
READS: Final[dict[str, dict[str, frozenset[str] | None]]] = {
    Role.DRAFTER: {"outgoing": _EVERY},
    Role.APPROVER: {"outgoing": _EVERY},
    Role.CENTRAL: {"incoming": _EVERY},
    Role.EXAMINER: {"incoming": _IN_EXECUTION, "outgoing": _WITH_EVIDENCE},
    Role.SUPERVISOR: {"outgoing": _EVERY, "incoming": _EVERY},
    Role.OPERATOR: {},
}


def roles_for(action: str, direction: str | None = None) -> frozenset[str]:
    """Return the roles that may take `action`; empty for an unknown one."""
    table = _NODE if direction is None else _TABLES.get(direction, {})
    return table.get(action, frozenset())


def readable(officer: Officer) -> dict[str, frozenset[str] | None]:
    """Return what the officer reads: direction -> states, None for every state."""
    result: dict[str, frozenset[str] | None] = {}
    for role in officer.roles:
        for direction, states in READS.get(role, {}).items():
            have = result.get(direction, frozenset())
            result[direction] = None if states is None or have is None else have | states
    return result


def may_read(officer: Officer, subject: Subject) -> bool:
    """Return whether the officer may see this request at all."""
    scope = readable(officer)
    if subject.direction not in scope:
        return False
    states = scope[subject.direction]
    return states is None or subject.state in states


def may(officer: Officer, action: str, subject: Subject | None = None) -> bool:
    """Return whether a role of the officer allows `action` on `subject`.

    With a subject, the officer must also be able to read it.
    """
    if subject is None:
        return bool(officer.roles & (roles_for(action) | _creators(action)))
    return bool(officer.roles & roles_for(action, subject.direction)) and may_read(officer, subject)


def _creators(action: str) -> frozenset[str]:
    """`create` is the one request action that has no subject yet."""
    return _OUTGOING["create"] if action == "create" else frozenset()


def require(officer: Officer, action: str, subject: Subject | None = None) -> None:
    """Raise `Refused` (`permission.denied`) unless `may` says yes."""
    if may(officer, action, subject):
        return
    direction = subject.direction if subject else None
    needed = sorted(roles_for(action, direction) | (_creators(action) if not subject else set()))
    raise denied(action, needed)


def denied(action: str, needed: list[str]) -> Refused:
    """Return the refusal; it says nothing about the request itself."""
    reasons = [f"this needs the role {' or '.join(needed)}"] if needed else []
    return Refused(
        "permission.denied",
        f"you may not do this ({action})",
        reasons=reasons,
        hint="A supervisor of your authority can tell who may.",
        details={"roles": needed},
    )
