# SPDX-License-Identifier: Apache-2.0
"""The desk's secret: signs session data and form tokens, never evidence.

It is a file of the key folder, made once by `comity-node init`. Losing it logs
every officer out and nothing else.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from comity.crypto.keys import read_private_file
from comity.errors import Conflict, Invalid, Unavailable

SECRET_FILE: Final = "desk-secret"  # noqa: S105 - a name, not a secret
_MINIMUM_CHARACTERS: Final = 40


def write_secret(keys: Path) -> None:
    """Make the file; raise `Conflict` if there is one."""
    path = keys / SECRET_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("key.exists", f"{path} exists and is not overwritten") from error
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(48) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_secret(keys: Path) -> str:
    """Return the secret.

    Raises `Invalid` if the file is missing or too short, and `Refused`
    (`keys.open_to_others`) if others than its owner may read it.
    """
    path = keys / SECRET_FILE
    try:
        text = read_private_file(path).decode("ascii").strip()
    except (Unavailable, Invalid, UnicodeDecodeError) as error:
        raise Invalid(
            "config.secret",
            f"the desk's secret {path} cannot be read: {error}",
            hint="`comity-node init` makes it together with the keys.",
        ) from error
    if len(text) < _MINIMUM_CHARACTERS:
        raise Invalid("config.secret", f"{path}: shorter than {_MINIMUM_CHARACTERS} characters")
    return text
