# SPDX-License-Identifier: Apache-2.0
"""Rows: fields, constraints and `__str__`; no rules, no overridden `save`, no signals."""

from comity.node.store.models.audit import AuditRow
from comity.node.store.models.delivery import (
    DispatchRow,
    LineRow,
    NonceRow,
    ParcelInRow,
    ParcelOutRow,
    PartInRow,
    ReceiptRow,
    StatementInRow,
)
from comity.node.store.models.evidence import (
    AcquisitionRow,
    CustodyRow,
    ExhibitFileRow,
    ExhibitRow,
    PackageExhibitRow,
    PackageRow,
    PeerProofRow,
)
from comity.node.store.models.ledger import (
    LedgerCheckpointRow,
    LedgerEntryRow,
    LedgerItemRow,
    LedgerOpeningRow,
    LedgerPolicyRow,
    LedgerStateRow,
    LedgerTileRow,
    LedgerWitnessRow,
    WitnessedLogRow,
    WitnessEvidenceRow,
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
    CounterRow,
    RequestRow,
    TimelineRow,
)

__all__ = [
    "AcquisitionRow",
    "ApprovalRow",
    "AssessmentRow",
    "AssignmentRow",
    "AuditRow",
    "CounterRow",
    "CustodyRow",
    "DirectoryRow",
    "DispatchRow",
    "ExhibitFileRow",
    "ExhibitRow",
    "HubRow",
    "KeyStatementRow",
    "LedgerCheckpointRow",
    "LedgerEntryRow",
    "LedgerItemRow",
    "LedgerOpeningRow",
    "LedgerPolicyRow",
    "LedgerStateRow",
    "LedgerTileRow",
    "LedgerWitnessRow",
    "LineRow",
    "NonceRow",
    "OfficerRoleRow",
    "OfficerRow",
    "PackageExhibitRow",
    "PackageRow",
    "ParcelInRow",
    "ParcelOutRow",
    "PartInRow",
    "PeerProofRow",
    "PeerRow",
    "ReceiptRow",
    "RequestRow",
    "StatementInRow",
    "StepHealthRow",
    "TimelineRow",
    "WitnessEvidenceRow",
    "WitnessedLogRow",
]
