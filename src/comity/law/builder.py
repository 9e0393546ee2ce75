# SPDX-License-Identifier: Apache-2.0
"""What has been read of a pack so far, while its files are being read.

Every record enters through `place`, which knows whether the id is new, a
duplicate (a fault) or a correction (an overlay's `replaces` with its `reason`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeVar

from comity.law.dates import When
from comity.law.model import (
    Adequacy,
    Authority,
    Coded,
    Coverage,
    Declaration,
    Element,
    Instrument,
    Measure,
    NationalOffence,
    Offence,
    Party,
    PenaltyFloor,
    Practice,
    Rule,
    Source,
    State,
    TransferGround,
    TransferRule,
)
from comity.law.origin import (
    Confidence,
    Origin,
)
from comity.law.provision import Provision
from comity.law.reader import Problems, Table, nearest

CONFIDENCES: Final = frozenset(str(item) for item in Confidence)

#: The vocabularies of coded values that have a label and nothing else.
PLAIN_VOCABULARIES: Final = (
    "channel",
    "dual_criminality",
    "outcome",
    "status",
    "confidence",
    "class",
    "party_status",
    "event",
    "calendar",
    "clock_kind",
    "addressee",
    "topic",
)

Record = TypeVar("Record")


@dataclass
class Builder:
    """The records of all parts, by kind and id."""

    problems: Problems
    part: str = ""
    own_state: str = ""
    """If set, the part may only speak of this state: it is the state's own rule pack."""
    files: dict[str, str] = field(default_factory=dict)
    """Where each record was read, by kind and id."""
    sources: dict[str, Source] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    measures: dict[str, Measure] = field(default_factory=dict)
    fields: dict[str, Coded] = field(default_factory=dict)
    grounds: dict[str, Coded] = field(default_factory=dict)
    roles: dict[str, Coded] = field(default_factory=dict)
    codes: dict[str, dict[str, Coded]] = field(
        default_factory=lambda: {name: {} for name in PLAIN_VOCABULARIES}
    )
    channel_roles: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    offences: dict[str, Offence] = field(default_factory=dict)
    floors: dict[str, PenaltyFloor] = field(default_factory=dict)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    party_instrument: dict[str, str] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    provisions: dict[str, Provision] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    national: dict[str, NationalOffence] = field(default_factory=dict)
    authorities: dict[str, Authority] = field(default_factory=dict)
    practices: dict[str, Practice] = field(default_factory=dict)
    transfer_grounds: dict[str, TransferGround] = field(default_factory=dict)
    transfer_rules: dict[str, TransferRule] = field(default_factory=dict)
    adequacy: dict[str, Adequacy] = field(default_factory=dict)

    def origin(self, table: Table, record: str) -> Origin:
        """Read confidence, sources and, in an overlay, the correction of a record."""
        confidence = table.choice("confidence", CONFIDENCES)
        sources = table.strings("source")
        if not sources:
            table.fault(
                "source",
                "law.missing_source",
                "no source is given",
                'Add source = ["..."] with an id from sources.toml.',
            )
        for name in sources:
            if name not in self.sources:
                table.fault(
                    "source",
                    "law.unknown_source",
                    f"{name[:60]!r} is not in sources.toml",
                    nearest(name, self.sources),
                )
        replaced = table.optional("replaces") or ""
        reason = table.optional("reason") or ""
        if replaced and not reason:
            table.fault(
                "reason",
                "law.correction_without_reason",
                f"replaces {replaced!r} without saying why",
                'Add reason = "...".',
            )
        return Origin(
            record=replaced or record,
            confidence=Confidence(confidence) if confidence else Confidence.UNVERIFIED,
            sources=sources,
            pack=self.part,
            corrected=reason if replaced else "",
        )

    def _check_own(self, records: dict[str, Record], record: Record, table: Table) -> None:
        """A state's own rule pack says nothing of other states, and replaces nothing of theirs.

        It may name the documents it was read from, which speak of no state; to put another
        document in place of one on which other records rest is a correction.
        """
        replaced = table.optional("replaces")
        touched = [record, records.get(replaced)] if replaced else [record]
        for item in touched:
            if item is None or (isinstance(item, Source) and not replaced):
                continue
            if getattr(item, "state", None) != self.own_state:
                self.not_own(table)

    def not_own(self, table: Table) -> None:
        """Note that `table` is no law about the state whose own rule pack is being read."""
        table.fault(
            "",
            "law.not_own_law",
            f"is not about {self.own_state}, whose own rule pack this is",
            "A state publishes law about itself; a correction is another kind of pack.",
        )

    def place(
        self, records: dict[str, Record], name: str, record: Record, table: Table, *, key: str
    ) -> None:
        """Put `record` among `records` as new or, with `replaces`, in place of another."""
        if self.own_state:
            self._check_own(records, record, table)
        replaced = table.optional("replaces")
        if replaced is not None:
            if replaced not in records:
                table.fault(
                    "replaces",
                    "law.nothing_to_replace",
                    f"there is no record {replaced[:80]!r}",
                    nearest(replaced, records),
                )
                return
            records[replaced] = record
            self._read_in(table, replaced, record)
            return
        if name in records:
            table.fault(
                key,
                "law.duplicate_id",
                f"{name!r} is there already",
                "Remove one of the two, or say which record the other replaces.",
            )
            return
        records[name] = record
        self._read_in(table, name, record)

    def _read_in(self, table: Table, name: str, record: object) -> None:
        """Remember the file of a record. Ids that hold a slash name their kind themselves."""
        self.files[name if "/" in name else f"{type(record).__name__.lower()}/{name}"] = table.file

    def file_of(self, record: str) -> str | None:
        """Return the file of the record that a fault names; None if it is not told apart."""
        return self.files.get(record) or self.files.get(f"instrument/{record}")


def ends_after(table: Table, key: str, start: When | None, until: When | None) -> None:
    """Note a fault for a period (`key` to `until`, half-open) that holds no day for certain."""
    if start is not None and until is not None and until.latest <= start.earliest:
        table.fault(
            "until", "law.ends_before_it_begins", f"is not after {key}", "Check both dates."
        )


def overlap(one: tuple[When | None, When | None], other: tuple[When | None, When | None]) -> bool:
    """Whether two half-open periods (from, until) share a day for certain or possibly."""
    (start, end), (other_start, other_end) = one, other
    ends_before = end is not None and other_start is not None and end.latest <= other_start.earliest
    begins_after = (
        other_end is not None and start is not None and other_end.latest <= start.earliest
    )
    return not (ends_before or begins_after)
