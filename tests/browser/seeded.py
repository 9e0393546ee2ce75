# SPDX-License-Identifier: Apache-2.0
"""Two requests with awkward texts, and the addresses of every page about them."""

from __future__ import annotations

from dataclasses import dataclass

from demo.case import PRESERVATION_FIELDS
from demo.console import Console

ARABIC_FACTS = (
    "طلب المشتبه به التحويل في الفترة من 2026-03-01 إلى 2026-03-31، وهاتفه +971-4-555-0199،"
    " والقضية 12-345/2026، والعناوين 203.0.113.1-203.0.113.9، وفق المادة 27(4). "
)
LONGEST = 20_000


@dataclass(frozen=True)
class Case:
    """A draft with awkward texts, and a request that waits for approval."""

    draft: str
    waiting: str


def seed(console: Console) -> Case:
    """Make the two requests with the services that the desk uses."""
    common = {
        "kind": "preservation", "requested": "xm.moj", "measure": "expedited_preservation",
        "offences": ["computer_fraud"], "urgency": "expedited",
    }  # fmt: skip
    call = console.call
    draft = call(
        "amara", "assistance.create_request",
        title="طلب حفظ البريد " + "Donaudampfschifffahrtsgesellschaft" * 4, **common,
    )  # fmt: skip
    fields = {**PRESERVATION_FIELDS, "facts_summary": (ARABIC_FACTS * 200)[:LONGEST].strip()}
    call("amara", "assistance.save_fields", request_id=draft["id"], fields=fields, version=1)
    waiting = call("amara", "assistance.create_request", title="Keep the mailbox", **common)
    call("amara", "assistance.save_fields", request_id=waiting["id"], fields=fields, version=1)
    call("amara", "assistance.submit_request", request_id=waiting["id"])
    return Case(draft["id"], waiting["id"])


def pages(case: Case) -> dict[str, str]:
    """Return every page that an officer of the requesting side can open, by name."""
    draft, waiting = f"/requests/{case.draft}/", f"/requests/{case.waiting}/"
    return {
        "queue": "/queue/?view=mine",
        "queue-due": "/queue/?view=due",
        "queue-finished": "/queue/?view=finished",
        "queue-all": "/queue/?view=all",
        "queue-found": "/queue/?q=mailbox",
        "queue-not-found": "/queue/?q=<b>+203.0.113.254",
        "new": "/requests/new/",
        "draft": f"{draft}draft/",
        "draft-about": f"{draft}draft/about/",
        "draft-case": f"{draft}draft/case/",
        "draft-data": f"{draft}draft/data/",
        "draft-next": f"{draft}draft/next/",
        "request-draft": draft,
        "law": f"{draft}law/",
        "letter": f"{draft}letter/",
        "submit": f"{draft}do/submit/",
        "discard": f"{draft}do/discard/",
        "request-waiting": waiting,
        "approve": f"{waiting}do/approve/",
        "send": f"{waiting}do/send/",
        "return": f"{waiting}do/return_to_draft/",
        "law-ask": "/law/ask/",
        "law-answer": "/law/ask/?from=NO&to=DE&measure=stored_computer_data&offence=illegal_access",
        "law-wrong": "/law/ask/?from=NO&to=QQ&measure=stored_computer_data&on=yesterday",
        "law-compare": "/law/compare/?first=XV&second=XM&offence=illegal_access",
        "law-table": "/law/map/?region=europe",
        "law-map": "/law/map/?view=map&region=africa",
        "law-map-world": "/law/map/?view=map&status=usable",
        "law-instruments": "/law/instruments/?q=cybercrime",
        "law-instrument": "/law/instruments/coe_189/",
        "law-states": "/law/states/?q=no",
        "law-state": "/law/states/NO/",
        "ledger": "/ledger/",
        "directory": "/directory/",
        "account": "/you/",
        "keys": "/account/2fa/",
        "sessions": "/account/sessions/",
        "password": "/account/password/change/",
        "reauthenticate": "/account/reauthenticate/",
        "help": "/help/",
        "help-page": "/help/answering/",
        "kit": "/_kit/",
        "forbidden": "/officers/",
        "absent": "/nowhere/",
    }
