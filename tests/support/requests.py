# SPDX-License-Identifier: Apache-2.0
"""Requests, law and officers for tests: small, real, the same in every run.

The law facts are those of the Budapest Convention as its articles 27 to 31 have
them, written out by hand, so that tests of requests do not stand or fall with a
law pack.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from comity.assistance.content import AssessmentSummary, RequestContent
from comity.assistance.facts import BasisFacts, Ground, LawFacts, Requirement
from comity.assistance.fields import Answers, FieldValue
from comity.assistance.identifiers import Identifier, IdentifierKind
from comity.assistance.model import Clock, Condition, ConditionKind, Kind, Urgency
from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId, ObjectId, Reference, derived_object_id

VALDORIA = AuthorityId("xv.moj")
MERIDIA = AuthorityId("xm.moj")
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PACK = sha256(b"a law pack")
TITLE = "Budapest Convention"
DRAFTER, FIRST, SECOND, CENTRAL = "o-drafter", "o-first", "o-second", "o-central"


def an_id(*parts: object) -> ObjectId:
    """Return the same identifier for the same parts."""
    return derived_object_id("test", *map(str, parts))


def clocks_of_preservation() -> tuple[Clock, ...]:
    """The clocks of article 29(7)."""
    return (
        Clock(
            id="minimum_preservation",
            label="minimum preservation once executed",
            start_event="preservation_executed",
            period="P60D",
            calendar="running_days",
            article="29(7)",
            consequence="The data must stay preserved at least this long.",
            kind="minimum",
            continues_on="follow_up_request_received",
            continues_text="The data stay preserved until the request is decided.",
        ),
        Clock(
            id="until_decision",
            label="after the follow-up request arrives",
            start_event="follow_up_request_received",
            period=None,
            calendar="running_days",
            article="29(7)",
            consequence="Preservation continues until that request has been decided.",
            kind="none",
        ),
    )


_GROUNDS = (
    Ground(code="political", label="political offence", article="27(4)(a)"),
    Ground(code="essential_interests", label="essential interests", article="27(4)(b)"),
)
_PRESERVATION_FIELDS = (
    ("requesting_authority", "29(2)(a)"),
    ("offence", "29(2)(b)"),
    ("facts_summary", "29(2)(b)"),
    ("data_description", "29(2)(c)"),
    ("data_link_offence", "29(2)(c)"),
    ("necessity", "29(2)(e)"),
    ("intent_mla", "29(2)(f)"),
)
_ASSISTANCE_FIELDS = (
    "requesting_authority",
    "offence",
    "facts_summary",
    "assistance_sought",
    "data_description",
)


def law_for(kind: Kind, *, status: str = "usable") -> LawFacts:
    """What the law says about a request of this kind between the two states."""
    if kind is Kind.PRESERVATION:
        required = [(name, article, True, "instrument") for name, article in _PRESERVATION_FIELDS]
        required.append(("custodian_location", "29(2)(d)", False, "instrument"))
        clocks, article = clocks_of_preservation(), "29"
    else:
        required = [(name, "", True, "practice") for name in _ASSISTANCE_FIELDS]
        clocks, article = (), "31 with 23, 25, 27, 28"
    postponable = kind is Kind.MUTUAL_ASSISTANCE
    basis = BasisFacts(
        instrument="coe_185",
        title=TITLE,
        article=article,
        status=status,
        requires=tuple(
            Requirement(field=name, label=name, article=where, required=must, basis=by)
            for name, where, must, by in required
        ),
        grounds=_GROUNDS,
        clocks=clocks,
        postponement="own investigations would be prejudiced: 27(5)" if postponable else "",
        postponement_article="27(5)" if postponable else "",
    )
    return LawFacts(pack_digest=PACK, bases=(basis,))


def answers_for(kind: Kind, **others: FieldValue) -> Answers:
    """Answers that satisfy the law for this kind."""
    values: dict[str, FieldValue] = {
        "requesting_authority": "Ministry of Justice of Valdoria, Central Authority",
        "offence": "Illegal access, Criminal Code of Valdoria, s. 214",
        "facts_summary": "On 3 November 2026 the accounts of a hospital were taken over.\n"
        "The session came from 192.0.2.7.",
        "data_description": "Subscriber and access records of the account.",
        "data_link_offence": "The account was used to log in to the hospital.",
        "identifiers": (
            Identifier(
                kind=IdentifierKind.IP,
                value="192.0.2.7",
                port=51311,
                since=datetime(2026, 11, 3, 2, 14, tzinfo=UTC),
                until=datetime(2026, 11, 3, 2, 20, tzinfo=UTC),
            ),
            Identifier(kind=IdentifierKind.EMAIL, value="night@mail.example"),
        ),
    }
    if kind is Kind.PRESERVATION:
        values |= {
            "necessity": "The provider deletes after 30 days.",
            "intent_mla": True,
            "expected_mla_date": date(2026, 12, 15),
        }
    else:
        values |= {"assistance_sought": "Content of the mailbox from 1 to 5 November 2026."}
    return Answers.of({**values, **others})


def content_for(kind: Kind = Kind.PRESERVATION, *, name: str = "one", **others: object):
    """A complete request of this kind."""
    measure = "expedited_preservation" if kind is Kind.PRESERVATION else "stored_content"
    content = RequestContent(
        request_id=an_id("request", kind, name),
        reference=Reference("XV-2026-0000012"),
        title="Takeover of hospital accounts",
        kind=kind,
        measure=measure,
        requesting=VALDORIA,
        requested=MERIDIA,
        urgency=Urgency.ORDINARY,
        offences=("illegal_access",),
        fields=answers_for(kind),
        instrument="coe_185",
        article="29" if kind is Kind.PRESERVATION else "31",
        assessment=AssessmentSummary(
            pack_name="comity-law",
            pack_version="2026.11",
            pack_digest=PACK,
            as_of=date(2026, 11, 21),
            status="usable",
        ),
    )
    return replace(content, **others)


def a_condition(name: str = "one", kind: ConditionKind = ConditionKind.USE_LIMITED_TO_CASE):
    """A condition of article 28(2)."""
    return Condition(
        id=an_id("condition", name),
        kind=kind,
        text="Not to be used for investigations or proceedings other than this one.",
        article="28(2)(b)",
    )


def a_clock(**others: object) -> Clock:
    """A period of thirty days from the receipt of the request."""
    fields = {
        "id": "answer",
        "label": "answer",
        "start_event": "request_received",
        "period": "P30D",
        "calendar": "running_days",
        "article": "12(3)",
        "consequence": "",
        "kind": "maximum",
    }
    return Clock(**{**fields, **others})
