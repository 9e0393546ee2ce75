# SPDX-License-Identifier: Apache-2.0
"""Scenarios: questions with the answers that a lawyer expects, written in TOML.

A file holds `[[case]]` tables. Each names a question (from, to, measure, on,
offences, facts ...) and what must come out: the usable bases in order, and for
single bases their status, article, contents, clocks, dual criminality, channels
or words of a reason. What a case does not mention is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.canonical.time import read_date
from comity.errors import Invalid
from comity.law.answer import Assessment, Basis, LegalFacts
from comity.law.engine import assess
from comity.law.load import read_file
from comity.law.pack import Pack
from comity.law.reader import Problems, Table, parse

_LISTS: Final = ("undetermined", "not_usable", "absent")


@dataclass(frozen=True, slots=True)
class Expected:
    """What one basis must be; empty means not looked at."""

    instrument: str
    status: str
    article: str
    confidence: str
    addressee: str
    dual_criminality: str
    requires: tuple[str, ...]
    missing: tuple[str, ...]
    because: tuple[str, ...]
    clocks: Mapping[str, str]
    channels: Mapping[str, str]
    grounds: Mapping[str, str]
    supplements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question and its expected answer."""

    title: str
    facts: LegalFacts
    on: str
    usable: tuple[str, ...] | None
    lists: Mapping[str, tuple[str, ...]]
    transfer: tuple[str, ...]
    bases: tuple[Expected, ...]

    def run(self, pack: Pack) -> tuple[str, ...]:
        """Ask the question; return what differs from the expectation, in words.

        Raises `Invalid` as `assess` does, naming the case.
        """
        try:
            answer = assess(facts=self.facts, pack=pack, as_of=read_date(self.on, what="on"))
        except Invalid as error:
            raise Invalid(error.code, f"{self.title}: {error.message}", hint=error.hint) from error
        return tuple(self._differences(answer))

    def _differences(self, answer: Assessment) -> Iterator[str]:
        by_status = {
            status: list(dict.fromkeys(b.instrument for b in answer.bases if b.status == status))
            for status in ("usable", "undetermined", "not_usable")
        }
        if self.usable is not None and by_status["usable"] != list(self.usable):
            yield f"usable is {by_status['usable']}, expected {list(self.usable)}"
        for status in ("undetermined", "not_usable"):
            for name in self.lists[status]:
                if name not in by_status[status]:
                    yield f"{name} is not among the {status} ({by_status[status]})"
        for name in self.lists["absent"]:
            if any(basis.instrument == name for basis in answer.bases):
                yield f"{name} is a candidate, expected none"
        grounds = {finding.ground for finding in answer.transfer.findings}
        for name in self.transfer:
            if name not in grounds | {answer.transfer.status}:
                yield f"transfer is {answer.transfer.status} {sorted(grounds)}, expected {name}"
        for expected in self.bases:
            yield from _basis_differences(expected, answer)


def _basis_differences(expected: Expected, answer: Assessment) -> Iterator[str]:
    found = [basis for basis in answer.bases if basis.instrument == expected.instrument]
    if not found:
        yield f"{expected.instrument}: no such candidate"
        return
    attempts = [list(_differences(expected, basis)) for basis in found]
    yield from min(attempts, key=len)


def _differences(expected: Expected, basis: Basis) -> Iterator[str]:
    name = basis.instrument
    dual = basis.dual_criminality.outcome if basis.dual_criminality else "none"
    for key, wanted, is_now in (
        ("status", expected.status, basis.status),
        ("confidence", expected.confidence, str(basis.confidence)),
        ("addressee", expected.addressee, basis.addressee),
        ("dual_criminality", expected.dual_criminality, dual),
    ):
        if wanted and wanted != is_now:
            yield f"{name}: {key} is {is_now}, expected {wanted}"
    if not basis.article.startswith(expected.article):
        yield f"{name}: article is {basis.article!r}, expected {expected.article!r}"
    required = {item.field for item in basis.requires if item.required}
    for field in expected.requires:
        if field not in required:
            yield f"{name}: the field {field} is not required"
    for fact in expected.missing:
        if fact not in basis.missing:
            yield f"{name}: {fact} is not among the missing facts {list(basis.missing)}"
    texts = " ".join(reason.text for reason in basis.reasons).lower()
    for words in expected.because:
        if words.lower() not in texts:
            yield f"{name}: no reason says {words!r}"
    yield from _tables(expected, basis)


