# SPDX-License-Identifier: Apache-2.0
"""The pages about the law say what the pack says, and refuse aloud what they cannot read."""

from __future__ import annotations

import csv
import html
import re

import pytest
from django.test import Client

from comity.node.services import law


@pytest.fixture
def reader(desk) -> Client:
    return desk("reader", "drafter")


def text(answer) -> str:
    """What a reader reads: without marks, blanks folded."""
    body = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))).replace(" .", ".")


def page(client: Client, path: str, status: int = 200, **query: object) -> str:
    answer = client.get(path, query)
    assert answer.status_code == status, text(answer)[:400]
    return text(answer)


def title(answer) -> str:
    return re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1]


# --- instruments ---


def test_every_instrument_has_a_page_of_its_own_and_the_list_leads_to_it(reader):
    listed = reader.get("/law/instruments/").content.decode()
    links = set(re.findall(r'href="(/law/instruments/[^"?]+/)"', listed))
    assert links == {f"/law/instruments/{name}/" for name in law.pack().instruments}
    titles = set()
    for link in sorted(links):
        answer = reader.get(link)
        assert answer.status_code == 200, link
        titles.add(title(answer))
    assert len(titles) == len(links)


def test_an_instrument_shows_its_record_with_source_and_confidence(reader):
    said = page(reader, "/law/instruments/coe_185/")
    for words in (
        "Convention on Cybercrime", "has been in force since 2004-07-01", "ETS/CETS 185",
        "Expedited preservation of stored data", "art. 29(2)(d)", "Norway", "2006-10-01",
        "Secretary General of the Council of Europe", "confidence: likely", "coe_185_chart_2015",
        "The list is believed to be complete", "First Additional Protocol",
    ):  # fmt: skip
        assert words in said, words


def test_a_date_that_the_pack_does_not_know_is_not_recorded(reader):
    pack = law.pack()
    lacking = next(one for one in pack.instruments.values() if one.adopted is None)
    said = page(reader, f"/law/instruments/{lacking.id}/")
    assert "Adopted not recorded" in said


def test_a_withdrawn_reservation_is_shown_as_withdrawn_from_its_day(reader):
    before = page(reader, "/law/instruments/coe_185/", on="2019-07-04")
    after = page(reader, "/law/instruments/coe_185/", on="2019-07-05")
    czech = re.compile(r"Czechia , art\. 29\(4\) : Reservation (\w+)")
    assert czech.search(before)[1] == "Stands"
    assert czech.search(after)[1] == "Withdrawn"


def test_an_instrument_that_is_not_in_force_says_so(reader):
    assert "is not in force" in page(reader, "/law/instruments/coe_224/")


# --- states ---


def test_every_state_has_a_page_of_its_own(reader):
    listed = reader.get("/law/states/").content.decode()
    links = set(re.findall(r'href="(/law/states/[^"?]+/)"', listed))
    assert links == {f"/law/states/{name}/" for name in law.pack().states}
    titles = {title(reader.get(link)) for link in sorted(links)[::7]}
    assert len(titles) == len(sorted(links)[::7])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NO", ("Norway NO", "Budapest Convention since 2006-10-01", "has signed the Second")),
        (
            "XM",
            ("Meridia (fictional)", "24/7 Contact Point of Meridia", "Made up", "up to 3 years"),
        ),
        ("JP", ("security measures were infringed", "Penal Code 168-2", "2012-11-01")),
        ("DK", ("does not take part in the European Investigation Order",)),
        ("GL", ("Territory Denmark",)),
        ("GB", ("Jersey", "(EU) 2021/1773", "until 2025-12-27")),
    ],
)
def test_a_state_shows_what_binds_it_and_what_is_recorded_of_it(reader, code, words):
    said = page(reader, f"/law/states/{code}/", on="2026-03-01")
    for one in words:
        assert one in said, one


def test_a_state_is_bound_from_its_day_and_not_before(reader):
    before = page(reader, "/law/states/NO/", on="2006-09-30")
    after = page(reader, "/law/states/NO/", on="2006-10-01")
    bound = re.compile(r"Bound by \( ?(\d+) ?\)(.*?)(?:Cannot be said|Signed or|Not bound:)")
    assert "Budapest Convention" not in bound.search(before)[2]
    assert "Budapest Convention" in bound.search(after)[2]


# --- questions ---

QUESTION = {"from": "NO", "to": "DE", "measure": "stored_computer_data", "on": "2026-03-01"}


def test_an_answer_shows_all_bases_in_order_with_everything_the_engine_says(reader):
    said = page(reader, "/law/ask/", **QUESTION, offence="illegal_access")
    answer = law.pack()
    for words in (
        "Norway asks Germany", "Usable, in order of preference", "1. ECMA 1959",
        "What the request must contain", "Dual criminality", "Grounds on which it may be refused",
        "Use, confidentiality, postponement", "Channels and languages", "Personal data",
        "Instruments that were looked at", "Whether security measures were infringed",
        answer.name, answer.version, answer.digest,
    ):  # fmt: skip
        assert words in said, words
    assert said.index("1. ECMA 1959") < said.index("3. Budapest Convention")


