# SPDX-License-Identifier: Apache-2.0
"""Who types the name of a state is told its code, and nobody's state is guessed silently."""

from __future__ import annotations

import pytest

from comity.law.pack import Pack


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("ALLEMAGNE", "Germany is DE."),
        ("ألمانيا", "Germany is DE."),
        ("uk", "United Kingdom is GB."),
        ("Frence", "Did you mean FR (France)?"),
        ("QQQ", "Name a state by its ISO 3166-1 code"),
        ("", "Name a state by its ISO 3166-1 code"),
    ],
)
def test_a_name_is_answered_with_its_code(pack: Pack, word: str, hint: str) -> None:
    assert pack.hint_of_state(word).startswith(hint)


def test_every_state_is_found_by_its_name_in_every_language(pack: Pack) -> None:
    for code, state in pack.states.items():
        for name in (state.label, *state.names.values()):
            assert code in pack.hint_of_state(name), (code, name)
