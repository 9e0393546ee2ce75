# SPDX-License-Identifier: Apache-2.0
"""What a guard may look at: the record of one request, and what is known around it.

`RequestFacts` is the whole record that one authority keeps of a request; a
decision returns the next one. `Situation` adds who acts, when, and what the law
engine and the node know at that moment. Everything is small and frozen; nothing
here is read from a clock or a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from comity.assistance.content import RequestContent
from comity.assistance.fields import Answers
from comity.assistance.messages import ConsultationSubject, PreservationResult
from comity.assistance.model import (
    Clock,
    Condition,
    ConditionStatus,
    Direction,
    Kind,
    Outcome,
    State,
)
from comity.authorities.model import Role
from comity.canonical.digest import Sha256
from comity.canonical.ids import AuthorityId, ObjectId
from comity.canonical.time import Instant


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One field that a basis asks for; `basis` is `instrument` or `practice`."""

    field: str
    label: str
    article: str
    required: bool
    basis: str


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One ground of refusal that a basis allows."""

    code: str
    label: str
    article: str


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """One channel of a basis. `open`: yes, no, urgent_only or undetermined."""

    code: str
    open: str


@dataclass(frozen=True, kw_only=True)
class BasisFacts:
    """One legal basis as the law engine judged it: usable, not_usable or undetermined."""

    instrument: str
    title: str
    article: str
    status: str
    requires: tuple[Requirement, ...] = ()
    grounds: tuple[Ground, ...] = ()
    clocks: tuple[Clock, ...] = ()
    channels: tuple[ChannelFacts, ...] = ()
    postponement: str = ""
    """The rule on postponing that applies, in the words of the law pack; empty if none does."""
    postponement_article: str = ""
    """The article of that rule; empty where the law pack names none without doubt."""
    verified: bool = False
    """Whether the record of contents, channels and clocks was checked against the text."""
    displaced: bool = False
    """Whether another treaty takes the place of some of its articles, or may do so (27(1))."""


@dataclass(frozen=True, kw_only=True)
class LawFacts:
    """The law engine's answer about this request."""

    pack_digest: Sha256
    bases: tuple[BasisFacts, ...]

    def basis(self, instrument: str) -> BasisFacts | None:
        """Return the basis in this instrument, if the engine named it."""
        return next((basis for basis in self.bases if basis.instrument == instrument), None)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One officer's approval of the contents with this digest."""

    officer: str
    digest: Sha256
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of the requested side."""

    id: ObjectId
    reply_by: Instant
    answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Conditions offered together; they are accepted or declined together."""

    id: ObjectId
    conditions: tuple[Condition, ...]
    reply_by: Instant
    status: ConditionStatus = ConditionStatus.OFFERED


@dataclass(frozen=True, kw_only=True)
class ConsultationFacts:
    """A consultation (27(6)). One that came before the acceptance is `spent`."""

    id: ObjectId
    about: ConsultationSubject
    ground: str
    reply_by: Instant
    replied: bool = False
    spent: bool = False

    def over(self, now: Instant) -> bool:
        """Whether it was answered, or the date for the answer has passed."""
        return self.replied or self.reply_by < now


@dataclass(frozen=True, kw_only=True)
class Postponed:
    """Until when action is postponed, and under which rule (such as 27(5))."""

    until: Instant
    article: str


class PackageStatus(StrEnum):
    """Where a delivered package stands."""

    DELIVERED = "delivered"
    VERIFIED = "verified"
    FAILED = "failed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Package:
    """A delivered package; `replaces` names rejected ones that it makes good."""

    id: ObjectId
    exhibits: tuple[str, ...]
    complete: bool
    replaces: tuple[ObjectId, ...] = ()
    status: PackageStatus = PackageStatus.DELIVERED


@dataclass(frozen=True, kw_only=True)
class Hold:
    """The latest report of a preservation; `seq` counts the reports."""

    result: PreservationResult
    held_from: Instant | None
    held_until: Instant | None
    provider: str
    local_reference: str
    seq: int = 1


@dataclass(frozen=True, kw_only=True)
class LinkedAssistance:
    """The mutual assistance request that a preservation serves (29(7)).

    `received` is when the requested side got it, `decided` when it was refused,
    withdrawn or carried out.
    """

    request_id: ObjectId
    received: Instant
    decided: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class LinkedPreservation:
    """The preservation that a mutual assistance request names, as this side knows it."""

    request_id: ObjectId
    state: State
    requested: AuthorityId


