# SPDX-License-Identifier: Apache-2.0
"""Vocabulary, sources and transfer grounds."""

from __future__ import annotations

import re
from typing import Any

from law_import.research import Research
from law_import.toml_text import document

#: Groups whose measures use compulsion against a person or a provider (eu_jp_mla_2009 11(2)).
_COERCIVE = {"production", "coercive", "covert", "assets", "financial"}
#: Offence elements that declarations, reservations and scope tests name: id, words, offences.
ELEMENTS = [
    ("security_measures", "security measures were infringed", ["illegal_access"]),
    (
        "connected_system",
        "the system is connected to another system",
        ["illegal_access", "illegal_interception"],
    ),
    ("intent_to_obtain_data", "there was intent to obtain computer data", ["illegal_access"]),
    (
        "dishonest_intent",
        "there was dishonest or criminal intent",
        ["illegal_access", "illegal_interception"],
    ),
    (
        "intent_of_unlawful_enrichment",
        "there was intent of unlawful enrichment",
        ["illegal_interception"],
    ),
    ("serious_harm", "the interference caused serious harm", ["data_interference"]),
    ("minimum_number_of_items", "the minimum number of items was possessed", ["misuse_of_devices"]),
    ("possession", "the case concerns possession only", ["misuse_of_devices", "csam"]),
    ("intent_to_defraud", "there was intent to defraud", ["computer_forgery"]),
    (
        "intent_of_gain_or_damage",
        "there was intent to gain an advantage or cause damage",
        ["computer_forgery"],
    ),
    ("deceptive_intent", "there was intent to deceive", ["computer_forgery"]),
    ("person_under_16", "the person shown is under 16", ["csam"]),
    ("not_minor_case", "the case is not a minor one", ["illegal_access", "data_interference"]),
    (
        "serious_offence_in_requested_state",
        "the offence is a serious one under the requested state's code",
        [],
    ),
    ("transnational", "the offence is transnational in nature", []),
    ("organised_criminal_group", "an organised criminal group is involved", []),
    ("corruption_offence", "the offence is one of the corruption convention", []),
    ("imminent_danger", "there is imminent danger to the life or safety of a person", []),
    ("urgent", "the case is urgent", []),
]


def files(research: Research) -> dict[str, str]:
    """Return the vocabulary files by name."""
    return {
        "sources.toml": _sources(research),
        "vocabulary/measures.toml": _measures(research),
        "vocabulary/fields.toml": _coded(
            research.measures["request_fields"], "field", "What a request contains."
        ),
        "vocabulary/grounds.toml": _coded(
            research.measures["refusal_codes"], "ground", "Grounds of refusal and postponement."
        ),
        "vocabulary/roles.toml": _coded(
            research.authorities["roles"], "role", "Roles of authorities."
        ),
        "vocabulary/offences.toml": _offences(research),
        "transfer.toml": _transfer(research),
    }


def _sources(research: Research) -> str:
    rows = [
        (
            "[[source]]",
            {
                "id": s["id"],
                "title": s["title"],
                "kind": s["kind"],
                "url": s["url"],
                "seen": s["seen"],
                "note": s.get("note"),
            },
        )
        for s in research.sources
    ]
    return document("Every source that a record of the pack cites, and what of it was read.", rows)


def _measures(research: Research) -> str:
    rows = [
        (
            "[[measure]]",
            {
                "id": m["id"],
                "label": m["label"],
                "group": m["group"],
                "parent": m.get("parent"),
                "coercive": m["group"] in _COERCIVE,
                "note": m.get("note"),
            },
        )
        for m in research.measures["measures"]
    ]
    return document(
        "Measures. `parent`: where an instrument has no rule for a measure, its rule for the\n"
        "parent is used. A measure without a parent exists only where an instrument says so.\n"
        "`coercive`: the measure compels a person or a provider.",
        rows,
    )


def _coded(records: list[dict[str, Any]], name: str, comment: str) -> str:
    rows = [(f"[[{name}]]", {"id": r["id"], "label": r["label"]}) for r in records]
    return document(comment, rows)


def _offences(research: Research) -> str:
    rows: list[tuple[str, dict[str, Any]]] = [
        ("[[element]]", {"id": name, "label": label, "offences": offences})
        for name, label, offences in ELEMENTS
    ]
    for item in research.offences["taxonomy"]:
        articles = [
            {
                "instrument": instrument,
                "articles": [str(a) for a in articles],
                "confidence": item["column_confidence"].get(instrument, item["confidence"]),
            }
            for instrument, articles in item["instrument_articles"].items()
            if articles and instrument not in ("eu_other", "coe_other")
        ]
        others = [
            str(article)
            for key in ("eu_other", "coe_other")
            for article in item["instrument_articles"].get(key) or ()
        ]
        options = [
            {
                "text": o["element"],
                "instruments": o["instruments"],
                "how": o.get("how"),
                "note": o.get("note"),
            }
            for o in item.get("optional_elements") or ()
        ]
        rows.append(
            (
                "[[offence]]",
                {
                    "id": item["id"],
                    "label": item["label"],
                    "category": item["category"],
                    "conduct": item["conduct_elements"],
                    "fault": item["fault"],
                    "articles": articles,
                    "other_acts": others,
                    "options": options,
                    "note": item.get("note"),
                    "confidence": item["confidence"],
                    "source": item["source"],
                },
            )
        )
    floors = [
        (
            "[[penalty_floor]]",
            {
                "instrument": f["instrument"],
                "article": f["article"],
                "rule": f["rule"],
                "confidence": f["confidence"],
                "source": f["source"],
            },
        )
        for f in research.offences["penalty_floors"]["items"]
    ]
    return document(
        "Offence types, the elements that states may add, and where the treaties name them.",
        rows + floors,
    )


def _transfer(research: Research) -> str:
    rows: list[tuple[str, dict[str, Any]]] = []
    for item in research.dataprotection["transfer_grounds"]:
        rows.append(
            (
                "[[transfer_ground]]",
                {
                    "id": item["id"],
                    "regime": item["regime"],
                    "article": item["article"],
                    "conditions": item["conditions"],
                    "use_for": item["use_for"],
                    "note": item.get("note"),
                    "confidence": item["confidence"],
                    "source": item["source"],
                },
            )
        )
    for item in research.dataprotection["adequacy_decisions"]:
        code = item["territory"].split(" ")[0]
        until = re.match(r"\d{4}-\d{2}(-\d{2})?", item.get("valid_until") or "")
        rows.append(
            (
                "[[adequacy]]",
                {
                    "territory": code,
                    "regime": item["regime"],
                    "decision": item["decision"],
                    "adopted": item["adopted"],
                    "until": until.group(0) if until else None,
                    "until_text": item.get("valid_until") if until else None,
                    "scope": item.get("scope"),
                    "note": item.get("note"),
                    "confidence": item["confidence"],
                    "source": item["source"],
                },
            )
        )
    return document("Grounds for transferring personal data, and adequacy decisions.", rows)
