# SPDX-License-Identifier: Apache-2.0
"""Every field that a request can have, and the two forms made of them.

A field id is one of the law pack's `request_fields` or, in the section of
practice fields, one that only practice asks for. `missing` is the sentence an
officer reads when a field that the treaty requires is empty; the guard adds
instrument and article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.assistance.model import Kind

#: Longest answer of one line, in characters.
MAX_LINE: Final = 500
#: Longest answer of many lines, in characters.
MAX_LONG: Final = 20_000


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG = "long"
    DATE = "date"
    CHOICE = "choice"
    IDENTIFIERS = "identifiers"
    YES_NO = "yes_no"


class Section(StrEnum):
    """The part of the form a field stands in; the value is its heading."""

    AUTHORITY = "Authority and contact"
    CASE = "The case"
    DATA = "The data"
    REASONS = "Necessity and urgency"
    EXECUTION = "How to carry it out"
    USE = "Purpose and use"
    NEXT = "What will follow"
    FURTHER = "Further particulars"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `choices` are value and label; `must_be_yes` counts a "no" as missing."""

    id: str
    kind: FieldKind
    label: str
    section: Section
    help: str = ""
    missing: str = ""
    max_length: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    must_be_yes: bool = False


def _text(
    field_id: str, label: str, section: Section, advice: str = "", *, missing: str = ""
) -> Field:
    return Field(
        id=field_id,
        kind=FieldKind.TEXT,
        label=label,
        section=section,
        help=advice,
        missing=missing or f"{label} is missing",
        max_length=MAX_LINE,
    )


def _long(
    field_id: str, label: str, section: Section, advice: str = "", *, missing: str = ""
) -> Field:
    return Field(
        id=field_id,
        kind=FieldKind.LONG,
        label=label,
        section=section,
        help=advice,
        missing=missing or f"{label} is missing",
        max_length=MAX_LONG,
    )


