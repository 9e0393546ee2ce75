# SPDX-License-Identifier: Apache-2.0
"""The case that the demonstration plays: who asks for what, word for word.

Persons, states and companies are invented; addresses are from the ranges kept
for documentation (RFC 5737, RFC 2606).
"""

from __future__ import annotations

from typing import Final

OFFENCES: Final = ["illegal_access", "computer_fraud"]
PRESERVATION_TITLE: Final = "Freight invoices: keep the mail server's disk"
ASSISTANCE_TITLE: Final = "Freight invoices: image of the mail server's disk"

_CENTRAL: Final = "Ministry of Justice of Valdoria, central authority for mutual assistance"
_FACTS: Final = """\
Between 14 February and 3 March 2026 somebody logged in to the mail server of Valdoria Shipping \
without right, read the correspondence with its customers and sent them forged invoices with new \
bank details. Eleven customers paid 412,300 crowns in all. The server's own log shows the log-ins \
from 203.0.113.44; that address belongs to a server rented from Meridia Hosting in Meridia, and \
the rental was paid from the account that received the money."""

PRESERVATION_FIELDS: Final = {
    "requesting_authority": _CENTRAL,
    "contact": "Duty officer, +3225550147, English and French, at all hours (UTC+1)",
    "language": "English",
    "offence": "Illegal access and computer-related fraud",
    "facts_summary": _FACTS,
    "data_description": "The disk of the rented server 203.0.113.44 as it stands now, "
    "with the provider's log-in and traffic records for 14 February to 3 March 2026.",
    "data_link_offence": "The forged invoices were sent from this server, and the log-ins to the "
    "victim's mail server came from it.",
    "identifiers": [
        {
            "kind": "ip",
            "value": "203.0.113.44",
            "port": 443,
            "from": "2026-02-14T00:00:00Z",
            "until": "2026-03-03T23:59:59Z",
        },
        {
            "kind": "email",
            "value": "accounts@valdoria-shipping.example",
            "port": None,
            "from": None,
            "until": None,
        },
    ],
    "custodian_location": "Meridia Hosting, Harbour Road 12, Meridia City",
    "necessity": "The rental ends in nine days. The provider erases disks when a rental ends.",
    "urgency_reason": "The rental ends in nine days.",
    "intent_mla": True,
    "confidentiality_need": "confidential",
}

#: Left out at first, so that the demonstration shows what the law then says.
FORGOTTEN: Final = "assistance_sought"

ASSISTANCE_FIELDS: Final = {
    "requesting_authority": _CENTRAL,
    "conducting_authority": "Public prosecutor of Port Valdor, cybercrime section",
    "contact": "Duty officer, +3225550147, English and French, at all hours (UTC+1)",
    "return_contact": "Registry of the prosecutor's office, through this node",
    "language": "English",
    "offence": "Illegal access and computer-related fraud",
    "legal_provisions": "Penal Code of Valdoria, sections 310 (illegal access) and 318 "
    "(computer fraud)",
    "penalties": "Up to three years (section 310), up to six years (section 318)",
    "facts_summary": _FACTS,
    FORGOTTEN: "Seizure of the server's disk, a forensic image of it with digests, and "
    "transmission of the image with its chain of custody.",
    "data_description": "The whole disk of the rented server 203.0.113.44.",
    "identifiers": PRESERVATION_FIELDS["identifiers"],
    "preservation_status": "preserved",
    "procedure_requested": "Please record the digests of the image (SHA-256) when it is made, and "
    "who held it until it is handed over.",
    "confidentiality_need": "confidential",
    "purpose": "Prosecution of the persons who sent the forged invoices",
    "use_statement": True,
}

QUESTION: Final = (
    "The provider holds two disks for this address. Does the request cover the backup disk as "
    "well, and in which time zone are the log-in times of your annex?"
)
ANSWER: Final = (
    "Only the system disk; the backup disk is not needed. All times in the annex are in UTC."
)
CONDITION: Final = {
    "kind": "use_limited_to_case",
    "text": "The image is used only in the proceedings named in the request.",
    "article": "28(2)(b)",
}
PROVIDER: Final = "Meridia Hosting"
PLACE: Final = "Forensic laboratory of the Ministry of Justice, Meridia City, bench 3"
SEIZURE: Final = "Meridia Hosting, Harbour Road 12, Meridia City"
ORDER_TYPE: Final = "judicial order"
ORDER: Final = "Order of the investigating judge of Meridia City 44/2026"
EXHIBIT: Final = "MC-2026-0044-01"
EXHIBIT_DESCRIPTION: Final = "System disk of the rented server 203.0.113.44"
