# SPDX-License-Identifier: Apache-2.0
"""What the import adds to the research files: the structure a machine needs to follow a sentence.

The research files say many things in words ("may refuse ... not for offences of
arts 2-11"). Here each such sentence is tied once, by hand, to the coded field
that the engine reads. No fact is added that the research files do not state or
that does not follow from a date they state; where one is computed, the record
says how.
"""

from __future__ import annotations

from typing import Any

AS_OF = "2026-11-21"

EU = ("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK").split()
#: Accession to the Union where it is later than the oldest act below.
EU_SINCE = dict.fromkeys("CY CZ EE HU LT LV MT PL SI SK".split(), "2004-05-01") | {
    "BG": "2007-01-01",
    "RO": "2007-01-01",
    "HR": "2013-07-01",
}

#: id: (class, stands)
INSTRUMENTS: dict[str, tuple[str, str]] = {
    "coe_185": ("cybercrime_convention", "alone"),
    "coe_189": ("cybercrime_convention", "with_parent"),
    "coe_224": ("cybercrime_convention", "with_parent"),
    "un_cc": ("cybercrime_convention", "alone"),
    "un_toc": ("crime_convention", "alone"),
    "un_cac": ("crime_convention", "alone"),
    "coe_030": ("mla_treaty", "alone"),
    "coe_099": ("mla_treaty", "amends"),
    "coe_182": ("mla_treaty", "with_parent"),
    "coe_030_ap3": ("mla_treaty", "with_parent"),
    "coe_024": ("extradition_treaty", "alone"),
    "coe_108": ("data_protection", "no_basis"),
    "coe_223": ("data_protection", "no_basis"),
    "eu_mla_2000": ("mla_treaty", "alone"),
    "eu_mla_prot_2001": ("mla_treaty", "with_parent"),
    "eu_eio": ("mutual_recognition", "alone"),
    "eu_eev_reg": ("provider_order", "alone"),
    "eu_eev_dir": ("provider_order", "no_basis"),
    "eu_eaw": ("mutual_recognition", "alone"),
    "eu_freeze_conf": ("mutual_recognition", "alone"),
    "eu_2013_40": ("contact_network", "alone"),
    "eu_uk_tca": ("mla_treaty", "alone"),
    "eu_us_mla_2003": ("mla_treaty", "alone"),
    "eu_us_ext_2003": ("extradition_treaty", "with_unrecorded"),
    "eu_us_umbrella": ("data_protection", "no_basis"),
    "us_gb_cloud": ("provider_order", "alone"),
    "us_au_cloud": ("provider_order", "alone"),
    "au_malabo": ("policy", "no_basis"),
    "ecowas_cyber_dir": ("policy", "no_basis"),
    "ecowas_ext_1994": ("extradition_treaty", "alone"),
    "sadc_ext_2002": ("extradition_treaty", "alone"),
    "asean_extradition": ("extradition_treaty", "alone"),
    "arab_cyber_2010": ("cybercrime_convention", "alone"),
    "cis_cyber_2018": ("agency_agreement", "alone"),
    "sco_iis_2009": ("policy", "no_basis"),
    "commonwealth_harare": ("scheme", "scheme"),
    "commonwealth_london": ("scheme", "scheme"),
    "oas_nassau_op": ("mla_treaty", "amends"),
    "comjib_medellin": ("channel", "no_basis"),
}
DEFAULT_INSTRUMENT = ("mla_treaty", "alone")

#: Dates that the research files state in words in `status`.
INSTRUMENT_EXTRA: dict[str, dict[str, Any]] = {
    "coe_224": {"in_force_state": "not_in_force", "checked": "2026-05"},
    "un_cc": {"in_force_state": "not_in_force", "checked": "2026-05"},
    "coe_030_ap3": {"in_force_state": "not_in_force", "checked": "2025-09-19"},
    "coe_223": {"in_force_state": "not_in_force"},
    "asean_extradition": {"in_force_state": "not_in_force", "checked": "2025-11-14"},
    "eu_eio": {"applies_from": "2017-05-22"},
    "eu_eev_reg": {"applies_from": "2026-08-18"},
    "eu_eev_dir": {"applies_from": "2026-02-18"},
    "eu_eaw": {"applies_from": "2004-01-01"},
    "eu_freeze_conf": {"applies_from": "2020-12-19"},
    "eu_2013_40": {"applies_from": "2015-09-04", "article": "13"},
    # Both articles stand in the role that the research gives.
    "coe_189": {"article": "8"},
    "eu_uk_tca": {"provisional_from": "2021-01-01"},
    "us_gb_cloud": {"term_ends": "2027-10-03"},
}

