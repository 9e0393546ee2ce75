# SPDX-License-Identifier: Apache-2.0
"""Settings of a node that holds nothing: for checks that need Django to start.

Used as a settings module (`DJANGO_SETTINGS_MODULE=throwaway_node`) by the type
checker, the template check and the pages made from the code. It lives in a
temporary folder that goes away with the process.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from comity.node.config import CONFIG_VARIABLE, FILE_NAME
from comity.node.secret import write_secret

FOLDER = tempfile.TemporaryDirectory(prefix="comity-throwaway-")
_HOME = Path(FOLDER.name)
(_HOME / FILE_NAME).write_text(
    'authority = "xv.moj"\nname = "Ministry of Justice"\nstate = "XV"\nroles = ["central"]\n',
    encoding="utf-8",
)
(_HOME / "keys").mkdir()
write_secret(_HOME / "keys")
os.environ[CONFIG_VARIABLE] = str(_HOME / FILE_NAME)

from comity.node.settings import *  # noqa: E402, F403 - after the folder it reads is there
