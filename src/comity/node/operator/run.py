# SPDX-License-Identifier: Apache-2.0
"""`comity-node run` and `comity-node migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from comity.node.config import NodeConfig
from comity.node.operator._setup import config_option, start_django


@click.command("run")
@config_option
def run(config_path: Path) -> None:
    """Serve the desk and the wire until Ctrl-C or SIGTERM."""
    start_django(config_path)
    from comity.node import server

    server.run(on_ready=_announce)


@click.command("migrate")
@config_option
def migrate(config_path: Path) -> None:
    """Bring the database to the form that this version needs. Make a backup first."""
    start_django(config_path)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    click.echo("The database is up to date.")


def _announce(config: NodeConfig) -> None:
    click.echo(f"{config.authority}: desk {config.desk_url}, wire {config.wire_url}")
