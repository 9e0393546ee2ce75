# SPDX-License-Identifier: Apache-2.0
"""The events that the audit log and the ledger keep, from the closed lists in the code."""

from __future__ import annotations

from collections import defaultdict

from comity.assistance import events
from comity.assistance.model import Direction
from comity.node.services.event_names import CUSTODY_EVENTS
from reference.markdown import code, page, table

INTRODUCTION = """
Every change that a node records is an event: a row in its audit log and, in the same
transaction, a leaf of its ledger. Names are in the past tense and never change their meaning.
The leaf shows the name, the minute, the authority and a commitment; who and what stand in the
private body, which stays with the parties.
"""


def assistance() -> str:
    """Return the events of requests, with the actions that record them."""
    causes: dict[str, list[str]] = defaultdict(list)
    for (direction, action), name in events.EVENT_OF.items():
        side = "asking side" if direction is Direction.OUTGOING else "asked side"
        causes[name].append(f"{code(action)} ({side})")
    rows = [
        (code(name), ", ".join(causes[name]) or "beside another event")
        for name in sorted(events.EVENT_NAMES - events.RETIRED)
    ]
    retired = ", ".join(code(name) for name in sorted(events.RETIRED))
    after = f"\n\nNo longer used: {retired}." if retired else ""
    return "## Requests\n\n" + table(("Event", "Recorded by"), rows) + after


def custody() -> str:
    """Return the events of exhibits."""
    rows = [
        (code(name), "in the custody statement of the same name") for name in sorted(CUSTODY_EVENTS)
    ]
    return "## Custody\n\n" + table(("Event", "What it commits to"), rows)


def node() -> str:
    """Return the events that concern the node itself."""
    from comity.node.services.event_names import NODE_EVENTS

    return "## The node\n\n" + table(("Event",), [(code(name),) for name in sorted(NODE_EVENTS)])


def event_page() -> str:
    """Return the page of events."""
    return page("Events", INTRODUCTION, assistance(), custody(), node())
