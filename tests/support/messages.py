# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies for every message of a request, in many scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from comity.assistance import messages as m
from comity.assistance.content import BASIS_STATUSES, AssessmentSummary, RequestContent
from comity.assistance.field_catalogue import FIELDS, MAX_LINE, FieldKind
from comity.assistance.fields import Answers
from comity.assistance.identifiers import Identifier, IdentifierKind
from comity.assistance.model import LATEST, MEASURES, Condition, ConditionKind, Kind, Urgency
from comity.canonical.digest import sha256
from comity.canonical.ids import AuthorityId, Reference
from comity.canonical.text import is_blank

_SCRIPTS = "aé Z9.,'\"<&>\\/عربىهמשא中文字кириллицаไทย한국日本語ñ🙂\u200c\u200d\u0301\u200f"
ids = st.uuids(version=4).map(str)
digests = st.binary(max_size=4).map(sha256)
instants = st.datetimes(datetime(2001, 1, 1), datetime(2199, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
dates = st.dates(datetime(2001, 1, 1).date(), datetime(2199, 1, 1).date())  # noqa: DTZ001
names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


def texts(limit: int = 200, *, lines: bool = True, least: int = 1) -> st.SearchStrategy[str]:
    """Clean texts that are not blank."""
    alphabet = st.sampled_from(_SCRIPTS + ("\n\t" if lines else ""))
    return st.text(alphabet, min_size=least, max_size=limit).filter(lambda text: not is_blank(text))


def blank_or(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return texts that may be empty."""
    return st.just("") | strategy


@st.composite
def identifiers(draw: st.DrawFn) -> Identifier:
    kind = draw(st.sampled_from(list(IdentifierKind)))
    value = {
        IdentifierKind.IP: st.ip_addresses().map(str),
        IdentifierKind.EMAIL: st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.example", fullmatch=True),
        IdentifierKind.URL: st.from_regex(
            r"https://[a-z]{1,9}\.example/[a-z]{0,9}", fullmatch=True
        ),
        IdentifierKind.PHONE: st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True),
        IdentifierKind.ACCOUNT: st.from_regex(r"[a-z0-9_]{1,20}", fullmatch=True),
        IdentifierKind.OTHER: st.sampled_from(["356938035643809", "обычный", "钱包-1", "قناة"]),
    }[kind]
    port = st.none() | st.integers(1, 65535) if kind is IdentifierKind.IP else st.none()
    since = draw(st.none() | instants)
    until = st.none() | (
        instants
        if since is None
        else st.integers(0, 9999).map(lambda n: min(since + timedelta(n), LATEST))
    )
    return Identifier(kind=kind, value=draw(value), port=draw(port), since=since, until=draw(until))


def _value(name: str) -> st.SearchStrategy:
    field = FIELDS[name]
    match field.kind:
        case FieldKind.TEXT:
            return texts(min(field.max_length, 60), lines=False)
        case FieldKind.LONG:
            return texts(120)
        case FieldKind.DATE:
            return dates
        case FieldKind.CHOICE:
            return st.sampled_from([value for value, _ in field.choices])
        case FieldKind.YES_NO:
            return st.booleans()
        case FieldKind.IDENTIFIERS:
            return st.lists(identifiers(), min_size=1, max_size=3).map(tuple)


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=6, unique=True))
    return Answers.of({name: draw(_value(name)) for name in chosen})


conditions = st.builds(
    Condition,
    id=ids,
    kind=st.sampled_from(list(ConditionKind)),
    text=texts(),
    article=texts(20, lines=False),
)
condition_lists = st.lists(conditions, max_size=3, unique_by=lambda c: c.id).map(tuple)
assessments = st.builds(
    AssessmentSummary,
    pack_name=texts(20, lines=False),
    pack_version=texts(20, lines=False),
    pack_digest=digests,
    as_of=dates,
    status=st.sampled_from(BASIS_STATUSES),
    choice_reason=blank_or(texts()),
)


@st.composite
def contents(draw: st.DrawFn) -> RequestContent:
    kind = draw(st.sampled_from(list(Kind)))
    linked = ids if kind is Kind.MUTUAL_ASSISTANCE else st.none()
    return RequestContent(
        request_id=draw(ids),
        reference=Reference(f"XV-2026-{draw(st.integers(0, 9999999)):07}"),
        title=draw(texts(lines=False)),
        kind=kind,
        measure=draw(st.sampled_from(MEASURES[kind])),
        requesting=AuthorityId("xv.moj"),
        requested=AuthorityId("xm.moj"),
        urgency=draw(st.sampled_from(list(Urgency))),
        offences=tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True))),
        fields=draw(answers()),
        instrument=draw(names),
        article=draw(texts(20, lines=False)),
        preservation_of=draw(st.none() | linked),
        assessment=draw(assessments),
    )


@st.composite
def decisions(draw: st.DrawFn) -> m.DecisionNotice:
    if draw(st.booleans()):
        return m.DecisionNotice(
            request_id=draw(ids),
            decision=m.DecisionKind.ACCEPTED,
            reasons=draw(blank_or(texts())),
            conditions=draw(condition_lists),
        )
    return m.DecisionNotice(
        request_id=draw(ids),
        decision=m.DecisionKind.REFUSED,
        ground=draw(names),
        article=draw(texts(20, lines=False)),
        reasons=draw(texts()),
        consultation=draw(ids),
    )


@st.composite
def preservations(draw: st.DrawFn) -> m.PreservationReport:
    result = draw(st.sampled_from(list(m.PreservationResult)))
    held = result is not m.PreservationResult.NO_DATA
    start = draw(instants) if held else None
    return m.PreservationReport(
        result=result,
        held_from=start,
        held_until=start + timedelta(days=draw(st.integers(60, 400))) if start else None,
        provider=draw(texts(40, lines=False)),
        local_reference=draw(texts(40, lines=False)),
        remarks=draw(texts()),
        warning=draw(blank_or(texts())),
    )


progress = st.builds(
    m.ProgressReport,
    phase=st.sampled_from(list(m.ProgressPhase)),
    text=texts(),
    expected=st.none() | dates,
)


@st.composite
def deliveries(draw: st.DrawFn) -> m.EvidenceDelivery:
    bound = draw(condition_lists)
    complete = draw(st.booleans())
    numbers = draw(
        st.lists(
            st.from_regex(r"[A-Z][0-9]{1,3}", fullmatch=True), min_size=1, unique=True, max_size=4
        )
    )
    known = [condition.id for condition in bound]
    return m.EvidenceDelivery(
        request_id=draw(ids),
        package_id=draw(ids),
        parcel=draw(digests),
        seal=draw(digests),
        exhibits=tuple(
            m.DeliveredExhibit(
                number=number,
                description=draw(texts(40, lines=False)),
                conditions=tuple(draw(st.lists(st.sampled_from(known), unique=True)))
                if known
                else (),
            )
            for number in numbers
        ),
        complete=complete,
        outstanding="" if complete else draw(texts()),
        replaces=tuple(draw(st.lists(ids, max_size=2, unique=True))),
        conditions=bound,
    )


@st.composite
def condition_replies(draw: st.DrawFn) -> m.ConditionReply:
    accepted = draw(st.booleans())
    return m.ConditionReply(
        request_id=draw(ids),
        answers=draw(ids),
        accepted=accepted,
        reasons=draw(blank_or(texts()) if accepted else texts()),
    )


@st.composite
def receipts(draw: st.DrawFn) -> m.EvidenceReceipt:
    verified = draw(st.booleans())
    return m.EvidenceReceipt(
        request_id=draw(ids),
        package_id=draw(ids),
        verified=verified,
        report=draw(digests),
        statements=tuple(draw(st.lists(digests, max_size=3))),
        reasons=draw(blank_or(texts()) if verified else texts()),
    )


lines = texts(MAX_LINE, lines=False)
MESSAGES: dict[type, st.SearchStrategy] = {
    m.RequestMessage: st.builds(m.RequestMessage, content=contents()),
    m.Acknowledgement: st.builds(
        m.Acknowledgement,
        request_id=ids,
        local_reference=lines,
        handled_by=lines,
        received=instants,
        next_step=blank_or(texts()),
    ),
    m.InformationRequest: st.builds(
        m.InformationRequest,
        request_id=ids,
        id=ids,
        question=texts(),
        about=st.lists(st.sampled_from(sorted(FIELDS)), max_size=4).map(tuple),
        data_held=st.sampled_from(list(m.DataHeld)),
        reply_by=instants,
    ),
    m.AdditionalInformation: st.builds(
        m.AdditionalInformation,
        request_id=ids,
        answers=st.none() | ids,
        text=texts(),
        fields=answers(),
    ),
    m.ConditionOffer: st.builds(
        m.ConditionOffer,
        request_id=ids,
        id=ids,
        conditions=condition_lists.filter(bool),
        explanation=blank_or(texts()),
        reply_by=instants,
    ),
    m.ConditionReply: condition_replies(),
    m.Consultation: st.builds(
        m.Consultation,
        request_id=ids,
        id=ids,
        about=st.sampled_from(list(m.ConsultationSubject)),
        ground=blank_or(names),
        text=texts(),
        reply_by=instants,
    ),
    m.Postponement: st.builds(
        m.Postponement,
        request_id=ids,
        article=st.sampled_from(["", "27(5)"]),
        reasons=texts(),
        until=instants,
        consultation=ids,
    ),
    m.ConsultationReply: st.builds(m.ConsultationReply, request_id=ids, answers=ids, text=texts()),
    m.DecisionNotice: decisions(),
    m.ExecutionReport: st.builds(
        m.ExecutionReport, request_id=ids, report=preservations() | progress
    ),
    m.EvidenceDelivery: deliveries(),
    m.EvidenceReceipt: receipts(),
    m.Withdrawal: st.builds(m.Withdrawal, request_id=ids, reasons=texts()),
    m.Closure: st.builds(
        m.Closure,
        request_id=ids,
        reason=st.sampled_from(list(m.ClosureReason)),
        note=blank_or(texts()),
    ),
}
