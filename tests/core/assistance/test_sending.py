# SPDX-License-Identifier: Apache-2.0
"""Before a request is sent: what must be in it, who must approve, and what the officer reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assistance import decide
from comity.assistance.facts import LinkedPreservation, Requirement
from comity.assistance.fields import FIELDS, Answers, FieldKind
from comity.assistance.messages import RequestMessage
from comity.assistance.model import Kind, Outcome, State, Urgency
from comity.errors import Conflict, Invalid, Refused
from comity.workflow.sentence import Sentence
from support import requests
from support.two_sides import ALL_ROLES, IN, OUT, TwoSides

PRESERVATION, ASSISTANCE = Kind.PRESERVATION, Kind.MUTUAL_ASSISTANCE


def without(kind: Kind, *names: str) -> Answers:
    return Answers(tuple(item for item in requests.answers_for(kind).items if item[0] not in names))


def reasons(both: TwoSides, action: str, officer: str = requests.FIRST) -> tuple[str, ...]:
    situation = both.situation(OUT, officer, ALL_ROLES)
    found = {entry.action: entry for entry in decide.available(situation=situation)}
    assert found[action].enabled == (not found[action].reasons)
    return found[action].reasons


@pytest.mark.parametrize("kind", list(Kind))
def test_a_complete_request_is_approved_twice_and_sent(kind) -> None:
    both = TwoSides(kind=kind).approve_and_send()
    assert (both.asking.state, both.asked.state) == (State.SENT, State.RECEIVED)
    assert both.asked.content == both.asking.content
    sent = next(event for side, event in both.events if event.name == "request.sent")
    assert sent.details["approved_by"] == [requests.FIRST, requests.SECOND]
    assert sent.details["digest"] == both.asked.content.digest


def test_every_field_that_is_missing_is_named_with_its_article_all_at_once() -> None:
    content = requests.content_for(fields=without(PRESERVATION, "facts_summary", "necessity"))
    both = TwoSides(kind=PRESERVATION, content=content)
    expected = (
        "Facts of the case are missing (Budapest Convention, art. 29(2)(b))",
        "The necessity of the preservation is missing (Budapest Convention, art. 29(2)(e))",
    )
    assert reasons(both, "submit") == expected
    with pytest.raises(Refused) as caught:
        both.act(OUT, "submit")
    assert caught.value.reasons == expected
    assert caught.value.reasons[0].values["article"] == "29(2)(b)"


@pytest.mark.parametrize("kind", list(Kind))
@given(data=st.data())
def test_never_sent_without_a_field_that_the_law_requires(kind, data) -> None:
    """Whatever is missing is said, and nothing else."""
    required = [entry for entry in requests.law_for(kind).bases[0].requires if entry.required]
    gone = data.draw(st.sets(st.sampled_from(required)))
    content = requests.content_for(kind, fields=without(kind, *(entry.field for entry in gone)))
    said = reasons(TwoSides(kind=kind, content=content), "submit")
    assert len(said) == len(gone)
    for entry in gone:
        sentence = next(text for text in said if FIELDS[entry.field].missing in text)
        basis = requests.law_for(kind).bases[0]
        assert f"Budapest Convention, art. {entry.article or basis.article})" in sentence


def test_a_no_to_the_statement_of_intent_counts_as_missing() -> None:
    fields = requests.answers_for(PRESERVATION, intent_mla=False)
    both = TwoSides(kind=PRESERVATION, content=requests.content_for(fields=fields))
    (reason,) = reasons(both, "submit")
    assert reason.endswith("is missing (Budapest Convention, art. 29(2)(f))")


def test_what_practice_or_the_state_asks_for_is_said_as_such() -> None:
    content = requests.content_for(ASSISTANCE, fields=without(ASSISTANCE, "assistance_sought"))
    both = TwoSides(kind=ASSISTANCE, content=content)
    (reason,) = reasons(both, "submit")
    assert reason == (
        "Assistance sought is missing "
        "(needed in practice; Budapest Convention, art. 31 with 23, 25, 27, 28)"
    )
    basis = both.law.bases[0]
    strange = Requirement(
        field="a_new_one", label="Form {7}", article="4", required=True, basis="state"
    )
    both.law = replace(both.law, bases=(replace(basis, requires=(strange,)),))
    assert reasons(both, "submit") == (
        "Form {7}: missing (asked for by the requested state; Budapest Convention, art. 4)",
    )


def test_reasons_can_be_said_in_another_language() -> None:
    content = requests.content_for(fields=without(PRESERVATION, "offence"))
    (reason,) = reasons(TwoSides(kind=PRESERVATION, content=content), "submit")
    assert isinstance(reason, Sentence)
    assert reason.msgid == (
        "The offence, as the law of the requesting state names it, is missing"
        " ({instrument}, art. {article})"
    )


# --- the basis


def test_a_basis_must_be_chosen_known_and_usable() -> None:
    bare = requests.content_for(instrument="", article="", assessment=None)
    assert reasons(TwoSides(kind=PRESERVATION, content=bare), "submit") == (
        "No legal basis is chosen",
    )
    both = TwoSides(kind=PRESERVATION)
    both.law = requests.law_for(PRESERVATION, status="not_usable")
    assert "Budapest Convention cannot be the basis of this request" in reasons(both, "submit")
    other = requests.content_for(instrument="un_cc")
    assert reasons(TwoSides(kind=PRESERVATION, content=other), "submit") == (
        "un_cc cannot be the basis of this request",
    )


def test_an_undetermined_basis_needs_an_officers_reason() -> None:
    both = TwoSides(kind=PRESERVATION)
    both.law = requests.law_for(PRESERVATION, status="undetermined")
    (reason,) = reasons(both, "submit")
    assert reason == "Whether Budapest Convention applies is undetermined; say why it is chosen"
    content = both.asking.content
    chosen = replace(content.assessment, status="undetermined", choice_reason="Both are bound.")
    both.act(OUT, "save_fields", content=replace(content, assessment=chosen))
    assert reasons(both, "submit") == ()


def test_an_assessment_by_another_pack_must_be_made_again() -> None:
    both = TwoSides(kind=PRESERVATION)
    both.law = replace(both.law, pack_digest=requests.sha256(b"a newer pack"))
    assert reasons(both, "submit") == (
        "The legal basis was assessed with another law pack; assess it again",
    )


@pytest.mark.parametrize(
    ("kind", "urgency", "said"),
    [
        (PRESERVATION, Urgency.EXPEDITED, ()),
        (PRESERVATION, Urgency.URGENT, ("The reason for urgency is missing",)),
        (ASSISTANCE, Urgency.EXPEDITED, ("The reason for an expedited answer is missing",)),
        (ASSISTANCE, Urgency.URGENT, ("The reason for urgency is missing",)),
    ],
)
def test_urgency_is_shown_and_not_only_asserted(kind, urgency, said) -> None:
    both = TwoSides(kind=kind, content=requests.content_for(kind, urgency=urgency))
    assert reasons(both, "submit") == said
    fields = both.asking.content.fields.merged(Answers.of({"urgency_reason": "Deleted tonight."}))
    both.act(OUT, "save_fields", content=both.asking.content.with_fields(fields))
    assert reasons(both, "submit") == ()


# --- the link to a preservation


def linked(**changes: object) -> TwoSides:
    name = requests.an_id("preservation")
    content = requests.content_for(ASSISTANCE, preservation_of=name)
    found = LinkedPreservation(request_id=name, state=State.ANSWERED, requested=requests.MERIDIA)
    return TwoSides(content=content, preservation=replace(found, **changes))


def test_a_preservation_that_is_linked_must_exist_be_sent_and_go_to_the_same_authority() -> None:
    assert reasons(linked(), "submit") == ()
    assert reasons(linked(state=State.DRAFT), "submit") == (
        "The linked preservation request has not been sent",
    )
    assert reasons(linked(requested="xl.records"), "submit") == (
        "The linked preservation request went to another authority",
    )
    absent = linked()
    absent.preservation = None
    assert reasons(absent, "submit") == ("The linked preservation request does not exist",)


def test_a_preservation_that_is_stated_needs_a_link_or_a_reference() -> None:
    fields = requests.answers_for(ASSISTANCE, preservation_status="preserved")
    both = TwoSides(content=requests.content_for(ASSISTANCE, fields=fields))
    (reason,) = reasons(both, "submit")
    assert "neither a request is linked nor a reference given" in reason
    told = fields.merged(Answers.of({"preservation_reference": "XM-24/7-881"}))
    both.act(OUT, "save_fields", content=both.asking.content.with_fields(told))
    assert reasons(both, "submit") == ()


# --- two officers


def submitted() -> TwoSides:
    both = TwoSides(kind=PRESERVATION)
    both.act(OUT, "submit", officer=requests.DRAFTER)
    return both


def test_approvals_are_counted_by_officer_and_the_button_says_what_is_missing() -> None:
    both = submitted()
    assert reasons(both, "send") == ("Nobody has approved these contents; two officers must",)
    both.act(OUT, "approve", officer=requests.FIRST)
    assert reasons(both, "send") == ("A second officer has not approved these contents",)
    assert reasons(both, "approve", requests.FIRST) == (
        "You have approved these contents already; another officer must",
    )
    with pytest.raises(Refused):
        both.act(OUT, "approve", officer=requests.FIRST)
    with pytest.raises(Refused):
        both.act(OUT, "send")
    both.act(OUT, "approve", officer=requests.SECOND)
    assert reasons(both, "send") == ()
    assert reasons(both, "approve", "o-third") == (
        "Two officers have approved these contents already",
    )


def test_an_approval_is_of_the_contents_that_the_officer_read() -> None:
    both = submitted()
    with pytest.raises(Conflict) as caught:
        both.act(OUT, "approve", digest=requests.sha256(b"what I read yesterday"))
    assert caught.value.code == "assistance.contents_changed"
    assert both.asking.approvals == ()


@given(data=st.data())
def test_any_change_of_the_contents_recalls_every_approval(data) -> None:
    both = submitted()
    officers = data.draw(
        st.lists(st.sampled_from([requests.FIRST, requests.SECOND]), unique=True, min_size=1)
    )
    for officer in officers:
        both.act(OUT, "approve", officer=officer)
    name = data.draw(st.sampled_from(["offence", "facts_summary", "penalties"]))
    fields = both.asking.content.fields.merged(Answers.of({name: "Something else."}))
    both.act(OUT, "save_fields", content=both.asking.content.with_fields(fields))
    assert (both.asking.state, both.asking.approvals) == (State.DRAFT, ())
    recalled = [event for _, event in both.events if event.name == "approval.recalled"]
    assert {event.details["approved_by"] for event in recalled} == set(officers)
    both.act(OUT, "submit")
    assert len(reasons(both, "send")) == 1


def test_an_approval_of_other_contents_counts_for_nothing_even_if_it_is_there() -> None:
    both = submitted()
    both.act(OUT, "approve", officer=requests.FIRST)
    both.act(OUT, "approve", officer=requests.SECOND)
    other = requests.content_for(title="Another title")
    both.asking = replace(both.asking, content=other)
    assert both.asking.valid_approvals == ()
    assert len(reasons(both, "send")) == 1


def test_returning_to_draft_recalls_and_keeps_the_note_at_home() -> None:
    both = submitted()
    both.act(OUT, "approve", officer=requests.FIRST)
    decision = both.act(OUT, "return_to_draft", reasons="Say which port.")
    assert decision.remark == "Say which port."
    assert decision.messages == ()
    assert "port" not in str(decision.events)
    assert both.asking.approvals == ()


def test_the_identity_of_a_request_cannot_be_changed() -> None:
    both = TwoSides(kind=PRESERVATION)
    for change in ({"requested": "xl.records"}, {"reference": "XV-2026-0000099"}):
        with pytest.raises(Invalid) as caught:
            both.act(OUT, "save_fields", content=replace(both.asking.content, **change))
        assert caught.value.code == "assistance.identity"


def test_only_a_drafter_begins_a_request() -> None:
    with pytest.raises(Refused):
        decide.create(
            content=requests.content_for(), officer="o", roles={"approver"}, now=requests.START
        )


def test_what_was_sent_cannot_be_edited_or_sent_again() -> None:
    both = TwoSides(kind=PRESERVATION).approve_and_send()
    for action, inputs in (("save_fields", {"content": both.asking.content}), ("send", {})):
        with pytest.raises(Refused) as caught:
            both.act(OUT, action, **inputs)
        assert caught.value.code == "workflow.not_now"


def test_a_request_is_only_taken_by_the_authority_it_names_from_the_one_that_asks() -> None:
    message = RequestMessage(content=requests.content_for())
    for sender, recipient in (("xl.records", requests.MERIDIA), (requests.VALDORIA, "xl.records")):
        with pytest.raises(Invalid):
            decide.receive(message=message, sender=sender, recipient=recipient, now=requests.START)


def test_a_request_can_be_withdrawn_while_it_is_open() -> None:
    both = TwoSides().approve_and_send()
    both.act(OUT, "withdraw", reasons="The suspect has confessed.")
    assert both.asking.outcome is Outcome.WITHDRAWN
    both.settle()
    assert both.asked.state is State.WITHDRAWN
    assert decide.available(situation=both.situation(IN, "o", ALL_ROLES)) == ()


def test_forms_have_an_input_for_every_parameter() -> None:
    """The desk calls a function with the inputs of its form: they must fit each other."""
    import inspect

    from comity.assistance.actions import ACTION_FORMS

    given_by_caller = {
        "situation",
        "content",
        "question_id",
        "offer_id",
        "consultation_id",
        "package_id",
        "parcel",
        "seal",
        "replaces",
        "report",
        "statements",
    }
    for key, form in ACTION_FORMS.items():
        parameters = set(inspect.signature(decide.ACTIONS[key]).parameters)
        inputs = {entry.id for entry in form.inputs}
        assert inputs <= parameters, key
        assert parameters - inputs <= given_by_caller, key
        for entry in form.inputs:
            default = inspect.signature(decide.ACTIONS[key]).parameters[entry.id].default
            assert entry.required == (default is inspect.Parameter.empty), (key, entry.id)


def test_field_kinds_of_the_form_are_known() -> None:
    assert {field.kind for field in FIELDS.values()} == set(FieldKind)


def test_a_draft_is_discarded_by_a_drafter_only_and_only_while_it_is_a_draft() -> None:
    both = TwoSides(kind=PRESERVATION)
    situation = both.situation(OUT, requests.FIRST, frozenset({"approver"}))
    with pytest.raises(Refused):
        decide.discard(situation=situation)
    both.act(OUT, "submit")
    with pytest.raises(Refused) as caught:
        both.act(OUT, "discard")
    assert caught.value.code == "workflow.not_now"
    both.act(OUT, "return_to_draft")
    both.act(OUT, "discard", reasons="Answered by telephone.")
    assert (both.asking.state, both.asking.outcome) == (State.DISCARDED, Outcome.DISCARDED)
    assert not both.to_asked
    event = both.events[-1][1]
    assert (event.name, event.details) == (
        "request.discarded",
        {"digest": both.asking.content.digest},
    )


def test_a_preservation_that_a_request_names_is_not_discarded() -> None:
    both = TwoSides(kind=PRESERVATION, assistance_open=True)
    (reason,) = reasons(both, "discard", requests.DRAFTER)
    assert reason.startswith("A request for mutual assistance names this preservation")
