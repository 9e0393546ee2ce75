# SPDX-License-Identifier: Apache-2.0
"""The whole story of one request, at two desks, by people who read what is on the page.

Preservation, question and answer, condition, report; then the request for the evidence,
acquisition, package, delivery, verification, receipt, closing. Every step is a page that an
officer opens and a button that an officer presses; nothing is done behind the desk's back but
the examiner's bench work, which the command line does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from demo.network import Network

from browser.conftest import XM, XV, Visit
from browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.slow]

#: Longest wait for a message to cross, or for the worker to build a package.
PATIENCE_SECONDS = 90
EXHIBIT = "XM-2026-17"


def until(visitor: Visitor, ready: Callable[[], bool], what: str) -> None:
    """Look at the page again and again until it shows what is awaited."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < deadline, f"waited in vain for {what}:\n{visitor.text}"
        time.sleep(0.5)
        visitor.page.reload()


def state(visitor: Visitor) -> str:
    return visitor.page.inner_text(".head .tag")


def act(visitor: Visitor, action: str, button: str) -> None:
    """Open the page of an action as soon as it is possible."""
    button_or_link = visitor.page.locator(f"#do-{action}")
    until(visitor, lambda: button_or_link.count() > 0, f"the action {action}")
    button_or_link.click()
    assert visitor.heading == button


def begin(visitor: Visitor, title: str, measure: str, urgency: str = "ordinary") -> None:
    visitor.open("/requests/new/")
    visitor.fill("title", title)
    visitor.choose("requested", XM)
    visitor.choose("measure", measure)
    visitor.choose("offences", "computer_fraud", "illegal_access")
    visitor.choose("urgency", urgency)


def write(visitor: Visitor, section: str, **answers: str) -> None:
    """Fill in one section of the draft, and go back to the task list."""
    visitor.follow(section)
    assert visitor.heading == section
    for name, value in answers.items():
        if visitor.page.locator(f"main input[type=radio][name='{name}']").count():
            visitor.choose(name, value)
        else:
            visitor.fill(name, value)
    visitor.press("Save and go to the list")


def approve_and_send(visit: Visit, path: str) -> None:
    for login in ("bram", "ines"):
        officer = visit(XV, login)
        officer.open("/queue/")
        officer.open(path)
        act(officer, "approve", "Approve")
        officer.press("Approve")
    act(officer, "send", "Send")
    assert "Ministry of Justice of Meridia" in officer.text
    assert "What leaves this node" in officer.text
    officer.press("Send")
    until(officer, lambda: "Delivered" in officer.section("Delivery").text_content(),
          "the receipt of the other node")  # fmt: skip


def open_newest(visitor: Visitor, view: str) -> str:
    """Open the request that arrived last in a queue; return its address."""
    visitor.open(f"/queue/?view={view}&sort=-activity")
    visitor.page.locator("tbody a").first.click()
    return visitor.path


def take(visit: Visit, login: str, title: str) -> tuple[Visitor, str]:
    """Let a central authority officer find the new request and take it."""
    officer = visit(XM, login)
    officer.speak("en")
    officer.open("/queue/?view=unassigned")
    until(officer, lambda: title in officer.text, "the request at the other side")
    officer.follow(title)
    path = officer.path
    officer.page.select_option("#assign-officer", label="Chidi Anagonye")
    officer.press("Assign")
    return officer, path


def test_preservation_is_asked_for_questioned_and_reported(visit: Visit) -> None:
    preserve(visit)


