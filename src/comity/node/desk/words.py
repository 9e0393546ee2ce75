# SPDX-License-Identifier: Apache-2.0
"""Translates at render time what the core says in English.

The core knows no gettext: its labels, guard sentences and errors are English message identifiers,
and the catalogue holds them beside the desk's own texts. A `Sentence` remembers its pattern and
its values; a sentence that was stored or sent as plain text is recognised by the patterns of the
catalogue (those with `{names}`). What has no translation is shown as it is, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from comity.node.desk.bidi import has_right_to_left, prose
from comity.workflow.sentence import Sentence

LOCALE: Final = Path(__file__).parent / "locale"
_NAME: Final = re.compile(r"\\\{(\w+)\\\}")
_WORD_FIRST: Final = re.compile(r"[a-z]+(?:[ ,]|\Z)")
_SOURCE_LANGUAGE: Final = "en"


def translated(text: str) -> str:
    """Return `text` in the reader's language, or unchanged where no translation exists."""
    if not text or is_source_language():
        return text
    if isinstance(text, Sentence) and gettext(text.msgid) != text.msgid:
        return _filled(text.msgid, text.values)
    whole = gettext(text)
    return whole if whole != text else _by_pattern(text)


def say(text: str) -> SafeString:
    """Return a sentence of the core as HTML in the reader's language."""
    return _shown(text, translated(text))


def say_alone(text: str) -> SafeString:
    """Return an error of the core as HTML: its messages begin small, a line of a page does not."""
    said = translated(text)
    return _shown(text, said, capital(said))


def capital(text: str) -> str:
    """Return a sentence with a capital at its start, unless it starts with a name or a code."""
    return text[:1].upper() + text[1:] if _WORD_FIRST.match(text) else text


def _shown(text: str, said: str, written: str = "") -> SafeString:
    written = written or said
    if said == text and not is_source_language() and _reads_as_english(text):
        return format_html('<bdi lang="en" dir="ltr">{}</bdi>', written)
    return prose(written)


def _reads_as_english(text: str) -> bool:
    return any(letter.isalpha() for letter in text) and not has_right_to_left(text)


def is_source_language() -> bool:
    """Return whether the reader reads English, the language of the message identifiers."""
    return _language() == _SOURCE_LANGUAGE


def _language() -> str:
    return (get_language() or _SOURCE_LANGUAGE).partition("-")[0]


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return gettext(pattern).format_map({name: translated(values[name]) for name in values})


def _by_pattern(text: str) -> str:
    for expression, pattern in _patterns(_language()):
        if match := expression.fullmatch(text):
            return _filled(pattern, match.groupdict())
    return text


@lru_cache(maxsize=8)
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The catalogue's messages with `{names}`, those with the most fixed text first."""
    catalogue = LOCALE / language / "LC_MESSAGES" / "django.mo"
    if not catalogue.is_file():
        return ()
    with catalogue.open("rb") as stream:
        identifiers = [message.id for message in read_mo(stream)]
    templates = [text for text in identifiers if isinstance(text, str) and _has_names(text)]
    return tuple(
        (_expression(template), template) for template in sorted(templates, key=len, reverse=True)
    )


def _expression(template: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def group(match: re.Match[str]) -> str:
        name = match[1]
        again = name in seen
        seen.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.+?)"

    return re.compile(_NAME.sub(group, re.escape(template)), re.DOTALL)


def _has_names(text: str) -> bool:
    return bool(_NAME.search(re.escape(text)))
