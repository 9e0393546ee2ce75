# SPDX-License-Identifier: Apache-2.0
"""Exhibits on the requested side: from registration to a package that verifies."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings

from comity.assistance.messages import EvidenceReceipt
from comity.canonical.digest import sha256
from comity.canonical.ids import new_object_id
from comity.errors import Conflict, Invalid, Refused, Unavailable, Unverified
from comity.evidence.custody import read_statement
from comity.evidence.model import Actor, LegalAuthority, Tool
from comity.evidence.verify import verify_package
from comity.forensics.acquire import Order, acquire
from comity.node.services import assistance, evidence
from comity.node.services.packages import assemble_package, export_package
from comity.node.services.trust import build_trust
from comity.node.store.migrations import __name__ as migrations_name
from comity.node.store.models import AuditRow, CustodyRow, ExhibitRow, PackageRow
from comity.node.worker import packages
from support.nodeworld import Witnesses
from support.peer_words import content_from_meridia, hear, hear_request


@pytest.fixture
def people(officer):
    return {
        "central": officer("chidi", "central"),
        "examiner": officer("dara", "examiner"),
        "drafter": officer("amara", "drafter"),
    }


@pytest.fixture
def request_id(node, people):
    """A request for stored data that is being carried out."""
    request = hear_request(node, content_from_meridia(node, measure="stored_computer_data"))
    act = {"officer": people["central"], "request_id": request.id}
    assistance.acknowledge_request(
        **act, now=node.now(), local_reference="1/26", handled_by="Unit 4"
    )
    assistance.accept_request(**act, now=node.now())
    assistance.start_execution(**act, now=node.now())
    return request.id


def register(node, people, request_id, number="EX-1"):
    return evidence.register_exhibit(
        officer=people["examiner"],
        now=node.now(),
        request_id=request_id,
        number=number,
        description="Memory stick, 16 MB",
        seized_at=node.now() - timedelta(hours=2),
        place="Harbour Street 4",
        legal_type="search warrant",
        legal_identifier="12-345/2026",
    )


def image(node, request_id, tmp_path, number="EX-1", data=b"a disk image\n" * 5000):
    source = tmp_path / "disk.img"
    source.write_bytes(data)
    name = f"{number}-{new_object_id()}"
    acquire(
        source,
        target=settings.CONFIG.intake / name,
        order=Order(
            id=new_object_id(),
            exhibit=number,
            description="Memory stick",
            request=request_id,
            examiner=Actor(name="Dara", function="examiner"),
            place="Laboratory",
            purpose="execution of the request",
            legal_authority=LegalAuthority(type="search warrant", identifier="12-345/2026"),
            local_offset="+00:00",
            host="bench",
            tool=Tool(name="comity", version="0.1.0"),
            remarks="",
        ),
        clock=node,
    )
    return name


def test_an_exhibit_becomes_a_package_that_verifies(node, people, request_id, tmp_path, world):
    examiner = {"officer": people["examiner"]}
    exhibit = register(node, people, request_id)
    evidence.lodge_acquisition(
        **examiner,
        now=node.now(),
        exhibit_id=exhibit,
        folder=image(node, request_id, tmp_path),
    )
    package = assemble_package(
        **examiner,
        now=node.now(),
        request_id=request_id,
        exhibit_ids=[exhibit],
        complete=True,
    )
    assert packages.state_transfers(node.now()) == 1
    events = CustodyRow.objects.filter(exhibit=exhibit).order_by("sequence")
    assert [row.event for row in events] == ["seized", "acquired", "transferred"]
    assert packages.build_packages(node.now()) == 0  # nothing is built before it is witnessed
    Witnesses(world, "xm.moj", "xl.records").cosign(node.advance(seconds=5))
    assert packages.build_packages(node.advance(seconds=5)) == 0  # the other side may still prove
    assert packages.build_packages(node.advance(minutes=6)) == 1
    assert packages.cut_packages(node.now()) == 1
    row = PackageRow.objects.get(pk=package)
    assert (row.status, row.problem) == ("ready", "")
    folder = settings.CONFIG.packages / package
    report = verify_package(folder, trust=build_trust(now=node.now()), now=node.now())
    assert report.ok, list(report.failed)
    assert (report.package, report.seal) == (package, row.seal_sha256)
    done = assistance.deliver_request(
        officer=people["central"], now=node.now(), request_id=request_id, exhibits=["EX-1"]
    )
    assert done.state == "delivered"
    assert PackageRow.objects.get(pk=package).status == "sent"


def test_a_rejected_exhibit_is_delivered_again_and_its_chain_says_so(
    node, people, request_id, tmp_path, world
):
    examiner = {"officer": people["examiner"]}
    exhibit = register(node, people, request_id)
    acquired = image(node, request_id, tmp_path)
    evidence.lodge_acquisition(**examiner, now=node.now(), exhibit_id=exhibit, folder=acquired)
    witnesses = Witnesses(world, "xm.moj", "xl.records")

    def deliver() -> str:
        package = assemble_package(
            **examiner,
            now=node.now(),
            request_id=request_id,
            exhibit_ids=[exhibit],
            complete=True,
        )
        assert packages.state_transfers(node.now()) == 1
        witnesses.cosign(node.advance(seconds=5))
        assert packages.build_packages(node.advance(minutes=6)) == 1
        assert packages.cut_packages(node.now()) == 1
        assistance.deliver_request(
            officer=people["central"], now=node.now(), request_id=request_id, exhibits=["EX-1"]
        )
        return package

    first = deliver()
    rejection = EvidenceReceipt(
        request_id=request_id,
        package_id=first,
        verified=False,
        report=sha256(b"report"),
        statements=(),
        reasons="The seal does not verify.",
    )
    assert hear(node, rejection).state == "partly_delivered"
    # An earlier version left it so; the migration makes up for that, and for no more.
    ExhibitRow.objects.update(status="sent")
    migration = import_module(f"{migrations_name}.0007_take_back_rejected")
    migration.take_back(apps, None)
    assert ExhibitRow.objects.get().status == "acquired"
    second = deliver()
    migration.take_back(apps, None)
    assert ExhibitRow.objects.get().status == "sent"
    rows = CustodyRow.objects.filter(exhibit=exhibit).order_by("sequence")
    assert [row.event for row in rows] == ["seized", "acquired", "transferred", "transferred"]
    last = read_statement(bytes(rows.last().statement)).statement
    assert first in last.remarks
    assert "xm.moj" in last.remarks
    folder = settings.CONFIG.packages / second
    report = verify_package(folder, trust=build_trust(now=node.now()), now=node.now())
    assert report.ok, list(report.failed)
    confirmed = EvidenceReceipt(
        request_id=request_id,
        package_id=second,
        verified=True,
        report=sha256(b"report"),
        statements=(),
    )
    assert hear(node, confirmed).receipts_complete


def test_every_custody_event_is_a_leaf(node, people, request_id):
    register(node, people, request_id)
    row = CustodyRow.objects.get()
    audit = AuditRow.objects.get(event="custody.seized")
    assert row.audit == audit
    assert row.sha256.encode() in bytes(audit.payload)


def test_an_exhibit_is_acquired_once(node, people, request_id, tmp_path):
    exhibit = register(node, people, request_id)
    folder = image(node, request_id, tmp_path)
    arguments = {"officer": people["examiner"], "now": node.now(), "exhibit_id": exhibit}
    evidence.lodge_acquisition(**arguments, folder=folder)
    with pytest.raises(Conflict) as conflict:
        evidence.lodge_acquisition(**arguments, folder=folder)
    assert conflict.value.code == "exhibit.acquired"


def test_a_changed_file_is_not_lodged(node, people, request_id, tmp_path):
    exhibit = register(node, people, request_id)
    folder = image(node, request_id, tmp_path)
    path = settings.CONFIG.intake / folder / "files" / "disk.img"
    path.chmod(0o600)
    path.write_bytes(b"b" + path.read_bytes()[1:])
    with pytest.raises(Unverified):
        evidence.lodge_acquisition(
            officer=people["examiner"], now=node.now(), exhibit_id=exhibit, folder=folder
        )
    assert ExhibitRow.objects.get().status == "registered"


@pytest.mark.parametrize("folder", ["..", "../keys", "/etc", ".", "", "nowhere"])
def test_nothing_outside_the_intake_is_read(node, people, request_id, folder):
    exhibit = register(node, people, request_id)
    with pytest.raises(Invalid) as invalid:
        evidence.lodge_acquisition(
            officer=people["examiner"], now=node.now(), exhibit_id=exhibit, folder=folder
        )
    assert invalid.value.code == "acquisition.folder"


def test_a_blob_that_changed_stops_the_package(node, people, request_id, tmp_path):
    exhibit = register(node, people, request_id)
    evidence.lodge_acquisition(
        officer=people["examiner"],
        now=node.now(),
        exhibit_id=exhibit,
        folder=image(node, request_id, tmp_path, data=b"other bytes" * 900),
    )
    package = assemble_package(
        officer=people["examiner"],
        now=node.now(),
        request_id=request_id,
        exhibit_ids=[exhibit],
        complete=True,
    )
    stored = ExhibitRow.objects.get(pk=exhibit).file_rows.get()
    path = evidence.blobs().path(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(b"X" + path.read_bytes()[1:])
    assert packages.state_transfers(node.now()) == 0
    row = PackageRow.objects.get(pk=package)
    assert row.status == "ordered"
    assert "evidence.file_differs" in row.problem
    assert row.next_attempt > node.now()


def test_a_package_is_taken_out_whole_or_not_at_all(node, people, request_id, tmp_path):
    package = PackageRow.objects.create(
        id=new_object_id(),
        request_id=request_id,
        direction="outgoing",
        status="ready",
        complete=True,
        ordered_by_id=people["examiner"].id,
        made=node.now(),
        updated=node.now(),
    )
    folder = settings.CONFIG.packages / str(package.pk)
    folder.mkdir(parents=True)
    (folder / "bagit.txt").write_bytes(b"x")
    os.mkfifo(folder / "cannot be copied")
    taken = {
        "officer": people["examiner"],
        "now": node.now(),
        "package_id": str(package.pk),
        "out": tmp_path / "out",
    }
    with pytest.raises(Unavailable) as failed:
        export_package(**taken)
    assert failed.value.code == "package.not_written"
    assert list((tmp_path / "out").iterdir()) == []
    (folder / "cannot be copied").unlink()
    own = tmp_path / "out" / "trust.json"
    own.write_bytes(b"somebody's")
    with pytest.raises(Conflict):
        export_package(**taken)
    assert {path.name: path.read_bytes() for path in own.parent.iterdir()} == {
        "trust.json": b"somebody's"
    }
    own.unlink()
    assert (export_package(**taken) / "bagit.txt").read_bytes() == b"x"
    assert own.read_bytes().startswith(b"{")
    with pytest.raises(Conflict) as again:
        export_package(**taken)
    assert again.value.code == "package.exists"


def test_only_an_acquired_exhibit_is_packed(node, people, request_id):
    exhibit = register(node, people, request_id)
    with pytest.raises(Refused) as refused:
        assemble_package(
            officer=people["examiner"],
            now=node.now(),
            request_id=request_id,
            exhibit_ids=[exhibit],
            complete=True,
        )
    assert "EX-1" in refused.value.reasons[0]


def test_evidence_is_worked_on_only_while_the_request_is_carried_out(
    node, people, request_id, tmp_path
):
    exhibit = register(node, people, request_id)
    folder = image(node, request_id, tmp_path)
    examiner, central = {"officer": people["examiner"]}, {"officer": people["central"]}
    assistance.offer_condition(
        **central,
        now=node.now(),
        request_id=request_id,
        conditions=[{"kind": "confidentiality", "text": "Keep it secret."}],
        reply_by=node.now() + timedelta(days=3),
    )
    both = replace(people["examiner"], roles=frozenset({"examiner", "central"}))
    for act in (
        lambda: register(node, {**people, "examiner": both}, request_id, number="EX-2"),
        lambda: evidence.lodge_acquisition(
            officer=both, now=node.now(), exhibit_id=exhibit, folder=folder
        ),
        lambda: assemble_package(
            officer=both,
            now=node.now(),
            request_id=request_id,
            exhibit_ids=[exhibit],
            complete=True,
        ),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "evidence.not_now"
    assert not ExhibitRow.objects.filter(number="EX-2").exists()
    node.advance(days=4)
    assistance.proceed_without_reply(**central, now=node.now(), request_id=request_id)
    evidence.lodge_acquisition(**examiner, now=node.now(), exhibit_id=exhibit, folder=folder)


def test_nothing_is_recorded_of_an_exhibit_that_is_packed(node, people, request_id, tmp_path):
    examiner = {"officer": people["examiner"]}
    exhibit = register(node, people, request_id)
    folder = image(node, request_id, tmp_path)
    evidence.lodge_acquisition(**examiner, now=node.now(), exhibit_id=exhibit, folder=folder)
    assemble_package(
        **examiner, now=node.now(), request_id=request_id, exhibit_ids=[exhibit], complete=True
    )
    with pytest.raises(Refused) as refused:
        evidence.record_custody_event(
            **examiner,
            now=node.now(),
            exhibit_id=exhibit,
            event="destroyed",
            at=node.now(),
            place="Laboratory",
            purpose="no longer needed",
        )
    assert refused.value.code == "custody.packed"
    assert packages.state_transfers(node.now()) == 1
