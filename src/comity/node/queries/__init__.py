# SPDX-License-Identifier: Apache-2.0
"""Reads: every function takes the officer and returns only what that officer may see."""

from comity.node.queries.drafting import assessment, intake, new_request_page
from comity.node.queries.health import health_page
from comity.node.queries.node import ledger_page, ledger_proof, officers, peers
from comity.node.queries.queue import queue
from comity.node.queries.request import request_page
from comity.node.queries.views import NewRequestPage

__all__ = [
    "NewRequestPage",
    "assessment",
    "health_page",
    "intake",
    "ledger_page",
    "ledger_proof",
    "new_request_page",
    "officers",
    "peers",
    "queue",
    "request_page",
]
