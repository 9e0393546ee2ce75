# SPDX-License-Identifier: Apache-2.0
"""Runs several `comity-node` commands in one process.

Each line of standard input is a JSON list of arguments. Starting Python and
Django once for all of a node's set-up commands saves the demonstration most of
its waiting time; the commands are the operator's own. Stops at the first that
fails and exits with its status.
"""

from __future__ import annotations

import json
import sys

from comity.node.operator.main import main


def run() -> None:
    """Run every command given on standard input."""
    for line in sys.stdin:
        main(json.loads(line), standalone_mode=False)


if __name__ == "__main__":
    run()
