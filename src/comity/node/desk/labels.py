# SPDX-License-Identifier: Apache-2.0
"""The desk's own words for statuses, and how their tags look.

The word carries the meaning; the look only repeats it.
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _in

#: table -> status -> (word, class of the tag)
STATUSES: Final = {
    "section": {
        "not_started": (_("Not started"), "quiet"),
        "in_progress": (_("In progress"), ""),
        "information_missing": (_("Information missing"), "bad"),
        "cannot_start": (_("Cannot start yet"), "quiet"),
        "done": (_("Done"), "good"),
    },
    "turn": {
        "ours": (_("Our turn"), "turn-ours"),
        "theirs": (_("Waiting on the other side"), "quiet"),
        "nobody": (_("Nobody’s turn"), "quiet"),
    },
    "direction": {
        "outgoing": (_("Outgoing"), "quiet"),
        "incoming": (_("Incoming"), "quiet"),
    },
    "clock": {
        "running": (_("Running"), ""),
        "met": (_("Met"), "good"),
        "continues": (_("Continues"), "good"),
        "overdue": (_("Overdue"), "bad"),
        "ended": (_("Ended"), "quiet"),
        "not_started": (_("Not started"), "quiet"),
    },
    "condition": {
        "offered": (_("Offered, not answered"), "turn-ours"),
        "accepted": (_("Accepted"), "good"),
        "declined": (_("Declined"), "bad"),
    },
    "exhibit": {
        "registered": (_("Registered"), "quiet"),
        "acquired": (_("Acquired"), ""),
        "packed": (_("Packed"), ""),
        "sent": (_("Sent"), "good"),
        "received": (_("Received"), "good"),
    },
    "basis": {
        "usable": (_("Usable"), "good"),
        "not_usable": (_("Not usable"), "bad"),
        "undetermined": (_("Undetermined"), ""),
    },
    "in_force": {
        "yes": (_("In force"), "good"),
        "no": (_("Not in force"), "bad"),
        "unknown": (_("Cannot be said"), ""),
    },
    "bound": {
        "yes": (_("Bound"), "good"),
        "no": (_("Not bound"), "quiet"),
        "unknown": (_("Cannot be said"), ""),
    },
    "declared": {
        "stands": (_("Stands"), ""),
        "withdrawn": (_("Withdrawn"), "quiet"),
        "later": (_("Not yet made on this day"), "quiet"),
        "undated": (_("Date not recorded"), ""),
    },
    "reach": {
        "usable": (_("Can be asked"), "good"),
        "undetermined": (_("Undetermined"), ""),
        "none": (_("No basis"), "quiet"),
    },
    "region": {
        "africa": (_("Africa"), ""),
        "americas": (_("Americas"), ""),
        "asia": (_("Asia"), ""),
        "europe": (_("Europe"), ""),
        "pacific": (_("Pacific"), ""),
        "elsewhere": (_("Without a mark on the map"), ""),
    },
    "instrument_kind": {
        "global": (_("Open to every state"), ""),
        "regional": (_("Of a region"), ""),
        "regional_open": (_("Of a region, open to others"), ""),
        "bilateral": (_("Between two states"), ""),
        "bilateral_eu": (_("Between the European Union and a state"), ""),
        "eu_act": (_("Act of the European Union"), ""),
        "scheme": (_("Scheme without binding force"), ""),
    },
    "list_model": {
        "listed": (_("Parties are listed by name."), ""),
        "pair": (_("It binds the parties that are named."), ""),
        "universal_except": (
            _("All members of the United Nations are parties, with the exceptions listed."),
            "",
        ),
        "not_established": (_("Its parties are not established."), ""),
    },
    "state_kind": {
        "member": (_("Member of the United Nations"), ""),
        "observer": (_("Observer at the United Nations"), ""),
        "other": (_("Other"), ""),
        "territory": (_("Territory"), ""),
        "organisation": (_("Organisation"), ""),
    },
    "declaration_type": {
        "declaration": (_("Declaration"), ""),
        "reservation": (_("Reservation"), ""),
    },
    "effect": {
        "information": (_("For information"), ""),
        "requires_elements": (_("Asks for further elements of the offence"), ""),
        "limits_offence": (_("Limits the offence"), ""),
        "excludes_articles": (_("Excludes articles"), ""),
        "may_refuse_dual_criminality": (_("May refuse without dual criminality"), ""),
        "limits_measure": (_("Limits the measure"), ""),
        "closes_channel": (_("Closes a channel"), ""),
        "conditions_channel": (_("Sets a condition on a channel"), ""),
    },
    "requirement": {
        "instrument": (_("asked for by the instrument"), ""),
        "practice": (_("by practice"), ""),
        "state": (_("asked for by the requested state"), ""),
    },
    "threshold": {
        "met": (_("Reached"), "good"),
        "not_met": (_("Not reached"), "bad"),
        "not_stated": (_("Not stated"), ""),
    },
    "match": {
        "met": (_("Punishable there"), "good"),
        "not_met": (_("An element is missing"), "bad"),
        "undetermined": (_("Cannot be said yet"), ""),
    },
    "step": {
        "ok": (_("Holds"), "good"),
        "failed": (_("Failed"), "bad"),
        "not_checked": (_("Not checked"), "quiet"),
    },
    "entry": {
        "sequenced": (_("In sequence"), "quiet"),
        "integrated": (_("In the tree"), ""),
        "final": (_("Final"), "good"),
    },
    "peer": {
        "known": (_("Known"), "good"),
        "quarantined": (_("Quarantined"), "bad"),
        "expired": (_("Key statement expired"), "bad"),
    },
    "health": {
        "ok": (_("In order"), "good"),
        "warning": (_("Warning"), ""),
        "problem": (_("Problem"), "bad"),
    },
    "checklist": {
        "present": (_in("checklist", "Given"), "good"),
        "missing": (_in("checklist", "Missing"), "bad"),
    },
    "relation": {
        "preservation_of": (_("Continues this preservation"), ""),
        "continued_by": (_("Is continued by this request"), ""),
    },
    "confidence": {
        "verified": (_("Verified"), "good"),
        "likely": (_("Likely"), ""),
        "unverified": (_("Unverified"), "bad"),
    },
    "weight": {
        "for": (_("Speaks for it"), "good"),
        "against": (_("Speaks against it"), "bad"),
        "open": (_("Open"), ""),
        "note": (_("Note"), "quiet"),
        "condition": (_("On a condition"), ""),
    },
    "applies": {
        "yes": (_("Applies"), ""),
        "no": (_("Does not apply"), "quiet"),
        "undetermined": (_("Undetermined"), ""),
    },
    "channel": {
        "yes": (_("Open"), "good"),
        "no": (_("Not open"), "bad"),
        "urgent_only": (_("Only when urgent"), ""),
        "undetermined": (_("Undetermined"), ""),
    },
    "dual": {
        "not_required": (_("Not required"), "good"),
        "not_applicable": (_("Not applicable"), "quiet"),
        "met": (_("Met by the conduct"), "good"),
        "may_be_refused": (_("Not met: assistance may be refused"), "bad"),
        "must_be_refused": (_("Not met: assistance must be refused"), "bad"),
        "undetermined": (_("Undetermined"), ""),
    },
    "role": {
        "drafter": (_("Drafter"), ""),
        "approver": (_("Approver"), ""),
        "central": (_("Central authority officer"), ""),
        "examiner": (_("Forensic examiner"), ""),
        "supervisor": (_("Supervisor"), ""),
        "operator": (_("Operator"), ""),
    },
    "authority_role": {
        "central": (_("Central authority"), ""),
        "contact_24_7": (_("Contact point around the clock"), ""),
        "competent": (_("Competent authority"), ""),
        "forensic": (_("Forensic unit"), ""),
        "witness": (_("Witness"), ""),
        "hub": (_("Directory hub"), ""),
    },
    "identifier": {
        "ip": (_("IP address"), ""),
        "account": (_("Account"), ""),
        "email": (_("E-mail"), ""),
        "url": (_("Web address"), ""),
        "phone": (_("Telephone"), ""),
        "other": (_("Other"), ""),
    },
    "urgency": {
        "ordinary": (_("Ordinary"), "quiet"),
        "expedited": (_("Expedited"), ""),
        "urgent": (_("Urgent"), "turn-ours"),
    },
}


def label(table: str, status: str) -> str:
    """Return the word for `status`; the status itself where the desk has no word for it."""
    known = STATUSES[table].get(status)
    return str(known[0]) if known else status


def look(table: str, status: str) -> str:
    """Return the class of the tag of `status`."""
    known = STATUSES[table].get(status)
    return known[1] if known else ""
