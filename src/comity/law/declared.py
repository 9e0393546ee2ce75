# SPDX-License-Identifier: Apache-2.0
"""A declaration or reservation has effect only for a state that takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from comity.law.builder import Builder
from comity.law.model import Declaration, Party

#: Statuses of a state that has never bound itself, nor signed.
_APART: Final = frozenset({"excluded", "invited", "not_party", "opted_out"})
#: Kinds of lists on which a state that is missing is certainly no party.
_WHOLE: Final = frozenset({"listed", "pair"})


def check_declarations(builder: Builder) -> None:
    """Note a fault for a declaration of a state that cannot have made it."""
    rows: dict[tuple[str, str], list[Party]] = {}
    for name, party in builder.parties.items():
        rows.setdefault((builder.party_instrument[name], party.state), []).append(party)
    for name, declaration in builder.declarations.items():
        found = _rows_of(declaration, rows, builder)
        if _no_party(declaration, found, builder):
            builder.problems.add(
                "law.declaration_of_no_party",
                builder.file_of(name) or "",
                name,
                f"{declaration.state} takes no part in {declaration.instrument}",
                "Correct the state, or record in a [[party]] how it takes part.",
            )


def _rows_of(
    declaration: Declaration, rows: Mapping[tuple[str, str], Sequence[Party]], builder: Builder
) -> Sequence[Party]:
    """Return the rows of the state; of a territory that has none, those of its state."""
    found = rows.get((declaration.instrument, declaration.state), ())
    state = builder.states.get(declaration.state)
    if not found and state is not None and state.of is not None:
        return rows.get((declaration.instrument, state.of), ())
    return found


def _no_party(declaration: Declaration, found: Sequence[Party], builder: Builder) -> bool:
    if found:
        return all(party.status in _APART for party in found)
    instrument = builder.instruments.get(declaration.instrument)
    if instrument is None:
        return False
    return instrument.list.complete and instrument.list.model in _WHOLE
