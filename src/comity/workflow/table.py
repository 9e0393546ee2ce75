# SPDX-License-Identifier: Apache-2.0
"""Workflows as data: a table of transitions, and nothing else changes a state.

The table says which action leads from which state to which, who causes it, and
which guards stand in the way. `fire` collects every reason that stands in the
way, not the first; `available` feeds the buttons of the desk. Every state has
exactly one owner, whose turn it is. A state may be an *interlude* (a question
is open, a consultation runs): the way back leads to where the interlude began,
which the caller keeps as `resume`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final, Generic, TypeVar

from comity.errors import Refused

S = TypeVar("S", bound=StrEnum)
F = TypeVar("F")


class Turn(StrEnum):
    """Whose turn it is."""

    REQUESTING = "requesting"
    REQUESTED = "requested"
    SYSTEM = "system"


class Resume(Enum):
    """The target of a transition that ends an interlude."""

    RESUME = "back to where it was"


RESUME: Final = Resume.RESUME


@dataclass(frozen=True)
class Guard(Generic[F]):
    """A named condition; `check` returns one sentence per reason that stands in the way."""

    name: str
    check: Callable[[F], Iterable[str]]


@dataclass(frozen=True)
class Transition(Generic[S, F]):
    """One row: `action` leads from `source` to `to`.

    `cause` is who causes it; officers among them need one of `roles`. A row with
    no roles is caused by the other side's message or by the node itself.
    """

    action: str
    source: S
    to: S | Resume
    cause: Turn
    roles: frozenset[str] = frozenset()
    guards: tuple[Guard[F], ...] = ()


@dataclass(frozen=True)
class Step(Generic[S]):
    """Where a transition led: the new state, the state to return to, whose turn it is."""

    state: S
    resume: S | None
    turn: Turn


@dataclass(frozen=True)
class Availability:
    """One officer action in the present state, and every reason why not."""

    action: str
    enabled: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Workflow(Generic[S, F]):
    """A table of transitions with an owner for every state.

    `opening` is the action that creates the object in state `initial`.
    """

    name: str
    opening: str
    initial: S
    turns: Mapping[S, Turn]
    transitions: tuple[Transition[S, F], ...]
    interludes: frozenset[S] = frozenset()
    final: frozenset[S] = frozenset()
    _rows: dict[tuple[S, str], Transition[S, F]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows: dict[tuple[S, str], Transition[S, F]] = {}
        for row in self.transitions:
            if (row.source, row.action) in rows:
                raise ValueError(f"{self.name}: two rows for {row.action} from {row.source}")
            rows[row.source, row.action] = row
        object.__setattr__(self, "_rows", rows)
        self.check()

    def row(self, *, state: S, action: str) -> Transition[S, F] | None:
        """Return the row of `action` from `state`, if the table has one."""
        return self._rows.get((state, action))

    def fire(
        self,
        *,
        state: S,
        action: str,
        facts: F,
        resume: S | None = None,
        roles: Iterable[str] | None = None,
    ) -> Step[S]:
        """Return where `action` leads, or raise `Refused` with every reason.

        `roles` are the officer's; None for a message or the node itself.
        """
        row = self.row(state=state, action=action)
        if row is None or (roles is None) != (not row.roles):
            raise Refused(
                "workflow.not_now",
                f"{self.name}: {action} is not possible in the state {state}",
                reasons=(f"the state is {state}",),
            )
        if roles is not None and row.roles.isdisjoint(roles):
            needed = " or ".join(sorted(row.roles))
            raise Refused(
                "workflow.role", f"{self.name}: {action} needs another role", reasons=(needed,)
            )
        if reasons := reasons_against(row, facts):
            raise Refused(
                "workflow.guard", f"{self.name}: {action} is not possible yet", reasons=reasons
            )
        return self._step(state, row.to, resume)

    def available(self, *, state: S, roles: Iterable[str], facts: F) -> tuple[Availability, ...]:
        """Return the actions that these roles have in `state`, in table order."""
        roles = frozenset(roles)
        found = [
            (row, reasons_against(row, facts))
            for row in self.transitions
            if row.source == state and not row.roles.isdisjoint(roles)
        ]
        return tuple(
            Availability(action=row.action, enabled=not reasons, reasons=reasons)
            for row, reasons in found
        )

    def _step(self, state: S, to: S | Resume, resume: S | None) -> Step[S]:
        if isinstance(to, Resume):
            if resume is None:
                raise ValueError(f"{self.name}: {state} has no state to return to")
            return Step(resume, None, self.turns[resume])
        if to in self.interludes:
            return Step(to, resume if state in self.interludes else state, self.turns[to])
        return Step(to, None, self.turns[to])

    def check(self) -> None:
        """Raise `ValueError` unless the table is sound; called when it is made."""
        states = set(self.turns)
        for row in self.transitions:
            targets = set() if isinstance(row.to, Resume) else {row.to}
            if not ({row.source} | targets) <= states:
                raise ValueError(f"{self.name}: {row.action} uses a state without an owner")
            if isinstance(row.to, Resume) and row.source not in self.interludes:
                raise ValueError(f"{self.name}: {row.action} returns from {row.source}")
            if row.source in self.final and row.to != row.source:
                raise ValueError(f"{self.name}: {row.action} leaves the final {row.source}")
        if missing := states - self.reachable():
            raise ValueError(f"{self.name}: never reached: {sorted(missing)}")
        leaving = {row.source for row in self.transitions if row.to != row.source}
        if stuck := states - leaving - self.final:
            raise ValueError(f"{self.name}: no way out of {sorted(stuck)}")

    def reachable(self) -> set[S]:
        """Return the states that can be reached from the initial one."""
        found, waiting = {self.initial}, [self.initial]
        while waiting:
            here = waiting.pop()
            for row in self.transitions:
                if row.source == here and not isinstance(row.to, Resume) and row.to not in found:
                    found.add(row.to)
                    waiting.append(row.to)
        return found


def reasons_against(row: Transition[S, F], facts: F) -> tuple[str, ...]:
    """Return every reason that stands in the way of `row`, in the order of its guards."""
    return tuple(reason for guard in row.guards for reason in guard.check(facts))
