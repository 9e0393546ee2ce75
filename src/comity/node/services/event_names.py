# SPDX-License-Identifier: Apache-2.0
"""Every event type that a leaf of this node's ledger may carry: a closed list.

Those of requests and of custody come from the core; the node adds what happens
to itself. A name that is retired stays, so that old entries can be read.
"""

from __future__ import annotations

from typing import Final

from comity.assistance.events import EVENT_NAMES
from comity.evidence.custody import leaf_event_type
from comity.evidence.model import CustodyEvent

#: What happens to the node, its officers, its register and its packages.
NODE_EVENTS: Final = frozenset(
    {
        "node.created",
        "keys.renewed",
        "officer.added",
        "officer.roles_changed",
        "officer.password_set",
        "officer.disabled",
        "directory.pinned",
        "law.pack_adopted",
        "peer.added",
        "peer.renewed",
        "peer.quarantined",
        "peer.released",
        "request.assigned",
        "statement.signed_anew",
        "statement.given_up",
        "proof.received",
        "exhibit.registered",
        "package.ordered",
        "package.sealed",
        "package.announced_again",
        "package.exported",
        "package.accepted",
    }
)
CUSTODY_EVENTS: Final = frozenset(leaf_event_type(event) for event in CustodyEvent)
ALL_EVENTS: Final = EVENT_NAMES | CUSTODY_EVENTS | NODE_EVENTS
