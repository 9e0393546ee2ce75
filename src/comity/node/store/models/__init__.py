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
    ConditionRow,
    ConsultationRow,
    CounterRow,
    DeliveryRow,
    HoldRow,
    OfferRow,
    QuestionRow,
    RequestRow,
    TimelineRow,
)

__all__ = [
    "AcquisitionRow",
    "ApprovalRow",
    "AssessmentRow",
    "AssignmentRow",
    "AuditRow",
    "ConditionRow",
    "ConsultationRow",
    "CounterRow",
    "CustodyRow",
    "DeliveryRow",
    "DirectoryRow",
    "ExhibitFileRow",
    "ExhibitRow",
    "HoldRow",
    "HubRow",
    "KeyStatementRow",
    "OfferRow",
    "OfficerRoleRow",
    "OfficerRow",
    "PackageExhibitRow",
    "PackageRow",
    "PeerRow",
    "QuestionRow",
    "RequestRow",
    "StepHealthRow",
    "TimelineRow",
]
