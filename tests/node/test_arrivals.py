# SPDX-License-Identifier: Apache-2.0
"""Packages that arrive on the requesting side: verified, accepted, or refused aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from comity.assistance.messages import DeliveredExhibit, EvidenceDelivery, RequestMessage
from comity.canonical import json
from comity.canonical.digest import sha256
from comity.canonical.ids import new_object_id
from comity.errors import Conflict
from comity.evidence.verify import verify_package
from comity.node import queries
from comity.node.queries import health_page
from comity.node.services import assistance
from comity.node.services.trust import build_trust
from comity.node.store.models import (
    AuditRow,
    CustodyRow,
    DispatchRow,
    ExhibitRow,
    PackageRow,
    ReceiptRow,
)
from comity.node.worker import arrivals
from comity.node.worker._stages import each
from support.meridia import XM, make_package, reference_to, seal_folder
from support.nodeworld import Witnesses
from support.officer_walk import Walk, acknowledged, sent
from support.peer_node import Peer
from support.peer_words import hear


@pytest.fixture
def request_facts(walk: Walk):
    from comity.assistance.messages import DecisionKind, DecisionNotice

    request = sent(walk)
    acknowledged(walk, request)
    hear(walk.clock, DecisionNotice(request_id=request.id, decision=DecisionKind.ACCEPTED))
    return request


@pytest.fixture
def arrive(walk, world, request_facts, tmp_path):
    """Return a function that delivers a package of Meridia's and announces it."""

    def run(
        *, change=None, number="EX-1", told="EX-1", damage=False, seal=None, complete=True, **said
    ) -> str:
        node, package = walk.clock, new_object_id()
        folder = tmp_path / package
        made = make_package(
            world,
            folder,
            request=replace(
                reference_to(request_facts, statement=statement_sent(request_facts)), **said
            ),
            now=node.now(),
            package=package,
            number=number,
        )
        if change:
            change(folder)
        sealed = seal_folder(world, folder, now=node.now(), damage=damage)
        Peer(world, XM, node).bring(sealed)
        hear(
            node,
            EvidenceDelivery(
                request_id=request_facts.id,
                package_id=package,
                parcel=sealed.list_digest,
                seal=seal or made,
                exhibits=(DeliveredExhibit(number=told, description="A stick"),),
                complete=complete,
                outstanding="" if complete else "The rest follows.",
            ),
        )
        return package

    return run


def statement_sent(request) -> str:
    """Return the digest of the statement in which the node sent a request."""
    return DispatchRow.objects.get(case=request.id, type=RequestMessage.TYPE).sha256


def page(walk, request):
    return queries.request_page(
        officer=walk.officers["drafter"], request_id=request.id, now=walk.clock.now()
    )


def test_a_good_package_is_verified_received_and_accepted(walk, world, request_facts, arrive):
    package = arrive()
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 1
    row = PackageRow.objects.get(pk=package)
    assert (row.status, row.verified, row.problem) == ("awaiting_final", True, "")
    events = CustodyRow.objects.filter(exhibit__number="EX-1").order_by("sequence")
    assert [(one.event, one.authority) for one in events] == [
        ("collected", "xm.moj"),
        ("transferred", "xm.moj"),
        ("received", "xv.moj"),
    ]
    assert AuditRow.objects.filter(event="custody.received").count() == 1
    kinds = set(ReceiptRow.objects.filter(dispatch__isnull=True).values_list("kind", flat=True))
    assert {"delivered", "verified"} <= kinds
    assert arrivals.accept_packages(walk.clock.now()) == 0  # not before it is witnessed
    Witnesses(world, "xm.moj", "xl.records").cosign(walk.clock.advance(seconds=5))
    assert arrivals.accept_packages(walk.clock.advance(seconds=5)) == 1
    trust = build_trust(
        now=walk.clock.now(), proofs_from=["xm.moj"], accepted_by="xv.moj", package=package
    )
    report = verify_package(settings.CONFIG.packages / package, trust=trust, now=walk.clock.now())
    assert report.ok, list(report.failed)
    assert report.accepted_by == "xv.moj"
    done = assistance.confirm_receipt(
        officer=walk.officers["approver"],
        now=walk.clock.now(),
        request_id=request_facts.id,
        package_id=package,
    )
    assert done.receipts_complete
    assert page(walk, request_facts).packages[0].status == "confirmed"


def _flip(folder):
    path = folder / "data" / "evidence" / "EX-1" / "disk.img"
    path.chmod(0o600)
    path.write_bytes(b"E" + path.read_bytes()[1:])


