# SPDX-License-Identifier: Apache-2.0
"""`comity-node`: makes, runs and looks after a node."""

from __future__ import annotations

import click

import comity
from comity.node.operator._setup import Commands
from comity.node.operator.backup import backup
from comity.node.operator.check import check
from comity.node.operator.console import console
from comity.node.operator.init import init
from comity.node.operator.keys import keys
from comity.node.operator.law import law
from comity.node.operator.officers import officers
from comity.node.operator.outbox import outbox
from comity.node.operator.peers import directory, peers
from comity.node.operator.run import migrate, run
from comity.node.operator.trust import trust


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(comity.__version__, prog_name="comity-node")
def main() -> None:
    """Make, run and look after a Comity node.

    A node is one authority's desk and its line to the other authorities. It lives
    in one folder; most commands take that folder's comity.toml with --config.
    """


_COMMANDS = (
    init,
    run,
    check,
    officers,
    peers,
    directory,
    outbox,
    keys,
    trust,
    law,
    console,
    backup,
    migrate,
)
for command in _COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