def test_an_answer_can_be_taken_along_on_paper(reader):
    shown = reader.get("/law/ask/", {**QUESTION, "offence": "illegal_access"}).content.decode()
    (link,) = re.findall(r'href="(\?[^"]*as=pdf)"', shown)
    answer = reader.get("/law/ask/" + link.replace("&amp;", "&"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].endswith('.pdf"')
    assert answer.content.startswith(b"%PDF-")


def test_a_fact_that_is_missing_can_be_given_and_changes_the_answer(reader):
    asked = {**QUESTION, "offence": "illegal_access"}
    before = reader.get("/law/ask/", asked).content.decode()
    assert 'name="fact-security_measures"' in before
    after = page(reader, "/law/ask/", **asked, **{"fact-security_measures": "yes"})
    assert "Whether security measures were infringed" in text(reader.get("/law/ask/", asked))
    assert "Whether security measures were infringed" not in after


def test_the_form_alone_complains_of_nothing_and_asks_for_the_own_state(reader):
    answer = reader.get("/law/ask/")
    assert answer.status_code == 200
    assert "There is a problem" not in text(answer)
    assert '<option value="XV" selected>' in answer.content.decode()
    linked = reader.get("/law/ask/", {"to": "NO"}).content.decode()
    assert '<option value="NO" selected>' in linked
    assert 'id="errors"' not in linked


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"to": "QQ"}, "QQ is not known here"),
        ({"to": "NO"}, "Choose another state"),
        ({"measure": "magic"}, "magic is not known here"),
        ({"on": "31.12.2026"}, "This is not a date"),
        ({"on": "2026-02-30"}, "This is not a date"),
        ({"offence": "heresy"}, "heresy is not known here"),
        ({"months": "-1"}, "There is a problem"),
        ({"months": "9" * 40}, "There is a problem"),
        ({"fact-security_measures": "perhaps"}, "perhaps is not known here"),
        ({"to": "<script>alert(1)</script>"}, "is not known here"),
        ({"measure": ""}, "Choose one."),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(reader, wrong, words):
    answer = reader.get("/law/ask/", {**QUESTION, **wrong})
    assert answer.status_code == 400
    assert words in text(answer)
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/law/instruments/coe_999/", 404),
        ("/law/states/QQ/", 404),
        ("/law/states/no/", 404),
        ("/law/instruments/coe_185/?on=yesterday", 400),
        ("/law/states/NO/?on=0000-00-00", 400),
        ("/law/instruments/?on=x", 400),
        ("/law/states/?on=x", 400),
        ("/law/compare/?first=NO&second=NO", 400),
        ("/law/compare/?first=NO&second=QQ", 400),
        ("/law/compare/?first=NO&second=DE&offence=heresy", 400),
        ("/law/map/?measure=magic", 400),
        ("/law/map/?on=x", 400),
        ("/law/map/states.csv?measure=magic", 400),
        ("/law/map/?region=atlantis&status=maybe&sort=luck&view=globe", 200),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_explained(reader, path, status):
    answer = reader.get(path)
    assert answer.status_code == status, path
    assert len(text(answer)) > 40


def test_words_that_are_looked_for_narrow_a_list(reader):
    pack = law.pack()
    assert f"1 of {len(pack.states)} entries" in page(reader, "/law/states/", q="norw")
    found = re.findall(
        r'href="/law/instruments/(\w+)/"',
        reader.get("/law/instruments/", {"q": "ETS/CETS 185"}).content.decode(),
    )
    assert found == ["coe_185"]
    assert "No instrument has these words" in page(reader, "/law/instruments/", q="zzz")


def test_two_laws_stand_side_by_side(reader):
    said = page(reader, "/law/compare/", first="NO", second="JP", offence="illegal_access")
    for words in (
        "Offences in Norway and in Japan", "Unauthorized Computer Access", "up to 3 years",
        "Only Japan asks that security measures were infringed", "not recorded",
    ):  # fmt: skip
        assert words in said, words
    everything = page(reader, "/law/compare/", first="XV", second="XM")
    assert everything.count("Provisions and maximum penalty") == len(law.pack().offences)


def test_operators_have_no_entry_and_no_page(desk):
    client = desk("machinist", "operator")
    assert client.get("/law/instruments/").status_code == 403
    assert "/law/" not in client.get("/health/").content.decode()


def test_a_page_about_the_law_accepts_no_writes(reader):
    assert reader.post("/law/ask/", QUESTION).status_code == 405


# --- the request's own page ---


def test_the_request_page_shows_what_the_question_shows(desk, officer, draft):
    request = draft(officer("author", "drafter"))
    client = desk("reader", "drafter")
    said = page(client, f"/requests/{request}/law/")
    for words in (
        "Valdoria (fictional) asks Meridia (fictional)", "Budapest Convention",
        "asked for by the instrument", "24/7 Contact Point of Meridia", "Personal data",
        "accepts requests in English and in Arabic", "demo_fiction", law.pack().digest,
    ):  # fmt: skip
        assert words.lower() in said.lower(), words


# --- the table and the map ---