def _tables(expected: Expected, basis: Basis) -> Iterator[str]:
    clocks = {clock.id: clock.period or "no figure" for clock in basis.clocks}
    channels = {channel.code: channel.open for channel in basis.channels}
    grounds = {ground.code: ground.applies for ground in basis.refusal_grounds}
    supplements = {item.instrument: item.binds for item in basis.supplements}
    for what, wanted, found in (
        ("clock", expected.clocks, clocks),
        ("channel", expected.channels, channels),
        ("ground", expected.grounds, grounds),
        ("supplement", expected.supplements, supplements),
    ):
        for key, value in wanted.items():
            if found.get(key) != value:
                yield f"{basis.instrument}: {what} {key} is {found.get(key)}, expected {value}"


def read_scenarios(path: Path) -> tuple[Scenario, ...]:
    """Read a file of scenarios, or raise `Invalid` (`law.scenario_invalid`) naming every fault."""
    problems = Problems()
    data = parse(read_file(path), file=path.name, problems=problems)
    table = Table(data, file=path.name, path="", problems=problems)
    found = tuple(_scenario(inner) for inner in table.tables("case"))
    table.done()
    if not found and not problems.found:
        table.fault(
            "case", "law.no_scenario", "holds no case", "Add a question: [[case]], from, to ..."
        )
    if problems.found:
        first, *others = problems.found
        more = "".join(f" Also {problem}." for problem in others)
        raise Invalid(
            "law.scenario_invalid",
            str(first),
            hint=first.fix + more,
            details={"problems": [" ".join(problem.lines) for problem in problems.found]},
        )
    return found


def _scenario(table: Table) -> Scenario:
    usable = table.strings("usable")
    result = Scenario(
        title=table.text("title"),
        facts=LegalFacts(
            requesting=table.text("from"),
            requested=table.text("to"),
            measure=table.text("measure"),
            offences=table.strings("offences"),
            elements=frozenset(table.strings("facts")),
            absent=frozenset(table.strings("facts_absent")),
            maximum_months=table.whole("max_months"),
        ),
        on=table.text("on"),
        usable=usable if "usable" in table else None,
        lists={name: table.strings(name) for name in _LISTS},
        transfer=table.strings("transfer"),
        bases=tuple(_expected(inner) for inner in table.tables("basis")),
    )
    table.optional("note")
    before = len(table.problems.found)
    table.done()
    expects = any(result.lists.values()) or result.transfer + result.bases
    if result.usable is None and not expects and len(table.problems.found) == before:
        table.fault(
            "",
            "law.expects_nothing",
            "expects nothing, so that any answer would do",
            "Add usable = [...], or [[case.basis]] with what must come out.",
        )
    return result


def _expected(table: Table) -> Expected:
    result = Expected(
        instrument=table.text("instrument"),
        status=table.optional("status") or "",
        article=table.optional("article") or "",
        confidence=table.optional("confidence") or "",
        addressee=table.optional("addressee") or "",
        dual_criminality=table.optional("dual_criminality") or "",
        requires=table.strings("requires"),
        missing=table.strings("missing"),
        because=table.strings("because"),
        clocks=table.texts("clocks"),
        channels=table.texts("channels"),
        grounds=table.texts("grounds"),
        supplements=table.texts("supplements"),
    )
    table.done()
    return result
