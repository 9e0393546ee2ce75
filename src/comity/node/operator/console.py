# SPDX-License-Identifier: Apache-2.0
"""`comity-node console`: services and queries as JSON lines, for scripts and the demonstration.

Each line of standard input names an officer, a call and its arguments:

    {"officer": "amara", "call": "assistance.send_request", "arguments": {"request_id": "..."}}

Each line of standard output answers one: `{"result": ...}` or `{"error": {...}}` with
`family`, `code`, `message`, `reasons`, `hint` and `details`. The console runs as whoever can read
the node's folder, and acts in the name and with the roles of the officer it is told: what
it does is recorded as theirs.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from comity.canonical.time import write_instant
from comity.errors import ComityError, Invalid, Refused
from comity.node.clock import clock
from comity.node.operator._setup import config_option, start_django

_log = logging.getLogger("comity.console")

MAX_LINE_BYTES: Final = 4 << 20


@click.command("console")
@config_option
def console(config_path: Path) -> None:
    """Answer JSON lines until standard input ends.

    Each line: {"officer": LOGIN, "call": "assistance.send_request", "arguments": {...}}.
    """
    start_django(config_path)
    from django.db import close_old_connections

    calls = _calls()
    for line in sys.stdin.buffer:
        click.echo(json.dumps(_answer(calls, line), ensure_ascii=False))
        sys.stdout.flush()
        close_old_connections()  # an idle console holds no connection


def _calls() -> Mapping[str, Callable[..., Any]]:
    """Return what may be called: the public functions of services and queries."""
    from comity.node import queries
    from comity.node.services import assistance, evidence, packages

    modules = {"assistance": assistance, "evidence": evidence, "packages": packages}
    named = {
        f"{module}.{name}": getattr(modules[module], name)
        for module, names in _SERVICES.items()
        for name in names
    }
    named |= {f"queries.{name}": getattr(queries, name) for name in _QUERIES}
    return named


_SERVICES: Final = {
    "assistance": (
        "accept_condition",
        "accept_request",
        "acknowledge_request",
        "approve_request",
        "assign_request",
        "assign_requests",
        "choose_basis",
        "close_incoming",
        "close_outgoing",
        "confirm_receipt",
        "create_request",
        "decline_condition",
        "deliver_in_part",
        "deliver_request",
        "discard_draft",
        "offer_condition",
        "open_consultation",
        "perform",
        "postpone_request",
        "proceed_without_reply",
        "refuse_request",
        "reject_package",
        "reply_consultation",
        "report_preservation",
        "report_progress",
        "request_information",
        "return_to_draft",
        "save_fields",
        "send_request",
        "start_execution",
        "submit_request",
        "supplement_request",
        "take_up_request",
        "withdraw_request",
    ),
    "evidence": ("lodge_acquisition", "record_custody_event", "register_exhibit"),
    "packages": ("assemble_package", "export_package"),
}
_QUERIES: Final = (
    "assessment",
    "health_page",
    "intake",
    "ledger_page",
    "new_request_page",
    "officers",
    "peers",
    "queue",
    "request_page",
)
#: Queries that need no time of day.
_TIMELESS: Final = frozenset(
    {
        "queries.assessment",
        "queries.intake",
        "queries.ledger_page",
        "queries.officers",
        "queries.peers",
    }
)


def _answer(calls: Mapping[str, Callable[..., Any]], line: bytes) -> dict[str, Any]:
    try:
        return {"result": to_json(_run(calls, line))}
    except ComityError as error:
        return {"error": error_json(error)}
    except Exception as error:  # noqa: BLE001 - one faulty call must not end the session
        _log.exception("a fault of the program")
        fault = ComityError("node.fault", f"{type(error).__name__}: {error}")
        return {"error": error_json(fault)}


def _run(calls: Mapping[str, Callable[..., Any]], line: bytes) -> Any:
    from comity.node.services.accounts import officer_by_login

    request = _read(line)
    name = request["call"]
    call = calls.get(name)
    if call is None:
        raise Invalid("console.call", f"{name[:80]!r} is not a call", hint=", ".join(calls))
    arguments = dict(request["arguments"])
    if name not in _TIMELESS:
        arguments["now"] = clock().now()
    officer = officer_by_login(request["officer"])
    _check_arguments(call, name, {**arguments, "officer": officer})
    return call(officer=officer, **arguments)


def _read(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise Invalid("console.line", f"a line of more than {MAX_LINE_BYTES} bytes")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid("console.line", f"not a JSON line: {error}") from error
    expected = {"officer": str, "call": str, "arguments": dict}
    if not isinstance(value, dict) or set(value) != set(expected):
        raise Invalid("console.line", "a call has the members officer, call and arguments")
    for member, kind in expected.items():
        if not isinstance(value[member], kind):
            raise Invalid("console.line", f"{member}: expected {kind.__name__}")
    return value


def _check_arguments(call: Callable[..., Any], name: str, given: Mapping[str, Any]) -> None:
    """Refuse arguments that the call does not have, before anything runs."""
    import inspect

    try:
        inspect.signature(call).bind(**given)
    except TypeError as error:
        raise Invalid("console.arguments", f"{name}: {error}") from error


def to_json(value: Any) -> Any:
    """Return a result as JSON values: view objects become objects, instants RFC 3339."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value):
        return {name: to_json(item) for name, item in _members(value).items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [to_json(item) for item in value]
    return str(value)  # texts, codes, dates, identifiers, paths


def _members(value: Any) -> dict[str, Any]:
    members = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    # Records name themselves by the contents they hold: say it at the top, too.
    if isinstance(getattr(type(value), "id", None), property):
        members["id"] = value.id
    return members


def error_json(error: ComityError) -> dict[str, Any]:
    """Return an error as JSON values."""
    return {
        "family": error.family,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "reasons": [str(reason) for reason in error.reasons] if isinstance(error, Refused) else [],
        "details": to_json(error.details),
    }
