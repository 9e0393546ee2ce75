# SPDX-License-Identifier: Apache-2.0
"""One file for each instrument: the instrument, its parties, declarations and provisions."""

from __future__ import annotations

import re
from typing import Any

from law_import import reading
from law_import.clocks import clock
from law_import.research import Research
from law_import.toml_text import document

Row = dict[str, Any]


def files(research: Research) -> dict[str, str]:
    """Return every instrument's file and the coverage sets."""
    written = {}
    for item in research.instruments:
        name = item["id"]
        rows: list[tuple[str, Row]] = [("[instrument]", _instrument(item))]
        scope = reading.SCOPES.get(name)
        if scope:
            rows.append(("[scope]", scope))
        rows.append(("[parties]", _list_header(name, research.parties.get(name))))
        rows += [("[[party]]", row) for row in _parties(item, research.parties.get(name) or {})]
        rows += [("[[declaration]]", row) for row in _declarations(name, research)]
        rows += [("[[provision]]", row) for row in _provisions(item, research)]
        written[f"instruments/{name}.toml"] = document(item["title"], rows)
    written["coverage.toml"] = _coverage(research)
    return written


def _instrument(item: Row) -> Row:
    kind, stands = reading.INSTRUMENTS.get(item["id"], reading.DEFAULT_INSTRUMENT)
    extra = dict(reading.INSTRUMENT_EXTRA.get(item["id"], {}))
    state = extra.pop("in_force_state", None)
    if state is None:
        state = "in_force" if item.get("in_force") else "not_established"
    number = {k: v for k, v in (item.get("number") or {}).items() if v is not None}
    return {
        "id": item["id"],
        "title": item["title"],
        "short": item["short"],
        "kind": item["kind"],
        "class": kind,
        "stands": stands,
        "binding": item["binding"],
        "number": {k: str(v) for k, v in number.items()},
        "adopted": item.get("adopted"),
        "opened": item.get("opened"),
        "place": item.get("place"),
        "in_force": item.get("in_force"),
        "in_force_state": state,
        "in_force_text": item["status"].replace("_", " ").replace("eu eio", "the EIO"),
        "in_force_condition": item.get("in_force_condition"),
        **extra,
        "depositary": item.get("depositary"),
        "open_to": item.get("open_to"),
        "role": item["legal_basis_role"],
        "supplements": item.get("supplements"),
        "provides": item.get("provides") or [],
        "urls": item.get("urls") or [],
        "note": item.get("notes"),
        "confidence": item["confidence"],
        "source": item["source"],
    }


def _list_header(name: str, listed: Row | None) -> Row:
    header = reading.LISTS.get(name, {})
    listed = listed or {}
    if not listed:
        model = "pair" if name not in ("coe_108", "coe_223") else "not_established"
    elif listed.get("model") == "universal_except":
        model = "universal_except"
    elif listed.get("states") is None:
        model = "not_established"
    else:
        model = "listed"
    return {
        "model": model,
        "known_since": header.get("known_since", reading.AS_OF),
        "complete": header.get("complete", model in ("listed", "pair")),
        "status_as_of": listed.get("status_as_of"),
        "count": listed.get("count"),
        "completeness": listed.get("completeness"),
        "note": listed.get("note") or listed.get("notes"),
        "confidence": listed.get("confidence") or ("likely" if model != "pair" else None),
        "source": listed.get("source") or (["recall"] if model == "universal_except" else None),
    }


def _parties(item: Row, listed: Row) -> list[Row]:
    name = item["id"]
    rows: list[Row] = []
    for row in listed.get("states") or ():
        rows.append(_party(name, row, reading.STATUSES[row["status"]]))
    for key, status in reading.OTHER_LISTS.items():
        for row in listed.get(key) or ():
            rows.append(_party(name, row, status))
    for row in listed.get("territorial") or ():
        rows += _territories(row)
    rows += _pair(item)
    if name in reading.GB_LEFT:
        rows.append(
            {
                "state": "GB",
                "status": "withdrawn",
                "in_force": reading.INSTRUMENT_EXTRA.get(name, {}).get("applies_from"),
                "until": "2021-01-01",
                "confidence": "likely",
                "source": ["recall"],
                "note": "bound until the end of the transition period (2020-12-31)",
            }
        )
    named = {row["state"] for row in rows}
    for (instrument, state), fix in reading.PARTY_FIXES.items():
        if instrument == name and state not in named:
            rows.append({"state": state, **fix})
    for state in reading.EXTRA_PARTIES.get(name, ()):
        rows.append(
            {
                "state": state,
                "status": "party",
                "confidence": "likely",
                "source": ["recall"],
                "note": "named in the count of parties",
            }
        )
    for row in rows:
        _complete(name, item, row)
    return sorted(rows, key=lambda row: (row["state"], row.get("in_force") or ""))


