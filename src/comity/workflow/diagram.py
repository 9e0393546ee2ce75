# SPDX-License-Identifier: Apache-2.0
"""Workflow tables as a page for people: a diagram in Mermaid and the table in Markdown.

The page is made from the table that the program runs, so it cannot say anything
else; a test fails when the page in `docs/reference` is stale.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from comity.workflow.table import Resume, Transition, Workflow

S = TypeVar("S", bound=StrEnum)
F = TypeVar("F")
_BACK = "back to where it was"


def mermaid(workflow: Workflow[S, F]) -> str:
    """Return a state diagram; rows that leave the state unchanged are not drawn."""
    lines = ["stateDiagram-v2", f"    [*] --> {workflow.initial}: {workflow.opening}"]
    edges: dict[tuple[str, str], list[str]] = {}
    for row in workflow.transitions:
        if row.to == row.source or isinstance(row.to, Resume):
            continue
        edges.setdefault((row.source, row.to), []).append(row.action)
    lines += [
        f"    {source} --> {to}: {', '.join(actions)}" for (source, to), actions in edges.items()
    ]
    lines += [f"    {state} --> [*]" for state in workflow.turns if state in workflow.final]
    return "\n".join(lines)


def page(workflow: Workflow[S, F], *, label: Callable[[S], str]) -> str:
    """Return the part of the reference page about one workflow, in Markdown."""
    parts = [f"```mermaid\n{mermaid(workflow)}\n```", "### States", _states(workflow, label)]
    parts += ["### Transitions", _rows(workflow)]
    return "\n\n".join(parts)


def matrix(workflow: Workflow[S, F]) -> str:
    """Return every state, action and role: where it leads, or that it is not possible.

    The cells read `.` where the table has no such row. Roles are those that any row
    names; `-` stands for the other side's messages and for the node itself.
    """
    roles = sorted({role for row in workflow.transitions for role in row.roles})
    actions = list(dict.fromkeys(row.action for row in workflow.transitions))
    lines = []
    for state in workflow.turns:
        lines.append(f"{state}  (turn: {workflow.turns[state]})")
        for action in actions:
            row = workflow.row(state=state, action=action)
            cells = [_cell(row, role) for role in (*roles, None)]
            names = (*roles, "-")
            shown = "  ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))
            guards = ", ".join(guard.name for guard in row.guards) if row else ""
            lines.append(f"  {action:<28} {shown}" + (f"  if {guards}" if guards else ""))
        lines.append("")
    return "\n".join(lines)


def _cell(row: Transition[S, F] | None, role: str | None) -> str:
    if row is None or (role is None) != (not row.roles) or (role and role not in row.roles):
        return "."
    return "(resume)" if isinstance(row.to, Resume) else row.to.value


def _states(workflow: Workflow[S, F], label: Callable[[S], str]) -> str:
    lines = ["| State | As the officer reads it | Whose turn |", "| --- | --- | --- |"]
    for state, turn in workflow.turns.items():
        whose = "nobody's: the end" if state in workflow.final else f"{turn} side"
        lines.append(f"| `{state}` | {label(state)} | {whose} |")
    return "\n".join(lines)


def _rows(workflow: Workflow[S, F]) -> str:
    """Return the rows, those alike but for their source as one."""
    grouped: dict[tuple[str, str, str, str], list[S]] = {}
    for row in workflow.transitions:
        target = "stays" if row.to == row.source else _target(row)
        roles = ", ".join(sorted(row.roles))
        who = roles or ("the node" if row.cause.value == "system" else f"the {row.cause} side")
        checks = ", ".join(guard.name.replace("_", " ") for guard in row.guards)
        grouped.setdefault((row.action, target, who, checks), []).append(row.source)
    lines = ["| Action | From | To | By | Only if |", "| --- | --- | --- | --- | --- |"]
    for (action, to, by, only_if), sources in grouped.items():
        places = ", ".join(f"`{source}`" for source in sources)
        lines.append(f"| `{action}` | {places} | {to} | {by} | {only_if} |")
    return "\n".join(lines)


def _target(row: Transition[S, F]) -> str:
    return _BACK if isinstance(row.to, Resume) else f"`{row.to}`"
