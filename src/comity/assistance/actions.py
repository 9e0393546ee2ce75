# SPDX-License-Identifier: Apache-2.0
"""What an officer fills in for every action, as data.

Desk, console and tests share these forms. The id of an input is the name of the
parameter of the function in `comity.assistance.decide`. Labels and explanations
are English msgids. Inputs whose choices depend on the request (`package`,
`ground`, `exhibits`) have none here: the caller offers what the request has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from comity.assistance.field_catalogue import MAX_LINE, MAX_LONG
from comity.assistance.messages import (
    ConsultationSubject,
    DataHeld,
    PreservationResult,
    ProgressPhase,
)
from comity.assistance.model import MAX_ARTICLE, ConditionKind, Direction


class InputKind(StrEnum):
    """How an input is filled in."""

    TEXT = "text"
    LONG = "long"
    DATE = "date"
    INSTANT = "instant"
    CHOICE = "choice"
    #: Field ids of the request's form, any number.
    FIELD_NAMES = "field_names"
    #: Answers to fields of the request's form.
    FIELDS = "fields"
    #: Conditions: kind, text and article each.
    CONDITIONS = "conditions"
    #: A code out of the grounds of refusal of the basis.
    GROUND = "ground"
    #: One delivered package.
    PACKAGE = "package"
    #: The digest of the contents that the page showed; a hidden input.
    DIGEST = "digest"
    #: Numbers of exhibits.
    EXHIBITS = "exhibits"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One input: `choices` are value and label; `max_length` is in characters."""

    id: str
    kind: InputKind
    label: str
    required: bool = True
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    max_length: int = 0


@dataclass(frozen=True, kw_only=True)
class ActionForm:
    """What the button says, what it will do, and what it asks."""

    direction: Direction
    action: str
    label: str
    explanation: str
    inputs: tuple[Input, ...] = ()


#: Kinds of conditions, as an officer reads them.
CONDITION_LABELS: Final[Mapping[ConditionKind, str]] = MappingProxyType(
    {
        ConditionKind.CONFIDENTIALITY: "Keep it confidential",
        ConditionKind.USE_LIMITED_TO_CASE: "Use it only in this case",
        ConditionKind.NO_ONWARD_TRANSFER: "Do not pass it on",
        ConditionKind.DELETION_AFTER: "Delete it after a time",
        ConditionKind.OTHER: "Another condition",
    }
)
_HELD: Final = (
    (DataHeld.YES.value, "Yes, the data is kept"),
    (DataHeld.NO.value, "No"),
    (DataHeld.NOT_KNOWN.value, "Not known yet"),
)
_SUBJECTS: Final = (
    (ConsultationSubject.REFUSAL.value, "Refusal"),
    (ConsultationSubject.POSTPONEMENT.value, "Postponement"),
    (ConsultationSubject.PARTIAL_EXECUTION.value, "Execution in part"),
    (ConsultationSubject.CONDITIONS.value, "Conditions"),
)
_RESULTS: Final = (
    (PreservationResult.HELD.value, "The data is preserved"),
    (PreservationResult.HELD_IN_PART.value, "Part of the data is preserved"),
    (PreservationResult.NO_DATA.value, "No data was found"),
)
_PHASES: Final = (
    (ProgressPhase.PROGRESS.value, "How the work stands"),
    (ProgressPhase.DELAY.value, "A delay, with its reason"),
)


def _long(name: str, label: str, *, required: bool = True, advice: str = "") -> Input:
    return Input(
        id=name,
        kind=InputKind.LONG,
        label=label,
        required=required,
        help=advice,
        max_length=MAX_LONG,
    )


def _line(name: str, label: str, *, advice: str = "") -> Input:
    return Input(id=name, kind=InputKind.TEXT, label=label, help=advice, max_length=MAX_LINE)


def _choice(name: str, label: str, choices: tuple[tuple[str, str], ...]) -> Input:
    return Input(id=name, kind=InputKind.CHOICE, label=label, choices=choices)


def _reply_by(advice: str = "") -> Input:
    return Input(id="reply_by", kind=InputKind.INSTANT, label="Reply by (UTC)", help=advice)


