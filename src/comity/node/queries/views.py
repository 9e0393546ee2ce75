# SPDX-License-Identifier: Apache-2.0
"""What the desk and the console are given to show of a request: frozen values, no rows.

The queue, the node's own pages and the law have views of their own (`queue_views`, `node_views`,
`law_views`), for which the same holds.

Promises: a view holds nothing its officer may not see, needs no further query,
and says in words why an action is not open. Labels are msgids in English; the
desk translates them. Instants are aware and in UTC. Identifiers that people
read in any direction (references, digests, addresses) are plain strings; the
desk isolates them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from comity.canonical.time import Instant

if TYPE_CHECKING:
    from comity.assistance.actions import ActionForm
    from comity.assistance.fields import FieldValue
    from comity.law import Assessment

Turn = Literal["ours", "theirs", "nobody"]
Direction = str
"""`outgoing` or `incoming`."""


@dataclass(frozen=True)
class OfficerView:
    """An officer as others see them."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class PartyView:
    """An authority as an officer reads it: `XV`, `Ministry of Justice of Valdoria`."""

    authority: str
    name: str
    state: str


@dataclass(frozen=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: str
    note: str = ""


# --- a new request and its form ---


@dataclass(frozen=True)
class NewRequestPage:
    """What can be chosen when a request is begun."""

    kinds: tuple[Choice, ...]
    requested: tuple[Choice, ...]
    measures: tuple[tuple[str, tuple[Choice, ...]], ...]
    """Measures by kind."""
    offences: tuple[Choice, ...]
    preservations: tuple[Choice, ...]
    """Earlier preservations of this authority that the request may continue."""


@dataclass(frozen=True)
class FieldView:
    """One field of the request's form with its present value."""

    id: str
    label: str
    help: str
    kind: str
    """`text`, `long`, `date`, `choice`, `identifiers` or `yes_no`."""
    value: FieldValue
    """As `comity.assistance.fields` has it; an empty text where there is no answer."""
    max_length: int
    choices: tuple[Choice, ...]
    required: bool
    """The request cannot be sent without it."""
    article: str
    """The article that asks for it, empty if practice or the request's own haste does."""


@dataclass(frozen=True)
class SectionView:
    """Fields that belong together."""

    id: str
    title: str
    fields: tuple[FieldView, ...]
    status: str
    """`complete`, `incomplete`, `optional`."""


@dataclass(frozen=True)
class ChecklistItem:
    """One thing the law (or practice) wants the request to contain."""

    field: str
    label: str
    article: str
    status: str
    """`present`, `missing`."""
    required: bool
    """True: an article requires it and the request cannot be sent without it."""


# --- the request page ---


@dataclass(frozen=True)
class ActionView:
    """A button: what it does, whether it is open now, and if not, every reason why."""

    action: str
    label: str
    enabled: bool
    reasons: tuple[str, ...]
    form: ActionForm
    """With the choices of this request filled in (grounds, officers, exhibits)."""


@dataclass(frozen=True)
class Fact:
    """A label and a value, for the details of a timeline item."""

    label: str
    value: str


@dataclass(frozen=True)
class TimelineItem:
    """One event of the request: who did what when, with what was said."""

    id: str
    at: Instant
    event: str
    label: str
    actor: str
    """An officer's name, or the name of the peer authority."""
    ours: bool
    text: str
    """What the officer or the peer wrote, as received."""
    facts: tuple[Fact, ...]
    ledger_index: int | None
    final: bool
    """The ledger entry is in a checkpoint that enough witnesses cosigned."""


@dataclass(frozen=True)
class ClockView:
    """A period that runs, as `comity.assistance.clocks` computed it."""

    id: str
    label: str
    starts: Instant | None
    due: Instant | None
    article: str
    status: str
    """`running`, `met`, `continues`, `overdue`, `ended`, `not_started`."""
    consequence: str


@dataclass(frozen=True)
class ConditionView:
    """A condition on the use of what is given."""

    id: str
    text: str
    article: str
    status: str
    """`offered`, `accepted`, `declined`."""
    offered: Instant
    answered: Instant | None


@dataclass(frozen=True)
class ApprovalView:
    """One officer's approval of exact contents."""

    officer: str
    officer_login: str
    at: Instant
    digest: str
    current: bool
    """False when the contents were changed afterwards; it no longer counts."""


@dataclass(frozen=True)
class ReceiptView:
    """Proof of one step of delivery. Never a state of the request."""

    message: str
    message_label: str
    direction: Direction
    kind: str
    kind_label: str
    at: Instant | None
    """None while it is awaited."""
    by: str
    detail: str


@dataclass(frozen=True)
class TroubleView:
    """Something about the messages of the request that changed nothing and must be told."""

    kind: str
    """`no_effect` or `missing`."""
    message_label: str
    by: str
    at: Instant | None
    numbers: tuple[int, ...]
    """Of the missing ones."""
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CustodyStep:
    """One statement of an exhibit's chain of custody."""

    sequence: int
    event: str
    label: str
    at: Instant
    authority: PartyView
    actor: str
    counterpart: str
    place: str
    purpose: str
    digest: str
    """SHA-256 of the signed statement's bytes."""
    digests_checked: bool
    ledger_index: int | None
    final: bool


@dataclass(frozen=True)
class FileView:
    """One file of an exhibit."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ExhibitView:
    """An exhibit with its chain."""

    id: str
    number: str
    description: str
    status: str
    """`registered`, `acquired`, `packed`, `sent`, `received`."""
    seized_at: Instant | None
    place: str
    legal_authority: str
    files: tuple[FileView, ...]
    custody: tuple[CustodyStep, ...]
    may_acquire: bool
    may_record: bool


@dataclass(frozen=True)
class VerificationStep:
    """One numbered step of `comity package verify`."""

    number: int
    title: str
    status: str
    """`ok`, `failed`, `not_checked`."""
    detail: str
    file: str


@dataclass(frozen=True)
class PackageView:
    """A package on its way out or in."""

    id: str
    direction: Direction
    status: str
    status_label: str
    exhibits: tuple[str, ...]
    complete: bool
    problem: str
    """Why it stands still, empty if it does not."""
    steps: tuple[VerificationStep, ...]
    made: Instant
    size: int | None
    seal_sha256: str
    may_export: bool


@dataclass(frozen=True)
class LinkView:
    """A request that this one continues or that continues this one."""

    request_id: str
    reference: str
    title: str
    relation: str
    """`preservation_of`, `continued_by`."""
    state_label: str


@dataclass(frozen=True)
class BasisView:
    """The legal basis in use: `Budapest Convention`, `art. 31`."""

    instrument: str
    title: str
    article: str
    status: str
    """`usable`, `not_usable`, `undetermined`."""
    chosen_by: str
    """Officer who chose it where the law left it open, else empty."""
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RequestPage:
    """Everything about one request."""

    request_id: str
    reference: str
    peer_reference: str
    title: str
    kind: str
    kind_label: str
    measure: str
    measure_label: str
    offences: tuple[Choice, ...]
    direction: Direction
    state: str
    state_label: str
    outcome: str
    turn: Turn
    turn_label: str
    urgent: bool
    urgency: str
    """`ordinary`, `expedited` or `urgent`."""
    requesting: PartyView
    requested: PartyView
    basis: BasisView | None
    sections: tuple[SectionView, ...]
    editable: bool
    checklist: tuple[ChecklistItem, ...]
    actions: tuple[ActionView, ...]
    timeline: tuple[TimelineItem, ...]
    clocks: tuple[ClockView, ...]
    conditions: tuple[ConditionView, ...]
    exhibits: tuple[ExhibitView, ...]
    packages: tuple[PackageView, ...]
    approvals: tuple[ApprovalView, ...]
    approvals_needed: int
    delivery: tuple[ReceiptView, ...]
    troubles: tuple[TroubleView, ...]
    linked: tuple[LinkView, ...]
    assigned_to: OfficerView | None
    assignable: tuple[Choice, ...]
    """Officers the request may be given to; empty if this officer may not assign."""
    may_register_exhibit: bool
    may_assemble: bool
    created: Instant
    updated: Instant
    version: int
    """For `save_fields`: a second tab that saves an older version is refused."""
    newest: int
    """The newest event that is shown: an action decided on an older page is refused."""
    digest: str
    """Of the contents shown: what an approval approves."""


@dataclass(frozen=True)
class AssessmentPage:
    """What the law engine said of a request, as stored with it."""

    request_id: str
    reference: str
    title: str
    as_of: date
    assessment: Assessment
    chosen_instrument: str
    current: bool
    """False when the pack has changed since; the stored advice stays as it was."""
