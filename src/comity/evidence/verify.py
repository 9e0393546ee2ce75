# SPDX-License-Identifier: Apache-2.0
"""Verifying a package on a machine that has only this program and a trust file.

`verify_package` never raises for a bad package: every fault is a failed step
that names the file. It needs no network and no node, reads every byte of
evidence once, and holds no evidence in memory. Every byte of a package is
either covered by a digest under a verified signature, or must equal bytes that
the verifier makes itself; so no byte can change unnoticed.

| no. | step | what it settles |
| --- | --- | --- |
| 1 | Files | nothing but what the format knows; no links, devices, empty folders |
| 2 | Bag | BagIt 1.0 in its one form; tag files equal to the tag manifests |
| 3 | Keys | key statements signed by the roots that the verifier trusts |
| 4 | Seal | both signatures of the sender, and minisign's, over the tag manifest |
| 5 | Payload | every file has the digests of both manifests |
| 6 | Request | the request that is answered, between the same authorities |
| 7 | Ledger | every event is in its authority's log, witnessed as trust demands |
| 8 | Custody | signed, unbroken chains that state exactly these files |
| 9 | Acquisition | signed records in line with custody and files |
| 10 | Derived files | graph, crate, lists, reports follow from the statements |
| 11 | Containers | what the containers' own checks say, apart from the data |
| 12 | Acceptance | the receiver's own signed and logged half |
| 13 | Expectations | what the verifier knows must be there; the clock |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.authorities.trust import Trust
from comity.canonical.time import Instant
from comity.errors import ComityError, Unverified
from comity.evidence import layout, verify_acceptance, verify_bag, verify_chain
from comity.evidence.acquired import ContainerCheck
from comity.evidence.contents import ExhibitFacts
from comity.evidence.reading import Reader
from comity.evidence.report import Fault, Report, Status, Step
from comity.evidence.verification import Faults, State, StepFailed, StepSkipped, unforeseen

ContainerChecker = Callable[[Path, ExhibitFacts], Sequence[ContainerCheck]]
"""Checks the containers among an exhibit's files below the package's root."""

_ALWAYS_OPEN: Final = (
    "Whether what the signed statements say is true: only that these authorities said it.",
    "Whether the trust file is genuine: compare its roots by a channel of your own.",
    "A time stamp by a third party (RFC 3161): packages carry none. Times are the parties' own.",
)


@dataclass(frozen=True)
class _Check:
    title: str
    run: Callable[[State], str]
    needs: tuple[int, ...]


def verify_package(
    root: Path,
    *,
    trust: Trust,
    now: Instant | None = None,
    progress: Callable[[int], None] | None = None,
    check_container: ContainerChecker | None = None,
) -> Report:
    """Verify the package in the folder `root`; see the module docstring for the steps.

    With `now`, a package dated after it is refused. `progress` gets the number of
    bytes just read. `check_container` is the check of `forensics.ewf`, passed in
    because this layer does not know it.
    """
    with Reader(root, progress=progress) as reader:
        state = State(root=root, trust=trust, now=now, reader=reader)
        steps = tuple(_run_all(state, check_container))
    sealed = all(step.status is Status.OK for step in steps[:4])
    info = state.info if sealed else None
    accepted = steps[_ACCEPTANCE - 1].status is Status.OK and state.acceptance
    return Report(
        steps=steps,
        package=info.package if info else None,
        sender=info.sender if info else None,
        recipient=info.recipient if info else None,
        seal=state.seal if sealed else None,
        accepted_by=accepted.acceptance.authority if accepted else None,
        not_checked=(*state.notes, *_ALWAYS_OPEN),
    )


def _run_all(state: State, check_container: ContainerChecker | None) -> list[Step]:
    steps: list[Step] = []
    for number, check in enumerate(_checks(check_container), start=1):
        missing = [need for need in check.needs if steps[need - 1].status is not Status.OK]
        if missing:
            text = f"not checked, since step {missing[0]} did not succeed"
            steps.append(
                Step(number=number, title=check.title, status=Status.NOT_CHECKED, detail=text)
            )
            continue
        steps.append(_run(state, number, check))
    return steps


def _run(state: State, number: int, check: _Check) -> Step:
    faults: tuple[Fault, ...] = ()
    try:
        status, detail = Status.OK, check.run(state)
    except StepSkipped as skipped:
        status, detail = Status.NOT_CHECKED, str(skipped)
    except StepFailed as failed:
        status, faults = Status.FAILED, failed.faults
        detail = faults[0].message
        if len(faults) > 1:
            detail += f" (and {len(faults) - 1} more)"
    except ComityError as error:
        status, detail = Status.FAILED, error.message
        faults = (Fault(file=str(state.root), code=error.code, message=error.message),)
    except Exception as error:  # noqa: BLE001 - see `unforeseen`
        status, faults = Status.FAILED, (unforeseen(error, str(state.root)),)
        detail = faults[0].message
    return Step(number=number, title=check.title, status=status, detail=detail, faults=faults)


_ACCEPTANCE: Final = 12


def _checks(check_container: ContainerChecker | None) -> tuple[_Check, ...]:
    def containers(state: State) -> str:
        return _check_containers(state, check_container)

    return (
        _Check("Files", verify_bag.check_files, ()),
        _Check("Bag", verify_bag.check_bag, (1,)),
        _Check("Keys", verify_bag.check_keys, (1,)),
        _Check("Seal", verify_bag.check_seal, (2, 3)),
        _Check("Payload", verify_bag.check_payload, (2,)),
        _Check("Request", verify_chain.check_request, (4, 5)),
        _Check("Ledger", verify_chain.check_ledger, (6,)),
        _Check("Custody", verify_chain.check_custody, (7,)),
        _Check("Acquisition", verify_chain.check_acquisitions, (8,)),
        _Check("Derived files", verify_chain.check_derived, (9,)),
        _Check("Containers", containers, (10,)),
        _Check("Acceptance", verify_acceptance.check_acceptance, (8,)),
        _Check("Expectations", verify_acceptance.check_expectations, (4, 7)),
    )


def _check_containers(state: State, check: ContainerChecker | None) -> str:
    """Compare what containers say of themselves with what the acquisition records say."""
    if check is None:
        state.notes.append("The containers' own checks (E01 and the like): not asked for.")
        raise StepSkipped("the containers' own checks were not asked for")
    faults, told = Faults(), []
    for exhibit in state.require_facts().exhibits:
        with faults.at(f"{layout.EVIDENCE_FOLDER}/{exhibit.number}"):
            found = check(state.root, exhibit)
            for one in found:
                if one.outcome == "not_checked":
                    note = f"A container of exhibit {exhibit.number}: {one.detail}"
                    state.notes.append(note)
                told.append(f"{exhibit.number} {one.outcome.replace('_', ' ')} ({one.format})")
            _compare_container(faults, exhibit, found)
    faults.end()
    return "; ".join(told) if told else "no exhibit is a container that checks itself"


def _compare_container(
    faults: Faults, exhibit: ExhibitFacts, found: Sequence[ContainerCheck]
) -> None:
    """Hold what was found in one exhibit against what its acquisition record says."""
    path = layout.acquisition_path(exhibit.number)
    recorded = exhibit.acquisition.container if exhibit.acquisition else None
    claim = recorded if recorded and recorded.outcome != "not_checked" else None
    results = [_result(one) for one in found]
    with faults.at(path):
        if claim and not found:
            raise Unverified(
                "acquisition.no_container",
                f"{path}: records a container's check, but no file of the exhibit is a container",
            )
        if claim and _result(claim) not in results and not _unknown(claim.format, found):
            raise Unverified(
                "acquisition.container_differs",
                f"{path}: the container's check gives another result than is recorded",
            )
    told = _result(claim) if claim else None
    folder = f"{layout.EVIDENCE_FOLDER}/{exhibit.number}"
    with faults.at(folder):
        if any(one.outcome == "inconsistent" and _result(one) != told for one in found):
            raise Unverified(
                "acquisition.container_inconsistent",
                f"{folder}: a container contradicts itself, and no acquisition record says so",
            )


def _unknown(name: str, found: Sequence[ContainerCheck]) -> bool:
    """Tell whether a container of this format was found that could not be checked here."""
    return any(one.outcome == "not_checked" and one.format == name for one in found)


def _result(check: ContainerCheck) -> tuple[object, ...]:
    return (check.outcome, check.media_size, check.computed, check.stored)