_S = Section
_COMMON: Final = (
    _text(
        "requesting_authority",
        "Authority making the request",
        _S.AUTHORITY,
        "The full name of your authority as the other state's register knows it.",
    ),
    _text(
        "conducting_authority",
        "Authority conducting the investigation",
        _S.AUTHORITY,
        "Only if it is another than the one that makes the request; with its function.",
    ),
    _text(
        "contact",
        "Contact for questions",
        _S.AUTHORITY,
        "Function, telephone and hours in UTC. Somebody who can answer about this case.",
    ),
    _text(
        "language",
        "Language for the correspondence",
        _S.AUTHORITY,
        "The Convention has no rule; name one that both sides read.",
    ),
    _text(
        "offence",
        "Offence",
        _S.CASE,
        "Its name and the provision of your law. The kinds of offence chosen at the beginning say "
        "which law applies; they do not name it.",
        missing="The offence, as the law of the requesting state names it, is missing",
    ),
    _long(
        "facts_summary",
        "Facts of the case",
        _S.CASE,
        "What happened, when and where; how the suspect, the account and the offence belong "
        "together. Plain sentences, no terms that cannot be translated.",
        missing="Facts of the case are missing",
    ),
    _long(
        "legal_provisions",
        "Legal provisions",
        _S.CASE,
        "The text of the provisions that apply.",
        missing="Legal provisions are missing",
    ),
    _text(
        "penalties",
        "Penalties",
        _S.CASE,
        "The highest penalty that the law provides.",
        missing="Penalties are missing",
    ),
    _long(
        "data_description",
        "Description of the data",
        _S.DATA,
        "Which data, of which service. Narrow enough that somebody can find it.",
    ),
    _long(
        "data_link_offence",
        "How the data is connected with the offence",
        _S.DATA,
        missing="The connection of the data with the offence is missing",
    ),
    _long(
        "custodian_location",
        "Who holds the data, or where",
        _S.DATA,
        "Whatever is known about the provider, the person or the computer system.",
        missing="What is known about who holds the data is missing",
    ),
    Field(
        id="identifiers",
        kind=FieldKind.IDENTIFIERS,
        label="Identifiers",
        section=_S.DATA,
        help="Address with port, account, e-mail, telephone; the time in UTC, from and until.",
        missing="Identifiers are missing",
        max_length=500,
    ),
    _text(
        "time_range",
        "Period of the data",
        _S.DATA,
        "From and until, in UTC.",
    ),
    _long(
        "urgency_reason",
        "Reason for urgency",
        _S.REASONS,
        "What will be lost, and when. Saying that it is urgent is not a reason.",
    ),
    Field(
        id="confidentiality_need",
        kind=FieldKind.CHOICE,
        label="Confidentiality",
        section=_S.EXECUTION,
        help="If the other state cannot keep it, it will say so before it acts.",
        missing="The need for confidentiality is not stated",
        choices=(
            ("none", "No particular need"),
            ("confidential", "Keep the request confidential"),
            ("confidential_no_notice", "Keep it confidential and do not notify the user"),
        ),
    ),
)
_PRESERVATION: Final = (
    _long(
        "necessity",
        "Why preservation is necessary",
        _S.REASONS,
        "Why the data would otherwise be lost or changed.",
        missing="The necessity of the preservation is missing",
    ),
    Field(
        id="intent_mla",
        kind=FieldKind.YES_NO,
        label="A request for mutual assistance will follow",
        section=_S.NEXT,
        help="The treaty wants this statement. Without it the other state need not preserve.",
        missing="The statement that a request for mutual assistance will follow is missing",
        must_be_yes=True,
    ),
    Field(
        id="expected_mla_date",
        kind=FieldKind.DATE,
        label="Expected date of that request",
        section=_S.NEXT,
        help="The data is kept for at least 60 days; plan well inside them.",
        missing="The expected date of the request is missing",
    ),
)
_MUTUAL_ASSISTANCE: Final = (
    _text("subject_nature", "Subject and nature of the proceedings", _S.CASE),
    _long(
        "assistance_sought",
        "Assistance sought",
        _S.DATA,
        "Item by item: which data from whom, for which time.",
    ),
    Field(
        id="preservation_status",
        kind=FieldKind.CHOICE,
        label="Preservation",
        section=_S.DATA,
        help="Link the earlier request if it was sent from here; otherwise give its reference.",
        missing="The state of preservation is not stated",
        choices=(
            ("not_sought", "Not asked for"),
            ("requested", "Asked for, no answer yet"),
            ("preserved", "The data is preserved"),
        ),
    ),
    _text(
        "preservation_reference",
        "Reference of the preservation",
        _S.DATA,
        "The other side's number, if the preservation was not asked for through this system.",
        missing="The reference of the preservation is missing",
    ),
    _long(
        "procedure_requested",
        "Formalities to follow",
        _S.EXECUTION,
        "Certification, hashes, forms of custody, presence of officers.",
        missing="Formalities to follow are missing",
    ),
    _long("deadline_requested", "Date by which it is needed, and why", _S.REASONS),
    _text(
        "return_contact",
        "To whom the evidence is sent",
        _S.EXECUTION,
        missing="The contact to whom the evidence is sent is missing",
    ),
    _long("purpose", "Purpose", _S.USE, "What the evidence is to prove."),
    Field(
        id="use_statement",
        kind=FieldKind.YES_NO,
        label="The evidence will be used only in this case",
        section=_S.USE,
        help="Use in other cases needs the consent of the state that supplied it.",
        missing="The statement on the use of the evidence is missing",
        must_be_yes=True,
    ),
)
_FURTHER: Final = (
    _text("issuing_authority_date", "Issuing authority and date of issue", _S.FURTHER),
    _text("validation", "Validating authority", _S.FURTHER),
    _long("relevance", "Why the data is relevant", _S.FURTHER),
    _long("reason_in_possession", "Why the addressee is believed to hold the data", _S.FURTHER),
    _text("person_identity", "Identity of the person concerned", _S.FURTHER),
    _text("person_nationality", "Nationality of the person concerned", _S.FURTHER),
    _text("person_location", "Where the person concerned is", _S.FURTHER),
    _text("item_or_account", "Item or account concerned", _S.FURTHER),
    _text("service_address", "Name and address of the person to be served", _S.FURTHER),
    _text("time_period", "Period for which assistance is sought", _S.FURTHER),
    _long("protocol_statement", "Statement that it is made under the instrument", _S.FURTHER),
    _text("provider_name_address", "Name and address of the provider", _S.FURTHER),
    _text("domain_name", "Domain name and elements sought", _S.FURTHER),
    _text("timeframe_manner", "Time and manner of disclosure", _S.FURTHER),
    _long("dom_legal_grounds", "Legal grounds at home that empower the authority", _S.FURTHER),
    _long("sought_elsewhere", "Whether the data was sought by other means", _S.FURTHER),
    _long("simultaneous_notification", "Statement of simultaneous notification", _S.FURTHER),
    _long("special_instructions", "Special instructions", _S.FURTHER),
    _long("emergency_facts", "Facts that show the emergency", _S.FURTHER),
    _text("target_identifier", "Identifier of the target", _S.FURTHER),
    _long("technical_data", "Technical data needed", _S.FURTHER),
    _text("duration", "Duration of the measure", _S.FURTHER),
    _text("user_unique_id", "User or unique identifier sought", _S.FURTHER),
    _text("data_category", "Category of data", _S.FURTHER),
    _long("necessity_proportionality", "Necessity and proportionality", _S.FURTHER),
    _text("emergency_indicator", "Reason why it is an emergency case", _S.FURTHER),
    _long("derived_grounds_user_information", "Reasons to delay notice to the user", _S.FURTHER),
    _text("account_holder", "Holder of the account", _S.FURTHER),
    _long("suspicion_grounds", "Grounds of suspicion", _S.FURTHER),
    _text("institution", "Bank or institution concerned", _S.FURTHER),
    _text("arrest_document", "Judgment or warrant", _S.FURTHER),
    _long("offence_time_place", "Time and place of the offences", _S.FURTHER),
    _long("person_description", "Description of the person", _S.FURTHER),
    _text("form_certificate", "Prescribed form or certificate", _S.FURTHER),
    _text("translation", "Translation", _S.FURTHER),
    _long("property_description", "Description, place and value of the property", _S.FURTHER),
    _text("confiscation_order", "Order of confiscation", _S.FURTHER),
    _long("third_party_measures", "Statement on notice to third parties", _S.FURTHER),
    _text("finality", "Statement that the order is final", _S.FURTHER),
)

#: Every field by its id.
FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        field.id: field
        for group in (_COMMON, _PRESERVATION, _MUTUAL_ASSISTANCE, _FURTHER)
        for field in group
    }
)
#: The form of each kind of request: field ids in the order of the page.
FORMS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        Kind.PRESERVATION: (
            "requesting_authority",
            "conducting_authority",
            "contact",
            "language",
            "offence",
            "facts_summary",
            "legal_provisions",
            "penalties",
            "data_description",
            "identifiers",
            "time_range",
            "data_link_offence",
            "custodian_location",
            "necessity",
            "urgency_reason",
            "confidentiality_need",
            "intent_mla",
            "expected_mla_date",
        ),
        Kind.MUTUAL_ASSISTANCE: (
            "requesting_authority",
            "conducting_authority",
            "contact",
            "language",
            "subject_nature",
            "offence",
            "facts_summary",
            "legal_provisions",
            "penalties",
            "assistance_sought",
            "data_description",
            "identifiers",
            "time_range",
            "data_link_offence",
            "custodian_location",
            "preservation_status",
            "preservation_reference",
            "urgency_reason",
            "deadline_requested",
            "procedure_requested",
            "confidentiality_need",
            "return_contact",
            "purpose",
            "use_statement",
        ),
    }
)
