# SPDX-License-Identifier: Apache-2.0
"""Messages before the decision: the request, questions, conditions, consultation.

Sources: Budapest Convention art. 27(6) (consultation), 28(2)-(3) (conditions),
29(2) (contents of a preservation request).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from comity.assistance.content import RequestContent
from comity.assistance.field_catalogue import FIELDS, MAX_LINE, MAX_LONG
from comity.assistance.fields import Answers
from comity.assistance.model import (
    MAX_NAME,
    Condition,
    check_time,
    read_conditions,
    read_text,
    read_time,
)
from comity.canonical.ids import ObjectId
from comity.canonical.json import Object
from comity.canonical.members import Members
from comity.canonical.text import check_text
from comity.canonical.time import Instant, write_instant
from comity.errors import Invalid

#: Most fields that one question may be about.
MAX_FIELDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class RequestMessage:
    """The request itself, as two officers approved it."""

    TYPE: ClassVar[str] = "assistance.request/1"
    content: RequestContent

    @property
    def request_id(self) -> ObjectId:
        """The request that the message is about."""
        return self.content.request_id

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"content": self.content.to_json()}

    @classmethod
    def read(cls, members: Members) -> RequestMessage:
        """Read the JSON form; a request that was sent has a basis and its assessment."""
        content = RequestContent.read(members.members("content"))
        members.end()
        if not content.instrument or not content.article or content.assessment is None:
            raise Invalid("assistance.no_basis", f"{members.what}: content: no legal basis")
        return cls(content=content)


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The requested authority has the request: its number there, who handles it, what is next.

    `received` is when it arrived; clocks that begin with receipt count from it on
    both sides.
    """

    TYPE: ClassVar[str] = "assistance.acknowledgement/1"
    request_id: ObjectId
    local_reference: str
    handled_by: str
    received: Instant
    next_step: str = ""

    def __post_init__(self) -> None:
        check_text(self.local_reference, what="local_reference", limit=MAX_LINE)
        check_text(self.handled_by, what="handled_by", limit=MAX_LINE)
        check_time(self.received, what="received")
        check_text(self.next_step, what="next_step", limit=MAX_LONG, lines=True, blank=True)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "local_reference": self.local_reference,
            "handled_by": self.handled_by,
            "received": write_instant(self.received),
            "next_step": self.next_step,
        }

    @classmethod
    def read(cls, members: Members) -> Acknowledgement:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            local_reference=read_text(members, "local_reference", limit=MAX_LINE),
            handled_by=read_text(members, "handled_by", limit=MAX_LINE),
            received=read_time(members, "received"),
            next_step=read_text(members, "next_step", limit=MAX_LONG, lines=True, blank=True),
        )
        members.end()
        return message


