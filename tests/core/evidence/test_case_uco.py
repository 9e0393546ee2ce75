# SPDX-License-Identifier: Apache-2.0
"""The custody graph: canonical, complete, the same for the same events. Tools check the rest."""

import json as standard_json
import re
import uuid
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical import json
from comity.evidence import case_uco
from comity.evidence.case_uco import case_graph, file_node
from comity.evidence.contents import ExhibitFacts, FileFacts, PackageFacts
from support import packages

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def facts(files=None):
    files = files or {"disk.raw": b"x", "b.raw": b"yy"}
    record = packages.record("EX-1", files)
    return PackageFacts(
        package=packages.PACKAGE,
        sender=packages.SENDER,
        recipient=packages.RECIPIENT,
        sealed_at=packages.START,
        request=packages.reference(),
        authorities={packages.SENDER: packages.authority(packages.SENDER).authority},
        exhibits=(
            ExhibitFacts(
                number="EX-1",
                chain=tuple(packages.chain(record)),
                acquisition=record,
                files=tuple(
                    FileFacts(
                        exhibit="EX-1",
                        item=file.path,
                        size=file.size,
                        md5=file.md5,
                        sha1=file.sha1,
                        sha256=file.sha256,
                        sha512=file.sha512,
                    )
                    for file in record.files
                ),
            ),
        ),
    )


@pytest.fixture(scope="module")
def graph():
    return standard_json.loads(case_graph(facts()))["@graph"]


def of_type(graph, name):
    return [node for node in graph if node["@type"].endswith(f":{name}")]


def test_the_graph_is_canonical_json():
    data = case_graph(facts())
    assert json.write(json.read(data)) == data


@given(NAMES, st.integers(0, 2**53))
def test_a_file_is_written_as_its_node_would_be(name, size):
    file = replace(facts().exhibits[0].files[0], item=name, size=size)
    fields = case_uco._file_fields(file)
    plain = {**fields, "name": name.rsplit("/", 1)[-1], "path": file.path}
    assert (case_uco._FILE_FORM % fields).encode() == json.write(file_node(plain))


def test_no_node_is_there_twice_and_no_reference_leads_nowhere(graph):
    identifiers = [node["@id"] for node in graph]
    assert len(set(identifiers)) == len(identifiers)
    text = standard_json.dumps(graph)
    inner = set(standard_json.loads(f"[{','.join(_references(text))}]"))
    defined = {node["@id"] for node in _all_nodes(graph)}
    assert inner <= defined


def _references(text):

    return re.findall(r'(?<=\{"@id": )"[^"]+"(?=\})', text)


def _all_nodes(value):
    if isinstance(value, dict):
        if "@type" in value and "@id" in value:
            yield value
        for one in value.values():
            yield from _all_nodes(one)
    elif isinstance(value, list):
        for one in value:
            yield from _all_nodes(one)


def test_every_event_is_an_action_with_a_record(graph):
    actions = of_type(graph, "InvestigativeAction")
    assert [one["uco-core:name"] for one in actions] == ["acquired", "stored", "transferred"]
    assert "uco-action:object" not in actions[0]
    records = {one["@id"] for one in of_type(graph, "ProvenanceRecord")}
    for before, after in pairwise(actions):
        assert after["case-investigation:wasInformedBy"] == {"@id": before["@id"]}
        assert after["uco-action:result"][0]["@id"] in records
    assert len(actions[0]["uco-action:result"]) == 1 + 1 + 2  # record, exhibit, two files


def test_every_digest_is_in_the_graph(graph):
    text = standard_json.dumps(graph)
    for file in facts().exhibits[0].files:
        for digest in (file.md5, file.sha1, file.sha256, file.sha512):
            assert digest in text


def test_two_states_name_the_same_event_alike(graph):
    other = replace(facts(), package=packages.REQUEST)
    again = standard_json.loads(case_graph(other))["@graph"]
    names = {one["@id"] for one in of_type(graph, "InvestigativeAction")}
    assert names == {one["@id"] for one in of_type(again, "InvestigativeAction")}


def test_identifiers_are_uuids_of_version_five(graph):

    for node in _all_nodes(graph):
        assert uuid.UUID(node["@id"][-36:]).version == 5
    seeds = ("bundle", packages.PACKAGE)
    space = uuid.UUID(bytes=case_uco._NAMESPACE)
    assert case_uco._uuid(*seeds) == str(uuid.uuid5(space, "\x1f".join(seeds)))
