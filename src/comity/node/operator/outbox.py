# SPDX-License-Identifier: Apache-2.0
"""`comity-node outbox`: what could not be delivered, and sending it again."""

from __future__ import annotations

from pathlib import Path

import click

from comity.node.clock import clock
from comity.node.operator._setup import Commands, config_option, start_django


@click.group("outbox", cls=Commands)
def outbox() -> None:
    """Look at what a peer refused or never got; send it again."""


@outbox.command("failed", short_help="Show what was refused or not delivered.")
@config_option
def failed(config_path: Path) -> None:
    """Show every statement and package that was refused, or not delivered in its time."""
    start_django(config_path)
    from comity.node.services._anew import is_unknown_there
    from comity.node.services.outbox import failures

    rows = failures()
    for row in rows:
        click.echo(f"{row.pk}  {row}")
        click.echo(f"    made {row.created:%Y-%m-%d %H:%M}, expires {row.expires:%Y-%m-%d %H:%M}")
        if row.problem:
            click.echo(f"    {row.problem}")
        if is_unknown_there(row):
            click.echo("    the program there does not know such a message: send it again when it")
            click.echo("    has been updated, or give it up and let the case go on without it")
    if not rows:
        click.echo("Everything was delivered, or is on its way.")


@outbox.command("again")
@click.argument("identifier")
@config_option
def again(identifier: str, config_path: Path) -> None:
    """Send the statement IDENTIFIER again, byte for byte, sealed anew.

    `comity-node outbox failed` shows the identifiers. A peer that had it after all
    says so, and takes it only once. If it has expired, the peer is asked first what
    it has; then the same words are signed anew, with everything of the same case
    that waits behind them. A package is announced again as long as its parts are
    here, unless the other side received it: then it has to be rejected and made anew.
    """
    start_django(config_path)
    from comity.node.services.outbox import send_again, undelivered
    from comity.node.worker.delivery import ask_about

    row = undelivered(dispatch=identifier)
    if row.expires <= clock().now():
        ask_about(row, clock().now())
    send_again(dispatch=identifier, now=clock().now())
    click.echo("It is queued again.")


@outbox.command("give-up")
@click.argument("identifier")
@config_option
def give_up(identifier: str, config_path: Path) -> None:
    """Leave out the statement IDENTIFIER, which the program of the other side does not know.

    For a message that only newer versions know, when the other side cannot be updated
    soon: until then it stops its case. It never takes effect there, so tell the other
    authority by another channel what it said. What waits behind it in the case is
    signed anew and sent. The peer is asked first what it has, so it has to answer.
    """
    start_django(config_path)
    from comity.node.services import outbox as service
    from comity.node.worker.delivery import ask_about

    ask_about(service.undelivered(dispatch=identifier), clock().now())
    service.give_up(dispatch=identifier, now=clock().now())
    click.echo("It is given up; what waited behind it is queued.")
