# SPDX-License-Identifier: Apache-2.0
"""The quick writer and the quick depth check say what the slow ones say."""

from contextlib import suppress

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.canonical import json
from comity.errors import Invalid

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_written_bytes_are_always_those_of_rfc8785(value):
    assert json.write(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_always_read_back(value):
    assert json.read(json.write(value)) == value


@given(st.text(st.sampled_from('[]{}":,\\a0 '), max_size=200))
def test_text_never_leaks_another_error(text):
    with suppress(Invalid):
        json.read(text.encode())


def test_brackets_inside_strings_do_not_count_as_depth():
    assert json.read(b'["' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"]')


def test_the_deepest_nesting_is_read_and_one_more_is_refused():
    assert json.read(b"[" * json.MAX_DEPTH + b"]" * json.MAX_DEPTH)
    with pytest.raises(Invalid) as caught:
        json.read(b"[" * (json.MAX_DEPTH + 1) + b"]" * (json.MAX_DEPTH + 1))
    assert caught.value.code == "json.too_deep"
