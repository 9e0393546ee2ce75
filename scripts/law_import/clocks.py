# SPDX-License-Identifier: Apache-2.0
"""What each time limit of the research files starts from, how it counts and what follows.

Keyed by the words of the research files; a limit without an entry stops the import.
"""

from __future__ import annotations

from typing import Any

#: what -> (id, kind, starts, consequence)
CLOCKS: dict[str, tuple[str, str, str, str]] = {
    "minimum preservation once executed": (
        "minimum_preservation",
        "minimum",
        "preservation_executed",
        "The data must stay preserved at least this long, so that a request for search, seizure "
        "or disclosure can be made.",
    ),
    "minimum preservation": (
        "minimum_preservation",
        "minimum",
        "preservation_executed",
        "The data must stay preserved at least this long, so that a follow-up request can be made.",
    ),
    "preservation": (
        "minimum_preservation",
        "minimum",
        "preservation_executed",
        "The data stay preserved this long; ask for an extension before it ends.",
    ),
    "preserve": (
        "preserve",
        "maximum",
        "order_received",
        "Preservation ends unless it is extended or a production request is confirmed.",
    ),
    "domestic order, maximum before renewal": (
        "domestic_order",
        "maximum",
        "domestic_order_made",
        "The domestic order must be renewed before it ends.",
    ),
    "domestic order": (
        "domestic_order",
        "maximum",
        "domestic_order_made",
        "The domestic order must be renewed before it ends.",
    ),
    "after the follow-up request arrives": (
        "until_decision",
        "none",
        "follow_up_request_received",
        "Preservation continues until that request has been decided.",
    ),
    "after the follow-up request": (
        "until_decision",
        "none",
        "follow_up_request_received",
        "Preservation continues until that request has been decided.",
    ),
    "if production follows": (
        "until_production",
        "none",
        "production_request_confirmed",
        "Preservation continues as long as the production needs it.",
    ),
    "": ("expedited", "none", "request_received", "No figure: the act says how quickly in words."),
    "response": (
        "respond",
        "none",
        "request_received",
        "No figure: the answer is expedited where the data are at risk.",
    ),
    "inform of outcome": (
        "inform_of_outcome",
        "none",
        "outcome_known",
        "The requested side tells the outcome, with reasons where it refuses or postpones.",
    ),
    "outcome": ("inform_of_outcome", "none", "request_received", "No figure."),
    "execution": ("execute", "none", "request_received", "No figure; say which date you need."),
    "transmission": (
        "transmit",
        "none",
        "request_made",
        "Expedited means may be used, with formal confirmation.",
    ),
    "availability": (
        "availability",
        "none",
        "request_received",
        "The contact point answers at all hours.",
    ),
    "consultation if the entity does not cooperate": (
        "consult",
        "none",
        "entity_does_not_cooperate",
        "The state of the entity may be consulted.",
    ),
    "fall back to art 8 or other assistance if the provider refuses or stays silent": (
        "provider_answers",
        "maximum",
        "order_received",
        "After it the order can be enforced only through the other state.",
    ),
    "serve the provider after receipt of complete documents": (
        "serve_provider",
        "maximum",
        "complete_documents_received",
        "The requested state must have served the provider.",
    ),
    "provider returns subscriber information": (
        "return_subscriber_information",
        "maximum",
        "provider_served",
        "The provider must have answered.",
    ),
    "provider returns traffic data": (
        "return_traffic_data",
        "maximum",
        "provider_served",
        "The provider must have answered.",
    ),
    "lead time for summons to an accused, if declared": (
        "summons_lead_time",
        "minimum",
        "request_received",
        "Send the summons this long before the date of appearance, where the state so declared.",
    ),
    "urgent observation without prior consent": (
        "urgent_observation",
        "maximum",
        "border_crossed",
        "Observation stops if consent has not come.",
    ),
    "sentence threshold": (
        "sentence_threshold",
        "none",
        "request_made",
        "A threshold of penalty, not a period.",
    ),
    "may end if no request": (
        "arrest_may_end",
        "maximum",
        "provisional_arrest_made",
        "The arrest may be ended if the request has not arrived.",
    ),
    "must end": (
        "arrest_must_end",
        "maximum",
        "provisional_arrest_made",
        "The arrest must be ended.",
    ),
    "procedural deadlines set by the requesting state": (
        "requesting_state_deadline",
        "none",
        "request_received",
        "Deadlines named in the request are kept as far as possible.",
    ),
    "decision when no technical help is needed, after notification": (
        "object_to_interception",
        "maximum",
        "notification_received",
        "Without an answer the rule of the article applies.",
    ),
    "objection after notification": (
        "object_to_interception",
        "maximum",
        "notification_received",
        "The notified state must have objected.",
    ),
    "acknowledge receipt (Annex B)": (
        "acknowledge",
        "maximum",
        "request_received",
        "The receipt form must have been sent.",
    ),
    "decide on recognition": (
        "decide",
        "maximum",
        "request_received",
        "The decision must have been taken or the delay explained.",
    ),
    "carry out after decision": (
        "carry_out",
        "maximum",
        "decision_taken",
        "The measure must have been carried out or the delay explained.",
    ),
    "decide and communicate": (
        "decide",
        "maximum",
        "request_received",
        "The decision on the provisional measure must have been sent.",
    ),
    "produce (standard)": (
        "produce",
        "maximum",
        "order_received",
        "The provider must have produced the data.",
    ),
    "produce (emergency)": (
        "produce_emergency",
        "maximum",
        "order_received",
        "In an emergency case the provider must have produced the data.",
    ),
    "produce": (
        "produce",
        "maximum",
        "order_received",
        "The provider must have produced the data.",
    ),
    "enforcing authority objects (only where notified)": (
        "enforcing_authority_objects",
        "maximum",
        "notification_received",
        "The enforcing authority must have raised its ground for refusal.",
    ),
    "extension": ("extension", "none", "extension_asked", "One extension of this length."),
    "ex post validation where issued without it": (
        "validate_afterwards",
        "maximum",
        "order_issued",
        "Without validation the order must be withdrawn.",
    ),
    "decide (urgent)": (
        "decide",
        "maximum",
        "request_received",
        "The decision on freezing must have been taken.",
    ),
    "execute after decision (urgent)": (
        "carry_out",
        "maximum",
        "decision_taken",
        "The property must have been frozen.",
    ),
    "decide": ("decide", "maximum", "request_received", "The decision must have been taken."),
    "execute": ("carry_out", "maximum", "decision_taken", "The order must have been executed."),
    "carry out": (
        "carry_out",
        "maximum",
        "decision_taken",
        "The measure must have been carried out.",
    ),
    "decision": ("decide", "maximum", "person_arrested", "The decision must have been taken."),
    "consent case decision": (
        "decide_with_consent",
        "maximum",
        "consent_given",
        "The decision must have been taken.",
    ),
    "other cases decision": (
        "decide_without_consent",
        "maximum",
        "person_arrested",
        "The decision must have been taken.",
    ),
    "surrender after decision": (
        "surrender",
        "maximum",
        "decision_final",
        "The person must have been surrendered.",
    ),
    "interception orders": (
        "interception_duration",
        "none",
        "order_issued",
        "A fixed and limited duration, no longer than necessary.",
    ),
    "provisional arrest": (
        "arrest_may_end",
        "maximum",
        "provisional_arrest_made",
        "The arrest may be ended if the request has not arrived.",
    ),
    "arrest before request": (
        "arrest_may_end",
        "maximum",
        "provisional_arrest_made",
        "The arrest may be ended if the request has not arrived.",
    ),
    "reply": ("reply", "maximum", "request_received", "The answer must have been sent."),
    "reply to form defects": ("reply_to_defects", "none", "defect_notified", "No figure."),
}

#: Clocks that stop running out while another request is pending: clock id -> (event, text).
PAUSES = {
    "minimum_preservation": (
        "follow_up_request_received",
        "Once the request for search, seizure or disclosure has been received, the data stay "
        "preserved until it is decided.",
    ),
}


def clock(limit: dict[str, Any], *, where: str) -> dict[str, Any]:
    """Return the TOML record of one time limit."""
    what = limit.get("what") or ""
    if what not in CLOCKS:
        raise SystemExit(f"{where}: the time limit {what!r} has no entry in clocks.py")
    name, kind, starts, consequence = CLOCKS[what]
    period = limit.get("iso8601")
    if kind != "none" and not period:
        kind = "none"
    record: dict[str, Any] = {
        "id": name,
        "label": what or "expeditious handling",
        "value": limit["value"],
        "period": period,
        "kind": kind,
        "starts": starts,
        "calendar": "hours" if period and "T" in period else "running_days",
        "article": limit.get("article"),
        "consequence": consequence,
    }
    if name in PAUSES and kind == "minimum":
        record["continues_on"], record["continues_text"] = PAUSES[name]
    return record
