# SPDX-License-Identifier: Apache-2.0
"""Legal rules as data, and nothing else: the engine that answers from them is `comity.law`.

One file for each instrument, one for each state of which something is known,
the vocabulary, the rules between instruments. See `docs/how-to/law.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The directory of the built-in pack.
PATH: Final = Path(__file__).resolve().parent