def preserve(visit: Visit) -> None:
    """Play a preservation from the draft to the report of what is held."""
    amara = visit(XV, "amara")
    title = "Keep the disk of the rented server"
    begin(amara, title, "expedited_preservation", "expedited")
    amara.press("Begin the draft")
    assert "Nothing of this request has left this node." in amara.text
    submit = "Check the answers and submit for approval"
    assert amara.page.get_by_role("link", name=submit).count() == 0
    assert "Facts of the case are missing (Budapest Convention, art. 29" in amara.text
    write(amara, "The case", offence="Fraud, s. 263a", facts_summary="Forged invoices. " * 40)
    write(amara, "The data", data_description="The disk", data_link_offence="It sent them.",
          custodian_location="Meridia Hosting")  # fmt: skip
    write(amara, "Necessity and urgency", necessity="It is erased.", urgency_reason="Nine days.")
    write(amara, "What will follow", intent_mla="yes")
    amara.follow(submit)
    assert "The letter as it will be read" in amara.text
    amara.press("Submit for approval")
    path = amara.path
    approve_and_send(visit, path)

    chidi, there = take(visit, "chidi", title)
    act(chidi, "acknowledge", "Acknowledge")
    chidi.fill("local_reference", "XM-AZ 17/2026")
    chidi.fill("handled_by", "Central authority, desk 4")
    chidi.press("Acknowledge")
    act(chidi, "request_information", "Ask for information")
    chidi.fill("question", "Which time zone are the dates in?")
    chidi.choose("data_held", "yes")
    chidi.fill("reply_by", "2099-12-20T12:00")
    chidi.press("Ask for information")
    assert state(chidi) == "Waiting for an answer"

    amara.open(path)
    until(amara, lambda: state(amara) == "Question to answer", "the question")
    assert "Which time zone are the dates in?" in amara.text
    act(amara, "supplement", "Supplement")
    amara.fill("text", "UTC throughout.")
    amara.press("Supplement")

    chidi.open(there)
    until(chidi, lambda: "UTC throughout." in chidi.text, "the answer")
    act(chidi, "offer_condition", "Offer conditions")
    chidi.page.select_option("[name=conditions-0-kind]", "use_limited_to_case")
    chidi.page.fill("[name=conditions-0-text]", "Only in the proceedings named in the request")
    chidi.fill("reply_by", "2099-12-24T12:00")
    chidi.press("Offer conditions")

    bram = visit(XV, "bram")
    bram.open(path)
    until(bram, lambda: state(bram) == "Conditions to answer", "the conditions")
    assert "Only in the proceedings named in the request" in bram.section("Conditions").inner_text()
    act(bram, "accept_condition", "Accept the conditions")
    bram.press("Accept the conditions")

    chidi.open(there)
    until(chidi, lambda: "Accepted" in chidi.section("Conditions").inner_text(), "the acceptance")
    act(chidi, "accept", "Accept")
    chidi.press("Accept")
    act(chidi, "report_preservation", "Report the preservation")
    chidi.choose("result", "held")
    chidi.fill("held_from", "2026-11-01T08:00")
    chidi.fill("held_until", "2099-01-25T08:00")
    chidi.fill("provider", "Meridia Hosting")
    chidi.fill("local_reference", "MH-77")
    chidi.press("Report the preservation")

    amara.open(path)
    until(amara, lambda: state(amara) == "Data preserved", "the report")
    assert "2099-01-25" in amara.section("Clocks").inner_text()
    assert "2099-01-25" in chidi.section("Clocks").inner_text()
    for visitor in (amara, bram, chidi):
        assert visitor.complaints == []