#: Scope tests (trap 11): facts that must be given before the instrument counts.
SCOPES: dict[str, dict[str, Any]] = {
    "un_toc": {
        "article": "2, 3(1), 18(1)",
        "text": "a serious crime (maximum of at least 4 years) or an offence of the Convention, "
        "transnational, with an organised criminal group",
        "offences_listed_or_months": 48,
        "elements": ["transnational", "organised_criminal_group"],
    },
    "un_cac": {
        "article": "3(1), 46(1)",
        "text": "an offence established in accordance with the Convention",
        "offences_listed_or_element": "corruption_offence",
    },
    "un_cc": {
        "article": "35, 40",
        "text": "an offence of the Convention, or electronic evidence of a serious crime "
        "(maximum of at least 4 years)",
        "offences_listed_or_months": 48,
    },
    "coe_189": {
        "article": "8",
        "text": "an offence of arts 3 to 6 of the Protocol",
        "offences_listed": True,
    },
}

#: How much each party list can be trusted for a state that it does not name, and since when.
LISTS: dict[str, dict[str, Any]] = {
    "coe_185": {"known_since": "2025-08-21", "complete": True},
    "coe_189": {"known_since": "2025-01-31", "complete": False},
    "coe_224": {"known_since": "2026-02-05", "complete": True},
    "un_cc": {"known_since": "2026-05-31", "complete": False},
    "un_toc": {"known_since": "2025-12-31", "complete": True},
    "un_cac": {"known_since": "2025-12-31", "complete": True},
    "coe_030": {"known_since": "2022-12-31", "complete": True},
    "coe_099": {"complete": False},
    "coe_182": {"complete": False},
    "coe_030_ap3": {"known_since": "2025-09-19", "complete": True},
    "coe_024": {"complete": True},
    "eu_us_umbrella": {"complete": False},
    "au_malabo": {"known_since": "2025-12-31", "complete": False},
    "ecowas_mla_1992": {"complete": False},
    "ecowas_ext_1994": {"complete": False},
    "sadc_mla_2002": {"complete": False},
    "sadc_ext_2002": {"complete": False},
    "arab_cyber_2010": {"complete": False},
    "arab_riyadh_1983": {"complete": False},
    "cis_minsk_1993": {"complete": False},
    "cis_chisinau_2002": {"complete": False},
    "cis_cyber_2018": {"complete": False},
    "sco_iis_2009": {"complete": False},
    "oas_nassau": {"complete": False},
    "oas_nassau_op": {"known_since": "2021-12-31", "complete": False},
    "mercosur_sanluis": {"complete": False},
    "comjib_medellin": {"complete": False},
}

STATUSES = {
    "party": "party",
    "bound": "bound",
    "bound_through_EU": "bound",
    "bound_member": "bound",
    "member": "member",
    "signed": "signed",
    "consent_expressed": "consent_expressed",
    "member_party_status_unknown": "unclear",
    "signed_or_party": "unclear",
    "ratified_reported": "unclear",
}
#: Lists beside `states`, and what they mean for a state named there.
OTHER_LISTS = {
    "signed_only": "signed",
    "possible_later_parties": "unclear",
    "invited_to_accede": "invited",
    "coe_member_never_party": "not_party",
    "former_or_hostile": "not_party",
    "not_signed_reported": "not_party",
    "non_parties": "not_party",
    "non_party": "not_party",
    "not_party": "not_party",
    "not_bound": "opted_out",
    "withdrawn": "withdrawn",
    "became_party_since_2017": "party",
}

