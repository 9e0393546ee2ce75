# SPDX-License-Identifier: Apache-2.0
"""The messages that two authorities exchange about a request, from their dataclasses."""

from __future__ import annotations

import inspect
import re
import types
import typing
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from comity.assistance import messages
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.protocol.registry import MESSAGES
from reference.markdown import code, page, table

INTRODUCTION = """
The body of a statement about a request. The envelope around it (who, to whom, when, signatures)
is in the [specifications](../spec/index.md). Each type ends in its major version. A reader refuses
an unknown type, an unknown member and a missing one; every text and list has a limit.

The effect of a message on the other side is an action of the [workflow](workflows.md) there.
"""


def message_types() -> dict[str, type[Any]]:
    """Return the message classes by type name."""
    found = {
        item.TYPE: item
        for _, item in inspect.getmembers(messages, inspect.isclass)
        if isinstance(getattr(item, "TYPE", None), str)
    }
    if set(found) != set(messages.READERS):
        raise SystemExit("a message type has no class in comity.assistance.messages, or no reader")
    return found


WORDS = {
    str: "text",
    int: "integer",
    bool: "true or false",
    type(None): "null",
    datetime: "time",
    date: "date",
    ObjectId: "identifier",
    AuthorityId: "authority",
    Sha256: "SHA-256",
}


def shape(kind: Any) -> str:
    """Return a type as a reader of the wire would call it."""
    if kind in WORDS:
        return WORDS[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of " + ", ".join(code(member.value) for member in kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return "list of: " + shape(arguments[0])
    if origin is typing.Union or origin is types.UnionType:
        return " or ".join(shape(argument) for argument in arguments)
    if origin is not None:
        return "object"
    name = str(getattr(kind, "__name__", kind))
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def section(name: str, item: type[Any], effects: dict[str, str]) -> str:
    """Return what is to be said of one message."""
    text = inspect.cleandoc(item.__doc__ or "")
    if not text:
        raise SystemExit(f"the message {name} has no docstring")
    hints = typing.get_type_hints(item)
    rows = [(code(field.name), shape(hints[field.name])) for field in fields(item)]
    return "\n\n".join([f"## {name}", text, effects[name], table(("Member", "Shape"), rows)])


def effects_of_messages() -> dict[str, str]:
    """Return, for each type, who may send it and which action it is on the other side."""
    found = {}
    for name, row in MESSAGES.items():
        sides = " or ".join(f"the {side.value} side" for side in sorted(row.sides))
        roles = ", ".join(sorted(role.value for role in row.roles))
        actions = ", ".join(code(action) for action in row.effects)
        found[name] = (
            f"Sent by {sides}; its authority must be one of: {roles}. At the receiver: {actions}."
            + ("" if row.since == 1 else f" In message set {row.since}.")
        )
    if set(found) != set(messages.READERS):
        raise SystemExit("the registry and the readers of messages differ")
    return found


def message_page() -> str:
    """Return the page of messages."""
    effects = effects_of_messages()
    parts = [section(name, item, effects) for name, item in sorted(message_types().items())]
    return page("Messages", INTRODUCTION, *parts)
