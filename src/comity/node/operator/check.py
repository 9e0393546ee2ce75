# SPDX-License-Identifier: Apache-2.0
"""`comity-node check`: everything that is wrong with a node, at once."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from comity.errors import Refused
from comity.node.clock import clock
from comity.node.operator._setup import config_option, start_django

_MARKS: Final = {"ok": "ok     ", "warning": "WARNING", "problem": "PROBLEM"}


@click.command("check", short_help="Look whether everything that the node needs is in order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@config_option
def check(config_path: Path, *, as_json: bool) -> None:
    """Look at settings, keys, clock, database, ledger, disk and peers.

    Prints every finding. Exits with 5 if there is a problem, 0 otherwise.
    """
    start_django(config_path)
    from comity.node.queries.health import node_health

    items = node_health(clock().now())
    if as_json:
        click.echo(json.dumps([asdict(item) for item in items], ensure_ascii=False, indent=2))
    else:
        for item in items:
            click.echo(f"{_MARKS[item.status]} {item.title}: {item.detail}")
            if item.hint:
                click.echo(f"        {item.hint}")
    if any(item.status == "problem" for item in items):
        sys.exit(Refused.exit_code)
