# SPDX-License-Identifier: Apache-2.0
"""Prints the value of a labelled fact of the timeline as what it is.

Facts travel as text: instants in RFC 3339, digests, identifiers, codes of the core. What is none
of these is text that somebody wrote.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from comity.canonical.time import read_date, read_instant
from comity.node.desk import formats
from comity.node.desk.bidi import ltr, prose
from comity.node.desk.words import translated

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
#: Codes of the core that stand in facts.
_WORDS: Final = {
    "yes": _("Yes"),
    "no": _("No"),
    "not_known": _("Not known yet"),
    "held": _("The data is preserved"),
    "held_in_part": _("Part of the data is preserved"),
    "no_data": _("No data was found"),
    "started": _("The work has begun"),
    "progress": _("How the work stands"),
    "delay": _("A delay"),
    "resumed": _("Taken up again"),
    "refusal": _("Refusal"),
    "postponement": _("Postponement"),
    "partial_execution": _("Execution in part"),
    "conditions": _("Conditions"),
}


def fact(value: str) -> SafeString:
    """Return the value as HTML."""
    if _INSTANT.fullmatch(value):
        return formats.utc(read_instant(value))
    if _DATE.fullmatch(value):
        return formats.day(read_date(value))
    if _IDENTIFIER.fullmatch(value):
        return format_html('<span class="digest">{}</span>', ltr(value))
    if value in _WORDS:
        return format_html("{}", _WORDS[value])
    return format_html("<bdi>{}</bdi>", prose(translated(value)))
