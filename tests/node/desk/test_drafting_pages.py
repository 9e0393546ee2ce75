# SPDX-License-Identifier: Apache-2.0
"""Drafting on the desk: begin, save, conflict, and what stands in the way of sending."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from comity.node.queries import request_page
from comity.node.store.models import RequestRow


def soup(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html.parser")


def fields(client, request, node) -> dict[str, object]:
    page = request_page(officer=client.officer, request_id=request, now=node.now())
    return {field.id: field.value for section in page.sections for field in section.fields}


@pytest.fixture
def amal(desk):
    return desk("amal", "drafter")


NEW = {
    "title": "Keep the disk",
    "requested": "xm.moj",
    "measure": "expedited_preservation",
    "offences": ["computer_fraud"],
    "urgency": "ordinary",
}


def test_a_request_is_begun_and_its_task_list_shown(amal, node):
    answer = amal.post("/requests/new/", NEW, follow=True)
    page = soup(answer)
    assert page.h1.get_text(strip=True) == "Keep the disk"
    assert "Nothing of this request has left this node." in page.main.get_text()
    assert RequestRow.objects.get().kind == "preservation"


@pytest.mark.usefixtures("node")
def test_what_is_missing_is_said_at_the_field_and_linked_from_the_top(amal):
    answer = amal.post("/requests/new/", {**NEW, "title": "", "offences": []})
    page = soup(answer)
    assert answer.status_code == 422
    links = {a["href"]: a.get_text() for a in page.select("#errors a")}
    assert links == {
        "#id_title": "Title: Fill this in.",
        "#id_offences_0": "Offences under investigation: Choose at least one.",
    }
    for target in links:
        assert page.select_one(target) is not None
    assert page.select_one("#id_title")["aria-invalid"] == "true"
    assert not RequestRow.objects.exists()


def test_the_task_list_has_all_five_states_over_the_life_of_a_draft(amal, draft, node):
    request = draft(amal.officer)
    tags = _tags(amal, request)
    assert tags["The case"] == "Not started"
    assert tags["Legal basis"] == "Done"
    assert tags["Check the answers and submit for approval"] == "Cannot start yet"
    _save(amal, request, "case", 1, offence="Fraud")
    assert _tags(amal, request)["The case"] == "Information missing"
    _save(amal, request, "case", 2, offence="Fraud", facts_summary="Invoices")
    assert _tags(amal, request)["The case"] == "Done"
    _save(amal, request, "execution", 3, confidentiality_need="confidential")
    assert _tags(amal, request)["How to carry it out"] == "Done"


def test_a_task_that_cannot_start_has_no_link_and_names_field_and_article(amal, draft):
    request = draft(amal.officer)
    page = soup(amal.get(f"/requests/{request}/draft/"))
    finish = page.select("ul.tasks")[-1].li
    assert finish.a is None
    why = [item.get_text(strip=True) for item in finish.select(".why li")]
    assert any(
        text.startswith("Facts of the case are missing (Budapest Convention, art. 29")
        for text in why
    )


def test_a_draft_is_saved_half_done(amal, draft, node):
    request = draft(amal.officer)
    answer = _save(amal, request, "case", 1, offence="Fraud")
    assert answer.status_code == 302
    assert fields(amal, request, node)["offence"] == "Fraud"


def test_a_field_that_cannot_be_stored_is_marked_and_the_rest_is_kept(amal, draft, node):
    request = draft(amal.officer)
    hidden = "invoice\u202etxt.exe"
    answer = _save(amal, request, "case", 1, offence=hidden, facts_summary="Invoices")
    page = soup(answer)
    assert answer.status_code == 422
    assert fields(amal, request, node)["facts_summary"] == "Invoices"
    assert fields(amal, request, node)["offence"] == ""
    assert "turns the reading direction" in page.select_one("#f-offence .field-error").get_text()
    assert page.select_one("[name=offence]")["value"] == hidden


def test_a_text_that_is_too_long_comes_back_whole(amal, draft):
    request = draft(amal.officer)
    answer = _save(amal, request, "case", 1, facts_summary="x" * 20_001)
    page = soup(answer)
    assert answer.status_code == 422
    assert len(page.select_one("[name=facts_summary]").get_text().strip()) == 20_001


def test_autosave_answers_with_a_line_and_the_new_version(amal, draft, node):
    request = draft(amal.officer)
    answer = amal.post(
        f"/requests/{request}/draft/case/autosave/", {"version": "1", "offence": "Fraud"}
    )
    page = soup(answer)
    assert page.select_one("#saved").get_text().startswith("Saved")
    assert page.select_one("#version")["value"] == "2"
    assert "Given" in page.select_one("#checklist").get_text()
    assert page.html is None
    assert fields(amal, request, node)["offence"] == "Fraud"


def test_a_second_tab_is_shown_both_texts_and_loses_nothing(amal, draft, node):
    request = draft(amal.officer)
    _save(amal, request, "case", 1, offence="Fraud", penalties="Five years")
    answer = _save(amal, request, "case", 1, offence="Theft", penalties="Five years")
    page = soup(answer)
    assert answer.status_code == 409
    assert page.select_one(".theirs").get_text(strip=True) == "Fraud"
    assert page.select_one("input[type=text][name=offence]")["value"] == "Theft"
    assert page.select_one("input[type=hidden][name=penalties]")["value"] == "Five years"
    assert fields(amal, request, node)["offence"] == "Fraud"
    form = {tag["name"]: tag.get("value", tag.get_text()) for tag in page.select("form [name]")}
    version = page.select_one("#version")["value"]
    joined = {**form, "offence": "Fraud and theft", "version": version, "then": "tasks"}
    assert amal.post(f"/requests/{request}/draft/case/", joined).status_code == 302
    assert fields(amal, request, node)["offence"] == "Fraud and theft"
    assert fields(amal, request, node)["penalties"] == "Five years"


def test_autosave_in_a_second_tab_saves_nothing_and_says_so(amal, draft, node):
    request = draft(amal.officer)
    _save(amal, request, "case", 1, offence="Fraud")
    answer = amal.post(
        f"/requests/{request}/draft/case/autosave/", {"version": "1", "offence": "Theft"}
    )
    assert "Not saved" in soup(answer).get_text()
    assert fields(amal, request, node)["offence"] == "Fraud"


@pytest.mark.parametrize("version", ["", "-1", "x", "99999999999999", "٣"])
def test_a_version_that_is_no_number_is_a_conflict_and_not_a_fault(amal, draft, version):
    request = draft(amal.officer)
    assert _save(amal, request, "case", version, offence="Fraud").status_code == 409


@pytest.mark.usefixtures("node")
def test_an_unknown_section_is_not_found(amal, draft):
    request = draft(amal.officer)
    assert amal.get(f"/requests/{request}/draft/nonsense/").status_code == 404


def test_title_and_speed_can_be_changed(amal, draft):
    request = draft(amal.officer)
    data = {"version": "1", "title": "حفظ القرص", "urgency": "urgent"}
    assert amal.post(f"/requests/{request}/draft/about/", data).status_code == 302
    row = RequestRow.objects.get()
    assert (row.title, row.urgency) == ("حفظ القرص", "urgent")


def _save(client, request, section, version, **answers):
    return client.post(
        f"/requests/{request}/draft/{section}/",
        {"version": str(version), "then": "tasks", **answers},
    )


def _tags(client, request) -> dict[str, str]:
    page = soup(client.get(f"/requests/{request}/draft/"))
    return {
        line.select_one(".name").find(string=True, recursive=True).strip(): line.select_one(
            ".tag"
        ).get_text()
        for line in page.select("ul.tasks > li")
    }


@pytest.mark.parametrize("then", ["!!", "no-such-section", "../../queue"])
def test_a_next_step_that_is_no_section_stays_on_this_one(amal, draft, then):
    path = f"/requests/{draft(amal.officer)}/draft/case/"
    answer = amal.post(path, {"version": "1", "then": then})
    assert (answer.status_code, answer["Location"]) == (302, path)


@pytest.mark.usefixtures("node")
def test_a_field_without_which_nothing_can_be_sent_is_never_called_optional(amal):
    new = {**NEW, "measure": "stored_computer_data", "urgency": "expedited"}
    path = amal.post("/requests/new/", new).headers["Location"]
    page = soup(amal.get(f"{path}case/"))
    assert "optional" not in page.select_one("#f-facts_summary label").get_text()
    assert "cannot be sent without it" in page.select_one("#f-facts_summary .hint").get_text()
    assert "optional" in page.select_one("#f-penalties label").get_text()
    haste = soup(amal.get(f"{path}reasons/")).select_one("#f-urgency_reason")
    assert "optional" not in haste.label.get_text()
    assert haste.select_one("[name]")["aria-describedby"] == haste.select_one(".hint")["id"]


def test_a_browser_is_not_told_to_cut_a_long_text_off(amal, draft):
    page = soup(amal.get(f"/requests/{draft(amal.officer)}/draft/case/"))
    assert page.select("[maxlength]") == []
