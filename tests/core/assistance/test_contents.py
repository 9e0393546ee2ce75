# SPDX-License-Identifier: Apache-2.0
"""The contents of a request: forms, answers, and the digest that two officers approve."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assistance.content import RequestContent
from comity.assistance.fields import FIELDS, FORMS, Answers, FieldKind, form_for
from comity.assistance.identifiers import MAX_IDENTIFIERS
from comity.assistance.messages import RequestMessage, read_message
from comity.assistance.model import MEASURES, Kind, kind_of_measure
from comity.canonical.members import Members
from comity.errors import Invalid
from support import requests
from support.messages import answers, contents

PRESERVATION, ASSISTANCE = Kind.PRESERVATION, Kind.MUTUAL_ASSISTANCE


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_that_the_law_requires_is_in_the_form(kind) -> None:
    required = [entry.field for entry in requests.law_for(kind).bases[0].requires]
    assert set(required) <= set(FORMS[kind])
    assert [field.id for field in form_for(kind=kind, required=required)] == list(FORMS[kind])


def test_a_field_that_another_basis_requires_comes_at_the_end_of_the_form() -> None:
    form = form_for(kind=ASSISTANCE, required=["offence", "person_identity", "person_identity"])
    assert [field.id for field in form][-1] == "person_identity"
    assert len(form) == len(FORMS[ASSISTANCE]) + 1


def test_every_field_reads_as_a_person_wrote_it() -> None:
    for field in FIELDS.values():
        assert field.label[0].isupper()
        assert field.missing[0].isupper()
        assert not field.missing.endswith(".")
        assert (field.kind is FieldKind.CHOICE) == bool(field.choices)
        assert field.max_length or field.kind in {
            FieldKind.CHOICE,
            FieldKind.DATE,
            FieldKind.YES_NO,
        }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such_field", "x", "field.unknown"),
        ("offence", 7, "field.type"),
        ("offence", True, "field.type"),
        ("offence", "a\nb", "text.control_character"),
        ("facts_summary", "a\u202eb", "text.bidirectional_control"),
        ("facts_summary", "文" * 20_001, "text.too_long"),
        ("intent_mla", "yes", "field.type"),
        ("expected_mla_date", "2026-12-15", "field.type"),
        ("expected_mla_date", datetime(2026, 12, 15), "field.type"),  # noqa: DTZ001
        ("confidentiality_need", "secret", "field.choice"),
        ("identifiers", (), "field.count"),
        ("identifiers", ("192.0.2.7",), "field.type"),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused_by_its_field(name, value, code) -> None:
    with pytest.raises(Invalid) as caught:
        Answers.of({name: value})
    assert caught.value.code == code
    assert name in caught.value.message


def test_long_texts_in_other_scripts_fit() -> None:
    for text in ("文" * 20_000, "ح" * 20_000, "x\n" * 10_000):
        assert Answers.of({"facts_summary": text}).has("facts_summary")


def test_a_statement_that_must_be_made_is_missing_when_the_answer_is_no() -> None:
    assert Answers.of({"intent_mla": True}).has("intent_mla")
    assert not Answers.of({"intent_mla": False}).has("intent_mla")
    assert not Answers().has("intent_mla")


@given(answers())
def test_answers_survive_the_wire(given_answers: Answers) -> None:
    assert Answers.read(given_answers.to_json(), what="x") == given_answers


@given(first=answers(), second=answers())
def test_a_supplement_replaces_only_what_it_names(first: Answers, second: Answers) -> None:
    merged = first.merged(second)
    for name in {name for name, _ in first.items} | {name for name, _ in second.items}:
        expected = second.get(name) if second.get(name) is not None else first.get(name)
        assert merged.get(name) == expected


@given(content=contents(), data=st.data())
def test_any_change_of_the_contents_changes_the_digest(content, data) -> None:
    changed = data.draw(contents())
    if changed != content:
        assert changed.digest != content.digest
    again = RequestContent.read(Members(content.to_json(), what="content"))
    assert again == content
    assert again.digest == content.digest


def test_measures_belong_to_one_kind() -> None:
    for kind, measures in MEASURES.items():
        assert {kind_of_measure(name) for name in measures} == {kind}
    with pytest.raises(Invalid) as caught:
        kind_of_measure("interception_content")
    assert "stored_content" in caught.value.hint


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"measure": "stored_content"}, "assistance.measure"),
        ({"requested": "xv.police"}, "assistance.same_state"),
        ({"preservation_of": requests.an_id("p")}, "assistance.link"),
    ],
)
def test_contents_that_contradict_themselves_are_refused(changes, code) -> None:
    with pytest.raises(Invalid) as caught:
        requests.content_for(PRESERVATION, **changes).check()
    assert caught.value.code == code


def test_a_request_cannot_be_its_own_preservation() -> None:
    content = requests.content_for(ASSISTANCE)
    with pytest.raises(Invalid):
        replace(content, preservation_of=content.request_id).check()


def test_a_draft_without_a_basis_can_be_stored_but_not_sent() -> None:
    draft = requests.content_for(instrument="", article="", assessment=None)
    body = draft.to_json()
    assert RequestContent.read(Members(body, what="draft")) == draft
    with pytest.raises(Invalid) as caught:
        read_message(message_type=RequestMessage.TYPE, body={"content": body})
    assert caught.value.code == "assistance.no_basis"


def test_the_number_of_identifiers_has_a_limit() -> None:
    identifier = requests.answers_for(ASSISTANCE).get("identifiers")[0]
    Answers.of({"identifiers": (identifier,) * MAX_IDENTIFIERS})
    with pytest.raises(Invalid):
        Answers.of({"identifiers": (identifier,) * (MAX_IDENTIFIERS + 1)})
    body = {"identifiers": [identifier.to_json()] * (MAX_IDENTIFIERS + 1)}
    with pytest.raises(Invalid):
        Answers.read(body, what="x")
    with pytest.raises(Invalid):
        Answers.read({"identifiers": []}, what="x")


def test_dates_are_dates() -> None:
    assert Answers.of({"expected_mla_date": date(2026, 12, 15)}).has("expected_mla_date")
    for wrong in ("2026-02-30", "15.12.2026", "next week"):
        with pytest.raises(Invalid, match="expected_mla_date"):
            Answers.read({"expected_mla_date": wrong}, what="x")
