# SPDX-License-Identifier: Apache-2.0
"""Records of a pack as stable JSON documents: instruments, one instrument, one state.

A document shows records as they are written, each with its source and confidence,
and says which law it is from. Nothing is decided here: whether a state is bound on
a day is a question for the engine. Members may be added under a format's name; a
change of meaning gets another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Final

from comity.canonical.json import JSON, Object
from comity.errors import Invalid
from comity.law.dates import When
from comity.law.model import Instrument, State
from comity.law.origin import Origin
from comity.law.pack import Pack
from comity.law.reader import nearest

INSTRUMENTS_FORMAT: Final = "comity.law.instruments/1"
INSTRUMENT_FORMAT: Final = "comity.law.instrument/1"
STATE_FORMAT: Final = "comity.law.state/1"

#: Names that Python keeps for itself, or that the files write otherwise.
_WRITTEN: Final = {"class_": "class", "start": "from", "list": "party_list"}
#: Parts of an instrument that stand beside it in a document.
_APART: Final = frozenset({"parties", "declarations", "provisions"})


def instruments(pack: Pack) -> Object:
    """Return the list of every instrument: enough to choose one."""
    return {
        "format": INSTRUMENTS_FORMAT,
        "instruments": [
            {
                "id": item.id,
                "title": item.title,
                "short": item.short,
                "kind": item.kind,
                "class": item.class_,
                "in_force": _json(item.in_force),
                "in_force_state": item.in_force_state,
                "parties": len(item.parties),
                "measures": [*item.provides],
                "confidence": str(item.origin.confidence),
            }
            for item in sorted(pack.instruments.values(), key=lambda one: one.id)
        ],
        "pack": law_of(pack),
    }


def instrument(pack: Pack, name: str) -> Object:
    """Return everything that the pack holds of one instrument.

    Raises `Invalid` (`law.instrument.unknown`) if there is none of this id.
    """
    found = pack.instruments.get(name)
    if found is None:
        raise Invalid(
            "law.instrument.unknown",
            f"{name[:60]!r} is not a known instrument",
            hint=nearest(name, pack.instruments),
        )
    rows = [row for code in sorted(found.parties) for row in found.parties[code]]
    provisions = [one for key in sorted(found.provisions) for one in found.provisions[key]]
    origins = [found.origin, *[row.origin for row in rows]]
    origins += [one.origin for one in found.declarations] + [one.origin for one in provisions]
    return {
        "format": INSTRUMENT_FORMAT,
        "instrument": _instrument(found),
        "parties": [_json(row) for row in rows],
        "declarations": [_json(one) for one in found.declarations],
        "provisions": [_json(one) for one in provisions],
        "sources": _sources(pack, origins),
        "pack": law_of(pack),
    }


def state(pack: Pack, code: str) -> Object:
    """Return everything that the pack holds of one state or territory.

    Raises `Invalid` (`law.state.unknown`) if it knows none of this code.
    """
    code = pack.state_named(code)
    found = pack.states.get(code)
    if found is None:
        raise Invalid(
            "law.state.unknown",
            f"{code[:60]!r} is not a known state",
            hint=pack.hint_of_state(code),
        )
    rows = [(item, row) for item in _sorted(pack) for row in item.parties.get(code, ())]
    declared = pack.declared_by(code)
    national = pack.national.get(code, ())
    authorities = pack.authorities.get(code, ())
    practices = pack.practices.get(code, ())
    origins = [row.origin for _, row in rows] + [one.origin for one in declared]
    origins += [one.origin for one in national] + [one.origin for one in authorities]
    origins += [one.origin for one in practices]
    return {
        "format": STATE_FORMAT,
        "state": {**_object(found), "territories": _territories(pack, found)},
        "instruments": [
            {"instrument": item.id, "title": item.title, **_object(row)} for item, row in rows
        ],
        "declarations": [_json(one) for one in declared],
        "offences": [_json(one) for one in national],
        "authorities": [_json(one) for one in authorities],
        "practices": [_json(one) for one in practices],
        "sources": _sources(pack, origins),
        "pack": law_of(pack),
    }


def law_of(pack: Pack) -> Object:
    """Return which law a document is from, as every document says it."""
    return {"name": pack.name, "version": pack.version, "digest": pack.digest}


def _sorted(pack: Pack) -> list[Instrument]:
    return sorted(pack.instruments.values(), key=lambda one: one.id)


def _territories(pack: Pack, found: State) -> list[JSON]:
    return [name for name, one in sorted(pack.states.items()) if one.of == found.id]


def _instrument(found: Instrument) -> Object:
    return {name: value for name, value in _object(found).items() if name not in _APART}


def _sources(pack: Pack, origins: Iterable[Origin]) -> list[JSON]:
    named = {source for origin in origins for source in origin.sources}
    return [_json(pack.sources[name]) for name in sorted(named)]


def _object(record: object) -> Object:
    value = _json(record)
    assert isinstance(value, dict)  # noqa: S101 - records are tables
    return value


def _json(value: object) -> JSON:
    """Write a record, or a value of one, as the files name it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum | str):
        return str(value)
    if isinstance(value, When):
        return value.text
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if is_dataclass(value):
        return _record(value)
    raise TypeError(f"a record holds a {type(value).__name__}")


def _record(value: object) -> Object:
    written: Object = {}
    for entry in fields(value):  # type: ignore[arg-type]
        item = getattr(value, entry.name)
        if isinstance(item, Origin):
            written |= {
                "record": item.record,
                "confidence": str(item.confidence),
                "source": [*item.sources],
                "from_pack": item.pack,
                "corrected": item.corrected,
            }
        else:
            written[_WRITTEN.get(entry.name, entry.name)] = _json(item)
    return written
