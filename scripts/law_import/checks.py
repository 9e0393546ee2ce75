# SPDX-License-Identifier: Apache-2.0
"""What must be true of the research files before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from law_import import reading
from law_import.research import Research

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DATE_KEYS = ("signed", "deposit", "in_force", "from", "until", "adopted", "opened", "effective")
CONFIDENCE = {"verified", "likely", "unverified"}


def stop(message: str) -> None:
    """End the import, saying why."""
    raise SystemExit(f"import stopped: {message}")


def run(files: Research) -> None:
    """Run every check."""
    _counts(files)
    _sources_and_confidence(files)
    _dates(files)
    _references(files)
    _entry_into_force(files)
    _state_codes(files)


def _counts(files: Research) -> None:
    expected = {
        "instruments": (len(files.instruments), 92),
        "party lists": (len(files.parties), 49),
        "declarations": (len(files.declarations), 30),
        "provisions": (len(files.measures["provisions"]), 235),
        "offence types": (len(files.offences["taxonomy"]), 19),
        "national provisions": (len(files.offences["national"]), 163),
        "authorities": (len(files.authorities["records"]), 59),
        "sources": (len(files.sources), 99),
    }
    for what, (found, wanted) in expected.items():
        if found != wanted:
            stop(f"{found} {what}, the README says {wanted}")
    for name, listed in files.parties.items():
        count = listed.get("count")
        states = listed.get("states") or []
        if isinstance(count, int) and listed.get("model") is None and len(states) > count + 1:
            stop(f"parties.{name}: {len(states)} states, count says {count}")
    if len(files.parties["coe_185"]["states"]) != 78:
        stop("parties.coe_185: not 78 parties")


def records(files: Research) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every record that carries a source, with a name for messages."""
    for item in files.instruments:
        yield f"instrument {item['id']}", item
    for name, listed in files.parties.items():
        for key, rows in listed.items():
            if isinstance(rows, list) and rows and isinstance(rows[0], dict):
                for row in rows:
                    if key != "counts_seen":
                        yield f"parties.{name}.{key}.{row.get('state') or row.get('partner')}", row
    for item in files.declarations:
        yield f"declaration {item['instrument']}/{item['state']}/{item['article']}", item
    for item in files.measures["provisions"]:
        yield f"provision {item['instrument']}/{item['measure']}", item
    for item in files.offences["taxonomy"]:
        yield f"offence {item['id']}", item
    for item in files.offences["national"]:
        yield f"national {item['state']} {item.get('provision', item['law'])}", item
    for item in files.authorities["records"]:
        yield f"authority {item['state']}/{item['role']}", item
    for item in files.dataprotection["transfer_grounds"]:
        yield f"transfer ground {item['id']}", item
    for item in files.dataprotection["adequacy_decisions"]:
        yield f"adequacy {item['territory']}/{item['decision']}", item


def _sources_and_confidence(files: Research) -> None:
    known = {item["id"] for item in files.sources}
    for what, record in records(files):
        sources = record.get("source")
        if not sources:
            stop(f"{what}: no source")
        for source in sources or ():
            if source not in known:
                stop(f"{what}: the source {source!r} is not registered")
        if record.get("confidence") not in CONFIDENCE:
            stop(f"{what}: confidence {record.get('confidence')!r}")


def _dates(files: Research) -> None:
    for what, record in records(files):
        for key in _DATE_KEYS:
            value = record.get(key)
            if value is not None and not _DATE.fullmatch(str(value)):
                stop(f"{what}: {key} is {value!r}, not a date")
        if record.get("from") and record.get("until") and record["from"] >= record["until"]:
            stop(f"{what}: ends before it begins")


def _references(files: Research) -> None:
    instruments = [item["id"] for item in files.instruments]
    measures = {item["id"] for item in files.measures["measures"]}
    fields = {item["id"] for item in files.measures["request_fields"]}
    grounds = {item["id"] for item in files.measures["refusal_codes"]}
    offences = {item["id"] for item in files.offences["taxonomy"]}
    for name, count in Counter(instruments).items():
        if count > 1:
            stop(f"instrument {name} occurs {count} times")
    for item in files.measures["provisions"]:
        what = f"provision {item['instrument']}/{item['measure']}"
        if item["instrument"] not in instruments or item["measure"] not in measures:
            stop(f"{what}: unknown instrument or measure")
        for field in item.get("request_contents") or ():
            if field["field"] not in fields:
                stop(f"{what}: unknown field {field['field']}")
        for ground in item.get("refusal_grounds") or ():
            if ground["code"] not in grounds:
                stop(f"{what}: unknown refusal code {ground['code']}")
    for item in files.instruments:
        for measure in item.get("provides") or ():
            if measure not in measures:
                stop(f"instrument {item['id']}: unknown measure {measure}")
    for item in files.offences["national"]:
        if not set(item["offences"]) <= offences:
            stop(f"national {item['state']} {item['law']}: unknown offence")
    for item in files.declarations:
        key = (item["instrument"], item["state"], item["article"])
        if key not in reading.DECLARATIONS:
            stop(f"declaration {key}: no coded effect in reading.py")


def _entry_into_force(files: Research) -> None:
    """Recompute every date that the Budapest rule gives (arts 36(4), 37(2)).

    The first of the month after three months; not before the Convention itself.
    """
    start = date(2004, 7, 1)
    for row in files.parties["coe_185"]["states"]:
        deposit, given = row.get("deposit"), row.get("in_force")
        if not deposit or not given:
            continue
        year, month, day = (int(part) for part in deposit.split("-"))
        months = year * 12 + (month - 1) + 3 + (1 if day > 1 else 0)
        computed = max(start, date(months // 12, months % 12 + 1, 1))
        if computed.isoformat() != given:
            stop(f"parties.coe_185.{row['state']}: deposit {deposit} gives {computed}, not {given}")


def _state_codes(files: Research) -> None:
    from law_import.states import KNOWN

    for what, record in records(files):
        code = record.get("state")
        if code is not None and (not isinstance(code, str) or code not in KNOWN):
            stop(f"{what}: unknown state {code!r}")
    if not any(row["state"] == "NO" for row in files.parties["coe_185"]["states"]):
        stop("Norway was lost")
