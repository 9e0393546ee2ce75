# SPDX-License-Identifier: Apache-2.0
"""The two workflow tables of a request, drawn from the tables that the program runs."""

from __future__ import annotations

from functools import partial

from comity.assistance.labels import state_label
from comity.assistance.model import Direction, Kind
from comity.assistance.tables import TABLES
from comity.workflow.diagram import page as workflow_part
from reference.markdown import page

INTRODUCTION = """
A request has two records, one on each side, and each has its own table. A table says which action
leads from which state to which, who may take it, and what must hold first. Nothing else changes a
state. Every state belongs to one side, whose turn it is.

Messages of the two sides cross, so many rows lead back to their own state: they record what came
and change nothing. *Back to where it was* ends a question, an offer or a consultation.
"""
HEADINGS = {
    Direction.OUTGOING: "## The side that asks",
    Direction.INCOMING: "## The side that is asked",
}


def workflow_page() -> str:
    """Return the page of workflows."""
    parts = []
    for direction, heading in HEADINGS.items():
        label = partial(_label, direction)
        parts += [heading, workflow_part(TABLES[direction], label=label)]
    return page("Workflows", INTRODUCTION, *parts)


def _label(direction: Direction, state) -> str:
    """Return what an officer reads; evidence and preservation differ in one state."""
    names = {state_label(direction=direction, kind=kind, state=state) for kind in Kind}
    return " or ".join(sorted(names, reverse=True))
