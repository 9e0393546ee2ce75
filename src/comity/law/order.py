# SPDX-License-Identifier: Apache-2.0
"""Order of preference and displacement between bases: only as the pack's rules say.

No rule, no order: two bases that nothing relates are shown as equal. Rules that
contradict each other make the bases they speak of undetermined, and are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.law import explain
from comity.law.findings import Reason
from comity.law.model import (
    Instrument,
    Rule,
)
from comity.law.pack import Pack, Reach
from comity.law.provision import Provision
from comity.law.standing import Bound


@dataclass
class Candidate:
    """A basis while it is being judged. `verdict` only ever gets worse."""

    reach: Reach
    provision: Provision | None
    reasons: list[Reason] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    verdict: Bound = Bound.YES
    equal_to: tuple[str, ...] = ()

    instrument: Instrument = field(init=False)
    key: str = field(init=False)
    """A name that is unique among the candidates of one question."""

    def __post_init__(self) -> None:
        """Keep what is asked for often."""
        self.instrument = self.reach.instrument
        self.key = f"{self.instrument.id}/{self.provision.id if self.provision else ''}"

    def judge(self, bound: Bound, *reasons: Reason) -> None:
        """Take a finding and its reasons into account."""
        self.verdict = min(self.verdict, bound)
        self.reasons += reasons


def displace(candidates: Sequence[Candidate], measure: str, pack: Pack) -> None:
    """Apply the rules by which one instrument takes the place of another.

    A rule for a wider measure takes no place of one that is nearer to the measure asked for:
    what the other instrument alone names stays with it.
    """
    steps = {name: step for step, name in enumerate(pack.chain(measure))}
    for rule in pack.rules:
        if rule.kind != "displaces":
            continue
        stronger = [
            item
            for item in candidates
            if rule.first.matches(item.instrument) and item.verdict is not Bound.NO
        ]
        for item in candidates:
            if not rule.then.matches(item.instrument) or item in stronger:
                continue
            reaching = [i for i in stronger if steps[i.reach.at] <= steps[item.reach.at]]
            if reaching:
                sure = any(i.verdict is Bound.YES for i in reaching)
                bound, weight = (Bound.NO, "against") if sure else (Bound.UNKNOWN, "open")
                item.judge(bound, explain.by_rule(rule, weight=weight))


def exclude(candidate: Candidate, measure: str, pack: Pack) -> None:
    """Apply the rules by which an instrument does not reach a measure."""
    for rule in pack.rules:
        if (
            rule.kind == "excludes"
            and rule.first.matches(candidate.instrument)
            and measure in rule.measures
        ):
            candidate.judge(Bound.NO, explain.by_rule(rule, weight="against"))


def arrange(candidates: Sequence[Candidate], pack: Pack) -> list[Candidate]:
    """Return the candidates in order of preference: usable, then open, then not usable."""
    edges = _edges([item for item in candidates if item.verdict is not Bound.NO], pack)
    clashing = _clashes(edges)
    for item in candidates:
        for rule in clashing.get(item.key, ()):
            item.judge(Bound.UNKNOWN, explain.by_rule(rule, weight="open"))
    result: list[Candidate] = []
    for bound in (Bound.YES, Bound.UNKNOWN, Bound.NO):
        group = [item for item in candidates if item.verdict is bound]
        result += _sorted(group, edges)
    _mark_equals(result, edges)
    return result


Edges = dict[tuple[str, str], Rule]


def _edges(candidates: Sequence[Candidate], pack: Pack) -> Edges:
    edges: Edges = {}
    for rule in pack.rules:
        if rule.kind != "before":
            continue
        firsts = [item for item in candidates if rule.first.matches(item.instrument)]
        if not firsts:
            continue
        for then in candidates:
            if rule.then.matches(then.instrument):
                for first in firsts:
                    if first.instrument is not then.instrument and _holds(rule, first, then):
                        edges.setdefault((first.key, then.key), rule)
    for rule in pack.rules:
        if rule.kind == "named_first":
            _named_first(candidates, rule, edges)
    return edges


def _holds(rule: Rule, first: Candidate, then: Candidate) -> bool:
    """Whether a rule of preference is silent because only the other basis names the measure."""
    return not (rule.unless_named and then.reach.named and not first.reach.named)


def _named_first(candidates: Sequence[Candidate], rule: Rule, edges: Edges) -> None:
    """Put a basis that names the measure before one that does not, where nothing else is said."""
    for first in candidates:
        for then in candidates:
            if not first.reach.named or then.reach.named:
                continue
            if (first.key, then.key) not in edges and (then.key, first.key) not in edges:
                edges[(first.key, then.key)] = rule


def _clashes(edges: Edges) -> dict[str, list[Rule]]:
    """Return, for every candidate on a circle of preferences, the rules that make the circle.

    `named_first` never makes one: where it would, it is left out.
    """
    while True:
        circle = _circle(edges)
        if not circle:
            return {}
        rules = {pair: edges[pair] for pair in circle}
        general = [pair for pair, rule in rules.items() if rule.kind == "named_first"]
        if not general:
            break
        for pair in general:
            del edges[pair]
    result: dict[str, list[Rule]] = {}
    for (first, then), rule in rules.items():
        result.setdefault(first, []).append(rule)
        result.setdefault(then, []).append(rule)
    for pair in rules:
        del edges[pair]
    return result


def _circle(edges: Edges) -> list[tuple[str, str]]:
    """Return the edges between candidates that remain when all sources and sinks are taken off."""
    remaining = list(edges)
    while True:
        starts = {first for first, _ in remaining}
        ends = {then for _, then in remaining}
        inner = [pair for pair in remaining if pair[0] in ends and pair[1] in starts]
        if len(inner) == len(remaining):
            return inner
        remaining = inner


def _sorted(group: Sequence[Candidate], edges: Edges) -> list[Candidate]:
    """Topological order; among equals by id, so that the same question has the same answer."""
    waiting = sorted(group, key=lambda item: item.key)
    result: list[Candidate] = []
    while waiting:
        keys = {item.key for item in waiting}
        free = next(item for item in waiting if not any((key, item.key) in edges for key in keys))
        waiting.remove(free)
        result.append(free)
    return result


def _mark_equals(ordered: Sequence[Candidate], edges: Edges) -> None:
    """Note, for each usable basis, the usable ones that no rule puts before or after it."""
    usable = [item for item in ordered if item.verdict is Bound.YES]
    reach = {item.key: {then for first, then in edges if first == item.key} for item in usable}
    for middle, beyond in reach.items():
        for after in reach.values():
            if middle in after:
                after.update(beyond)
    for item in usable:
        item.equal_to = tuple(
            dict.fromkeys(
                other.instrument.id
                for other in usable
                if other.key not in reach[item.key]
                and item.key not in reach[other.key]
                and other.instrument.id != item.instrument.id
            )
        )
