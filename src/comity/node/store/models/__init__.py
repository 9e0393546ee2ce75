# SPDX-License-Identifier: Apache-2.0
"""Rows: fields, constraints and `__str__`; no rules, no overridden `save`, no signals."""

from comity.node.store.models.audit import AuditRow
from comity.node.store.models.evidence import (
    AcquisitionRow,
    CustodyRow,
    ExhibitFileRow,
    ExhibitRow,
    PackageExhibitRow,
    PackageRow,
)
from comity.node.store.models.officer import OfficerRoleRow, OfficerRow
from comity.node.store.models.register import (
    DirectoryRow,
    HubRow,
    KeyStatementRow,
    PeerRow,
    StepHealthRow,
)
from comity.node.store.models.request import (
    ApprovalRow,
    AssessmentRow,
    AssignmentRow,
    ClockFactRow,
    ConditionRow,
    CounterRow,
    FieldValueRow,
    RequestRow,
    TimelineRow,
)

__all__ = [
    "AcquisitionRow",
    "ApprovalRow",
    "AssessmentRow",
    "AssignmentRow",
    "AuditRow",
    "ClockFactRow",
    "ConditionRow",
    "CounterRow",
    "CustodyRow",
    "DirectoryRow",
    "ExhibitFileRow",
    "ExhibitRow",
    "FieldValueRow",
    "HubRow",
    "KeyStatementRow",
    "OfficerRoleRow",
    "OfficerRow",
    "PackageExhibitRow",
    "PackageRow",
    "PeerRow",
    "RequestRow",
    "StepHealthRow",
    "TimelineRow",
]
