# SPDX-License-Identifier: Apache-2.0
"""What the database itself guarantees, whatever code writes to it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from comity.canonical.ids import new_object_id
from comity.node.database import REQUIRED_PRAGMAS, pragma_problems
from comity.node.services import assistance
from comity.node.services._record import NothingRecordedError, recording
from comity.node.store.migrations import __name__ as migrations_name
from comity.node.store.models import (
    ApprovalRow,
    AssessmentRow,
    AuditRow,
    CounterRow,
    CustodyRow,
    DirectoryRow,
    KeyStatementRow,
    LedgerEntryRow,
    OfficerRoleRow,
    RequestRow,
)

only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="about SQLite; this run is on another database"
)


@pytest.fixture
def request_row(node, officer):
    request = assistance.create_request(
        officer=officer("amara", "drafter"),
        now=node.now(),
        kind="preservation",
        requested="xm.moj",
        measure="expedited_preservation",
        offences=["computer_fraud"],
        title="A mailbox",
    )
    return RequestRow.objects.get(pk=request.id)


@only_sqlite
@pytest.mark.parametrize(("name", "wanted"), [(name, value) for name, value, _ in REQUIRED_PRAGMAS])
def test_sqlite_is_as_durable_as_evidence_needs(db, name, wanted):
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {name}").fetchone()[0] == wanted
    assert pragma_problems(connection) == []
    assert connection.transaction_mode == "IMMEDIATE"


@only_sqlite
def test_a_pragma_that_did_not_take_is_a_problem(db):
    other = connection.copy()
    options = {**other.settings_dict["OPTIONS"], "init_command": "PRAGMA synchronous=NORMAL"}
    other.settings_dict = {**other.settings_dict, "OPTIONS": options}
    try:
        assert "synchronous" in pragma_problems(other)[0]
    finally:
        other.close()


@pytest.mark.parametrize(
    "model", [AuditRow, AssessmentRow, DirectoryRow, KeyStatementRow, LedgerEntryRow]
)
@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_record_is_append_only(request_row, model, act):
    table = model._meta.db_table
    rows = model.objects.count()
    assert rows, f"{table} holds nothing to protect"
    column = model._meta.get_fields()[-1].column
    statement = {
        "update": f"UPDATE {table} SET {column} = {column}",
        "delete": f"DELETE FROM {table}",
    }[act]
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert model.objects.count() == rows


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
def test_the_record_cannot_be_truncated(request_row):
    with (  # noqa: PT012 - both statements within one cursor
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing pending that would refuse first
        cursor.execute(f"TRUNCATE {AuditRow._meta.db_table} CASCADE")


def test_every_protected_table_exists(db):
    from importlib import import_module

    from comity.node.store.models.ledger import APPEND_ONLY

    protect = import_module(f"{migrations_name}.0002_protect_the_record")
    assert set(protect._TABLES) <= set(connection.introspection.table_names())
    assert set(APPEND_ONLY) <= set(protect._TABLES)
    assert CustodyRow._meta.db_table in protect._TABLES


def test_a_second_approval_by_one_officer_breaks_a_constraint(request_row, node, officer):
    bram = officer("bram", "approver")
    values = {
        "request": request_row,
        "officer_id": bram.id,
        "digest": request_row.content_sha256,
        "at": node.now(),
    }
    ApprovalRow.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalRow.objects.create(**{**values, "at": node.now() + timedelta(hours=1)})


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "in_execution"},
        {"state": "nowhere"},
        {"kind": "extradition"},
        {"requested": "xv.moj"},
        {"direction": "sideways"},
    ],
)
def test_an_impossible_request_cannot_be_stored(request_row, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestRow.objects.filter(pk=request_row.pk).update(**changes)


def test_an_unknown_role_cannot_be_stored(node, officer):
    who = officer("amara", "drafter")
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficerRoleRow.objects.create(officer_id=who.id, role="king")


def test_a_service_that_records_nothing_changes_nothing(node):
    with pytest.raises(NothingRecordedError), recording(officer=None, now=node.now()):
        CounterRow.objects.create(name="made in vain", value=1)
    assert not CounterRow.objects.filter(name="made in vain").exists()


def test_a_service_that_fails_after_recording_leaves_no_event(node):
    before = (AuditRow.objects.count(), LedgerEntryRow.objects.count())

    def failing_service() -> None:
        with recording(officer=None, now=node.now()) as record:
            record(event="node.created", subject=("node", "xv.moj"), private={"serial": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_service()
    assert (AuditRow.objects.count(), LedgerEntryRow.objects.count()) == before


def test_an_event_of_no_list_is_refused(node):
    from comity.errors import Invalid

    with pytest.raises(Invalid), recording(officer=None, now=node.now()) as record:
        record(event="request.dreamt", subject=("node", "xv.moj"), private={})


def test_audit_and_ledger_stand_in_one_order(request_row):
    rows = AuditRow.objects.order_by("leaf_index")
    assert [row.leaf_index for row in rows] == list(range(len(rows)))
    for row in rows:
        assert LedgerEntryRow.objects.get(index=row.leaf_index).leaf_sha256 == row.leaf_sha256


def test_what_is_stored_is_read_back_unchanged(request_row):
    from comity.node.store import mapping

    facts = mapping.facts_of(request_row)
    row = RequestRow(
        id=UUID(new_object_id()), reference="XV-2026-0000099", created=request_row.created
    )
    mapping.save_facts(row, facts, now=request_row.created)
    assert mapping.facts_of(RequestRow.objects.get(pk=row.pk)) == facts
    assert settings.CONFIG.state == "XV"
