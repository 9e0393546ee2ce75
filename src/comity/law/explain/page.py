# SPDX-License-Identifier: Apache-2.0
"""An answer as a page: headings and lines, the same on desk, paper and terminal.

`page` gives blocks; who shows them decides only how they look. Coded values are
labelled in the language asked for; sentences are in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from comity.law.answer import NOT_USABLE, Assessment, Basis
from comity.law.explain.words import cited, joined, name_of, with_article
from comity.law.findings import (
    DualCriminality,
    LegalClock,
    Reason,
    Requirement,
    StateRule,
    Words,
)
from comity.law.pack import Pack

ENGLISH: Final = "en"
_SIGNS: Final = {"for": "+", "against": "-", "open": "?", "condition": "!", "note": "*"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, and in `detail` the article, sources and confidence behind it."""

    text: str
    detail: str = ""
    sign: str = ""
    """+ speaks for, - against, ? open, ! condition, * note."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and its lines; `level` 1 is the question, 2 a basis, 3 a part of it."""

    heading: str
    level: int
    lines: tuple[Line, ...] = ()


def page(answer: Assessment, pack: Pack, *, language: str = "en") -> tuple[Block, ...]:
    """Return the answer as blocks, in reading order, with instruments called by their names."""
    named = namer(pack)
    return tuple(
        Block(
            named(block.heading),
            block.level,
            tuple(Line(named(line.text), named(line.detail), line.sign) for line in block.lines),
        )
        for block in _blocks(answer, pack, language)
    )


def namer(pack: Pack) -> Callable[[str], str]:
    """Return a function that puts the short titles of instruments in place of their ids."""
    ids = re.compile(rf"\b({'|'.join(map(re.escape, pack.instruments))})\b")
    return lambda text: ids.sub(lambda found: pack.instruments[found[1]].short, text)


