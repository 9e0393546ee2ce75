# SPDX-License-Identifier: Apache-2.0
"""Every page and act works with JavaScript switched off, and by keyboard alone with it on."""

from __future__ import annotations

import pytest
from demo.console import Console
from demo.network import Network

from browser.conftest import XM, XV, Visit
from browser.seeded import Case, pages
from browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.live]


def begin(visitor: Visitor, title: str) -> None:
    visitor.open("/requests/new/")
    visitor.fill("title", title)
    visitor.choose("requested", XM)
    visitor.choose("measure", "expedited_preservation")
    visitor.choose("offences", "computer_fraud")
    visitor.press("Begin the draft")


def test_a_request_is_drafted_submitted_and_approved_without_javascript(visit: Visit) -> None:
    amara = visit(XV, "amara", javascript=False)
    begin(amara, "Without JavaScript")
    amara.follow("The case")
    amara.fill("offence", "Fraud")
    amara.fill("facts_summary", "Forged invoices.")
    amara.press("Save and go on: The data")
    assert amara.heading == "The data"
    amara.fill("data_description", "The disk")
    amara.page.select_option("[name=identifiers-0-kind]", "ip")
    amara.page.fill("[name=identifiers-0-value]", "203.0.113.44")
    amara.fill("data_link_offence", "It sent them.")
    amara.press("Save and go on: Necessity and urgency")
    amara.fill("necessity", "It is erased.")
    amara.press("Save and go to the list")
    amara.follow("What will follow")
    amara.choose("intent_mla", "yes")
    amara.press("Save and go to the list")
    amara.follow("Check the answers and submit for approval")
    assert "203.0.113.44" in amara.text
    amara.press("Submit for approval")
    path = amara.path
    bram = visit(XV, "bram", javascript=False)
    bram.open(path)
    bram.follow("Approve")
    bram.press("Approve")
    assert "You have approved these contents already; another officer must" in bram.text


#: Pages about the node, which change by themselves between two looks.
_MOVING = {"ledger", "directory", "sessions"}


def test_the_pages_show_the_same_without_javascript(visit: Visit, case: Case) -> None:
    plain = visit(XV, "bram", javascript=False)
    rich = visit(XV, "bram")
    different = []
    still = {name: path for name, path in pages(case).items() if name not in _MOVING}
    for name, address in still.items():
        plain.open(address)
        rich.open(address)
        if words(plain) != words(rich):
            different.append(name)
    assert different == []


def words(visitor: Visitor) -> list[str]:
    """Return the lines of the page without those that tell a time or how far witnesses are."""
    moving = ("UTC", "witnessed", " final")
    return [line for line in visitor.text.splitlines() if not any(w in line for w in moving)]


def test_a_draft_is_kept_while_it_is_typed(visit: Visit) -> None:
    amara = visit(XV, "amara")
    begin(amara, "Saved while typing")
    amara.follow("The case")
    amara.page.locator("[name=offence]").press_sequentially("Fraud and theft", delay=5)
    amara.page.wait_for_selector("#saved:has-text('Saved 2')")
    amara.page.reload()
    assert amara.page.input_value("[name=offence]") == "Fraud and theft"
    assert amara.complaints == []


def test_two_tabs_of_one_draft_lose_nothing(visit: Visit) -> None:
    amara = visit(XV, "amara", javascript=False)
    begin(amara, "Two tabs")
    amara.follow("The case")
    second = Visitor(amara.context, amara.context.new_page(), amara.address)
    second.open(amara.path)
    second.fill("offence", "Fraud")
    second.press("Save")
    amara.fill("offence", "Theft")
    amara.press("Save")
    assert amara.heading == "Two versions of this draft"
    assert "Fraud" in amara.page.inner_text(".theirs")
    amara.fill("offence", "Fraud and theft")
    amara.press("Save the texts in the boxes")
    second.page.reload()
    assert second.page.input_value("[name=offence]") == "Fraud and theft"


def test_a_draft_that_could_not_be_saved_says_so_and_keeps_the_text(visit: Visit) -> None:
    amara = visit(XV, "amara")
    begin(amara, "The desk is away")
    amara.follow("The case")
    amara.context.set_offline(True)
    amara.fill("offence", "Fraud")
    amara.page.wait_for_selector("#saved.wrong")
    assert "What you wrote is still in this page" in amara.page.inner_text("#saved")
    assert amara.page.input_value("[name=offence]") == "Fraud"
    amara.context.set_offline(False)
    amara.press("Save")
    amara.page.reload()
    assert amara.page.input_value("[name=offence]") == "Fraud"


def test_signing_in_and_drafting_need_only_the_keyboard(visit: Visit, network: Network) -> None:
    amara = visit(XV)
    amara.open("/account/login/")
    page = amara.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("amara")
    page.keyboard.press("Tab")
    page.keyboard.type(network.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue/")
    reach(amara, "New request")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/new/")
    reach_field(amara, "title")
    page.keyboard.type("By keyboard")
    for name in ("requested", "measure", "offences"):
        reach_field(amara, name)
        page.keyboard.press("Space")
    reach(amara, "Begin the draft")
    page.keyboard.press("Enter")
    page.wait_for_url("**/draft/")
    assert amara.heading == "By keyboard"


MOST_TABS = 80


def reach(visitor: Visitor, text: str) -> None:
    """Press Tab until the focus is on a link or button with this text; the focus must be seen."""
    for _ in range(MOST_TABS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.textContent.trim()") == text:
            assert (
                visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                == "solid"
            )
            return
    raise AssertionError(f"the keyboard never reaches {text!r}")


def reach_field(visitor: Visitor, name: str) -> None:
    """Press Tab until the focus is on a field with this name."""
    for _ in range(MOST_TABS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"the keyboard never reaches the field {name!r}")


def test_colours_that_the_reader_forces_leave_every_state_readable(visit: Visit) -> None:
    otto = visit(XV, "otto", forced_colors="active")
    otto.open("/_kit/")
    tags = otto.page.locator(".tag")
    assert tags.count() > 30
    styles = tags.evaluate_all("all => all.map(e => getComputedStyle(e).borderStyle)")
    assert set(styles) == {"solid"}
    assert all(text.strip() for text in tags.all_inner_texts())


def test_a_printed_page_carries_its_classification_and_no_buttons(visit: Visit, case: Case) -> None:
    bram = visit(XV, "bram")
    bram.open(pages(case)["letter"])
    bram.page.emulate_media(media="print")
    assert bram.page.locator(".strip").is_visible()
    assert bram.page.locator(".strip-print").is_visible()
    assert not bram.page.locator("nav, .bar").first.is_visible()
    pdf = bram.page.pdf()
    assert pdf.startswith(b"%PDF-")


def test_the_request_page_brings_itself_up_to_date(
    visit: Visit, case: Case, valdoria: Console
) -> None:
    ines = visit(XV, "ines")
    ines.open(f"/requests/{case.waiting}/")
    ines.page.click("#d-case summary")
    ines.page.focus("#do-approve")
    valdoria.call("ines", "assistance.assign_request", request_id=case.waiting, to="bram")
    ines.page.wait_for_selector("#news:has-text('brought up to date')", timeout=60_000)
    assert "Given to" in ines.section("Everything that happened").inner_text()
    assert ines.page.locator("#d-case").get_attribute("open") is not None
    assert ines.page.evaluate("document.activeElement.id") == "do-approve"
    assert ines.page.locator("#live").count() == 1
    assert ines.page.get_attribute("#live", "hx-trigger") == "every 15s"
    assert ines.complaints == []
