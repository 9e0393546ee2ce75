# SPDX-License-Identifier: Apache-2.0
"""What all forms of the desk have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

Data = Mapping[str, Any] | None
"""What was sent, or None for a form that is shown for the first time."""


class DeskForm(forms.Form):
    """A form whose errors the server explains: the browser's own bubbles stay away."""

    use_required_attribute = False
