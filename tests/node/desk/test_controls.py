# SPDX-License-Identifier: Apache-2.0
"""What an officer typed comes back as it was typed, whatever a browser's picker can show."""

from __future__ import annotations

import pytest

from comity.node.desk.forms.controls import DayControl, MomentControl
from comity.node.desk.forms.form import DeskForm


class Dated(DeskForm):
    day = DayControl()
    moment = MomentControl()


@pytest.mark.parametrize(
    ("day", "moment", "kinds"),
    [
        ("2026-03-01", "2026-03-01T12:00", ["date", "datetime-local"]),
        ("2026-03-01", "2026-03-01 12:00:30", ["date", "datetime-local"]),
        ("31.12.2026", "tomorrow at noon", ["text", "text"]),
        ("٢٠٢٦-٠٣-٠١", "٢٠٢٦-٠٣-٠١T١٢:٠٠", ["text", "text"]),
        ("", "", ["date", "datetime-local"]),
    ],
)
def test_a_date_that_a_picker_cannot_show_is_shown_as_text(day, moment, kinds):
    form = Dated({"day": day, "moment": moment})
    form.is_valid()
    for name, typed, kind in zip(("day", "moment"), (day, moment), kinds, strict=True):
        html = str(form[name])
        assert f'type="{kind}"' in html
        assert html.count(" type=") == 1
        assert not typed or f'value="{typed}"' in html