#: EU acts bind from the day they apply (or from accession): the research files give that day
#: for the act, not for each state.
EU_ACTS = {
    "eu_eio": "transposition due 2017-05-22, from which day art 34(1) replaces the conventions; "
    "a later national date is not recorded",
    "eu_eev_reg": "directly applicable from 2026-08-18",
    "eu_eev_dir": "transposition due 2026-02-18; a later national date is not recorded",
    "eu_eaw": "applied from 2004-01-01",
    "eu_freeze_conf": "directly applicable from 2020-12-19",
    "eu_2013_40": "transposition due 2015-09-04; a later national date is not recorded",
    "eu_uk_tca": "bound with the Union from the agreement's entry into force",
    "eu_jp_mla_2009": "bound with the Union from the agreement's entry into force",
    "eu_us_umbrella": "bound with the Union from the agreement's entry into force",
    "eu_is_no_mla": "bound with the Union from the agreement's entry into force",
}
#: Agreements of the Union: two states on the same side have no relation under them.
SIDES = (
    "eu_uk_tca",
    "eu_us_mla_2003",
    "eu_us_ext_2003",
    "eu_us_umbrella",
    "eu_jp_mla_2009",
    "eu_is_no_mla",
)

#: Corrections where a list and its own note say different things, or a note names a state
#: that the list leaves out. Each says what it rests on.
PARTY_FIXES: dict[tuple[str, str], dict[str, Any]] = {
    ("eu_jp_mla_2009", "DK"): {
        "status": "opted_out",
        "note": "the list names Denmark with the other member states, its note says not bound "
        "(opt-out, likely); the note is the specific statement and is followed",
    },
    ("eu_us_mla_2003", "GB"): {
        "status": "unclear",
        "in_force": "2010-02-01",
        "confidence": "likely",
        "source": ["inl_mlats_2015"],
        "side": "EU",
        "note": "bound with the then member states; position after leaving the Union to be checked",
    },
    ("eu_us_ext_2003", "GB"): {
        "status": "unclear",
        "in_force": "2010-02-01",
        "confidence": "likely",
        "source": ["inl_mlats_2015"],
        "side": "EU",
        "note": "bound with the then member states; position after leaving the Union to be checked",
    },
    ("eu_us_umbrella", "DK"): {"no_date": True, "note": "by notification: date not established"},
    ("eu_us_umbrella", "IE"): {"no_date": True, "note": "by notification: date not established"},
    ("eu_jp_mla_2009", "HR"): {
        "no_date": True,
        "note": "joined the Union after the agreement: date not established",
    },
    ("eu_us_umbrella", "GB"): {
        "status": "unclear",
        "confidence": "likely",
        "source": ["recall"],
        "side": "EU",
        "note": "by notification: date not established",
    },
    ("coe_185", "CM"): {
        "in_force_not_before": "2023-04-01",
        "in_force_not_after": "2024-04-01",
        "in_force_basis": "deposit in 2023 (day not established): art 37(2)",
    },
    ("coe_185", "GD"): {
        "in_force_not_before": "2024-08-01",
        "in_force_not_after": "2024-10-01",
        "in_force_basis": "deposit between 2024-04-19 and 2024-06-20: art 37(2)",
    },
    ("coe_185", "EC"): {
        "in_force_not_before": "2025-02-01",
        "in_force_not_after": "2025-05-01",
        "in_force_basis": "deposit between 2024-10-09 and 2025-01-10: art 37(2)",
    },
}
#: The United Kingdom left these EU acts with the transition period ("UK until 2020"; trap 10).
GB_LEFT = ("eu_eio", "eu_eaw", "eu_mla_2000", "eu_mla_prot_2001")

#: Parties to "everybody except" lists that are not members of the United Nations.
EXTRA_PARTIES = {"un_toc": ("VA", "PS", "CK", "NU", "EU"), "un_cac": ("VA", "PS", "CK", "NU", "EU")}

