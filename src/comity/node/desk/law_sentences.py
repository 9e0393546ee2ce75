# SPDX-License-Identifier: Apache-2.0
"""The sentences of the law engine in the reader's language.

The engine writes English (`comity.law.explain`), which is kept with the request and travels. Here
a sentence is recognised by its pattern and said again: states and measures by their labels in the
pack, instruments by their own titles, dates and articles in one direction. What no pattern fits,
and the notes of the records, are shown in English and marked so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _lazy

#: Patterns in the words of the engine. The name of a place says what stands there.
PATTERNS: Final[tuple[Promise, ...]] = (
    _lazy("The {instrument} has been in force since {day}."),
    _lazy("The {instrument} is not in force: {text}."),
    _lazy("Whether the {instrument} is in force is not established: {text}."),
    _lazy("The {instrument} was only applied provisionally (from {day}) on this day."),
    _lazy("The {instrument} enters into force only on {day}."),
    _lazy("The {instrument} entered into force in {day}; the day is not recorded."),
    _lazy("The {instrument} is in force but applies only from {day}."),
    _lazy("The term of the {instrument} ended on {day} unless it was renewed: check."),
    _lazy("What the pack knows of the {instrument} is unverified."),
    _lazy("{state} has been bound by the {instrument} since {day}."),
    _lazy(
        "{state} is bound by the {instrument}; since which day is not recorded (at the latest"
        " {day})."
    ),
    _lazy(
        "{state} is a party to the {instrument}: all members of the United Nations are, with the"
        " exceptions listed (list of {day})."
    ),
    _lazy("{state} is bound by the {instrument} only from {day}."),
    _lazy(
        "{state} is bound by the {instrument}, but since which day is not recorded: for this"
        " date it"
        " cannot be said."
    ),
    _lazy("{state} became bound by the {instrument} in {day}; the day is not recorded."),
    _lazy(
        "That {state} is or is not bound by the {instrument} is unverified: check the depositary."
    ),
    _lazy("Whether {state} is bound by the {instrument} is not established."),
    _lazy("{state} has not been bound by the {instrument} since {day}."),
    _lazy("{state} withdrew from the {instrument}; the day is not established."),
    _lazy("{state} has signed the {instrument} but is not bound: signature without ratification."),
    _lazy("{state} has consented to be bound by the {instrument}, which does not bind it yet."),
    _lazy(
        "{state} has been invited to accede to the {instrument} and is not known to have done so."
    ),
    _lazy("{state} is not a party to the {instrument}."),
    _lazy("{state} does not take part in the {instrument}."),
    _lazy("The {instrument} does not extend to {state}: the territory was excluded."),
    _lazy("{state} is a territory of {other}, which is not bound by the {instrument}."),
    _lazy("Whether {other} extended the {instrument} to {state} is not recorded."),
    _lazy("The parties to the {instrument} are not established."),
    _lazy(
        "{state} is not on the list of parties to the {instrument}; the list is not complete,"
        " so that"
        " says little."
    ),
    _lazy("The {instrument} provides for this measure ({measure})."),
    _lazy(
        "The {instrument} has no rule of its own for this measure; its rule for {measure} is used."
    ),
    _lazy(
        "What a request must hold, and which deadlines and grounds of refusal stand, is not"
        " recorded"
        " for the {instrument} ({text}): read the instrument."
    ),
    _lazy(
        "What a request must hold, and which deadlines and grounds of refusal stand, is not"
        " recorded"
        " for the {instrument}: read the instrument."
    ),
    _lazy("The {instrument} is no legal basis for a request: {text}."),
    _lazy("The {instrument} supplements the {parent}, which does not bind both states."),
    _lazy("The {instrument} supplements the {parent}, which may not bind both states."),
    _lazy("Only an unverified record says that the {instrument} provides for this measure."),
    _lazy(
        "The law pack was last checked on {day}; for {date} it can only say what was known then."
    ),
    _lazy(
        "No instrument of the pack for this measure has both {state} and {other} on its list. What"
        " remains is the requested state's own law, reciprocity, or the diplomatic channel."
    ),
    _lazy("The {instrument} counts only for {text}, which this case is not."),
    _lazy("The {instrument} counts only for {text}."),
    _lazy(
        "No declaration of {state} to article {article} of the {instrument} is recorded for this"
        " day; the lists of declarations are not complete."
    ),
    _lazy("Declaration of {state} to article {article}: {text}."),
    _lazy("Reservation of {state} to article {article}: {text}."),
    _lazy("{state} punishes it: {text}."),
    _lazy("{state} is bound by the {instrument} to make it an offence (art {article})."),
    _lazy(
        "{state} is bound by the {instrument} to make it an offence (art {article}); its own"
        " provision has no record here."
    ),
    _lazy("Whether {state} punishes it has no record here: ask, or name the provision."),
    _lazy("The {instrument} governs this between the two states ({article})."),
    _lazy("The {instrument} may govern this between the two states ({article})."),
    _lazy("Lifted by the {instrument}, which binds both states."),
    _lazy("Lifted by the {instrument}, if it binds both states: check."),
    _lazy("The {instrument} binds both states."),
    _lazy("The {instrument} does not bind both states."),
    _lazy("Only if the {instrument} binds both states: check."),
    _lazy("Which languages {state} accepts is not recorded: ask, or add a translation."),
    _lazy("Dual criminality is not required here."),
    _lazy("Dual criminality does not arise here."),
    _lazy("The conduct is an offence on both sides."),
    _lazy("Whether the conduct is an offence there cannot be said yet."),
    _lazy(
        "{state} and {other} are under the same law-enforcement data protection regime; no"
        " ground for"
        " a third country is needed."
    ),
    _lazy(
        "The pack records no ground for {state} as sender: its national law and the data clauses of"
        " the instrument decide."
    ),
    _lazy("Personal data would travel from {state} to {other} on one of these grounds."),
    _lazy(
        "Personal data would travel from {state} to {other} on one of these grounds. The adequacy"
        " decision for {receiver} under the {regime} does not cover transfers between"
        " law-enforcement authorities."
    ),
    _lazy("See article {article}; not summarised here"),
    _lazy("See article {article}; not summarised here."),
)
_PLACE: Final = re.compile(r"\\\{(\w+)\\\}")
#: What may stand in a place; anything where nothing is said.
_FORMS: Final = {"day": r"[0-9][0-9-]*", "date": r"[0-9-]+", "article": r"[^:;]+?"}
#: A sentence with the note of its record behind it.
_NOTED: Final = re.compile(r"(?P<sentence>.+?\.) \((?P<note>[^()].*)\)", re.DOTALL)

Show = Callable[[str, str], SafeString]
"""Shows what stands in a place: name of the place, text."""


def said_again(text: str, show: Show) -> SafeString | None:
    """Return a sentence of the engine in the reader's language, or None if it is no such."""
    found = _matched(text, show)
    if found is not None:
        return found
    noted = _NOTED.fullmatch(text)
    if noted is None:
        return None
    sentence = _matched(noted["sentence"], show)
    if sentence is None:
        return None
    return format_html("{} ({})", sentence, show("text", noted["note"]))


def _matched(text: str, show: Show) -> SafeString | None:
    for expression, pattern in _expressions():
        match = expression.fullmatch(text)
        if match is not None:
            values = {name: show(name, value) for name, value in match.groupdict().items()}
            return format_html(str(pattern), **values) if values else SafeString(pattern)
    return None


@lru_cache(maxsize=1)
def _expressions() -> tuple[tuple[re.Pattern[str], Promise], ...]:
    """The patterns, those with the most fixed text first."""
    from django.utils.translation import override

    with override(None):  # the English of the engine, whoever reads
        written = {str(pattern): pattern for pattern in PATTERNS}
    ordered = sorted(written, key=len, reverse=True)
    return tuple((_expression(text), written[text]) for text in ordered)


def _expression(pattern: str) -> re.Pattern[str]:
    def place(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{_FORMS.get(match[1], '.+?')})"

    return re.compile(_PLACE.sub(place, re.escape(pattern)), re.DOTALL)
