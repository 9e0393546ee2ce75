# SPDX-License-Identifier: Apache-2.0
"""Every message survives the wire unchanged; every other shape is refused and says where."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assistance.messages import READERS, read_message
from comity.canonical import json
from comity.errors import Invalid
from support.messages import MESSAGES

TYPES = pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
#: One value of every other JSON type, for members that expect something else.
STRANGERS = (None, True, 7, -1, "", " ", "x", "\u202ex", "a\x00b", [], [1], [None], {}, {"x": 1})


def wire(message) -> dict:
    return json.read_canonical_object(json.write(message.to_json()))


def places(value, path=()) -> Iterator[tuple]:
    """Every place in a JSON value but the whole."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in members:
        yield (*path, name)
        if isinstance(item, dict | list):
            yield from places(item, (*path, name))


def put(value, path, item):
    """A copy of `value` with another item at `path`."""
    value = copy.deepcopy(value)
    here = value
    for name in path[:-1]:
        here = here[name]
    here[path[-1]] = item
    return value


def refuses(message_type: str, body) -> str:
    with pytest.raises(Invalid) as caught:
        read_message(message_type=message_type, body=body)
    assert message_type in caught.value.message or ":" in caught.value.message
    return caught.value.message


def test_every_type_has_a_reader_and_a_strategy() -> None:
    assert {kind.TYPE for kind in MESSAGES} == set(READERS)
    assert all(name.split("/")[1].isdigit() for name in READERS)


@TYPES
@given(data=st.data())
def test_what_is_written_is_read_back(kind, data) -> None:
    message = data.draw(MESSAGES[kind])
    again = read_message(message_type=kind.TYPE, body=wire(message))
    assert again == message
    assert json.write(again.to_json()) == json.write(message.to_json())


@TYPES
@given(data=st.data())
def test_a_missing_or_unknown_member_is_named(kind, data) -> None:
    body = wire(data.draw(MESSAGES[kind]))
    objects = [()] + [path for path in places(body) if isinstance(_at(body, path), dict)]
    path = data.draw(st.sampled_from(objects))
    there = _at(body, path)
    if not (path and path[-1] == "fields"):  # answers are the one object with free members
        for name in there:
            without = {key: item for key, item in there.items() if key != name}
            assert name in refuses(kind.TYPE, put(body, path, without) if path else without)
    more = {**there, "zzz": 1}
    assert "zzz" in refuses(kind.TYPE, put(body, path, more) if path else more)


@TYPES
@given(data=st.data())
def test_another_shape_is_refused_or_means_what_it_says(kind, data) -> None:
    """No stranger in any place leaks anything but `Invalid`, and none is read as another."""
    body = wire(data.draw(MESSAGES[kind]))
    path = data.draw(st.sampled_from(list(places(body))))
    stranger = data.draw(st.sampled_from(STRANGERS))
    other = put(body, path, stranger)
    try:
        message = read_message(message_type=kind.TYPE, body=other)
    except Invalid as error:
        complaint = error.message
    else:
        assert wire(message) == other, "what was read is not what was written"
        return
    assert complaint.startswith(kind.TYPE), complaint
    assert path[0] in complaint, complaint


@TYPES
@given(data=st.data())
def test_texts_with_hidden_characters_are_refused_with_their_place(kind, data) -> None:
    body = wire(data.draw(MESSAGES[kind]))
    strings = [path for path in places(body) if isinstance(_at(body, path), str)]
    path = data.draw(st.sampled_from(strings))
    bad = data.draw(st.sampled_from("\u202a\u202e\u2066\u2069\x00\x07\x7f\x85\r\u2028"))
    place = data.draw(st.integers(0, len(_at(body, path))))
    text = _at(body, path)[:place] + bad + _at(body, path)[place:]
    message = refuses(kind.TYPE, put(body, path, text))
    assert [name for name in path if isinstance(name, str)][-1] in message


def _at(value, path):
    for name in path:
        value = value[name]
    return value


def test_an_unknown_type_names_the_known_ones() -> None:
    with pytest.raises(Invalid) as caught:
        read_message(message_type="assistance.request/2", body={})
    assert caught.value.code == "message.unknown_type"
    assert "assistance.request/1" in caught.value.hint