def _party(name: str, row: Row, status: str) -> Row:
    date_known = row.get("in_force") or row.get("in_force_year")
    record: Row = {
        "state": row["state"],
        "status": status,
        "signed": row.get("signed"),
        "deposit": row.get("deposit"),
        "in_force": str(date_known) if date_known else None,
        "until": row.get("effective"),
        "in_force_basis": row.get("in_force_basis"),
        "note": row.get("note"),
        "confidence": row["confidence"],
        "source": row["source"],
    }
    return {**record, **reading.PARTY_FIXES.get((name, row["state"]), {})}


def _territories(row: Row) -> list[Row]:
    status = "party" if row.get("extension") or row.get("in_force") else "excluded"
    dated = row.get("in_force")
    if dated is None and row.get("extension"):
        dated = row["extension"][:4]
    return [
        {
            "state": code.strip(),
            "status": status,
            "in_force": dated,
            "in_force_basis": f"extended by {row['state']} in {row['extension']}"
            if row.get("extension")
            else None,
            "note": row.get("note"),
            "confidence": row["confidence"],
            "source": row["source"],
        }
        for code in row["territory"].split(",")
    ]


def _pair(item: Row) -> list[Row]:
    hint = item.get("parties_hint") or []
    if not hint:
        return []
    if item["id"] == "eu_is_no_mla":
        hint = [*reading.EU, "IS", "NO"]
    return [
        {
            "state": state,
            "status": "bound" if state in reading.EU and "EU" in item["parties_hint"] else "party",
            "in_force": item["in_force"],
            "confidence": item["confidence"],
            "source": item["source"],
        }
        for state in hint
    ]


def _complete(name: str, item: Row, row: Row) -> None:
    """Give the member states of an EU act the day from which the act applies."""
    no_date = row.pop("no_date", False)
    if name in reading.SIDES and "side" not in row:
        row["side"] = "EU" if row["state"] in reading.EU else "other"
    if name not in reading.EU_ACTS or row["status"] != "bound" or no_date:
        return
    applies = reading.INSTRUMENT_EXTRA.get(name, {}).get("applies_from") or item["in_force"]
    if row.get("in_force") not in (None, item["in_force"]):
        return
    since = reading.EU_SINCE.get(row["state"], "0000")
    if name in reading.SIDES and since > applies:
        row["in_force"] = None
        return
    row["in_force"] = max(applies, since)
    row["in_force_basis"] = reading.EU_ACTS[name] + (
        f"; member state since {since}" if since > applies else ""
    )


def _declarations(name: str, research: Research) -> list[Row]:
    rows = []
    for item in research.declarations:
        if item["instrument"] != name:
            continue
        effect = reading.DECLARATIONS[(name, item["state"], item["article"])]
        rows.append(
            {
                "state": item["state"],
                "article": item["article"],
                "type": item["type"],
                "text": item["effect"],
                **effect,
                "from": item.get("from"),
                "until": item.get("until"),
                "note": item.get("note"),
                "confidence": item["confidence"],
                "source": item["source"],
            }
        )
    return rows


def _provisions(item: Row, research: Research) -> list[Row]:
    name = item["id"]
    rows = []
    used: set[str] = set()
    for record in research.measures["provisions"]:
        if record["instrument"] != name:
            continue
        row = _provision(name, record)
        if row["id"] in used:
            row["id"] += "_2"
        used.add(row["id"])
        rows.append(row)
    return _shared(rows)


def _provision(name: str, record: Row) -> Row:
    measure = record["measure"]
    where = f"{name}/{measure}"
    contents = record.get("request_contents") or []
    article, domestic = _article(record["article"])
    limits = [clock(limit, where=where) for limit in record.get("time_limits") or ()]
    if not any(c["id"] == "until_decision" for c in limits):
        for c in limits:
            c.pop("continues_on", None)
            c.pop("continues_text", None)
    threshold = reading.THRESHOLDS.get((name, measure)) or reading.THRESHOLDS.get((name, "*"))
    channels = [_channel(text) for text in record["channels"]]
    if any(c["code"] in reading.PROVIDER for c in channels):
        addressee = "provider"
    elif any(c["code"] == "none_unilateral" for c in channels):
        addressee = "none"
    else:
        addressee = "state"
    return {
        "id": measure,
        "measure": measure,
        "article": article,
        "addressee": addressee,
        "contents_from": record.get("request_contents_basis"),
        "required": [f["field"] for f in contents if f["required"]],
        "optional": [f["field"] for f in contents if not f["required"]],
        "places": reading.PLACES.get((name, measure)),
        "clocks": limits,
        "dual_criminality": _dual(name, record),
        "threshold": threshold,
        "grounds": [
            {"code": g["code"], "article": g.get("article"), "lifted_by": _lifted(g)}
            for g in record.get("refusal_grounds") or ()
        ],
        "postponement": record.get("postponement"),
        "use_limits": record.get("use_limitation"),
        "use_limits_only_with": _only_with(name, record.get("use_limitation")),
        "confidentiality": record.get("confidentiality"),
        "confidentiality_only_with": _only_with(name, record.get("confidentiality")),
        "channels": channels,
        "language": record.get("language"),
        "reservable": record.get("reservable"),
        "note": "; ".join(filter(None, (record.get("notes"), domestic))) or None,
        "confidence": record["confidence"],
        "source": record["source"],
    }


