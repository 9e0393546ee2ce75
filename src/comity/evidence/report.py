# SPDX-License-Identifier: Apache-2.0
"""The outcome of a verification: numbered steps in plain words, and what was not checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from comity.canonical.json import JSON, Object
from comity.errors import one_line

#: Faults listed for one step; the rest are counted.
MAX_SHOWN: Final = 20


class Status(StrEnum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong: in which file, with a stable code, in words.

    File and message are kept as one line each, since both may quote a hostile package.
    """

    file: str
    code: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", one_line(self.file))
        object.__setattr__(self, "message", one_line(self.message))

    def to_json(self) -> Object:
        """Return the JSON form."""
        return {"file": self.file, "code": self.code, "message": self.message}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One numbered step. `file` is that of the first fault, empty if there is none.

    The detail is kept as one line: it may quote what the package says.
    """

    number: int
    title: str
    status: Status
    detail: str
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", one_line(self.detail))

    @property
    def file(self) -> str:
        """The file of the first fault."""
        return self.faults[0].file if self.faults else ""

    def to_json(self) -> Object:
        """Return the JSON form."""
        faults: list[JSON] = [fault.to_json() for fault in self.faults[:MAX_SHOWN]]
        return {
            "number": self.number,
            "title": self.title,
            "status": self.status.value,
            "detail": self.detail,
            "file": self.file,
            "faults": faults,
            "fault_count": len(self.faults),
        }


@dataclass(frozen=True, kw_only=True)
class Report:
    """All steps in order. `ok` means that no step failed and none was skipped for a failure.

    `package`, `sender` and `seal` (SHA-256 of the seal's envelope) are None as long
    as the seal has not been verified. `not_checked` says what this verification,
    even when all is well, does not tell.
    """

    steps: tuple[Step, ...]
    package: str | None
    sender: str | None
    recipient: str | None
    seal: str | None
    accepted_by: str | None
    not_checked: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "not_checked", tuple(map(one_line, self.not_checked)))

    @property
    def ok(self) -> bool:
        """Whether the package stands."""
        return bool(self.steps) and all(step.status is not Status.FAILED for step in self.steps)

    @property
    def failed(self) -> tuple[Step, ...]:
        """The steps that failed."""
        return tuple(step for step in self.steps if step.status is Status.FAILED)

    def to_json(self) -> Object:
        """Return the JSON form."""
        steps: list[JSON] = [step.to_json() for step in self.steps]
        not_checked: list[JSON] = [*self.not_checked]
        return {
            "verified": self.ok,
            "package": self.package,
            "sender": self.sender,
            "recipient": self.recipient,
            "seal": self.seal,
            "accepted_by": self.accepted_by,
            "steps": steps,
            "not_checked": not_checked,
        }
