# SPDX-License-Identifier: Apache-2.0
"""Settings: every problem at once, unknown names with the nearest one, nothing leaks."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Invalid
from comity.node.config import make_config, parse_bind, read_config, setting_fields

GOOD = {
    "authority": "xv.moj",
    "name": "Ministry of Justice",
    "state": "XV",
    "roles": ["central"],
}
HERE = Path("/srv/node")


def problems(raw, environ=None) -> list[str]:
    with pytest.raises(Invalid) as invalid:
        make_config(HERE, raw, environ or {}, what="comity.toml")
    assert invalid.value.code == "config.invalid"
    return invalid.value.details["problems"]


def test_four_entries_are_enough():
    config = make_config(HERE, GOOD, {}, what="comity.toml")
    assert config.database_file == HERE / "node.sqlite3"
    assert config.keys == HERE / "keys"
    assert config.desk_url == "http://localhost:8100"
    assert config.wire_url == "https://127.0.0.1:8400"


def test_every_problem_is_told_at_once():
    found = problems({**GOOD, "state": "XM", "roles": ["king"], "quorum": 3, "wire_bind": "here"})
    for word in ("state", "roles", "quorum", "wire_bind"):
        assert any(word in problem for problem in found)


def test_an_unknown_name_comes_with_the_nearest():
    assert "did you mean 'quorum'" in problems({**GOOD, "quorom": 1})[0]
    assert "did you mean 'desk_bind'" in problems(GOOD, {"COMITY_DESK_BND": "127.0.0.1:1"})[0]


def test_what_is_missing_is_named_with_its_meaning():
    found = problems({})
    assert [problem.partition(":")[0] for problem in found] == [
        "authority",
        "name",
        "state",
        "roles",
    ]


def test_the_environment_prevails():
    environ = {"COMITY_QUORUM": "1", "COMITY_WITNESSES": "xm.moj, xl.records"}
    config = make_config(HERE, GOOD, environ, what="comity.toml")
    assert (config.quorum, config.witnesses) == (1, ("xm.moj", "xl.records"))


@pytest.mark.parametrize(
    "text", ["", "8100", "localhost:8100", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1"]
)
def test_an_address_needs_host_and_port(text):
    with pytest.raises(Invalid):
        parse_bind(text)


def test_ipv6_is_written_in_brackets():
    assert parse_bind("[::1]:8100") == ("::1", 8100)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(Invalid) as invalid:
        read_config(tmp_path / "comity.toml", {})
    assert invalid.value.code == "config.unreadable"
    assert "comity-node init" in invalid.value.hint


@pytest.mark.parametrize("data", [b"\xff", b"a = ", b"[[[", b"x = 1\nx = 2"])
def test_a_file_that_is_no_toml_is_invalid(tmp_path, data):
    path = tmp_path / "comity.toml"
    path.write_bytes(data)
    with pytest.raises(Invalid) as invalid:
        read_config(path, {})
    assert invalid.value.code == "config.invalid"


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
_NAMES = st.sampled_from([field.name for field in setting_fields()])


@given(st.dictionaries(_NAMES, _VALUES, max_size=8))
def test_no_value_is_anything_but_taken_or_refused(raw):
    with contextlib.suppress(Invalid):
        make_config(HERE, {**GOOD, **raw}, {}, what="comity.toml")


def test_every_setting_is_explained():
    for field in setting_fields():
        assert len(field.metadata["help"]) > 20, field.name
        assert field.metadata["help"].rstrip().endswith("."), field.name