def _article(text: str) -> tuple[str, str]:
    """Split `29 (domestic power: 16)` into the article and a note on the domestic one."""
    match = re.fullmatch(r"(.+?) \(domestic(?: power)?: ([0-9, ]+)\)", text)
    return (match[1], f"domestic power: art {match[2]}") if match else (text, "")


def _lifted(ground: Row) -> str | None:
    """Return the protocol that lifts a ground between its parties."""
    match = re.search(r"lifted by (\w+)", ground.get("article") or "")
    return match.group(1) if match else None


def _only_with(name: str, text: str | None) -> str | None:
    """Return the protocol without which the rule does not stand (trap 6: merged texts)."""
    return "coe_182" if name == "coe_030" and text and text.find("coe_182") >= 0 else None


def _dual(name: str, record: Row) -> Row:
    rule = record["dual_criminality"]
    extra = reading.DUAL.get((name, record["measure"], rule["rule"])) or reading.DUAL.get(
        (name, "*", rule["rule"]), {}
    )
    return {"rule": rule["rule"], "article": rule.get("article"), "note": rule.get("note"), **extra}


_CHANNEL = re.compile(r"([a-z0-9_]+)(?: (.*))?")
_COE_030 = {
    "direct_judicial (15(1) as amended by coe_182; otherwise urgent only)": {
        "code": "direct_judicial",
        "article": "15(1) as amended by coe_182",
        "only_with": "coe_182",
        "otherwise": "urgent_only",
    },
    "electronic 15(9)": {"code": "electronic", "article": "15(9)", "only_with": "coe_182"},
    "other by agreement": {"code": "other_by_agreement"},
}


def _channel(text: str) -> Row:
    if text in _COE_030:
        return dict(_COE_030[text])
    match = _CHANNEL.fullmatch(text)
    if match is None:
        raise SystemExit(f"channel {text!r} is not understood")
    return {"code": match.group(1), "article": match.group(2)}


_OWN = ("id", "measure", "article", "note")


def _shared(rows: list[Row]) -> list[Row]:
    """Say once what several provisions of one instrument share (`same_as`)."""
    result: list[Row] = []
    for row in rows:
        best: tuple[int, Row] | None = None
        for other in result:
            if "same_as" in other or any(
                other.get(k) and not row.get(k) for k in other if k not in _OWN
            ):
                continue
            changed = [k for k in row if k not in _OWN and row[k] != other.get(k)]
            if best is None or len(changed) < best[0]:
                best = (len(changed), other)
        if best and best[0] <= 3 and not (best[1].get("note") and not row.get("note")):
            other = best[1]
            small = {k: v for k, v in row.items() if k in _OWN or v != other.get(k)}
            if small.get("article") == other.get("article"):
                small.pop("article")
            if small.get("note") == other.get("note"):
                small.pop("note", None)
            first = {k: small.pop(k) for k in ("id", "measure")}
            result.append({**first, "same_as": other["id"], **small})
        else:
            result.append(row)
    return result


def _partner(row: Row) -> Row:
    """Return one line of such a list, with the year or month that it gives."""
    since = row.get("in_force_month") or row.get("year")
    return {
        "state": row["partner"],
        "since": str(since) if since else None,
        "confidence": row["confidence"],
        "source": row["source"],
    }


def _coverage(research: Research) -> str:
    rows: list[tuple[str, Row]] = []
    names = {
        "us_mlat_partners": (
            "US",
            "a mutual legal assistance treaty or agreement with the United States",
            "2015",
        ),
        "in_mlat_partners": ("IN", "a mutual legal assistance treaty with India", "2019"),
        "jp_mla_partners": ("JP", "a mutual legal assistance treaty with Japan", "2022"),
    }
    for name, (state, text, known_since) in names.items():
        listed = research.parties[name]
        rows.append(
            (
                "[[coverage]]",
                {
                    "id": name,
                    "state": state,
                    "measure": "general_mla",
                    "text": text,
                    "known_since": known_since,
                    "partner": [_partner(row) for row in listed["states"]],
                    "status_as_of": listed.get("status_as_of"),
                    "completeness": listed.get("completeness"),
                    "note": listed.get("note"),
                    "confidence": listed["states"][0]["confidence"],
                    "source": listed["states"][0]["source"],
                },
            )
        )
    return document(
        "Lists that only say that some treaty exists between two states. Most of "
        "those treaties\nhave no record here; where one has, the record counts.",
        rows,
    )