def as_text(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Yield the page as plain text lines."""
    for block in blocks:
        indent = "  " * (block.level - 1)
        if block.level < 3:  # noqa: PLR2004  (a part of a basis needs no air above it)
            yield ""
        yield f"{indent}{block.heading}"
        for line in block.lines:
            sign = f"{line.sign or '-'} "
            detail = f"  [{line.detail}]" if line.detail else ""
            yield f"{indent}  {sign}{line.text}{detail}"


def _blocks(answer: Assessment, pack: Pack, language: str) -> Iterator[Block]:
    yield _question(answer, pack, language)
    for number, basis in enumerate(answer.bases, start=1):
        yield from _basis(number, basis, pack, language)
    yield _transfer(answer, pack, language)
    yield _law(answer)


def _question(answer: Assessment, pack: Pack, language: str) -> Block:
    facts = answer.facts
    asked = pack.label("measure", facts.measure, language)
    offences = [pack.label("offence", name, language) for name in facts.offences]
    requesting = _name(facts.requesting, pack, language, start=True)
    text = f"{requesting} asks {_name(facts.requested, pack, language)}: {asked}"
    if offences:
        text += f" ({joined(offences)})"
    usable = joined([basis.title for basis in answer.usable])
    lines = [Line(f"Usable: {usable}" if usable else "No basis is usable as it stands.")]
    lines += [Line(note) for note in answer.notes]
    return Block(f"{text}, on {answer.as_of.isoformat()}", 1, tuple(lines))


def _name(code: str, pack: Pack, language: str, *, start: bool = False) -> str:
    if language == ENGLISH:
        return name_of(code, pack, start=start)
    return pack.label("state", code, language)


def _basis(number: int, basis: Basis, pack: Pack, language: str) -> Iterator[Block]:
    article = f", {cited(basis.article)}" if basis.article else ""
    status = pack.label("status", basis.status, language)
    confidence = pack.label("confidence", str(basis.confidence), language)
    yield Block(
        f"{number}. {basis.title}{article}: {status} ({confidence})",
        2,
        tuple(_reason(reason, pack, language) for reason in basis.reasons),
    )
    if basis.equal_to:
        names = joined([pack.instruments[name].short for name in basis.equal_to])
        yield Block(f"No rule puts this before or after: {names}.", 3)
    if basis.missing:
        words = joined([_missing(pack, name, language) for name in basis.missing])
        yield Block(f"Say more about: {words}.", 3)
    if basis.status != NOT_USABLE:
        yield from _contents(basis, pack, language)


def _missing(pack: Pack, name: str, language: str) -> str:
    special = {
        "offence": "the offence",
        "maximum_months": "the maximum penalty",
        "treaty_text": "the text of the treaty",
    }
    return special.get(name) or f"whether {pack.label('element', name, language)}"


def _contents(basis: Basis, pack: Pack, language: str) -> Iterator[Block]:
    if basis.requires:
        lines = tuple(_requirement(item, pack, language) for item in basis.requires)
        yield Block("The request contains", 3, lines)
    if basis.clocks:
        yield Block("Clocks", 3, tuple(_clock(clock, pack, language) for clock in basis.clocks))
    if basis.dual_criminality is not None:
        yield _dual(basis.dual_criminality, pack, language)
    if basis.refusal_grounds:
        lines = tuple(
            Line(
                pack.label("ground", ground.code, language)
                + ("" if ground.applies == "yes" else f" ({ground.because})"),
                cited(ground.article),
                "" if ground.applies == "yes" else "*",
            )
            for ground in basis.refusal_grounds
        )
        yield Block("Grounds of refusal", 3, lines)
    for heading, words in (
        ("Postponement", basis.postponement),
        ("Limits of use", basis.use_limits),
        ("Confidentiality", basis.confidentiality),
    ):
        if words:
            yield Block(heading, 3, tuple(_words(item) for item in words))
    yield from _ways(basis, pack, language)


def _ways(basis: Basis, pack: Pack, language: str) -> Iterator[Block]:
    if basis.channels:
        lines = []
        for channel in basis.channels:
            names = "; ".join(item.name for item in channel.institutions)
            text = pack.label("channel", channel.code, language)
            text += f": {names}" if names else ""
            text += f". {channel.because}" if channel.because else ""
            sign = {"yes": "+", "no": "-"}.get(channel.open, "?")
            lines.append(Line(text, channel.article, sign))
        yield Block("Channels", 3, tuple(lines))
    if basis.languages:
        yield Block("Language", 3, tuple(Line(with_article(item.text)) for item in basis.languages))
    if basis.state_rules:
        yield Block(
            "What the requested state says of itself",
            3,
            tuple(_state_rule(rule, pack, language) for rule in basis.state_rules),
        )
    if basis.supplements:
        yield Block(
            "Supplemented by",
            3,
            tuple(
                Line(f"{item.title} (binds both states: {item.binds}): {item.text}")
                for item in basis.supplements
            ),
        )
    if basis.note:
        yield Block(f"Note: {basis.note}", 3)


def _state_rule(rule: StateRule, pack: Pack, language: str) -> Line:
    words = {"met": " (reached)", "not_met": " (not reached)", "not_stated": " (not stated)"}
    sign = {"met": "+", "not_met": "-", "not_stated": "?"}.get(rule.outcome, "")
    text = f"{rule.label}: {rule.text}{words.get(rule.outcome, '')}"
    if rule.period:
        text += f" ({rule.period})"
    confidence = pack.label("confidence", str(rule.confidence), language)
    return Line(text, ", ".join([rule.article or "no article", confidence]), sign)


def _requirement(item: Requirement, pack: Pack, language: str) -> Line:
    label = pack.label("field", item.field, language)
    asked = {
        "instrument": cited(item.article) or "the instrument",
        "practice": "practice",
        "state": "the requested state",
    }[item.basis]
    return Line(label if item.required else f"{label} (where known)", asked)


def _clock(clock: LegalClock, pack: Pack, language: str) -> Line:
    start = pack.label("event", clock.start_event, language)
    kind = pack.label("clock_kind", clock.kind, language)
    figure = f"{kind} {clock.value}, " if clock.kind != "none" else f"{clock.value}; "
    text = f"{clock.label}: {figure}from when {start}. {clock.consequence}"
    if clock.continues_text:
        text += f" {clock.continues_text}"
    if clock.pause:
        text += f" {clock.pause}"
    return Line(text, cited(clock.article))


def _dual(found: DualCriminality, pack: Pack, language: str) -> Block:
    outcome = pack.label("outcome", found.outcome, language)
    rule = pack.label("dual_criminality", found.rule, language)
    lines = [Line(f"The rule: {rule}." + (f" ({found.note})" if found.note else ""))]
    lines += [_reason(reason, pack, language) for reason in found.reasons]
    for match in found.offences:
        words = {"met": "punishable there", "not_met": "an element is missing"}
        result = words.get(match.outcome, "cannot be said yet")
        lines.append(Line(f"{pack.label('offence', match.offence, language)}: {result}"))
        lines += [_reason(reason, pack, language) for reason in match.reasons]
    article = f" ({cited(found.article)})" if found.article else ""
    return Block(f"Dual criminality{article}: {outcome}", 3, tuple(lines))


def _words(item: Words) -> Line:
    if item.applies == "yes":
        return Line(with_article(item.text), item.because)
    return Line(f"{with_article(item.text)}: {item.because}", "", "*")


def _reason(reason: Reason, pack: Pack, language: str) -> Line:
    behind = [cited(reason.article)] if reason.article else []
    behind += [pack.label("confidence", str(reason.confidence), language), *reason.source]
    if reason.corrected:
        behind.append(f"corrected in {reason.pack}: {reason.corrected}")
    return Line(reason.text, ", ".join(behind), _SIGNS.get(reason.weight, "*"))


def _transfer(answer: Assessment, pack: Pack, language: str) -> Block:
    lines = [
        Line(
            f"{item.regime}, {cited(item.article)}: {item.text} Conditions: "
            f"{'; '.join(item.conditions)}.",
            ", ".join([pack.label("confidence", str(item.confidence), language), *item.sources]),
        )
        for item in answer.transfer.findings
    ]
    return Block(f"Personal data: {answer.transfer.text}", 2, tuple(lines))


def _law(answer: Assessment) -> Block:
    lines = [
        Line(
            f"{part.name} {part.version}"
            + (f", signed by {part.signed_by}" if part.signed_by else "")
            + f": {part.reason}",
            f"sha256 {part.digest}",
        )
        for part in answer.parts
    ]
    return Block("Answered from this law (research, not legal advice)", 2, tuple(lines))
