# SPDX-License-Identifier: Apache-2.0
"""The whole story of one case, played through the services of two nodes.

Every step looks at the record first and acts only if it has not been done, so
the story can go on after any process has been killed at any moment: nothing
happens twice and nothing is left out. What each step verified is said as it
happens; the first thing that does not hold ends the story with an error.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from comity.canonical.digest import hash_stream
from comity.canonical.time import write_instant
from comity.errors import Refused, Unavailable, Unverified
from comity.evidence.names import stored_name
from demo import case
from demo.console import Console, Lost
from demo.network import Network, clean_environment, program

Page = dict[str, Any]
#: Longest wait for one step, in seconds; a kill in between starts it anew.
STEP_SECONDS: Final = 120
_POLL_SECONDS: Final = 0.15
_ASKING, _ASKED = "xv.moj", "xm.moj"
_DRAFTER, _APPROVERS = "amara", ("bram", "ines")
_CENTRAL, _EXAMINER = "chidi", "dara"


@dataclass(frozen=True)
class Ending:
    """What the story leaves behind."""

    request_id: str
    package_id: str
    stored_name: str
    exhibit_sha256: str


class Story:
    """Plays the case on a running network. `say` prints one line for people."""

    def __init__(
        self,
        network: Network,
        *,
        exhibit: Path,
        say: Callable[[str], None],
        tag: str = "",
        patience: float = STEP_SECONDS,
    ) -> None:
        self._network = network
        self._exhibit = exhibit
        # A name that not every tool can bear is written in another way in the package.
        self._stored = stored_name(os.fsencode(exhibit.name))
        self._say = say
        self._tag = f" {tag}" if tag else ""
        self._patience = patience
        self.consoles = {name: Console(node) for name, node in network.nodes.items()}

    def close(self) -> None:
        """End the consoles."""
        for console in self.consoles.values():
            console.close()

    # --- the acts ---

    def open_case(self) -> str:
        """Play up to the middle: preserved, asked, questioned. Return the request's id."""
        preservation = self._preserve()
        request = self._request(preservation)
        self._question(request)
        return request

    def play(self) -> Ending:
        """Play everything; return what is to be verified outside."""
        request = self.open_case()
        self._answer_and_accept(request)
        exhibit = self._acquire(request)
        package = self._deliver(request, exhibit)
        self._close(request, package)
        size, digests = _hash(self._exhibit)
        self._say(f"      the exhibit was {size:,} bytes, SHA-256 {digests}")
        return Ending(request, package, self._stored, digests)

    def _preserve(self) -> str:
        self._say("1. Valdoria asks Meridia to preserve the disk (Budapest Convention, art. 29)")
        request = self._draft(
            case.PRESERVATION_TITLE + self._tag,
            kind="preservation",
            measure="expedited_preservation",
            urgency="urgent",
        )
        until = (datetime.now(UTC) + timedelta(days=13)).date().isoformat()
        self._fill(request, {**case.PRESERVATION_FIELDS, "expected_mla_date": until})
        self._approve_and_send(request)
        self._acknowledge(request, "MC-P-2026-0044")
        now = datetime.now(UTC).replace(microsecond=0)
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "accept",
            {},
            done=lambda page: page["state"] not in _BEFORE_ACCEPTANCE,
        )
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "report_preservation",
            {
                "result": "held",
                "held_from": write_instant(now),
                "held_until": write_instant(now + timedelta(days=90)),
                "provider": case.PROVIDER,
                "local_reference": "MH-HOLD-7731",
            },
            done=lambda page: _told(page, "preservation.reported"),
        )
        page = self._wait(_ASKING, _DRAFTER, request, lambda page: page["state"] == "answered")
        clocks = {clock["due"] for clock in page["clocks"] if clock["due"]}
        theirs = self._page(_ASKED, _CENTRAL, request)["clocks"]
        _hold(
            bool(clocks) and clocks == {clock["due"] for clock in theirs if clock["due"]},
            "both sides see the same clock of the preservation",
        )
        self._say(f"      held until {max(clocks)[:10]}; both sides see the same clock")
        return request

    def _request(self, preservation: str) -> str:
        self._say("2. Valdoria asks for the image itself (art. 31), linked to the preservation")
        request = self._draft(
            case.ASSISTANCE_TITLE + self._tag,
            kind="mutual_assistance",
            measure="stored_computer_data",
            urgency="ordinary",
            preservation_of=preservation,
        )
        self._show_forgotten_field(request)
        self._fill(request, case.ASSISTANCE_FIELDS)
        self._approve_and_send(request)
        page = self._wait(_ASKED, _CENTRAL, request, lambda _page: True)
        linked = {link["request_id"] for link in page["linked"]}
        _hold(preservation in linked, "the request is linked to the preservation in Meridia too")
        return request

    def _show_forgotten_field(self, request: str) -> None:
        fields = {k: v for k, v in case.ASSISTANCE_FIELDS.items() if k != case.FORGOTTEN}
        page = self._page(_ASKING, _DRAFTER, request)
        if page["state"] != "draft" or _value(page, case.FORGOTTEN):
            return
        self._fill(request, fields)
        try:
            self._call(_ASKING, _DRAFTER, "assistance.submit_request", request_id=request)
        except Refused as refused:
            for reason in refused.reasons:
                self._say(f"      refused, as it must be: {reason}")
            return
        raise Unverified("demo.not_refused", "a request without a required field was let through")

    def _question(self, request: str) -> None:
        self._say("3. Meridia acknowledges and asks back")
        self._acknowledge(request, "MC-2026-0044")
        reply_by = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "request_information",
            {
                "question": case.QUESTION,
                "about": ["data_description"],
                "data_held": "yes",
                "reply_by": write_instant(reply_by),
            },
            done=lambda page: _told(page, "question.asked"),
        )
        self._wait(_ASKING, _DRAFTER, request, lambda page: _told(page, "question.received"))

    def _answer_and_accept(self, request: str) -> None:
        self._say("4. Valdoria answers; Meridia accepts on a condition; Valdoria takes it")
        self._act(
            _ASKING,
            _DRAFTER,
            request,
            "supplement",
            {"text": case.ANSWER},
            done=lambda page: _told(page, "information.supplied"),
        )
        self._wait(_ASKED, _CENTRAL, request, lambda page: _told(page, "information.received"))
        reply_by = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "offer_condition",
            {"conditions": [case.CONDITION], "reply_by": write_instant(reply_by)},
            done=lambda page: bool(page["conditions"]),
        )
        self._act(
            _ASKING,
            _APPROVERS[0],
            request,
            "accept_condition",
            {},
            done=lambda page: _conditions(page) == {"accepted"},
        )
        self._wait(_ASKED, _CENTRAL, request, lambda page: _conditions(page) == {"accepted"})
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "accept",
            {},
            done=lambda page: page["state"] not in _BEFORE_ACCEPTANCE,
        )
        self._wait(_ASKING, _DRAFTER, request, lambda page: _told(page, "acceptance.received"))

    def _acquire(self, request: str) -> str:
        self._say("5. The examiner images the exhibit and lodges it")
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "start_execution",
            {},
            done=lambda page: page["state"] not in {*_BEFORE_ACCEPTANCE, "accepted"},
        )
        exhibit = self._exhibit_of(request)
        if exhibit is None:
            seized = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
            self._attempt(
                _ASKED,
                _EXAMINER,
                "evidence.register_exhibit",
                request_id=request,
                number=case.EXHIBIT,
                description=case.EXHIBIT_DESCRIPTION,
                seized_at=write_instant(seized),
                place=case.SEIZURE,
                legal_type=case.ORDER_TYPE,
                legal_identifier=case.ORDER,
            )
            exhibit = self._exhibit_of(request)
            if exhibit is None:
                return self._acquire(request)
        if exhibit["status"] == "registered":
            self._image(request, exhibit["id"])
        return str(exhibit["id"])

    def _image(self, request: str, exhibit: str) -> None:
        node = self._network[_ASKED]
        folder = node.folder / "intake" / f"{case.EXHIBIT}-{request[:8]}"
        if not folder.exists():
            self._run_acquire(request, folder)
        while self._exhibit_of(request, exhibit)["status"] == "registered":
            self._attempt(
                _ASKED,
                _EXAMINER,
                "evidence.lodge_acquisition",
                exhibit_id=exhibit,
                folder=folder.name,
            )
        files = self._exhibit_of(request, exhibit)["files"]
        _, digest = _hash(self._exhibit)
        found = {Path(file["path"]).name: file["sha256"] for file in files}
        _hold(
            found.get(self._stored) == digest,
            f"{self._stored} is in the store with its own SHA-256",
        )

    def _run_acquire(self, request: str, folder: Path) -> None:
        done = subprocess.run(
            [
                program("comity"), "evidence", "acquire", str(self._exhibit),
                "--out", str(folder), "--exhibit", case.EXHIBIT, "--examiner", "Dara Sok",
                "--request", request, "--place", case.PLACE,
                "--purpose", "Execution of the request",
                "--legal-authority", f"{case.ORDER_TYPE}: {case.ORDER}",
                "--json",
            ],
            capture_output=True, text=True, env=clean_environment(), check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Unavailable(
                "demo.acquire",
                f"the acquisition failed with exit status {done.returncode}",
                hint=(done.stderr or done.stdout)[-2000:],
            )

    def _deliver(self, request: str, exhibit: str) -> str:
        self._say("6. The package is built, sealed, witnessed and sent")
        if not self._packages(_ASKED, _CENTRAL, request):
            self._attempt(
                _ASKED,
                _EXAMINER,
                "packages.assemble_package",
                request_id=request,
                exhibit_ids=[exhibit],
                complete=True,
            )
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "deliver",
            {"exhibits": [case.EXHIBIT]},
            done=lambda page: page["state"] in {"delivered", "closed"},
        )
        page = self._wait(
            _ASKING,
            _DRAFTER,
            request,
            lambda page: any(p["status"] in {"accepted", "confirmed"} for p in page["packages"]),
        )
        package = page["packages"][0]
        failed = [step for step in package["steps"] if step["status"] == "failed"]
        _hold(not failed and bool(package["steps"]), "Valdoria verified the package on arrival")
        for step in package["steps"]:
            self._say(f"      {step['number']:2}. {step['title']}: {_outcome(step)}")
        return str(package["id"])

    def _close(self, request: str, package: str) -> None:
        self._say("7. Valdoria confirms receipt; both sides close")
        self._act(
            _ASKING,
            _APPROVERS[0],
            request,
            "confirm_receipt",
            {"package_id": package},
            done=lambda page: page["packages"][0]["status"] == "confirmed",
        )
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "close",
            {},
            done=lambda page: page["state"] == "closed",
        )
        self._act(
            _ASKING,
            _APPROVERS[0],
            request,
            "close",
            {},
            done=lambda page: page["state"] == "closed",
        )

    def export(self, package: str, out: Path) -> None:
        """Write the delivered package and its trust file below `out`."""
        self._call(_ASKING, _DRAFTER, "packages.export_package", package_id=package, out=str(out))

    def both_pages(self, request: str) -> tuple[Page, Page]:
        """Return a request as the supervisors of Valdoria and of Meridia see it."""
        return self._page(_ASKING, "ines", request), self._page(_ASKED, "layla", request)

    # --- parts of acts ---

    def _draft(self, title: str, **choices: object) -> str:
        """Return the request with this title, made now if there is none."""
        while True:
            found = self._find(title)
            if found:
                return found
            self._attempt(
                _ASKING,
                _DRAFTER,
                "assistance.create_request",
                title=title,
                requested=_ASKED,
                offences=case.OFFENCES,
                **choices,
            )

    def _find(self, title: str) -> str | None:
        for view in ("mine", "unassigned", "waiting", "due"):
            page = self._call(_ASKING, _DRAFTER, "queries.queue", view=view)
            for item in page["items"]:
                if item["title"] == title:
                    return str(item["request_id"])
        return None

    def _fill(self, request: str, fields: Mapping[str, object]) -> None:
        while True:
            page = self._page(_ASKING, _DRAFTER, request)
            if page["state"] != "draft" or all(_value(page, name) for name in fields):
                return
            self._attempt(
                _ASKING,
                _DRAFTER,
                "assistance.save_fields",
                request_id=request,
                fields=dict(fields),
                version=page["version"],
            )

    def _approve_and_send(self, request: str) -> None:
        self._act(
            _ASKING,
            _DRAFTER,
            request,
            "submit",
            {},
            done=lambda page: page["state"] != "draft",
        )
        for officer in _APPROVERS:
            page = self._page(_ASKING, officer, request)
            digest = _digest_to_approve(page)
            self._act(
                _ASKING,
                officer,
                request,
                "approve",
                {"digest": digest},
                done=lambda page, officer=officer: (
                    page["state"] != "awaiting_approval" or _approved(page, officer)
                ),
            )
        self._act(
            _ASKING,
            _APPROVERS[0],
            request,
            "send",
            {},
            done=lambda page: page["state"] not in {"draft", "awaiting_approval"},
        )
        page = self._wait(
            _ASKING,
            _DRAFTER,
            request,
            lambda page: any(r["kind"] == "delivered" and r["at"] for r in page["delivery"]),
        )
        self._say(f"      {page['reference']} was sealed, sent, and its delivery is receipted")

    def _acknowledge(self, request: str, number: str) -> None:
        self._act(
            _ASKED,
            _CENTRAL,
            request,
            "acknowledge",
            {"local_reference": number, "handled_by": "Mutual assistance unit, +99355501"},
            done=lambda page: page["state"] != "received",
        )

    def _exhibit_of(self, request: str, exhibit: str = "") -> Any:
        page = self._page(_ASKED, _EXAMINER, request)
        for found in page["exhibits"]:
            if not exhibit or found["id"] == exhibit:
                return found
        return None

    def _packages(self, authority: str, officer: str, request: str) -> list[Page]:
        return list(self._page(authority, officer, request)["packages"])

    # --- the ground: look, act, look again ---

    def _act(
        self,
        authority: str,
        officer: str,
        request: str,
        action: str,
        inputs: Mapping[str, object],
        *,
        done: Callable[[Page], bool],
    ) -> None:
        """Take `action` once it is open, unless `done` already holds; wait until it holds."""
        deadline = time.monotonic() + self._patience
        reasons: list[str] = []
        while time.monotonic() < deadline:
            page = self._page(authority, officer, request, missing_ok=True)
            if page is not None:
                if done(page):
                    return
                found = [a for a in page["actions"] if a["action"] == action]
                reasons = [reason for a in found for reason in a["reasons"]]
                if any(a["enabled"] for a in found):
                    self._attempt(
                        authority,
                        officer,
                        "assistance.perform",
                        request_id=request,
                        action=action,
                        inputs=dict(inputs),
                    )
                    continue
            time.sleep(_POLL_SECONDS)
        raise Unavailable(
            "demo.step",
            f"{authority}: {action!r} did not become possible within {self._patience:.0f} seconds",
            hint="\n".join(reasons) or "The action is not offered to this officer.",
        )

    def _wait(
        self, authority: str, officer: str, request: str, held: Callable[[Page], bool]
    ) -> Page:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            page = self._page(authority, officer, request, missing_ok=True)
            if page is not None and held(page):
                return page
            time.sleep(_POLL_SECONDS)
        state = page["state"] if page else "not there"
        raise Unavailable(
            "demo.wait",
            f"{authority} waited {self._patience:.0f} seconds in vain; the request is {state}",
        )

    def _page(self, authority: str, officer: str, request: str, *, missing_ok: bool = False) -> Any:
        try:
            return self._call(authority, officer, "queries.request_page", request_id=request)
        except Refused as error:
            if missing_ok and error.code == "permission.denied":
                return None
            raise

    def _call(self, authority: str, officer: str, name: str, **arguments: object) -> Any:
        """Call until there is an answer. Only for what may be done twice."""
        while True:
            try:
                return self.consoles[authority].call(officer, name, **arguments)
            except Lost:
                time.sleep(_POLL_SECONDS)

    def _attempt(self, authority: str, officer: str, name: str, **arguments: object) -> None:
        """Call once; if the answer is lost, the caller looks whether it took effect."""
        try:
            self.consoles[authority].call(officer, name, **arguments)
        except Lost:
            self._say(f"      ({authority}: no answer to {name}; looking what became of it)")


