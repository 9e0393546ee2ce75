# SPDX-License-Identifier: Apache-2.0
"""Rows: fields, constraints and `__str__`; no rules, no overridden `save`, no signals."""

from comity.node.store.models.officer import OfficerRoleRow, OfficerRow

__all__ = ["OfficerRoleRow", "OfficerRow"]