#: Effects of declarations and reservations: (instrument, state, article) -> coded effect.
DECLARATIONS: dict[tuple[str, str, str], dict[str, Any]] = {
    ("coe_185", "AT", "29(4)"): {"effect": "may_refuse_dual_criminality"},
    ("coe_185", "CZ", "29(4)"): {"effect": "may_refuse_dual_criminality"},
    ("coe_185", "JP", "29(4)"): {"effect": "may_refuse_dual_criminality"},
    ("coe_185", "JP", "2"): {
        "effect": "requires_elements",
        "offences": ["illegal_access"],
        "elements": ["security_measures", "connected_system"],
    },
    ("coe_185", "JP", "3"): {
        "effect": "requires_elements",
        "offences": ["illegal_interception"],
        "elements": ["connected_system"],
    },
    ("coe_185", "JP", "6(3)"): {"effect": "limits_offence", "offences": ["misuse_of_devices"]},
    ("coe_185", "JP", "9(4)"): {"effect": "limits_offence", "offences": ["csam"]},
    ("coe_185", "US", "2"): {
        "effect": "requires_elements",
        "offences": ["illegal_access"],
        "elements": ["intent_to_obtain_data"],
    },
    ("coe_185", "US", "4(2)"): {
        "effect": "requires_elements",
        "offences": ["data_interference"],
        "elements": ["serious_harm"],
    },
    ("coe_185", "US", "6(1)(b)"): {
        "effect": "requires_elements",
        "offences": ["misuse_of_devices"],
        "elements": ["minimum_number_of_items"],
        "only_for": "possession",
    },
    ("coe_185", "US", "6(3)"): {"effect": "limits_offence", "offences": ["misuse_of_devices"]},
    ("coe_185", "US", "7"): {
        "effect": "requires_elements",
        "offences": ["computer_forgery"],
        "elements": ["intent_to_defraud"],
    },
    ("coe_185", "US", "9(4)"): {"effect": "limits_offence", "offences": ["csam"]},
    ("coe_185", "US", "27(9)(e)"): {
        "effect": "closes_channel",
        "channels": ["urgent_direct", "urgent_direct_judicial_with_copy"],
    },
    ("coe_185", "CH", "2"): {
        "effect": "requires_elements",
        "offences": ["illegal_access"],
        "elements": ["security_measures"],
    },
    ("coe_185", "CH", "3"): {
        "effect": "requires_elements",
        "offences": ["illegal_interception"],
        "elements": ["intent_of_unlawful_enrichment"],
    },
    ("coe_185", "CH", "7"): {
        "effect": "requires_elements",
        "offences": ["computer_forgery"],
        "elements": ["intent_of_gain_or_damage"],
    },
    ("coe_185", "CH", "9(3)"): {
        "effect": "requires_elements",
        "offences": ["csam"],
        "elements": ["person_under_16"],
    },
    ("coe_185", "BG", "14(3)"): {
        "effect": "limits_measure",
        "measures": ["realtime_traffic"],
        "elements": ["serious_offence_in_requested_state"],
    },
    ("coe_185", "AD", "2"): {
        "effect": "requires_elements",
        "offences": ["illegal_access"],
        "elements": ["dishonest_intent"],
    },
    ("coe_185", "AD", "6(3)"): {"effect": "limits_offence", "offences": ["misuse_of_devices"]},
    ("coe_185", "AD", "9(4)"): {"effect": "limits_offence", "offences": ["csam"]},
    ("coe_185", "DE", "2"): {
        "effect": "requires_elements",
        "offences": ["illegal_access"],
        "elements": ["security_measures"],
    },
    ("coe_185", "DE", "7"): {
        "effect": "requires_elements",
        "offences": ["computer_forgery"],
        "elements": ["deceptive_intent"],
    },
    ("coe_224", "JP", "7(9)(a)"): {"effect": "excludes_articles", "articles": ["7"]},
    ("coe_224", "JP", "8"): {"effect": "limits_measure", "measures": ["stored_traffic_data"]},
    ("coe_182", "SK", "33(2)"): {
        "effect": "excludes_articles",
        "articles": ["16", "17", "19", "20"],
    },
    ("coe_182", "ME", "33"): {"effect": "excludes_articles", "articles": ["16"]},
    ("coe_182", "NL", "4(9)"): {"effect": "conditions_channel", "channels": ["electronic"]},
    ("coe_099", "AM", "8(2)"): {"effect": "information"},
}

