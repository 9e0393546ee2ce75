# SPDX-License-Identifier: Apache-2.0
"""Which role may do and read what, from the table of the node."""

from __future__ import annotations

from comity.node import permissions
from reference.markdown import code, page, table

INTRODUCTION = """
An officer has one or more roles. A role opens the door; whether the state of a request allows
an action is the workflow's question, and its answer stands beside the button. Views and services
ask the same table. An action that is in no row is open to nobody; who asks for a page or an action
without the role is refused with `permission.denied` (status 403).
"""


def marks(roles: frozenset[str]) -> list[str]:
    """Return a mark in the column of each role."""
    return ["yes" if role in roles else "" for role in permissions.Role]


def section(title: str, actions: dict[str, frozenset[str]]) -> str:
    """Return the table of some actions."""
    head = ("Action", *[role.value for role in permissions.Role])
    rows = [(code(action), *marks(roles)) for action, roles in actions.items()]
    return f"## {title}\n\n" + table(head, rows)


def reading() -> str:
    """Return the table of who reads which requests."""
    rows = []
    for role in permissions.Role:
        scope = permissions.READS[role]
        cells = []
        for direction in ("outgoing", "incoming"):
            if direction not in scope:
                cells.append("none")
                continue
            states = scope[direction]
            cells.append("all" if states is None else ", ".join(sorted(states)))
        rows.append((role.value, *cells))
    return "## Reading\n\n" + table(("Role", "Outgoing requests", "Incoming requests"), rows)


def permission_page() -> str:
    """Return the page of permissions."""
    tables = permissions._TABLES  # noqa: SLF001 - the table itself is what the page shows
    return page(
        "Permissions",
        INTRODUCTION,
        reading(),
        section("Outgoing requests", tables["outgoing"]),
        section("Incoming requests", tables["incoming"]),
        section("The node", permissions._NODE),  # noqa: SLF001
    )
