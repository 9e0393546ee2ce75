# SPDX-License-Identifier: Apache-2.0
"""Every officer action, on both sides: it is recorded, logged and open to its roles alone.

Two walks reach every row of `OFFICER_ACTIONS`; a test fails if one is left out.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings

from comity.assistance.facts import RequestFacts
from comity.assistance.messages import (
    ConditionOffer,
    ConditionReply,
    Consultation,
    ConsultationSubject,
    DataHeld,
    DecisionKind,
    DecisionNotice,
    DeliveredExhibit,
    EvidenceDelivery,
    EvidenceReceipt,
    ExecutionReport,
    InformationRequest,
    PreservationReport,
    PreservationResult,
)
from comity.assistance.model import Condition, ConditionKind
from comity.canonical.digest import sha256
from comity.canonical.ids import new_object_id
from comity.errors import Refused
from comity.node import queries
from comity.node.services.assistance import OFFICER_ACTIONS
from comity.node.store.models import (
    PackageRow,
)
from support.officer_walk import Walk, acknowledged, drafted, sent
from support.peer_words import content_from_meridia, hear, hear_request


def offer(walk: Walk, request: RequestFacts) -> ConditionOffer:
    condition = Condition(
        id=new_object_id(), kind=ConditionKind.CONFIDENTIALITY, text="Keep it.", article="28(2)"
    )
    message = ConditionOffer(
        request_id=request.id,
        id=new_object_id(),
        conditions=(condition,),
        explanation="",
        reply_by=walk.clock.now() + timedelta(days=5),
    )
    hear(walk.clock, message)
    return message


def walk_outgoing(walk: Walk) -> None:
    request = sent(walk)
    acknowledged(walk, request)
    hear(
        walk.clock,
        InformationRequest(
            request_id=request.id,
            id=new_object_id(),
            question="Which disk?",
            about=(),
            data_held=DataHeld.YES,
            reply_by=walk.clock.now() + timedelta(days=5),
        ),
    )
    walk.act(request, "supplement", "drafter", text="The first.", fields={"penalties": "6 years"})
    offer(walk, request)
    walk.act(request, "decline_condition", "approver", reasons="It cannot be kept.")
    offer(walk, request)
    walk.act(request, "accept_condition", "approver")
    hear(
        walk.clock,
        Consultation(
            request_id=request.id,
            id=new_object_id(),
            about=ConsultationSubject.POSTPONEMENT,
            ground="",
            text="May it wait?",
            reply_by=walk.clock.now() + timedelta(days=5),
        ),
    )
    walk.act(request, "reply_consultation", "approver", text="It may not.")
    hear(walk.clock, DecisionNotice(request_id=request.id, decision=DecisionKind.ACCEPTED))
    failed = deliver(walk, request, complete=False, verified=False)
    walk.act(
        request, "reject_package", "drafter", package_id=failed, reasons="A seal does not stand."
    )
    good = deliver(walk, request, complete=True, verified=True, replaces=(failed,))
    walk.act(request, "confirm_receipt", "approver", package_id=good)
    walk.act(request, "close", "approver")
    other = sent(walk, "expedited_preservation")
    walk.act(other, "withdraw", "approver", reasons="Found elsewhere.")
    walk.act(drafted(walk, "expedited_preservation"), "discard", "drafter", reasons="Not needed.")


def deliver(
    walk: Walk, request: RequestFacts, *, complete: bool, verified: bool, replaces: tuple = ()
) -> str:
    """Announce a package and write down that it was checked, as the worker does."""
    from comity.assistance.decide import note_package_checked
    from comity.node.services._record import recording
    from comity.node.services._requests import apply, gather, locked

    package = new_object_id()
    hear(
        walk.clock,
        EvidenceDelivery(
            request_id=request.id,
            package_id=package,
            parcel=sha256(package.encode()),
            seal=sha256(b"seal" + package.encode()),
            exhibits=(DeliveredExhibit(number="EX-1", description="A stick"),),
            complete=complete,
            outstanding="" if complete else "The rest.",
            replaces=replaces,
        ),
    )
    report = sha256(b"report")
    with recording(officer=None, now=walk.clock.now()) as record:
        row = locked(request.id)
        PackageRow.objects.filter(pk=package).update(report_sha256=report, verified=verified)
        decision = note_package_checked(
            situation=gather(row, now=walk.clock.now()),
            package_id=package,
            verified=verified,
            report=report,
        )
        apply(record, row, decision, now=walk.clock.now())
    return package


def walk_incoming(walk: Walk) -> None:
    request = hear_request(
        walk.clock, content_from_meridia(walk.clock, measure="stored_computer_data")
    )
    soon = walk.clock.now() + timedelta(days=2)
    walk.act(request, "acknowledge", "central", local_reference="V 9/26", handled_by="Unit 1")
    walk.act(
        request,
        "request_information",
        "central",
        question="Which disk?",
        data_held="yes",
        reply_by=soon,
        about=["data_description"],
    )
    walk.clock.advance(days=3)
    walk.act(request, "proceed_without_reply", "central")
    condition = {"kind": "confidentiality", "text": "Keep it.", "article": "28(2)"}
    offered = walk.act(
        request,
        "offer_condition",
        "central",
        conditions=[condition],
        reply_by=walk.clock.now() + timedelta(days=2),
    )
    hear(
        walk.clock,
        ConditionReply(request_id=request.id, answers=offered.offers[-1].id, accepted=True),
    )
    walk.act(request, "accept", "central")
    walk.act(request, "start_execution", "central")
    walk.act(request, "report_progress", "central", phase="delay", text="The court is closed.")
    part = ready_package(request, "EX-1", complete=False)
    walk.act(
        request, "deliver_in_part", "central", exhibits=["EX-1"], outstanding="A second stick."
    )
    last = ready_package(request, "EX-2", complete=True)
    walk.act(request, "deliver", "central", exhibits=["EX-2"])
    for package in (part, last):
        hear(
            walk.clock,
            EvidenceReceipt(
                request_id=request.id,
                package_id=package,
                verified=True,
                report=sha256(b"report"),
                statements=(),
            ),
        )
    walk.act(request, "close", "central")
    refused = hear_request(walk.clock)
    walk.act(refused, "acknowledge", "central", local_reference="V 10/26", handled_by="Unit 1")
    walk.act(
        refused,
        "open_consultation",
        "central",
        about="refusal",
        text="We consider refusing.",
        reply_by=walk.clock.now() + timedelta(days=1),
        ground="political",
    )
    walk.clock.advance(days=2)
    walk.act(refused, "refuse", "central", ground="political", reasons="It is political.")
    later = hear_request(
        walk.clock, content_from_meridia(walk.clock, measure="stored_computer_data")
    )
    walk.act(later, "acknowledge", "central", local_reference="V 12/26", handled_by="Unit 1")
    walk.act(
        later,
        "open_consultation",
        "central",
        about="postponement",
        text="Arrests are planned here.",
        reply_by=walk.clock.now() + timedelta(days=1),
    )
    walk.clock.advance(days=2)
    until = walk.clock.now() + timedelta(days=30)
    walk.act(later, "postpone", "central", until=until, reasons="The arrests come first.")
    walk.act(later, "take_up", "central", text="They were made.")
    held = hear_request(walk.clock)
    walk.act(held, "acknowledge", "central", local_reference="V 11/26", handled_by="Unit 1")
    walk.act(held, "accept", "central")
    walk.act(
        held,
        "report_preservation",
        "central",
        result="held",
        provider="Mail Ltd",
        local_reference="P 1",
        held_from=walk.clock.now(),
        held_until=walk.clock.now() + timedelta(days=90),
    )


def ready_package(request: RequestFacts, number: str, *, complete: bool) -> str:
    """A package as the worker leaves it when it is cut into parts."""
    from io import BytesIO

    from comity.node.services import evidence
    from comity.node.store.models import ExhibitRow, PackageExhibitRow
    from comity.protocol.parts import PartList, write_part_list
    from support.clock import STORY_BEGINS

    store = evidence.blobs()
    part = store.put(BytesIO(b"ciphertext of " + number.encode()))
    listed = write_part_list(PartList(size=part.size, part_size=1 << 16, parts=(part.sha256,)))
    store.put(BytesIO(listed))
    package = PackageRow.objects.create(
        id=UUID(new_object_id()),
        request_id=request.id,
        direction="outgoing",
        status="ready",
        complete=complete,
        seal_sha256=sha256(b"seal" + number.encode()),
        parcel_sha256=sha256(listed),
        made=STORY_BEGINS,
        updated=STORY_BEGINS,
    )
    exhibit = ExhibitRow.objects.create(
        id=UUID(new_object_id()),
        request_id=request.id,
        number=number,
        description="A stick",
        status="packed",
        place="Laboratory",
        legal_type="warrant",
        legal_identifier="1",
        created=STORY_BEGINS,
    )
    PackageExhibitRow.objects.create(package=package, exhibit=exhibit)
    return str(package.pk)


def test_every_action_is_recorded_and_open_to_its_roles_alone(walk):
    walk_outgoing(walk)
    walk_incoming(walk)
    assert walk.taken == set(OFFICER_ACTIONS)


def test_the_table_is_that_of_the_core():
    from comity.assistance.decide import ACTIONS

    assert set(OFFICER_ACTIONS) == set(ACTIONS)


def test_an_unknown_request_and_a_hidden_one_look_the_same(walk):
    request = hear_request(walk.clock)
    stranger = walk.officers["drafter"]
    messages = set()
    for identifier in (request.id, new_object_id()):
        with pytest.raises(Refused) as refused:
            queries.request_page(officer=stranger, request_id=identifier, now=walk.clock.now())
        messages.add((refused.value.code, refused.value.message))
    assert len(messages) == 1
    assert settings.CONFIG.authority == "xv.moj"


def test_a_preservation_report_reaches_the_requesting_side(walk):
    request = sent(walk, "expedited_preservation")
    acknowledged(walk, request)
    hear(walk.clock, DecisionNotice(request_id=request.id, decision=DecisionKind.ACCEPTED))
    report = PreservationReport(
        result=PreservationResult.HELD,
        held_from=walk.clock.now(),
        held_until=walk.clock.now() + timedelta(days=90),
        provider="Mail Ltd",
        local_reference="P 1",
    )
    hear(walk.clock, ExecutionReport(request_id=request.id, report=report))
    page = queries.request_page(
        officer=walk.officers["drafter"], request_id=request.id, now=walk.clock.now()
    )
    assert page.state_label == "Data preserved"
    assert {clock.id for clock in page.clocks} >= {"hold"}
