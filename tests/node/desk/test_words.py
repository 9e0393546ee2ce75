# SPDX-License-Identifier: Apache-2.0
"""What the core says in English is read in the officer's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from comity.assistance import guards
from comity.assistance.actions import ACTION_FORMS
from comity.assistance.field_catalogue import FIELDS, Section
from comity.node.desk.labels import STATUSES
from comity.node.desk.words import capital, say, translated
from comity.workflow.sentence import Sentence


@pytest.fixture
def _arabic():
    with translation.override("ar"):
        yield


def test_english_is_said_as_the_core_wrote_it():
    assert say("Two officers then approve exactly these contents.") == (
        "Two officers then approve exactly these contents."
    )


@pytest.mark.usefixtures("_arabic")
def test_a_sentence_keeps_its_values_and_isolates_identifiers():
    sentence = Sentence(
        "{reason} ({instrument}, art. {article})",
        reason="Facts of the case are missing",
        instrument="XV-2026-0000001",
        article="29(2)(b)",
    )
    said = say(sentence)
    assert "وقائع القضية غير مذكورة" in said
    assert "29(2)(b)</bdi>" in said
    assert ">XV-2026-0000001</bdi>" in said


@pytest.mark.usefixtures("_arabic")
def test_a_guard_sentence_made_of_two_is_recognised_by_its_patterns():
    text = Sentence(
        "Facts of the case are missing ({instrument}, art. {article})",
        instrument="X",
        article="29(2)(b)",
    )
    assert translated(text) == "وقائع القضية غير مذكورة (X، المادة 29(2)(b))"


@pytest.mark.usefixtures("_arabic")
def test_a_sentence_that_was_stored_as_text_is_recognised_again():
    assert translated("exhibit XV-1 is registered already") == "الحرز XV-1 مسجَّل من قبل"


@pytest.mark.usefixtures("_arabic")
def test_a_text_without_a_translation_is_marked_as_english():
    assert say("never heard of this") == '<bdi lang="en" dir="ltr">never heard of this</bdi>'


@pytest.mark.usefixtures("_arabic")
def test_markup_in_a_value_stays_text():
    assert "<b>" not in say("exhibit <b>1</b> is registered already")
    assert "&lt;b&gt;" in say("exhibit <b>1</b> is registered already")


@pytest.mark.usefixtures("_arabic")
def test_every_label_of_forms_and_actions_has_an_arabic_translation():
    labels = [field.label for field in FIELDS.values()] + [section.value for section in Section]
    labels += [form.label for form in ACTION_FORMS.values()]
    labels += [form.explanation for form in ACTION_FORMS.values()]
    labels += [entry.label for form in ACTION_FORMS.values() for entry in form.inputs]
    assert len(labels) > 100
    assert [label for label in labels if translated(label) == label] == []


@pytest.mark.usefixtures("_arabic")
def test_every_status_has_an_arabic_word():
    words = [str(word) for table in STATUSES.values() for word, _ in table.values()]
    assert [word for word in words if word.isascii()] == []


@pytest.mark.usefixtures("_arabic")
def test_the_plain_guards_are_translated():
    for guard in (guards.PACKAGE_VERIFIED, guards.IS_ASSISTANCE, guards.EXHIBITS_READY):
        assert guard.name
    assert translated("No exhibit has been acquired that could be delivered") != (
        "No exhibit has been acquired that could be delivered"
    )


@pytest.mark.usefixtures("_arabic")
@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "لم يُسند أي طلب."),
        (1, "أُسند طلب واحد."),
        (2, "أُسند طلبان."),
        (3, "أُسندت 3 طلبات."),
        (11, "أُسند 11 طلبًا."),
        (100, "أُسند 100 طلب."),
        (103, "أُسندت 103 طلبات."),
    ],
)
def test_arabic_counts_in_six_forms(count, said):
    text = translation.ngettext(
        "%(count)s request assigned.", "%(count)s requests assigned.", count
    )
    assert text % {"count": count} == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("this request cannot be changed now", "This request cannot be changed now"),
        ("xv.moj is not a peer", "xv.moj is not a peer"),
        ("XV-2026-1 was changed", "XV-2026-1 was changed"),
        ("", ""),
    ],
)
def test_a_line_of_a_page_begins_with_a_capital_and_a_name_stays_as_it_is(text, shown):
    assert capital(text) == shown
