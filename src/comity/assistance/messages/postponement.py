# SPDX-License-Identifier: Apache-2.0
"""The message that action on a request is postponed (Budapest Convention art. 27(5) to (7))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from comity.assistance.field_catalogue import MAX_LONG
from comity.assistance.model import MAX_ARTICLE, check_time, read_text, read_time
from comity.canonical.ids import ObjectId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, write_instant


@dataclass(frozen=True, kw_only=True)
class Postponement:
    """Action would prejudice the requested side's own investigation, until about `until`.

    It names the consultation before it (27(6)) and its reasons (27(7)); `article` is
    that of the basis as the law pack gives it, or the legal ground as the officer states it.
    """

    TYPE: ClassVar[str] = "assistance.postponement/1"
    request_id: ObjectId
    article: str
    reasons: str
    until: Instant
    consultation: ObjectId

    def __post_init__(self) -> None:
        check_text(self.article, what="article", limit=MAX_ARTICLE, blank=True)
        check_text(self.reasons, what="reasons", limit=MAX_LONG, lines=True)
        check_time(self.until, what="until")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "article": self.article,
            "reasons": self.reasons,
            "until": write_instant(self.until),
            "consultation": self.consultation,
        }

    @classmethod
    def read(cls, members: Members) -> Postponement:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            article=read_text(members, "article", limit=MAX_ARTICLE, blank=True),
            reasons=read_text(members, "reasons", limit=MAX_LONG, lines=True),
            until=read_time(members, "until"),
            consultation=members.object_id("consultation"),
        )
        members.end()
        return message