class DataHeld(StrEnum):
    """Whether the data is being kept while a question is open."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, kw_only=True)
class InformationRequest:
    """A question that must be answered before the work goes on.

    `about` names fields of the request; `data_held` says what becomes of the data
    meanwhile.
    """

    TYPE: ClassVar[str] = "assistance.information_request/1"
    request_id: ObjectId
    id: ObjectId
    question: str
    about: tuple[str, ...]
    data_held: DataHeld
    reply_by: Instant

    def __post_init__(self) -> None:
        check_text(self.question, what="question", limit=MAX_LONG, lines=True)
        check_time(self.reply_by, what="reply_by")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "id": self.id,
            "question": self.question,
            "about": list(self.about),
            "data_held": self.data_held.value,
            "reply_by": write_instant(self.reply_by),
        }

    @classmethod
    def read(cls, members: Members) -> InformationRequest:
        """Read the JSON form."""
        about = members.texts("about", limit=MAX_FIELDS, text_limit=MAX_NAME)
        for index, name in enumerate(about):
            if name not in FIELDS:
                raise Invalid(
                    "field.unknown", f"{members.what}: about[{index}]: {name!r} is not a field"
                )
        message = cls(
            request_id=members.object_id("request_id"),
            id=members.object_id("id"),
            question=read_text(members, "question", limit=MAX_LONG, lines=True),
            about=about,
            data_held=DataHeld(members.choice("data_held", [value.value for value in DataHeld])),
            reply_by=read_time(members, "reply_by"),
        )
        members.end()
        return message


@dataclass(frozen=True, kw_only=True)
class AdditionalInformation:
    """More about the request: the answer to a question (`answers`), or unasked."""

    TYPE: ClassVar[str] = "assistance.additional_information/1"
    request_id: ObjectId
    answers: ObjectId | None
    text: str
    fields: Answers

    def __post_init__(self) -> None:
        check_text(self.text, what="text", limit=MAX_LONG, lines=True)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "answers": self.answers,
            "text": self.text,
            "fields": self.fields.to_json(),
        }

    @classmethod
    def read(cls, members: Members) -> AdditionalInformation:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            answers=members.object_id_or_null("answers"),
            text=read_text(members, "text", limit=MAX_LONG, lines=True),
            fields=Answers.read(members.take("fields"), what=f"{members.what}: fields"),
        )
        members.end()
        return message


@dataclass(frozen=True, kw_only=True)
class ConditionOffer:
    """Assistance on conditions (art. 27(6), 28(2)): all of them, or none, are accepted."""

    TYPE: ClassVar[str] = "assistance.condition_offer/1"
    request_id: ObjectId
    id: ObjectId
    conditions: tuple[Condition, ...]
    explanation: str
    reply_by: Instant

    def __post_init__(self) -> None:
        check_text(self.explanation, what="explanation", limit=MAX_LONG, lines=True, blank=True)
        check_time(self.reply_by, what="reply_by")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "id": self.id,
            "conditions": [condition.to_json() for condition in self.conditions],
            "explanation": self.explanation,
            "reply_by": write_instant(self.reply_by),
        }

    @classmethod
    def read(cls, members: Members) -> ConditionOffer:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            id=members.object_id("id"),
            conditions=read_conditions(members, "conditions", least=1),
            explanation=read_text(members, "explanation", limit=MAX_LONG, lines=True, blank=True),
            reply_by=read_time(members, "reply_by"),
        )
        members.end()
        return message


@dataclass(frozen=True, kw_only=True)
class ConditionReply:
    """The answer to an offer; who declines says why (art. 28(3))."""

    TYPE: ClassVar[str] = "assistance.condition_reply/1"
    request_id: ObjectId
    answers: ObjectId
    accepted: bool
    reasons: str = ""

    def __post_init__(self) -> None:
        check_text(self.reasons, what="reasons", limit=MAX_LONG, lines=True, blank=self.accepted)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "answers": self.answers,
            "accepted": self.accepted,
            "reasons": self.reasons,
        }

    @classmethod
    def read(cls, members: Members) -> ConditionReply:
        """Read the JSON form."""
        accepted = members.boolean("accepted")
        message = cls(
            request_id=members.object_id("request_id"),
            answers=members.object_id("answers"),
            accepted=accepted,
            reasons=read_text(members, "reasons", limit=MAX_LONG, lines=True, blank=accepted),
        )
        members.end()
        return message


class ConsultationSubject(StrEnum):
    """What the requested side considers and consults about (art. 27(6))."""

    REFUSAL = "refusal"
    POSTPONEMENT = "postponement"
    PARTIAL_EXECUTION = "partial_execution"
    CONDITIONS = "conditions"


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """Consultation before a refusal or postponement (art. 27(6)); `ground` is a law-pack code."""

    TYPE: ClassVar[str] = "assistance.consultation/1"
    request_id: ObjectId
    id: ObjectId
    about: ConsultationSubject
    ground: str
    text: str
    reply_by: Instant

    def __post_init__(self) -> None:
        check_text(self.text, what="text", limit=MAX_LONG, lines=True)
        check_text(self.ground, what="ground", limit=MAX_NAME, blank=True)
        check_time(self.reply_by, what="reply_by")

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {
            "request_id": self.request_id,
            "id": self.id,
            "about": self.about.value,
            "ground": self.ground,
            "text": self.text,
            "reply_by": write_instant(self.reply_by),
        }

    @classmethod
    def read(cls, members: Members) -> Consultation:
        """Read the JSON form."""
        subjects = [value.value for value in ConsultationSubject]
        message = cls(
            request_id=members.object_id("request_id"),
            id=members.object_id("id"),
            about=ConsultationSubject(members.choice("about", subjects)),
            ground=read_text(members, "ground", limit=MAX_NAME, blank=True),
            text=read_text(members, "text", limit=MAX_LONG, lines=True),
            reply_by=read_time(members, "reply_by"),
        )
        members.end()
        return message


@dataclass(frozen=True, kw_only=True)
class ConsultationReply:
    """What the requesting side answers in a consultation."""

    TYPE: ClassVar[str] = "assistance.consultation_reply/1"
    request_id: ObjectId
    answers: ObjectId
    text: str

    def __post_init__(self) -> None:
        check_text(self.text, what="text", limit=MAX_LONG, lines=True)

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"request_id": self.request_id, "answers": self.answers, "text": self.text}

    @classmethod
    def read(cls, members: Members) -> ConsultationReply:
        """Read the JSON form."""
        message = cls(
            request_id=members.object_id("request_id"),
            answers=members.object_id("answers"),
            text=read_text(members, "text", limit=MAX_LONG, lines=True),
        )
        members.end()
        return message