#: Offences for which lists of categories lift the dual-criminality check, with the list's name.
CATEGORY_32 = [
    "illegal_access",
    "illegal_interception",
    "data_interference",
    "system_interference",
    "misuse_of_devices",
    "computer_forgery",
    "computer_fraud",
    "payment_instrument_fraud",
    "csam",
    "racist_xenophobic",
    "copyright",
    "laundering",
    "terrorism_ict",
    "extortion_ransomware",
]
EEV_LISTED = [
    "illegal_access",
    "illegal_interception",
    "data_interference",
    "system_interference",
    "misuse_of_devices",
    "payment_instrument_fraud",
    "csam",
    "grooming",
    "terrorism_ict",
]

#: (instrument, measure, rule) -> what the rule needs to be decided; "*" stands for any measure.
DUAL: dict[tuple[str, str, str], dict[str, Any]] = {
    ("coe_185", "*", "not_allowed_except_reservation"): {
        "reservation": "29(4)",
        "never_under": "coe_185",
        "never_articles": ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
    },
    ("un_cc", "*", "not_allowed_except_reservation"): {"reservation": "42", "never_under": "un_cc"},
    ("arab_cyber_2010", "*", "not_allowed_except_declaration"): {"reservation": "37"},
    ("eu_eio", "*", "list_exempt"): {"exempt_offences": CATEGORY_32, "exempt_months": 36},
    ("eu_freeze_conf", "*", "list_exempt"): {"exempt_offences": CATEGORY_32, "exempt_months": 36},
    ("eu_eaw", "*", "list_exempt"): {"exempt_offences": CATEGORY_32, "exempt_months": 36},
    ("coe_030", "*", "reservable"): {"reservation": "5(1)"},
    ("eu_us_mla_2003", "*", "reservable"): {"reservation": "4(4)"},
}
#: Thresholds that decide whether the measure is open at all: (instrument, measure).
THRESHOLDS: dict[tuple[str, str], dict[str, Any]] = {
    ("eu_eev_reg", "stored_traffic_data"): {
        "requesting_months": 36,
        "article": "5(4)",
        "exempt_offences": EEV_LISTED,
    },
    ("eu_eev_reg", "stored_content"): {
        "requesting_months": 36,
        "article": "5(4)",
        "exempt_offences": EEV_LISTED,
    },
    ("eu_mla_prot_2001", "financial_account_info"): {
        "requesting_months": 48,
        "requested_months": 24,
        "article": "1(3)",
    },
    ("oas_nassau", "*"): {"requesting_months": 12, "article": "6"},
    ("us_gb_cloud", "*"): {"requesting_months": 36, "article": "1"},
    ("us_au_cloud", "*"): {"requesting_months": 36, "article": "1"},
    ("coe_185", "extradition"): {
        "requesting_months": 12,
        "requested_months": 12,
        "article": "24(1)",
        "under": "coe_185",
        "under_articles": ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
    },
    ("coe_024", "extradition"): {
        "requesting_months": 12,
        "requested_months": 12,
        "article": "2(1)",
    },
    ("arab_cyber_2010", "extradition"): {
        "requesting_months": 12,
        "requested_months": 12,
        "article": "31(1)",
    },
    ("eu_eaw", "*"): {"requesting_months": 12, "article": "2(1)"},
}
THRESHOLDS[("coe_185", "provisional_arrest")] = THRESHOLDS[("coe_185", "extradition")]
THRESHOLDS[("coe_024", "provisional_arrest")] = THRESHOLDS[("coe_024", "extradition")]

#: The paragraph that asks for each part of a request, where the text has one for each
#: (read in the text of the Convention).
PLACES: dict[tuple[str, str], dict[str, str]] = {
    ("coe_185", "expedited_preservation"): {
        "requesting_authority": "29(2)(a)",
        "offence": "29(2)(b)",
        "facts_summary": "29(2)(b)",
        "data_description": "29(2)(c)",
        "data_link_offence": "29(2)(c)",
        "custodian_location": "29(2)(d)",
        "necessity": "29(2)(e)",
        "intent_mla": "29(2)(f)",
    },
}

#: Provisions that are orders to a company, not requests to a state.
PROVIDER = {
    "direct_to_provider",
    "direct_to_registrar",
    "designated_authority_to_provider",
    "direct_to_provider_designated_establishment",
}