@dataclass(frozen=True, kw_only=True)
class RequestFacts:
    """The record that one authority keeps of a request.

    `resume` is the state to return to while a question, an offer or a
    consultation is open. `received` is when the requested side got the request.
    `content` stays as it was approved and sent; `supplements` is what was added.
    """

    direction: Direction
    content: RequestContent
    state: State
    resume: State | None = None
    approvals: tuple[Approval, ...] = ()
    received: Instant | None = None
    local_reference: str = ""
    questions: tuple[Question, ...] = ()
    offers: tuple[Offer, ...] = ()
    consultations: tuple[ConsultationFacts, ...] = ()
    accepted: bool = False
    packages: tuple[Package, ...] = ()
    hold: Hold | None = None
    linked: tuple[LinkedAssistance, ...] = ()
    supplements: Answers = field(default_factory=Answers)
    closed_by_peer: bool = False
    postponed: Postponed | None = None

    @property
    def id(self) -> ObjectId:
        """The identifier of the request, the same on both sides."""
        return self.content.request_id

    @property
    def kind(self) -> Kind:
        """The kind of request."""
        return self.content.kind

    @property
    def valid_approvals(self) -> tuple[Approval, ...]:
        """Approvals of exactly the present contents, one per officer."""
        digest = self.content.digest
        seen: dict[str, Approval] = {}
        for approval in self.approvals:
            if approval.digest == digest:
                seen.setdefault(approval.officer, approval)
        return tuple(seen.values())

    @property
    def open_question(self) -> Question | None:
        """The question that waits for an answer, if that is the state."""
        waiting = self.state is State.INFORMATION_REQUESTED and self.questions
        return self.questions[-1] if waiting else None

    @property
    def open_offer(self) -> Offer | None:
        """The offer that waits for an answer, if that is the state."""
        waiting = self.state is State.CONDITION_OFFERED and self.offers
        return self.offers[-1] if waiting else None

    @property
    def open_consultation(self) -> ConsultationFacts | None:
        """The consultation that waits for a reply, if that is the state."""
        waiting = self.state is State.CONSULTATION and self.consultations
        return self.consultations[-1] if waiting else None

    @property
    def refusal_consultations(self) -> tuple[ConsultationFacts, ...]:
        """The consultations on which a refusal may rest: about refusing, and not spent (27(6))."""
        return self._consultations(ConsultationSubject.REFUSAL)

    @property
    def postponement_consultations(self) -> tuple[ConsultationFacts, ...]:
        """Those on which a postponement may rest: about postponing, and not spent (27(6))."""
        return self._consultations(ConsultationSubject.POSTPONEMENT)

    def _consultations(self, about: ConsultationSubject) -> tuple[ConsultationFacts, ...]:
        return tuple(
            entry for entry in self.consultations if entry.about is about and not entry.spent
        )

    @property
    def reply_by(self) -> Instant | None:
        """When the open question, offer or consultation is to be answered."""
        waiting = self.open_question or self.open_offer or self.open_consultation
        return waiting.reply_by if waiting else None

    @property
    def bound_conditions(self) -> tuple[Condition, ...]:
        """The conditions that were accepted and bind (28(3))."""
        return tuple(
            condition
            for offer in self.offers
            if offer.status is ConditionStatus.ACCEPTED
            for condition in offer.conditions
        )

    @property
    def rejected_packages(self) -> tuple[Package, ...]:
        """Packages that were rejected and not yet replaced."""
        replaced = {name for package in self.packages for name in package.replaces}
        return tuple(
            package
            for package in self.packages
            if package.status is PackageStatus.REJECTED and package.id not in replaced
        )

    @property
    def delivery_complete(self) -> bool:
        """Whether a complete delivery was made and nothing rejected is outstanding."""
        return not self.rejected_packages and any(package.complete for package in self.packages)

    @property
    def receipts_complete(self) -> bool:
        """Whether every package was confirmed, or rejected and replaced."""
        done = {PackageStatus.CONFIRMED, PackageStatus.REJECTED}
        return self.delivery_complete and all(package.status in done for package in self.packages)

    @property
    def fields(self) -> Answers:
        """The answers as they stand now: those that were sent, and what was supplemented."""
        return self.content.fields.merged(self.supplements)

    @property
    def assistance_pending(self) -> bool:
        """Whether a linked request for mutual assistance waits for its decision (29(7))."""
        return any(link.decided is None for link in self.linked)

    @property
    def outcome(self) -> Outcome:
        """What came of the request; it follows from the record alone."""
        if self.state in {State.REFUSED, State.WITHDRAWN}:
            given = any(package.status is not PackageStatus.REJECTED for package in self.packages)
            if given or (self.hold and self.hold.result is not PreservationResult.NO_DATA):
                return Outcome.PARTLY_EXECUTED
            return Outcome.REFUSED if self.state is State.REFUSED else Outcome.WITHDRAWN
        if self.state is State.DISCARDED:
            return Outcome.DISCARDED
        if self.state not in {State.ANSWERED, State.DELIVERED, State.CLOSED}:
            return Outcome.OPEN
        if self.hold is None or self.hold.result is PreservationResult.HELD:
            return Outcome.EXECUTED
        no_data = self.hold.result is PreservationResult.NO_DATA
        return Outcome.NO_DATA if no_data else Outcome.PARTLY_EXECUTED

    def package(self, package_id: ObjectId) -> Package | None:
        """Return the package with this identifier, if it was delivered."""
        return next((package for package in self.packages if package.id == package_id), None)

    def with_package(self, package: Package) -> RequestFacts:
        """Return the record with this package in the place of its namesake."""
        packages = tuple(package if old.id == package.id else old for old in self.packages)
        return replace(self, packages=packages)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A request and everything a guard may look at besides.

    `officer` and `roles` are of the officer who acts; empty for a message from the
    other side or for the node itself. `deliverable` are the numbers of exhibits
    that have been acquired and may be delivered. `assistance_open` tells whether
    this side has an open request for mutual assistance that names this preservation.
    `former_approvers` are officers who approved and could not any more: their account
    is closed, or the role was taken from them. `own_roles` and `peer_roles` are those of
    the two authorities, None where they are not known.
    """

    request: RequestFacts
    now: Instant
    officer: str = ""
    roles: frozenset[str] = frozenset()
    law: LawFacts | None = None
    preservation: LinkedPreservation | None = None
    deliverable: tuple[str, ...] = ()
    assistance_open: bool = False
    former_approvers: frozenset[str] = frozenset()
    own_roles: frozenset[Role] | None = None
    peer_roles: frozenset[Role] | None = None

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Approvals of the present contents by officers who are approvers still."""
        return tuple(
            approval
            for approval in self.request.valid_approvals
            if approval.officer not in self.former_approvers
        )

    @property
    def basis(self) -> BasisFacts | None:
        """The legal basis that the request names, as the law engine judged it."""
        return self.law.basis(self.request.content.instrument) if self.law else None