def test_the_evidence_is_asked_for_acquired_delivered_verified_and_confirmed(
    visit: Visit, network: Network, tmp_path: Path, pictures: Path | None
) -> None:
    amara = visit(XV, "amara")
    title = "Image of the rented server’s disk"
    begin(amara, title, "stored_computer_data")
    if not amara.page.locator("[name=preservation_of]").count():  # tests run in any order
        preserve(visit)
        begin(amara, title, "stored_computer_data")
    amara.page.locator("input[name=preservation_of]").last.check()
    amara.press("Begin the draft")
    write(amara, "The case", subject_nature="Fraud proceedings 12-345/2026", offence="Fraud",
          facts_summary="Forged invoices.", legal_provisions="s. 263a", penalties="Five years")  # fmt: skip
    write(amara, "The data", assistance_sought="An image of the disk", data_description="The disk",
          data_link_offence="It sent them.", custodian_location="Meridia Hosting")  # fmt: skip
    write(amara, "Purpose and use", purpose="Proof of the fraud", use_statement="yes")
    amara.follow("Check the answers and submit for approval")
    amara.press("Submit for approval")
    path = amara.path
    assert "Keep the disk of the rented server" in amara.section("Linked requests").inner_text()
    approve_and_send(visit, path)

    chidi, there = take(visit, "chidi", title)
    act(chidi, "acknowledge", "Acknowledge")
    chidi.fill("local_reference", "XM-AZ 18/2026")
    chidi.fill("handled_by", "Central authority, desk 4")
    chidi.press("Acknowledge")
    act(chidi, "accept", "Accept")
    chidi.press("Accept")
    act(chidi, "start_execution", "Start execution")
    chidi.press("Start execution")
    assert "No exhibit has been acquired" in chidi.section("What you can do").inner_text()

    dara = visit(XM, "dara")
    dara.open(there)
    dara.follow("Register an exhibit")
    dara.fill("number", EXHIBIT)
    dara.fill("description", "Disk of the rented server, serial 4711")
    dara.fill("seized_at", "2026-11-02T10:00")
    dara.fill("place", "Harbour Road 12")
    dara.fill("legal_type", "Search warrant")
    dara.fill("legal_identifier", "AZ 301/2026")
    dara.press("Register")
    acquire(network, tmp_path)
    dara.follow(f"Exhibit {EXHIBIT}")
    dara.follow("Lodge an acquisition")
    dara.choose("folder", "server-disk")
    dara.press("Lodge")
    assert "Acquired" in dara.page.inner_text("h1")
    assert "disk.img" in dara.section_text("Files")
    dara.open(there)
    dara.follow("Make a package of exhibits")
    dara.page.check("input[name=exhibits]")
    dara.choose("complete", "yes")
    dara.press("Make the package")
    until(dara, lambda: "Ready to be delivered" in dara.text, "the package")

    chidi.open(there)
    act(chidi, "deliver", "Deliver")
    chidi.page.check("input[name=exhibits]")
    chidi.press("Deliver")
    assert state(chidi) == "Delivered"

    amara.open(path)
    until(amara, lambda: "Verified and accepted" in amara.text, "the verified package")
    if pictures:
        amara.picture(pictures, "evidence-received-1280")
    amara.section("Packages").get_by_role("link").first.click()
    assert "Every step held." in amara.text
    with amara.page.expect_download() as download:
        amara.press("Download the package")
    assert Path(download.value.path()).stat().st_size > 100_000
    amara.open(path)
    assert amara.page.locator(".custody-chart circle").count() >= 4
    act(amara, "confirm_receipt", "Confirm receipt")
    amara.page.locator("input[name=package_id]").first.check()
    amara.press("Confirm receipt")
    chidi.open(there)
    until(chidi, lambda: "Confirmation of receipt received" in chidi.text, "the receipt")
    act(chidi, "close", "Close")
    chidi.press("Close")
    assert state(chidi) == "Closed"
    bram = visit(XV, "bram")
    bram.open(path)
    act(bram, "close", "Close")
    bram.press("Close")
    assert state(bram) == "Closed"
    assert bram.section("What you can do").get_by_role("link").count() == 0
    for visitor in (amara, bram, chidi, dara):
        assert visitor.complaints == []


def acquire(network: Network, tmp_path: Path) -> None:
    """Do the examiner's bench work: image a source and put the result into the intake."""
    source = tmp_path / "disk.img"
    source.write_bytes(bytes(range(256)) * 1024)
    intake = network[XM].folder / "intake"
    intake.mkdir(exist_ok=True)
    done = subprocess.run(
        [
            Path(sys.executable).with_name("comity"), "evidence", "acquire", source,
            "--out", intake / "server-disk", "--exhibit", EXHIBIT, "--examiner", "Dara Sok",
            "--place", "Laboratory 4", "--purpose", "Execution of the request",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_arabic_officer_does_the_same_work_in_arabic(visit: Visit) -> None:
    layla = visit(XM, "layla", language="ar")
    layla.speak("ar")
    layla.open("/queue/?view=waiting")
    assert layla.page.get_attribute("html", "dir") == "rtl"
    assert re.search(r"[\u0600-\u06ff]", layla.heading)
    assert layla.complaints == []