def rows(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get("/law/map/states.csv", query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(answer.content.decode().splitlines()))


def test_the_table_the_file_and_the_map_have_the_same_states(reader):
    query = {"measure": "expedited_preservation", "on": "2026-03-01"}
    table = reader.get("/law/map/", {**query, "view": "map"}).content.decode()
    written = rows(reader, **query)
    assert len(written) == len(law.pack().states) - 3  # not the own state, no organisation
    in_table = set(
        re.findall(r'<th scope="row"[^>]*><a href="[^"]*to=(\w+)&', html.unescape(table))
    )
    assert in_table == {row["state"] for row in written}
    drawing = table.partition("<svg")[2].partition("</svg>")[0]
    marked = re.findall(r'to=(\w+)&amp;[^"]*" class="(\w+)"', drawing)
    standing = {row["state"]: row["status"] for row in written}
    assert len(marked) == 195
    assert all(standing[state] == status for state, status in marked)


def test_a_state_says_how_it_is_reached(reader):
    found = {row["state"]: row for row in rows(reader, measure="expedited_preservation")}
    assert found["XM"]["status"] == "usable"
    assert found["XM"]["contact_24_7"] == "24_7_contact"
    assert "Meridia" in found["XM"]["contact_institution"]
    assert found["NO"]["bases"].split() == ["coe_185"]


def test_the_table_is_sorted_and_narrowed_by_address(reader):
    names = [row["name"] for row in rows(reader, sort="-name")]
    assert names == sorted(names, reverse=True)
    assert {row["status"] for row in rows(reader, status="usable")} == {"usable"}
    assert {row["region"] for row in rows(reader, region="pacific")} == {"pacific"}
    contacts = [bool(row["contact_24_7"]) for row in rows(reader, sort="contact")]
    assert contacts == sorted(contacts, reverse=True)


def test_a_mark_is_a_link_with_words_and_never_colour_alone(reader):
    drawing = reader.get("/law/map/", {"view": "map"}).content.decode()
    drawing = drawing.partition("<svg")[2].partition("</svg>")[0]
    links = re.findall(r"<a (.*?)</a>", drawing, re.DOTALL)
    shapes = {"usable": set(), "undetermined": set(), "none": set()}
    for link in links:
        status = re.search(r'class="(\w+)"', link)[1]
        assert re.search(r'aria-label="[^"]+: [^"]+"', link)
        assert "<title>" in link
        shapes[status].add(re.sub(r"[-\d.]+", "0", re.search(r'd="[^"]*"|r="[^"]*"', link)[0]))
    assert shapes["usable"] & shapes["undetermined"] == set()
    assert all(shapes.values())


def test_the_map_can_be_switched_off_and_the_table_stays(reader, settings):
    from dataclasses import replace

    settings.CONFIG = replace(settings.CONFIG, law_map="off")
    answer = reader.get("/law/map/", {"view": "map"}).content.decode()
    assert "<svg" not in answer
    assert "Show the map" not in answer
    assert "Norway" in answer


def test_the_map_has_no_borders_and_says_where_it_is_from(reader):
    answer = page(reader, "/law/map/", view="map")
    assert "do not express any opinion" in answer
    assert "Without a mark, in the table only" in answer
    assert "Meridia (fictional)" in answer


def test_a_list_without_records_does_not_say_that_there_is_nothing(reader):
    said = page(reader, "/law/states/NO/")
    assert "None is recorded, which does not mean that there is none." in said


# --- the engine in another language ---

#: Questions that between them bring out most sentences of the engine.
ASKED = [
    "from=NO&to=DE&measure=stored_computer_data&offence=illegal_access",
    "from=US&to=FR&measure=expedited_preservation&offence=illegal_access",
    "from=DE&to=JP&measure=expedited_preservation&offence=illegal_access&on=2030-01-01",
    "from=RU&to=ZA&measure=general_mla&offence=computer_fraud",
    "from=GB&to=NZ&measure=interception_content&offence=child_sexual_abuse_material",
    "from=DK&to=HK&measure=stored_content",
]


def test_an_arabic_answer_has_no_english_but_names_and_notes_of_records(reader):
    reader.post("/language/", {"language": "ar", "next": "/queue/"})
    seen = 0
    for query in ASKED:
        body = reader.get(f"/law/ask/?{query}").content.decode()
        for line in re.findall(r'<span class="tag[^"]*">[^<]*</span> (<bdi lang="en".*)', body):
            seen += 1
            text = re.sub("<[^>]*>", "", line)
            assert not re.match(r"(The|Whether|No|Only|Germany|France|Norway|Japan) ", text), text
        assert "صك" in body
    assert seen < 12


@pytest.mark.parametrize("path", ["states/NO/", "instruments/coe_185/", "states/HK/"])
def test_arabic_pages_of_law_say_who_is_bound_in_arabic(reader, path):
    reader.post("/language/", {"language": "ar", "next": "/queue/"})
    body = reader.get(f"/law/{path}").content.decode()
    for english in (
        " has been bound by ",
        " has been in force ",
        " is not a party to ",
        " invited ",
    ):
        assert english not in body.partition("<main")[2]