_BEFORE_ACCEPTANCE: Final = frozenset(
    {"received", "acknowledged", "information_requested", "condition_offered", "consultation"}
)


def _told(page: Page, event: str) -> bool:
    return any(item["event"] == event for item in page["timeline"])


def _conditions(page: Page) -> set[str]:
    return {condition["status"] for condition in page["conditions"]}


def _approved(page: Page, login: str) -> bool:
    return any(a["current"] and a["officer_login"] == login for a in page["approvals"])


def _digest_to_approve(page: Page) -> str:
    for action in page["actions"]:
        if action["action"] == "approve":
            for entry in action["form"]["inputs"]:
                if entry["kind"] == "digest":
                    return str(dict(entry["choices"]).get("digest", ""))
    return ""


def _outcome(step: Page) -> str:
    """Return what came of a step of the verification, as a person says it."""
    if step["status"] != "not_checked":
        return str(step["status"])
    return f"not checked: {step['detail']}" if step["detail"] else "not checked"


def _value(page: Page, field: str) -> str:
    for section in page["sections"]:
        for entry in section["fields"]:
            if entry["id"] == field:
                return str(entry["value"])
    return ""


def _hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        size, digests = hash_stream(file, ["sha256"])
    return size, digests["sha256"]


def _hold(truth: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not truth:
        raise Unverified("demo.not_so", f"this does not hold: {what}")
