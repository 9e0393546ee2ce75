# SPDX-License-Identifier: Apache-2.0
"""Every step of the worker, in one literal table.

Five lanes: what has come in, the ledger, what goes out, packages that go out,
and evidence, which may take hours. A step that has no lane does not run; a test
compares this table with the modules.
"""

from __future__ import annotations

from typing import Final

from comity.node.worker import arrivals, deadlines, delivery, ledger, packages, proofs
from comity.node.worker.loop import Step

#: Shortest pause between two runs of a housekeeping step that found nothing.
HOUSEKEEPING_SECONDS: Final = 30.0

STEPS: Final = (
    Step("open statements", "in", delivery.open_statements),
    Step("apply statements", "in", delivery.apply_statements),
    Step(
        "note lapsed preservations", "in", deadlines.lapse_preservations, pause=HOUSEKEEPING_SECONDS
    ),
    Step("integrate the ledger", "ledger", ledger.integrate),
    Step("publish a checkpoint", "ledger", ledger.publish),
    Step("ask the witnesses", "ledger", ledger.cosign),
    Step("seal statements", "out", delivery.seal_statements),
    Step("send statements", "out", delivery.send_statements),
    Step("send receipts", "out", delivery.send_receipts),
    Step("ask peers what waits there", "out", delivery.ask_peers),
    Step("mend damaged parcels", "out", delivery.mend_parcels, pause=HOUSEKEEPING_SECONDS),
    Step("give up what has expired", "out", delivery.expire, pause=HOUSEKEEPING_SECONDS),
    Step("remove what nobody needs", "out", delivery.tidy, pause=HOUSEKEEPING_SECONDS),
    Step("send packages", "bulk", delivery.send_packages),
    Step("ask for proofs", "out", proofs.fetch_proofs),
    Step("state transfers", "evidence", packages.state_transfers),
    Step("build packages", "evidence", packages.build_packages),
    Step("cut packages into parts", "evidence", packages.cut_packages),
    Step("open packages", "evidence", arrivals.open_packages),
    Step("accept packages", "evidence", arrivals.accept_packages),
)
