# SPDX-License-Identifier: Apache-2.0
"""What changed between two packs, and for whom.

First the records: added, removed, changed, key by key, with the states they
concern; of a provision, a declaration or an instrument also who is bound by it on
the day, since for all of these clocks, contents, grounds or channels can be others.
Then the effect: for the measures that a changed record reaches, the pairs of
states whose usable bases are not the same any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import Final

from comity.canonical.json import JSON, Object
from comity.law.answer import LegalFacts
from comity.law.builder import PLAIN_VOCABULARIES
from comity.law.dates import When
from comity.law.matrix import matrix, members
from comity.law.model import Instrument
from comity.law.origin import Origin
from comity.law.pack import Pack
from comity.law.standing import Bound, binds

FORMAT: Final = "comity.law.difference/1"
#: Keys that hold other records, which are compared by themselves.
_APART: Final = frozenset({"parties", "declarations", "provisions"})
#: Beginnings of the ids of records that change no answer about who may ask whom.
_WORDS: Final = (
    *("source/", "adequacy/", "transfer", "penalty_floor/", "label/", "field/", "ground/", "role/"),
    *(f"{name}/" for name in PLAIN_VOCABULARIES),
)
#: Other records whose id begins with a word of their kind and not with an instrument's.
_KINDS: Final = ("state/", "measure/", "offence/", "element/", "rule/", "coverage/", *_WORDS)


@dataclass(frozen=True, slots=True)
class Change:
    """One record: `kind` added, removed or changed; `keys` as (key, old, new) in words.

    `bound`: who is bound by the instrument on the day, under the old law or the new, if
    the record is the instrument, a provision or a declaration; else nobody.
    `measure`: of a provision, the measure that it speaks of.
    """

    kind: str
    record: str
    states: tuple[str, ...]
    instruments: tuple[str, ...]
    keys: tuple[tuple[str, str, str], ...]
    bound: tuple[str, ...] = ()
    measure: str = ""

    def to_json(self) -> Object:
        """Return the change as JSON."""
        return {
            "kind": self.kind,
            "record": self.record,
            "states": list(self.states),
            "instruments": list(self.instruments),
            "measure": self.measure,
            "bound": list(self.bound),
            "keys": [{"key": key, "old": old, "new": new} for key, old, new in self.keys],
        }


@dataclass(frozen=True, slots=True)
class Effect:
    """A pair of states whose usable bases for a measure changed."""

    requesting: str
    requested: str
    measure: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def to_json(self) -> Object:
        """Return the effect as JSON."""
        return {
            "from": self.requesting,
            "to": self.requested,
            "measure": self.measure,
            "before": list(self.before),
            "after": list(self.after),
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed, on one day."""

    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    as_of: date
    old: Object
    new: Object

    def to_json(self) -> Object:
        """Return the difference as JSON."""
        changes: list[JSON] = [change.to_json() for change in self.changes]
        effects: list[JSON] = [effect.to_json() for effect in self.effects]
        return {
            "format": FORMAT,
            "as_of": self.as_of.isoformat(),
            "old": self.old,
            "new": self.new,
            "records": changes,
            "effects": effects,
        }


def difference(*, old: Pack, new: Pack, as_of: date) -> Difference:
    """Return what changed from `old` to `new`, and for which pairs of states on `as_of`."""
    changes = tuple(
        _with_bound(change, old, new, as_of) for change in _changes(records(old), records(new))
    )
    return Difference(
        changes=changes,
        effects=tuple(_effects(old, new, changes, as_of)),
        as_of=as_of,
        old=_name(old),
        new=_name(new),
    )


def _name(pack: Pack) -> Object:
    return {"name": pack.name, "version": pack.version, "digest": pack.digest}


def records(pack: Pack) -> dict[str, object]:
    """Return every record of a pack by an id that is the same in every version."""
    result: dict[str, object] = {}
    for kind, known in (
        ("state", pack.states),
        ("measure", pack.measures),
        ("offence", pack.offences),
        ("element", pack.elements),
        ("source", pack.sources),
        ("transfer", pack.transfer_grounds),
        ("field", pack.fields),
        ("ground", pack.grounds),
        ("role", pack.roles),
    ):
        result |= {f"{kind}/{name}": item for name, item in known.items()}
    for kind, coded in pack.codes.items():
        result |= {f"{kind}/{name}": item for name, item in coded.items()}
    result |= _labels(pack)
    for name, instrument in pack.instruments.items():
        result[name] = instrument
        result |= _of_instrument(instrument)
    result |= {item.origin.record: item for item in pack.rules}
    result |= {item.origin.record: item for item in pack.coverage}
    result |= {item.origin.record: item for item in pack.transfer_rules}
    result |= {item.origin.record: item for item in pack.adequacy}
    result |= {item.origin.record: item for item in pack.floors}
    for lists in (pack.national, pack.authorities, pack.practices):
        for rows in lists.values():
            result |= {row.origin.record: row for row in rows}
    return result


