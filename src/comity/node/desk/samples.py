# SPDX-License-Identifier: Apache-2.0
"""Made-up view objects for the component page: every component in every state it can have.

Nothing here touches a case. The texts are chosen to be awkward: long words, other scripts,
identifiers inside Arabic sentences.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from comity.node.queries import views

BEGIN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OURS: Final = views.PartyView("xv.moj", "Ministry of Justice of Valdoria", "XV")
THEIRS: Final = views.PartyView("xm.moj", "وزارة العدل في ميريديا", "XM")
ARABIC: Final = (
    "طلب المشتبه به تحويل المبلغ في الفترة من 2026-03-01 إلى 2026-03-31، وهاتفه +971-4-555-0199،"
    " والقضية 12-345/2026، والعناوين 203.0.113.1-203.0.113.9، وفق المادة 27(4)."
)
LONG_WORD: Final = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 3
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def _field(
    field_id: str, label: str, value: str, *, kind: str = "text", article: str = ""
) -> views.FieldView:
    return views.FieldView(
        id=field_id,
        label=label,
        help="Plain sentences, no terms that cannot be translated.",
        kind=kind,
        value=value,
        max_length=20_000,
        choices=(),
        required=bool(article),
        article=article,
    )


SECTIONS: Final = (
    views.SectionView(
        id="case",
        title="The case",
        fields=(
            _field("offence", "Offence", "Computer-related fraud", article="art. 29(2)(b)"),
            _field(
                "facts_summary", "Facts of the case", ARABIC, kind="long", article="art. 29(2)(b)"
            ),
            _field("penalties", "Penalties", ""),
        ),
        status="complete",
    ),
    views.SectionView(
        id="data",
        title="The data",
        fields=(
            _field("data_description", "Description of the data", LONG_WORD, kind="long"),
            _field(
                "custodian_location", "Who holds the data, or where", "", article="art. 29(2)(d)"
            ),
        ),
        status="incomplete",
    ),
    views.SectionView(
        id="next",
        title="What will follow",
        fields=(_field("expected_mla_date", "Expected date of that request", "", kind="date"),),
        status="optional",
    ),
)


def _step(
    sequence: int, event: str, label: str, authority: views.PartyView, *, final: bool = True
) -> views.CustodyStep:
    return views.CustodyStep(
        sequence=sequence,
        event=event,
        label=label,
        at=BEGIN + timedelta(days=sequence, hours=2),
        authority=authority,
        actor="Amal Haddad",
        counterpart="",
        place="Forensic laboratory, room 4",
        purpose="Examination for the request",
        digest=DIGEST,
        digests_checked=True,
        ledger_index=40 + sequence if authority is OURS else None,
        final=final,
    )


EXHIBIT: Final = views.ExhibitView(
    id="11111111-1111-4111-8111-111111111111",
    number="XV-EX-1",
    description="Hard disk of the suspect’s laptop",
    status="sent",
    seized_at=BEGIN,
    place="Harbour Street 4",
    legal_authority="Search warrant 12-345/2026",
    files=(views.FileView("disk.E01", 1_474_560, DIGEST),),
    custody=(
        _step(1, "seized", "Seized", OURS),
        _step(2, "acquired", "Acquired", OURS),
        _step(3, "transferred", "Transferred", OURS),
        _step(4, "received", "Received", THEIRS, final=False),
    ),
    may_acquire=True,
    may_record=True,
)

CLOCKS: Final = (
    views.ClockView(
        id="preservation",
        label="Preservation of the data",
        starts=BEGIN,
        due=BEGIN + timedelta(days=60),
        article="art. 29(7)",
        status="running",
        consequence="The data may be lost when the period ends.",
    ),
    views.ClockView(
        id="reply",
        label="Reply to the consultation",
        starts=BEGIN,
        due=BEGIN - timedelta(days=1),
        article="art. 27(6)",
        status="overdue",
        consequence="",
    ),
)

TIMELINE: Final = (
    views.TimelineItem(
        id="3",
        at=BEGIN + timedelta(hours=5),
        event="request.information_requested",
        label="More information asked for",
        actor=THEIRS.name,
        ours=False,
        text=ARABIC,
        facts=(views.Fact("Reference of the other side", "XM-2026-0000007"),),
        ledger_index=None,
        final=False,
    ),
    views.TimelineItem(
        id="2",
        at=BEGIN + timedelta(hours=1),
        event="request.sent",
        label="Sent",
        actor="Amal Haddad",
        ours=True,
        text="",
        facts=(),
        ledger_index=17,
        final=True,
    ),
)

DELIVERY: Final = (
    views.ReceiptView(
        message="1",
        message_label="Request",
        direction="outgoing",
        kind="delivery",
        kind_label="Delivered",
        at=BEGIN + timedelta(hours=1, minutes=1),
        by=THEIRS.name,
        detail="",
    ),
)

STEPS: Final = (
    views.VerificationStep(1, "Structure of the bag", "ok", "", ""),
    views.VerificationStep(
        2, "Digests of every file", "failed", "the digest differs", "data/evidence/XV-EX-1/disk.E01"
    ),
    views.VerificationStep(3, "Seal of the sender", "not_checked", "", ""),
)