def _outgoing(action: str, label: str, explanation: str, *inputs: Input) -> ActionForm:
    return ActionForm(
        direction=Direction.OUTGOING,
        action=action,
        label=label,
        explanation=explanation,
        inputs=inputs,
    )


def _incoming(action: str, label: str, explanation: str, *inputs: Input) -> ActionForm:
    return ActionForm(
        direction=Direction.INCOMING,
        action=action,
        label=label,
        explanation=explanation,
        inputs=inputs,
    )


_PACKAGE: Final = Input(id="package_id", kind=InputKind.PACKAGE, label="Package")
_EXHIBITS: Final = Input(id="exhibits", kind=InputKind.EXHIBITS, label="Exhibits")
_FORMS: Final = (
    _outgoing("save_fields", "Save", "Keeps the draft. Approvals that were given are recalled."),
    _outgoing("submit", "Submit for approval", "Two officers then approve exactly these contents."),
    _outgoing(
        "discard",
        "Discard the draft",
        "The draft is ended and stays among the finished requests, where it can be read. "
        "Nothing is sent. This cannot be undone.",
        _long("reasons", "Why it is discarded", required=False),
    ),
    _outgoing(
        "return_to_draft",
        "Return to draft",
        "The contents can be changed again. Approvals are recalled.",
        _long("reasons", "What should change", required=False),
    ),
    _outgoing(
        "approve",
        "Approve",
        "You approve these contents, word for word. Another officer must do so too.",
        Input(id="digest", kind=InputKind.DIGEST, label="Digest of the contents shown"),
    ),
    _outgoing(
        "send",
        "Send",
        "The request is signed, sealed to the requested authority and sent. It cannot be changed "
        "afterwards, only supplemented or withdrawn.",
    ),
    _outgoing(
        "supplement",
        "Supplement",
        "Sends further information. If a question is open, this answers it.",
        _long("text", "What you want to tell"),
        Input(
            id="fields",
            kind=InputKind.FIELDS,
            label="Corrected or added fields",
            required=False,
        ),
    ),
    _outgoing(
        "accept_condition",
        "Accept the conditions",
        "The conditions bind your authority from then on; every exhibit carries them.",
    ),
    _outgoing(
        "decline_condition",
        "Decline the conditions",
        "The other side then decides whether to assist all the same.",
        _long("reasons", "Why they cannot be kept"),
    ),
    _outgoing(
        "reply_consultation",
        "Reply to the consultation",
        "The other side weighs your reply before it decides.",
        _long("text", "Your reply"),
    ),
    _outgoing(
        "confirm_receipt",
        "Confirm receipt",
        "Tells the other side that the package arrived and was verified.",
        _PACKAGE,
    ),
    _outgoing(
        "reject_package",
        "Reject the package",
        "Tells the other side that the package could not be verified; it must be sent again.",
        _PACKAGE,
        _long("reasons", "What did not verify"),
    ),
    _outgoing(
        "withdraw",
        "Withdraw the request",
        "The other side stops. This cannot be undone.",
        _long("reasons", "Why it is withdrawn"),
    ),
    _outgoing(
        "close",
        "Close",
        "Ends the request. Closing a preservation releases the data.",
        _long("note", "Note to the other side", required=False),
    ),
    _incoming(
        "acknowledge",
        "Acknowledge",
        "Tells the requesting side your number, who handles the request and what comes next.",
        _line("local_reference", "Your file number"),
        _line("handled_by", "Handled by", advice="Unit or function, with telephone."),
        _long("next_step", "What happens next", required=False),
    ),
    _incoming(
        "request_information",
        "Ask for information",
        "The work waits for the answer until the date you name.",
        _long("question", "What is missing or unclear"),
        Input(
            id="about",
            kind=InputKind.FIELD_NAMES,
            label="Which parts of the request",
            required=False,
        ),
        _choice("data_held", "Is the data kept meanwhile?", _HELD),
        _reply_by(),
    ),
    _incoming(
        "offer_condition",
        "Offer conditions",
        "Assistance on conditions. The requesting side accepts all of them or none.",
        Input(id="conditions", kind=InputKind.CONDITIONS, label="Conditions"),
        _long("explanation", "Why they are needed", required=False),
        _reply_by(),
    ),
    _incoming(
        "open_consultation",
        "Consult",
        "Needed before a refusal or postponement.",
        _choice("about", "What you consider", _SUBJECTS),
        Input(
            id="ground",
            kind=InputKind.GROUND,
            label="Ground",
            help="Needed before a refusal, which is then possible on this ground only.",
            required=False,
        ),
        _long("text", "What stands in the way, and what would help"),
        _reply_by("A refusal without a reply is possible only after this date."),
    ),
    _incoming(
        "proceed_without_reply",
        "Go on without the reply",
        "The date for the reply has passed. The requesting side is told.",
        _long("text", "Note to the requesting side", required=False),
    ),
    _incoming(
        "accept",
        "Accept",
        "The request will be carried out. Conditions that were accepted bind.",
        _long("note", "Note to the requesting side", required=False),
    ),
    _incoming(
        "refuse",
        "Refuse",
        "Ends the request. Ground and reasons are told.",
        Input(id="ground", kind=InputKind.GROUND, label="Ground"),
        _long("reasons", "Reasons"),
    ),
    _incoming(
        "postpone",
        "Postpone",
        "Action would prejudice an investigation or proceedings of your own authorities. Reasons "
        "and date are told; the request stays open.",
        Input(
            id="until",
            kind=InputKind.INSTANT,
            label="Until about (UTC)",
            help="The request is then taken up again. Both sides see the date, if the program of "
            "the other side is of this version too; an older one refuses the message.",
        ),
        Input(
            id="legal_ground",
            kind=InputKind.TEXT,
            label="Legal ground",
            required=False,
            help="Treaty or law, and article. Needed where the law page shows no rule on "
            "postponing that applies; otherwise that rule is cited.",
            max_length=MAX_ARTICLE,
        ),
        _long("reasons", "Reasons"),
    ),
    _incoming(
        "take_up",
        "Take it up again",
        "The postponement is over; the request stands where it stood. It can then be accepted, "
        "carried out or, after a consultation, refused.",
        _long("text", "Note to the requesting side", required=False),
    ),
    _incoming(
        "start_execution",
        "Start execution",
        "The requesting side is told that the work has begun.",
        _long("text", "Note to the requesting side", required=False),
    ),
    _incoming(
        "report_preservation",
        "Report the preservation",
        "Tells what is held, by whom, from when until when: at least 60 days "
        "(Budapest Convention, art. 29(7)).",
        _choice("result", "Result", _RESULTS),
        Input(id="held_from", kind=InputKind.INSTANT, label="Held from (UTC)", required=False),
        Input(id="held_until", kind=InputKind.INSTANT, label="Held until (UTC)", required=False),
        _line("provider", "Provider"),
        _line("local_reference", "Reference of the hold"),
        _long("remarks", "What is not held, and why", required=False),
        _long(
            "warning",
            "Warning",
            required=False,
            advice="If preservation will not secure the data or may threaten the investigation "
            "(Budapest Convention, art. 29(6)).",
        ),
    ),
    _incoming(
        "report_progress",
        "Report progress",
        "Tells how the work stands. A significant delay is told with its reason.",
        _choice("phase", "What you report", _PHASES),
        _long("text", "Report"),
        Input(id="expected", kind=InputKind.DATE, label="Expected date", required=False),
    ),
    _incoming(
        "deliver_in_part",
        "Deliver in part",
        "Seals and sends these exhibits; more will follow.",
        _EXHIBITS,
        _long("outstanding", "What is outstanding, and why"),
    ),
    _incoming(
        "deliver",
        "Deliver",
        "Seals and sends these exhibits; nothing more will follow.",
        _EXHIBITS,
    ),
    _incoming(
        "close",
        "Close",
        "Ends the request on your side.",
        _long("note", "Note to the other side", required=False),
    ),
)

#: The form of every officer action.
ACTION_FORMS: Final[Mapping[tuple[Direction, str], ActionForm]] = MappingProxyType(
    {(form.direction, form.action): form for form in _FORMS}
)
