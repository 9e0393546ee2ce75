# SPDX-License-Identifier: Apache-2.0
"""Why an action is not possible now: named conditions, each with its sentences.

Every guard returns all its reasons; the officer reads them beside the grey
button. A reason that comes from a treaty names field, instrument and article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from comity.assistance.channels import reasons_against_channel
from comity.assistance.content import RequestContent
from comity.assistance.facts import BasisFacts, LawFacts, PackageStatus, Requirement, Situation
from comity.assistance.field_catalogue import FIELDS
from comity.assistance.messages import PreservationResult
from comity.assistance.model import Kind, State, Urgency
from comity.canonical.text import is_blank
from comity.workflow.sentence import Sentence
from comity.workflow.table import Guard

#: How many officers approve before a request is sent.
APPROVALS_NEEDED: Final = 2
#: The Budapest Convention in the law pack; articles that a guard names are its articles.
BUDAPEST: Final = "coe_185"
#: Who asks for a field: the treaty, practice, or the requested state's own rule.
_BY: Final = {
    "instrument": " ({instrument}, art. {article})",
    "practice": " (needed in practice; {instrument}, art. {article})",
    "state": " (asked for by the requested state; {instrument}, art. {article})",
}
_NOT_SENT: Final = frozenset({State.DRAFT, State.AWAITING_APPROVAL, State.DISCARDED})


def _require(name: str, holds: Callable[[Situation], bool], sentence: str) -> Guard[Situation]:
    """Return a guard with one sentence, said unless `holds`."""
    reason = Sentence(sentence)
    return Guard(name, lambda situation: () if holds(situation) else (reason,))


def _basis(situation: Situation) -> Iterator[str]:
    content, law = situation.request.content, situation.law
    if not content.instrument or content.assessment is None:
        yield Sentence("No legal basis is chosen")
        return
    if law is None:
        yield Sentence("The law has not been asked about this request")
        return
    basis = law.basis(content.instrument)
    if basis is None or basis.status == "not_usable":
        title = basis.title if basis else content.instrument
        yield Sentence("{title} cannot be the basis of this request", title=title)
    elif basis.status == "undetermined" and is_blank(content.assessment.choice_reason):
        yield Sentence(
            "Whether {title} applies is undetermined; say why it is chosen", title=basis.title
        )
    yield from _assessment(situation, law)


def _assessment(situation: Situation, law: LawFacts) -> Iterator[str]:
    summary = situation.request.content.assessment
    if summary and summary.pack_digest != law.pack_digest:
        yield Sentence("The legal basis was assessed with another law pack; assess it again")


def _requirements(situation: Situation) -> Iterator[str]:
    basis = situation.basis
    if basis is None:
        return
    answers = situation.request.content.fields
    for requirement in basis.requires:
        if requirement.required and not answers.has(requirement.field):
            yield _missing(requirement, basis)


def _missing(requirement: Requirement, basis: BasisFacts) -> Sentence:
    field = FIELDS.get(requirement.field)
    # A label comes out of a law pack; a brace in it is no place to fill in.
    label = requirement.label.replace("{", "{{").replace("}", "}}")
    sentence = field.missing if field else f"{label}: missing"
    pattern = sentence + _BY.get(requirement.basis, _BY["practice"])
    article = requirement.article or basis.article
    return Sentence(pattern, instrument=basis.title, article=article)


def needs_reason_for_haste(content: RequestContent) -> bool:
    """Return whether the request must say why it is in a hurry. A preservation always is."""
    if content.urgency is Urgency.EXPEDITED:
        return content.kind is Kind.MUTUAL_ASSISTANCE
    return content.urgency is Urgency.URGENT


def _urgency(situation: Situation) -> Iterator[str]:
    content = situation.request.content
    if not needs_reason_for_haste(content) or content.fields.has("urgency_reason"):
        return
    if content.urgency is Urgency.URGENT:
        yield Sentence("The reason for urgency is missing")
    else:
        yield Sentence("The reason for an expedited answer is missing")


def _preservation_link(situation: Situation) -> Iterator[str]:
    content, linked = situation.request.content, situation.preservation
    stated = content.fields.get("preservation_status") in {"requested", "preserved"}
    if content.preservation_of is None:
        if stated and not content.fields.has("preservation_reference"):
            yield Sentence(
                "Preservation is stated, but neither a request is linked nor a reference given"
            )
        return
    if linked is None or linked.request_id != content.preservation_of:
        yield Sentence("The linked preservation request does not exist")
        return
    if linked.requested != content.requested:
        yield Sentence("The linked preservation request went to another authority")
    if linked.state in _NOT_SENT:
        yield Sentence("The linked preservation request has not been sent")


def _two_approvals(situation: Situation) -> Iterator[str]:
    former = len(situation.request.valid_approvals) - len(situation.approvals)
    if former and len(situation.approvals) < APPROVALS_NEEDED:
        yield Sentence("An officer who approved is no approver any more; another must approve")
    match len(situation.approvals):
        case 0:
            yield Sentence("Nobody has approved these contents; two officers must")
        case 1:
            yield Sentence("A second officer has not approved these contents")
        case _:
            return


def _not_twice(situation: Situation) -> Iterator[str]:
    approved = {approval.officer for approval in situation.approvals}
    if situation.officer in approved:
        yield Sentence("You have approved these contents already; another officer must")
    elif len(approved) >= APPROVALS_NEEDED:
        yield Sentence("Two officers have approved these contents already")


def _cited(situation: Situation, plain: Sentence, cited: Sentence) -> Sentence:
    """Return `cited` where article 27 of the Budapest Convention applies, and no other basis.

    The rule itself stands in the workflow for every basis. Where another treaty governs,
    article 27 does not (27(1)).
    """
    basis = situation.basis
    applies = basis is not None and basis.instrument == BUDAPEST and not basis.displaced
    return cited if applies else plain


def _consulted(situation: Situation) -> Iterator[str]:
    held = situation.request.refusal_consultations
    if not held:
        yield _cited(
            situation,
            Sentence("The other side has not been consulted about a refusal"),
            Sentence(
                "The other side has not been consulted about a refusal"
                " ({instrument}, art. {article})",
                instrument="Budapest Convention",
                article="27(6)",
            ),
        )
    elif not any(entry.over(situation.now) for entry in held):
        yield Sentence("The consultation has not been answered, and its reply date has not passed")


def _consultation_opened(situation: Situation) -> Iterator[str]:
    if not situation.request.refusal_consultations:
        yield _cited(
            situation,
            Sentence("A refusal without a consultation about it before"),
            Sentence("A refusal without a consultation about it before (art. 27(6))"),
        )


def _postponement_consulted(situation: Situation) -> Iterator[str]:
    held = situation.request.postponement_consultations
    if not held:
        yield _cited(
            situation,
            Sentence("The other side has not been consulted about a postponement"),
            Sentence(
                "The other side has not been consulted about a postponement"
                " ({instrument}, art. {article})",
                instrument="Budapest Convention",
                article="27(6)",
            ),
        )
    elif not any(entry.over(situation.now) for entry in held):
        yield Sentence("The consultation has not been answered, and its reply date has not passed")


def _postponement_opened(situation: Situation) -> Iterator[str]:
    if not situation.request.postponement_consultations:
        yield _cited(
            situation,
            Sentence("A postponement without a consultation about it before"),
            Sentence("A postponement without a consultation about it before (art. 27(6))"),
        )


def _postponable(situation: Situation) -> Iterator[str]:
    if situation.request.kind is Kind.PRESERVATION:
        yield _cited(
            situation,
            Sentence("A preservation is not postponed: the data would be lost meanwhile"),
            Sentence(
                "A preservation is not postponed, only a request for mutual assistance is"
                " ({instrument}, art. {article})",
                instrument="Budapest Convention",
                article="27(5)",
            ),
        )


def _reply_overdue(situation: Situation) -> Iterator[str]:
    reply_by = situation.request.reply_by
    if reply_by is not None and situation.now <= reply_by:
        yield Sentence("The date for the reply has not passed")


def _grounds(situation: Situation) -> Iterator[str]:
    if situation.basis is None:
        yield Sentence("The law has not been asked about this request")
    elif not situation.basis.grounds:
        yield Sentence("{title} allows no ground of refusal", title=situation.basis.title)


def _closable(situation: Situation) -> Iterator[str]:
    request = situation.request
    if request.kind is Kind.MUTUAL_ASSISTANCE:
        if not request.receipts_complete:
            yield Sentence("The receipt of the evidence has not been confirmed")
        return
    hold = request.hold
    if hold is None or hold.result is PreservationResult.NO_DATA:
        return
    if request.assistance_pending:
        yield (
            Sentence(
                "The data is kept until the request for mutual assistance is decided"
                " (art. {article})",
                article="29(7)",
            )
            if request.content.instrument == BUDAPEST
            else Sentence("The data is kept until the request for mutual assistance is decided")
        )
    elif not request.linked and hold.held_until and situation.now < hold.held_until:
        yield Sentence("The data is still preserved; the other side has not released it")


def _may_be_closed(situation: Situation) -> Iterator[str]:
    request = situation.request
    if request.kind is Kind.MUTUAL_ASSISTANCE and not request.receipts_complete:
        yield Sentence("The receipt of the evidence has not been confirmed")


def _has(status: PackageStatus) -> Callable[[Situation], bool]:
    return lambda situation: any(package.status is status for package in situation.request.packages)


def _is(kind: Kind) -> Callable[[Situation], bool]:
    return lambda situation: situation.request.kind is kind


def _hold_over(situation: Situation) -> Iterator[str]:
    hold = situation.request.hold
    if hold is None or hold.held_until is None:
        yield Sentence("No hold has been reported")
    elif situation.now < hold.held_until:
        yield Sentence("The hold has not ended")
    if situation.request.linked:
        yield Sentence("A request for mutual assistance has been received")


HAS_BASIS: Final = Guard("has_basis", _basis)
CHANNEL_OPEN: Final = Guard("channel_open", reasons_against_channel)
FIELDS_COMPLETE: Final = Guard("fields_complete", _requirements)
URGENCY_EXPLAINED: Final = Guard("urgency_explained", _urgency)
PRESERVATION_LINKED: Final = Guard("preservation_linked", _preservation_link)
TWO_APPROVALS: Final = Guard("two_approvals", _two_approvals)
NOT_TWICE: Final = Guard("not_twice", _not_twice)
CONSULTED: Final = Guard("consulted", _consulted)
POSTPONABLE: Final = Guard("postponable", _postponable)
POSTPONEMENT_CONSULTED: Final = Guard("postponement_consulted", _postponement_consulted)
POSTPONEMENT_OPENED: Final = Guard("postponement_opened", _postponement_opened)
REPLY_OVERDUE: Final = Guard("reply_overdue", _reply_overdue)
GROUNDS_KNOWN: Final = Guard("grounds_known", _grounds)
CLOSABLE: Final = Guard("closable", _closable)
NOT_NEEDED: Final = _require(
    "not_needed",
    lambda situation: not (situation.assistance_open or situation.request.assistance_pending),
    "A request for mutual assistance depends on this preservation; this would release the data",
)
NOT_NAMED: Final = _require(
    "not_named",
    lambda situation: not situation.assistance_open,
    "A request for mutual assistance names this preservation; discard that request first",
)
MAY_BE_CLOSED: Final = Guard("may_be_closed", _may_be_closed)
CONSULTATION_OPENED: Final = Guard("consultation_opened", _consultation_opened)
LINKED: Final = _require(
    "linked",
    lambda situation: situation.request.assistance_pending,
    "No request for mutual assistance is pending",
)
HOLD_OVER: Final = Guard("hold_over", _hold_over)
PACKAGE_VERIFIED: Final = _require(
    "package_verified",
    _has(PackageStatus.VERIFIED),
    "No delivered package has been verified that is not yet confirmed",
)
PACKAGE_FAILED: Final = _require(
    "package_failed", _has(PackageStatus.FAILED), "No delivered package has failed its verification"
)
PACKAGE_UNCHECKED: Final = _require(
    "package_unchecked",
    _has(PackageStatus.DELIVERED),
    "No delivered package is waiting to be verified",
)
NOT_CONFIRMED: Final = _require(
    "not_confirmed",
    lambda situation: not situation.request.receipts_complete,
    "The evidence has been received and confirmed; close the request instead",
)
IS_PRESERVATION: Final = _require(
    "is_preservation", _is(Kind.PRESERVATION), "Only a preservation is answered in this way"
)
IS_ASSISTANCE: Final = _require(
    "is_assistance",
    _is(Kind.MUTUAL_ASSISTANCE),
    "A preservation is answered with a report of what is held",
)
#: What they refuse will never be possible for the request: its kind does not change.
OF_ONE_KIND: Final = (IS_PRESERVATION, IS_ASSISTANCE)
EXHIBITS_READY: Final = _require(
    "exhibits_ready",
    lambda situation: bool(situation.deliverable),
    "No exhibit has been acquired that could be delivered",
)
#: What must be in order before a request is approved and sent.
COMPLETE: Final = (HAS_BASIS, CHANNEL_OPEN, FIELDS_COMPLETE, URGENCY_EXPLAINED, PRESERVATION_LINKED)