@pytest.mark.parametrize(
    ("faults", "step"),
    [
        ({"change": _flip}, "Payload"),
        ({"told": "EX-2"}, "Announcement"),
        ({"seal": "0" * 64}, "Announcement"),
        ({"damage": True}, "Opening"),
    ],
    ids=["a flipped byte", "another exhibit", "another seal", "no archive"],
)
def test_a_bad_package_is_kept_told_and_rejected(walk, request_facts, arrive, faults, step):
    package = arrive(**faults)
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 1
    row = PackageRow.objects.get(pk=package)
    assert (row.status, row.verified) == ("failed", False)
    failed = [one for one in page(walk, request_facts).packages[0].steps if one.status == "failed"]
    assert step in {one.title for one in failed}
    assert not CustodyRow.objects.filter(event="received").exists()
    assert ExhibitRow.objects.filter(status="received").count() == 0
    actions = {one.action: one for one in page(walk, request_facts).actions}
    assert not actions["confirm_receipt"].enabled
    assert actions["reject_package"].enabled
    assistance.reject_package(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        request_id=request_facts.id,
        package_id=package,
        reasons="It does not verify.",
    )
    assert page(walk, request_facts).packages[0].status == "rejected"


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"request": new_object_id()}, "request"),
        ({"statement": sha256(b"another statement")}, "statement"),
        ({"statement": None}, "statement"),
        ({"instrument": "un_cybercrime"}, "instrument"),
        ({"article": "33"}, "article"),
        ({"measure": "traffic_data"}, "measure"),
        ({"purpose": "Whatever the state likes"}, "purpose"),
        ({"reference": "XV-2026-0000099"}, "reference"),
        ({"use_limits": ("Only on Sundays",)}, "a limit on use"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_package_for_another_request_is_not_received(walk, arrive, said, word):
    """A sound package of a real peer, only not the answer to what was asked in this case."""
    package = arrive(**said)
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 1
    row = PackageRow.objects.get(pk=package)
    assert (row.status, row.verified) == ("failed", False)
    report = json.read_object(bytes(row.report))
    (step,) = [step for step in report["steps"] if step["status"] == "failed"]
    assert step["title"] == "Announcement"
    assert word in step["detail"]
    assert not CustodyRow.objects.exists()


def test_after_a_rejection_the_same_exhibit_is_received(walk, request_facts, arrive):
    failed = arrive(change=_flip)
    arrivals.open_packages(walk.clock.advance(seconds=30))
    assistance.reject_package(
        officer=walk.officers["drafter"],
        now=walk.clock.now(),
        request_id=request_facts.id,
        package_id=failed,
        reasons="It does not verify.",
    )
    good = arrive()
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 1
    assert PackageRow.objects.get(pk=good).status == "awaiting_final"
    assert [row.status for row in ExhibitRow.objects.all()] == ["received"]


def test_an_exhibit_is_received_once(walk, arrive):
    """A second chain for the same exhibit is refused, and holds up nothing else."""
    first, second = arrive(complete=False), arrive(complete=False)
    other = arrive(number="EX-2", told="EX-2")
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 3
    found = {str(row.pk): row for row in PackageRow.objects.all()}
    assert found[first].status == found[other].status == "awaiting_final"
    assert found[second].status == "failed"
    assert b"exhibit EX-1 was received before" in bytes(found[second].report)
    assert CustodyRow.objects.filter(event="received").count() == 2


def test_a_fault_with_one_package_stops_no_other(walk, arrive, caplog):
    """Whatever a package does to the program, the next one gets its turn all the same."""
    bad, good = arrive(complete=False), arrive(number="EX-2", told="EX-2")
    now, seen = walk.clock.advance(seconds=30), []

    def work(package: PackageRow, _now) -> bool:
        seen.append(str(package.pk))
        return bool(timedelta.max * 2) if str(package.pk) == bad else True

    assert each(now, "incoming", "expected", work) == 1
    assert seen == [bad, good]
    row = PackageRow.objects.get(pk=bad)
    assert (row.status, row.attempts) == ("expected", 1)
    assert row.problem.startswith("a fault of the program: OverflowError: ")
    assert row.next_attempt > now
    assert "OverflowError" in caplog.text
    assert each(now, "incoming", "expected", work) == 1
    assert seen == [bad, good, good]


def stuck(officer, now) -> str:
    """Return what an officer reads on the health page of packages that stand still."""
    items = health_page(officer=officer, now=now)
    return next(item.detail for item in items if item.id == "packages")


def test_a_package_is_opened_when_there_is_room_for_it(walk, arrive, monkeypatch):
    package = arrive()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "CONFIG", replace(settings.CONFIG, smallest_free=1 << 62))
        assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 0
    row = PackageRow.objects.get(pk=package)
    assert row.status == "expected"
    assert "[node.disk_full]" in row.problem
    operator, supervisor = walk.officers["operator"], walk.officers["supervisor"]
    assert f"{package}: node.disk_full" == stuck(operator, walk.clock.now())
    assert f"{package}: {row.problem}" == stuck(supervisor, walk.clock.now())
    assert arrivals.open_packages(walk.clock.advance(seconds=30)) == 1
    assert PackageRow.objects.get(pk=package).status == "awaiting_final"


def test_a_package_identifier_is_used_once(walk, request_facts, arrive):
    package = arrive()
    other = sent(walk)
    acknowledged(walk, other)
    from comity.assistance.messages import DecisionKind, DecisionNotice

    hear(walk.clock, DecisionNotice(request_id=other.id, decision=DecisionKind.ACCEPTED))
    message = EvidenceDelivery(
        request_id=other.id,
        package_id=package,
        parcel="1" * 64,
        seal="2" * 64,
        exhibits=(DeliveredExhibit(number="EX-1", description="A stick"),),
        complete=True,
    )
    with pytest.raises(Conflict) as conflict:
        hear(walk.clock, message)
    assert conflict.value.code == "package.known"
    assert PackageRow.objects.count() == 1


def test_what_has_not_arrived_is_waited_for(walk, request_facts):
    hear(
        walk.clock,
        EvidenceDelivery(
            request_id=request_facts.id,
            package_id=new_object_id(),
            parcel="1" * 64,
            seal="2" * 64,
            exhibits=(DeliveredExhibit(number="EX-1", description="A stick"),),
            complete=True,
        ),
    )
    assert arrivals.open_packages(walk.clock.now()) == 0
    assert PackageRow.objects.get().status == "expected"