def _labels(pack: Pack) -> dict[str, object]:
    """Return the translated labels that stand in no record, as the English ones and names do."""
    return {
        f"label/{language}/{vocabulary}/{code}": text
        for language, vocabularies in pack.labels.items()
        if language != "en"
        for vocabulary, texts in vocabularies.items()
        for code, text in texts.items()
        if vocabulary != "state" or pack.states[code].names.get(language) != text
    }


def _of_instrument(instrument: Instrument) -> dict[str, object]:
    result: dict[str, object] = {}
    for rows in instrument.parties.values():
        result |= {row.origin.record: row for row in rows}
    result |= {row.origin.record: row for row in instrument.declarations}
    for provisions in instrument.provisions.values():
        result |= {row.id: row for row in provisions}
    return result


def _changes(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None:
            yield _change("added", name, after, ())
        elif after is None:
            yield _change("removed", name, before, ())
        elif before != after:
            keys = tuple(_keys(before, after))
            if keys:
                yield _change("changed", name, after, keys)


def _keys(before: object, after: object) -> Iterator[tuple[str, str, str]]:
    if not is_dataclass(before):
        yield "text", _words(before), _words(after)
        return
    for item in fields(before):
        if item.name in _APART:
            continue
        old, new = _words(getattr(before, item.name)), _words(getattr(after, item.name))
        if old != new:
            yield item.name, old, new


def _words(value: object) -> str:
    """Write a value of a record as a person reads it."""
    if value is None:
        return "not established"
    if isinstance(value, When):
        return value.text
    if isinstance(value, Origin):
        return f"{value.confidence} ({', '.join(value.sources)})"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(_words(item) for item in value) or "nothing"
    if is_dataclass(value):
        parts = [f"{f.name} {_words(getattr(value, f.name))}" for f in fields(value)]
        return "; ".join(parts)
    return str(value)


def _change(kind: str, name: str, record: object, keys: tuple[tuple[str, str, str], ...]) -> Change:
    state = getattr(record, "state", None)
    states = (state,) if isinstance(state, str) else ()
    of_a_kind = name.startswith(_KINDS)
    instrument = getattr(record, "instrument", None)
    instrument = instrument or ("" if of_a_kind else name.split("/", maxsplit=1)[0])
    instruments = (instrument,) if isinstance(instrument, str) and instrument.islower() else ()
    measure = getattr(record, "measure", "") if "/provision/" in name else ""
    return Change(kind, name, states, instruments, keys, measure=measure)


def _with_bound(change: Change, old: Pack, new: Pack, as_of: date) -> Change:
    """Add who is bound by the instrument, where the record changes what the bound can ask."""
    of_it = "/declaration/" in change.record or "/provision/" in change.record
    if not change.instruments or not (of_it or change.record == change.instruments[0]):
        return change
    bound = {
        state
        for pack in (old, new)
        for name in change.instruments
        if name in pack.instruments
        for state, row in pack.states.items()
        if row.kind != "organisation"
        and binds(pack.instruments[name], state, as_of, pack) is Bound.YES
    }
    return replace(change, bound=tuple(sorted(bound)))


def _effects(old: Pack, new: Pack, changes: tuple[Change, ...], as_of: date) -> Iterator[Effect]:
    """Compare the matrices of the measures that a changed instrument or rule can reach."""
    if not changes:
        return
    both = sorted(set(members(old)) & set(members(new)))
    concerned = _concerned(changes)
    for measure in sorted(old.measures.keys() & new.measures.keys()):
        if not _touched(old, new, measure, changes):
            continue
        before, after = (
            matrix(
                facts=LegalFacts("", "", measure),
                pack=pack,
                as_of=as_of,
                states=both,
                involving=concerned,
            )
            for pack in (old, new)
        )
        for requesting, requested, cell in before.rows():
            now = after.cells[(requesting, requested)]
            if now.usable != cell.usable:
                yield Effect(requesting, requested, measure, cell.usable, now.usable)


def _concerned(changes: tuple[Change, ...]) -> frozenset[str] | None:
    """The states that the changes name; None if some change concerns more than named states."""
    if any(_bears_on_answers(change) and not change.states for change in changes):
        return None
    return frozenset(state for change in changes for state in change.states)


def _bears_on_answers(change: Change) -> bool:
    """Sources and words change no answer about who may ask whom."""
    return not change.record.startswith(_WORDS)


def _touched(old: Pack, new: Pack, measure: str, changes: tuple[Change, ...]) -> bool:
    reached = {reach.instrument.id for pack in (old, new) for reach in pack.reaching(measure)}
    parents = {
        pack.instruments[name].supplements
        for pack in (old, new)
        for name in reached
        if name in pack.instruments
    }
    general = ("rule/", "measure/", "state/", "coverage/")
    names = reached | {name for name in parents if name is not None}
    chain = {step for pack in (old, new) for step in pack.chain(measure)}
    return any(
        change.record.startswith(general)
        or (
            bool(names.intersection(change.instruments))
            and (not change.measure or change.measure in chain)
        )
        for change in changes
    )
