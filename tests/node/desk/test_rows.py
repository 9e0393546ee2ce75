# SPDX-License-Identifier: Apache-2.0
"""Tables to fill in: what was typed comes back, and blank rows do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from comity.assistance.identifiers import Identifier, IdentifierKind
from comity.node.desk.forms.conditions import conditions
from comity.node.desk.forms.form import DeskForm
from comity.node.desk.forms.identifiers import identifiers


class Both(DeskForm):
    def __init__(self, data=None, **options):
        super().__init__(data, **options)
        self.fields["ids"] = identifiers(required=False, label="Identifiers")
        self.fields["terms"] = conditions(required=False, label="Conditions")


def sent(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data[name.replace("__", "-")] = value
    return data


ROW = {"ids__0__kind": "ip", "ids__0__port": "", "ids__0__since": "", "ids__0__until": ""}


def test_a_filled_row_becomes_an_identifier_in_utc():
    form = Both(
        sent(
            ids__0__kind="ip",
            ids__0__value=" 203.0.113.7 ",
            ids__0__port="443",
            ids__0__since="2026-03-01T10:00:00",
            ids__0__until="2026-03-01T11:00",
        )
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["ids"] == (
        Identifier(
            kind=IdentifierKind.IP,
            value="203.0.113.7",
            port=443,
            since=datetime(2026, 3, 1, 10, tzinfo=UTC),
            until=datetime(2026, 3, 1, 11, tzinfo=UTC),
        ),
    )


def test_blank_rows_do_not_exist():
    form = Both(sent(**ROW, ids__0__value="  "))
    assert form.is_valid()
    assert form.cleaned_data["ids"] == ()


def test_every_wrong_row_is_named_and_stays_as_it_was_typed():
    form = Both(sent(**ROW, ids__0__value="203.0.113.300"))
    assert form.errors["ids"] == ["Row 1: identifier: value: not an IP address"]
    assert 'value="203.0.113.300"' in str(form["ids"])


def test_a_time_without_an_identifier_is_not_lost_in_silence():
    form = Both(sent(**{**ROW, "ids__0__since": "2026-03-01T10:00"}, ids__0__value=""))
    assert form.errors["ids"] == ["Row 1: the identifier itself is missing"]


def test_what_is_stored_is_shown_with_blank_rows_after_it():
    stored = Identifier(kind=IdentifierKind.EMAIL, value="a@b.example")
    html = str(Both(initial={"ids": (stored,)})["ids"])
    assert 'value="a@b.example"' in html
    assert html.count('-value"') >= 3


def test_a_condition_has_words():
    form = Both(sent(terms__0__kind="other", terms__0__text="", terms__0__article="28(2)"))
    assert form.errors["terms"] == ["Row 1: the words of the condition are missing"]


@given(
    kind=st.text(max_size=9), value=st.text(max_size=60), port=st.text(max_size=9),
    since=st.text(max_size=20), until=st.text(max_size=20),
)  # fmt: skip
def test_nothing_typed_ever_breaks_the_form(kind, value, port, since, until):
    form = Both(
        sent(
            ids__0__kind=kind,
            ids__0__value=value,
            ids__0__port=port,
            ids__0__since=since,
            ids__0__until=until,
        )
    )
    valid = form.is_valid()
    assert valid == ("ids" not in form.errors)
    assert str(form["ids"])
