# SPDX-License-Identifier: Apache-2.0
"""What a peer says in tests of one side: real messages, taken in as the inbox does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from comity.assistance.content import RequestContent
from comity.assistance.facts import RequestFacts
from comity.assistance.fields import Answers
from comity.assistance.messages import Message, RequestMessage
from comity.assistance.model import Kind, Urgency
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, ObjectId, Reference, new_object_id
from support.clock import SetClock

MERIDIA = AuthorityId("xm.moj")
VALDORIA = AuthorityId("xv.moj")


def content_from_meridia(
    clock: SetClock, *, measure: str = "expedited_preservation", preservation_of: str | None = None
) -> RequestContent:
    """Return a request of Meridia's, on the basis that the law names for it."""
    from comity.node.services import law

    preserving = measure == "expedited_preservation"
    content = RequestContent(
        request_id=new_object_id(),
        reference=Reference("XM-2026-0000007"),
        title="Mailbox of a seller",
        kind=Kind.PRESERVATION if preserving else Kind.MUTUAL_ASSISTANCE,
        measure=measure,
        requesting=MERIDIA,
        requested=VALDORIA,
        urgency=Urgency.EXPEDITED,
        offences=("computer_fraud",),
        fields=Answers.of({"facts_summary": "Buyers were defrauded."}),
        preservation_of=ObjectId(preservation_of) if preservation_of else None,
    )
    day = clock.now().astimezone(UTC).date()
    assessment = law.assess_content(content, as_of=day)
    basis, summary = law.choose(content, assessment, instrument="coe_185", reason="")
    return replace(content, instrument=basis.instrument, article=basis.article, assessment=summary)


def hear(clock: SetClock, message: Message, *, sender: str = MERIDIA) -> RequestFacts:
    """Take in a message as the inbox does once it has been verified."""
    from comity.node.services import assistance

    return assistance.take_message(
        sender=AuthorityId(sender),
        message=message,
        statement=statement_of(message),
        said_at=clock.now(),
        now=clock.now(),
    )


def statement_of(message: Message) -> Sha256:
    """Return a digest that stands for the signed statement of a message."""
    return sha256(repr(message).encode())


def hear_request(clock: SetClock, content: RequestContent | None = None) -> RequestFacts:
    """Receive a request of Meridia's."""
    return hear(clock, RequestMessage(content=content or content_from_meridia(clock)))
