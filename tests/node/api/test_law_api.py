# SPDX-License-Identifier: Apache-2.0
"""The API of the law: the command line's own documents, problems with codes, and nobody unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client

from comity.cli.main import cli
from comity.law.answer import LegalFacts
from comity.law.engine import assess
from comity.node.api import forms
from comity.node.api.main import openapi
from comity.node.permissions import Role
from comity.node.queries import law as queries
from comity.node.services import law, law_packs
from comity.node.services.accounts import officer_of
from comity.node.store.models import AuditRow, OfficerRow
from support.nodeworld import LAW

BASE = "/api/v1/law/"
DAY = "2026-11-21"
ASKED = {"from": "NO", "to": "DE", "measure": "expedited_preservation", "on": DAY}

#: What is asked of both, and the form of the answer.
QUESTIONS = {
    "a preservation": (
        ["ask", "--from", "NO", "--to", "DE", "--measure", "expedited_preservation"],
        f"ask?from=NO&to=DE&measure=expedited_preservation&on={DAY}",
        forms.Answer,
    ),
    "with offences, facts and a penalty": (
        [
            *("ask", "--from", "xv", "--to", "xm", "--measure", "stored_content"),
            *("--offence", "illegal_access", "--offence", "computer_fraud"),
            *("--element", "dishonest_intent", "--without", "deceptive_intent"),
            *("--max-months", "36"),
        ],
        (
            "ask?from=xv&to=xm&measure=stored_content&offence=illegal_access"
            "&offence=computer_fraud&element=dishonest_intent&without=deceptive_intent"
            f"&max_months=36&on={DAY}"
        ),
        forms.Answer,
    ),
    "nothing binds them": (
        ["ask", "--from", "KP", "--to", "NZ", "--measure", "extradition"],
        f"ask?from=KP&to=NZ&measure=extradition&on={DAY}",
        forms.Answer,
    ),
    "a territory": (
        ["ask", "--from", "US", "--to", "NL-CW", "--measure", "subscriber_info"],
        f"ask?from=US&to=NL-CW&measure=subscriber_info&on={DAY}",
        forms.Answer,
    ),
    "two states": (
        ["compare", "NO", "DE", "--offence", "illegal_access"],
        f"compare?first=NO&second=DE&offence=illegal_access&on={DAY}",
        forms.Comparison,
    ),
    "all offences of two states": (
        ["compare", "FR", "JP"],
        f"compare?first=FR&second=JP&on={DAY}",
        forms.Comparison,
    ),
    "every pair": (
        ["matrix", "--measure", "network_24_7"],
        f"matrix?measure=network_24_7&on={DAY}",
        forms.Matrix,
    ),
}


@pytest.fixture
def client(node, officer) -> Iterator[Client]:
    """A program with the session of a drafter."""
    made = officer("amara", "drafter")
    client = Client()
    client.force_login(
        OfficerRow.objects.get(pk=made.id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    forms.Problem.model_validate(body)
    assert (body["status"], body["code"]) == (status, code)
    return body


# --- the same answers as the command line ------------------------------------------------------


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_command_line_gives_the_same_document(client, tmp_path, name):
    command, address, form = QUESTIONS[name]
    told = CliRunner(env={"XDG_CACHE_HOME": str(tmp_path)}).invoke(
        cli, ["law", *command, "--on", DAY, "--overlay", str(LAW), "--json"]
    )
    assert told.exit_code == 0, told.output
    answer = client.get(BASE + address)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    document = json.loads(answer.content)
    assert document == json.loads(told.output)
    form.model_validate(document)
    assert document["pack"]["digest"] == law.pack().digest


def test_without_a_day_today_is_asked(client, node):
    without = {name: value for name, value in ASKED.items() if name != "on"}
    answer = client.get(BASE + "ask", without)
    assert answer.json()["as_of"] == node.now().date().isoformat()


def test_an_offence_named_twice_is_named_once(client):
    twice = f"ask?from=NO&to=DE&measure=jit&on={DAY}" + "&offence=illegal_access" * 60
    answer = client.get(BASE + twice).json()
    assert answer["facts"]["offences"] == ["illegal_access"]
    once = client.get(BASE + f"ask?from=NO&to=DE&measure=jit&on={DAY}&offence=illegal_access")
    assert answer == once.json()


def test_each_officer_has_one_matrix_drawn_at_a_time(client, officer):
    made = OfficerRow.objects.get()
    address = f"{BASE}matrix?measure=network_24_7&on={DAY}"
    with queries.one_at_a_time(officer_of(made)):
        problem(client.get(address), 503, "law.matrix_busy")
        with queries.one_at_a_time(officer("benta", "drafter")):
            pass  # somebody else is not held up by the limit of the first
    assert client.get(address).status_code == 200
    assert client.get(f"{BASE}matrix?measure=sorcery").status_code == 422
    assert client.get(address).status_code == 200  # an error sets the officer free as well


def test_the_same_matrix_is_drawn_once(client, officer):
    queries._matrix.cache_clear()
    facts, asking = LegalFacts("", "", "jit"), [officer(f"o{n}", "drafter") for n in range(3)]
    pack = law.pack().digest
    queries._DRAWING.acquire()  # all three wait until this is given back
    with ThreadPoolExecutor(3) as pool:
        try:
            waiting = [
                pool.submit(_drawn, pack, one, facts, date.fromisoformat(DAY)) for one in asking
            ]
        finally:
            queries._DRAWING.release()
        found = [one.result(60) for one in waiting]
    assert queries._matrix.cache_info().misses == 1
    assert all(one is found[0] for one in found)


def _drawn(pack, officer, facts, on):
    try:
        return queries.matrix(officer=officer, facts=facts, on=on, digest=pack)
    finally:
        connection.close()


def test_every_instrument_and_state_has_its_form(client):
    listed = client.get(BASE + "instruments").json()
    forms.Instruments.model_validate(listed)
    assert {line["id"] for line in listed["instruments"]} == set(law.pack().instruments)
    for name in ("coe_185", "us_gb_mlat", listed["instruments"][0]["id"]):
        one = client.get(f"{BASE}instruments/{name}").json()
        forms.Instrument.model_validate(one)
        assert one["instrument"]["id"] == name
        assert one["sources"]
    for code in ("NO", "de", "XV", "CW"):
        state = client.get(f"{BASE}states/{code}").json()
        forms.State.model_validate(state)
        assert state["state"]["id"] == code.upper()
    norway = client.get(f"{BASE}states/NO").json()
    assert "coe_185" in {row["instrument"] for row in norway["instruments"]}


def test_old_packs_are_listed_and_answer(client, node):
    old = law.pack().digest
    assert client.get(BASE + "packs").json()["packs"][0]["digest"] == old
    law_packs.record_adoption(
        law_packs.store().keep([*law_packs.offered(now=node.now()), _more()]),
        by=None,
        now=node.now(),
    )
    packs = client.get(BASE + "packs").json()
    forms.Packs.model_validate(packs)
    assert [(pack["digest"], pack["in_use"]) for pack in packs["packs"]] == [
        (law.pack().digest, True),
        (old, False),
    ]
    for digest in (old, law.pack().digest):
        answer = client.get(BASE + "ask", {**ASKED, "pack": digest}).json()
        assert answer["pack"]["digest"] == digest
    assert client.get(BASE + "ask", ASKED).json()["pack"]["digest"] == law.pack().digest
    problem(client.get(BASE + "ask", {**ASKED, "pack": "0" * 64}), 422, "law.pack_not_kept")


def _more():
    from support.law_packs import overlay

    return overlay(more='state = "XV"\n')


# --- problems -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("ask", 422, "api.parameter"),
        ("ask?from=NO&to=DE&measure=x&on=2026-11-21", 422, "law.unknown_measure"),
        ("ask?from=NO&to=QQ&measure=stored_content", 422, "law.unknown_state"),
        ("ask?from=NO&to=NO&measure=stored_content", 422, "law.same_state"),
        ("ask?from=NO&to=DE&measure=stored_content&offense=x", 422, "api.unknown_parameter"),
        ("ask?from=NO&from=SE&to=DE&measure=stored_content", 422, "api.repeated_parameter"),
        ("ask?from=NO&to=DE&measure=stored_content&max_months=-1", 422, "api.parameter"),
        ("ask?from=NO&to=DE&measure=stored_content&max_months=many", 422, "api.parameter"),
        ("ask?from=NO&to=DE&measure=stored_content&pack=abc", 422, "api.parameter"),
        (f"ask?from=NO&to=DE&measure={'x' * 81}", 422, "api.parameter"),
        (
            "ask?from=NO&to=DE&measure=stored_content" + "&offence=illegal_access" * 61,
            422,
            "api.parameter",
        ),
        ("compare?first=NO&second=DE&offence=sorcery", 422, "law.unknown_offence"),
        ("matrix?measure=sorcery", 422, "law.unknown_measure"),
        ("packs?all=1", 422, "api.unknown_parameter"),
        ("instruments/coe_999", 404, "law.instrument.unknown"),
        ("states/QQ", 404, "law.state.unknown"),
        ("nothing", 404, "api.no_such_address"),
        ("ask/", 404, "api.no_such_address"),
        ("../../v2/law/ask", 404, "api.no_such_address"),
    ],
)
def test_what_is_wrong_has_a_code(client, address, status, code):
    body = problem(client.get(BASE + address), status, code)
    assert body["detail"]


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "21.11.2026", "2026-11", "\x00"])
def test_a_day_is_a_day(client, day):
    answer = client.get(BASE + "ask", {**ASKED, "on": day})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_nearest_name_is_offered(client):
    body = problem(
        client.get(BASE + "ask", {**ASKED, "measure": "expedited_preservatoin"}),
        422,
        "law.unknown_measure",
    )
    assert "expedited_preservation" in body["hint"]


def test_an_altered_pack_is_said(client, node):
    path = law_packs.store()._path(law.pack().digest)
    before = path.read_bytes()
    path.write_bytes(before.replace(b"2001", b"2002"))
    law.kept_pack.cache_clear()
    try:
        problem(client.get(BASE + "ask", ASKED), 409, "law.pack_altered")
    finally:
        path.write_bytes(before)
        law.kept_pack.cache_clear()


# --- who is answered ---------------------------------------------------------------------------

ADDRESSES = ["law/ask?from=NO&to=DE&measure=extradition", "law/packs", "openapi.json", "nothing"]


@pytest.mark.parametrize("address", [*ADDRESSES, "law/instruments", "law/states/NO", ""])
def test_nobody_is_answered_without_a_session(node, address):
    answer = Client().get(f"/api/v1/{address}")
    problem(answer, 401, "api.sign_in")
    assert answer.headers["WWW-Authenticate"]
    assert "Location" not in answer.headers


@pytest.mark.parametrize("address", ADDRESSES[:2])
def test_an_officer_without_a_role_is_refused(client, address):
    from comity.node.store.models import OfficerRoleRow

    OfficerRoleRow.objects.all().delete()
    problem(client.get(f"/api/v1/{address}"), 403, "permission.denied")


def test_a_closed_account_is_nobody(client):
    OfficerRow.objects.update(is_active=False)
    problem(client.get(BASE + "packs"), 401, "api.sign_in")


@pytest.mark.parametrize("role", list(Role))
def test_the_law_is_open_to_every_role_on_cases(node, officer, role):
    client = Client()
    made = officer("someone", role.value)
    client.force_login(
        OfficerRow.objects.get(pk=made.id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    answers = {client.get(f"{BASE}{name}").status_code for name in ("instruments", "states/NO")}
    assert answers == {403 if role is Role.OPERATOR else 200}
    assert client.get(BASE + "packs").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_but_reading(client, method, address):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    before = AuditRow.objects.count()
    answer = getattr(strict, method)(f"/api/v1/{address}")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert AuditRow.objects.count() == before


def test_no_other_site_reads_an_answer(client):
    answer = client.get(BASE + "packs", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("page", ["docs", "redoc", "swagger", "docs/"])
def test_the_framework_brings_no_pages_of_its_own(client, page):
    problem(client.get(f"/api/v1/{page}"), 404, "api.no_such_address")


# --- the description ----------------------------------------------------------------------------


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_description_is_served_and_whole(client):
    served = client.get("/api/v1/openapi.json").json()
    assert served == json.loads(json.dumps(openapi()))
    assert served["openapi"].startswith("3.1.")
    assert set(served["paths"]) == {
        f"/law/{name}"
        for name in (
            *("ask", "compare", "matrix", "instruments", "instruments/{name}"),
            *("states/{code}", "packs"),
        )
    }
    found = set(references(served))
    assert found
    for reference in found:
        place: object = served
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            assert step in place, reference
            place = place[step]


def test_every_address_is_described(client):
    seen = set()
    for path, operations in openapi()["paths"].items():
        assert set(operations) == {"get"}
        operation = operations["get"]
        assert operation["summary"]
        assert operation["description"]
        seen.add(operation["operationId"])
        assert {"200", "401", "403", "422"} <= set(map(str, operation["responses"]))
        names = [one["name"] for one in operation.get("parameters", [])]
        assert len(names) == len(set(names))
        for one in operation.get("parameters", []):
            assert one["schema"]
            assert one["in"] == ("path" if f"{{{one['name']}}}" in path else "query")
    assert len(seen) == len(openapi()["paths"])


def test_what_ask_takes_is_what_is_described(client):
    described = {one["name"] for one in openapi()["paths"]["/law/ask"]["get"]["parameters"]}
    assert described == {
        *("from", "to", "measure", "offence", "element", "without", "max_months", "on", "pack")
    }


#: The parts of an answer, each of which is described member by member.
PARTS = {
    "Requirement": "fields",
    "Clock": "clocks",
    "DualCriminality": "dual_criminality",
    "Ground": "refusal_grounds",
    "Words": "use_limits",
    "Channel": "channels",
    "Language": "languages",
    "Supplement": "supplements",
    "StateRule": "state_rules",
}


def test_every_part_of_a_basis_is_described_member_by_member(client):
    schemas = openapi()["components"]["schemas"]
    for form, member in PARTS.items():
        assert f"#/components/schemas/{form}" in set(references(schemas["Basis"])), member
        assert schemas[form]["additionalProperties"] is False
    assert set(references(schemas["Answer"]["properties"]["transfer"])) == {
        "#/components/schemas/Transfer"
    }
    for one in schemas["Basis"]["properties"].values():
        assert "additionalProperties" not in json.dumps(one)


def test_every_kind_of_answer_has_the_form(client):
    pack, seen = law.pack(), set()
    pairs = (("DE", "JP"), ("US", "DE"), ("BR", "US"), ("FR", "DE"), ("XV", "XM"), ("GB", "CW"))
    for requesting, requested in pairs:
        for measure in pack.measures:
            for offences in ((), ("illegal_access", "computer_fraud")):
                facts = LegalFacts(requesting, requested, measure, offences)
                found = assess(facts=facts, pack=pack, as_of=date.fromisoformat(DAY)).to_json()
                forms.Answer.model_validate(found)
                for basis in found["bases"]:
                    seen |= {name for name in PARTS.values() if basis[name]}
                seen |= {"transfer"} if found["transfer"]["grounds"] else set()
    assert seen == {*PARTS.values(), "transfer"}


def test_a_form_refuses_what_it_does_not_describe(client):
    answer = client.get(BASE + "ask", ASKED).json()
    with pytest.raises(ValueError, match="Extra inputs"):
        forms.Answer.model_validate({**answer, "verdict": "yes"})
