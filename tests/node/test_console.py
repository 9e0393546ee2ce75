# SPDX-License-Identifier: Apache-2.0
"""The console: one JSON line in, one out, whatever the line says."""

from __future__ import annotations

import inspect
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.node import queries
from comity.node.operator import console
from comity.node.services import assistance
from comity.node.services.assistance import OFFICER_ACTIONS


def ask(value: object) -> dict:
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    return json.loads(json.dumps(console._answer(console._calls(), line)))


@pytest.fixture
def amara(officer):
    return officer("amara", "drafter")


def test_a_draft_can_be_made_and_read(node, amara):
    answer = ask(
        {
            "officer": "amara",
            "call": "assistance.create_request",
            "arguments": {
                "kind": "preservation",
                "requested": "xm.moj",
                "measure": "expedited_preservation",
                "offences": ["computer_fraud"],
                "title": "A mailbox",
            },
        }
    )
    request = answer["result"]["id"]
    saved = ask(
        {
            "officer": "amara",
            "call": "assistance.save_fields",
            "arguments": {
                "request_id": request,
                "version": 1,
                "fields": {
                    "identifiers": [{"kind": "ip", "value": "203.0.113.7"}],
                    "expected_mla_date": "2026-04-01",
                    "intent_mla": True,
                },
            },
        }
    )
    assert "error" not in saved
    page = ask(
        {
            "officer": "amara",
            "call": "queries.request_page",
            "arguments": {"request_id": request},
        }
    )["result"]
    fields = {one["id"]: one["value"] for part in page["sections"] for one in part["fields"]}
    assert fields["identifiers"][0]["value"] == "203.0.113.7"
    assert fields["expected_mla_date"] == "2026-04-01"
    assert fields["intent_mla"] is True
    assert page["version"] == 2


def test_a_refusal_keeps_its_reasons(node, officer):
    officer("chidi", "central")
    answer = ask(
        {
            "officer": "chidi",
            "call": "assistance.create_request",
            "arguments": {
                "kind": "preservation",
                "requested": "xm.moj",
                "measure": "expedited_preservation",
                "offences": ["computer_fraud"],
                "title": "A mailbox",
            },
        }
    )
    assert answer["error"]["family"] == "refused"
    assert answer["error"]["code"] == "permission.denied"
    assert "drafter" in answer["error"]["reasons"][0]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"no json", "console.line"),
        (b"[]", "console.line"),
        (b'{"officer": 1, "call": "x", "arguments": {}}', "console.line"),
        ({"officer": "amara", "call": "os.system", "arguments": {}}, "console.call"),
        ({"officer": "nobody", "call": "queries.peers", "arguments": {}}, "officer.unknown"),
        (
            {"officer": "amara", "call": "queries.peers", "arguments": {"x": 1}},
            "console.arguments",
        ),
        (
            {"officer": "amara", "call": "queries.queue", "arguments": {}},
            "console.arguments",
        ),
    ],
)
def test_a_wrong_line_gets_a_clear_answer(node, amara, line, code):
    assert ask(line)["error"]["code"] == code


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.binary(max_size=200))
def test_no_line_ends_the_console(node, amara, line):
    assert set(ask(line)) == {"error"}


def test_every_intention_can_be_called():
    named = set(console._SERVICES["assistance"])
    assert {service.__name__ for service in OFFICER_ACTIONS.values()} <= named
    assert named == {name for name in assistance.__all__ if name in named}
    assert named >= {
        name for name in assistance.__all__ if name not in {"OFFICER_ACTIONS", "take_message"}
    }
    for name in console._QUERIES:
        takes_now = "now" in inspect.signature(getattr(queries, name)).parameters
        assert takes_now == (f"queries.{name}" not in console._TIMELESS), name
