# SPDX-License-Identifier: Apache-2.0
"""`comity-node law`: which law this node uses, and taking up another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from comity.canonical.time import write_instant
from comity.errors import Invalid, one_line
from comity.node.clock import clock
from comity.node.operator._setup import Commands, config_option, start_django

_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group("law", cls=Commands)
def law() -> None:
    """Show, check and adopt the law that this node answers from.

    It is the built-in law with what the setting `law` names above it. A node adopts it
    when it starts; what has a fault is never adopted, and the law in use stays.
    """


@law.command("show")
@_json_option
@config_option
def show(config_path: Path, *, as_json: bool) -> None:
    """Show the law in use, and every pack that was in use before."""
    start_django(config_path)
    from comity.node.services import law_packs

    packs = [
        {
            "digest": pack.digest,
            "name": pack.name,
            "version": pack.version,
            "adopted": write_instant(pack.adopted),
            "ledger_index": pack.leaf_index,
            "parts": [
                {"name": part.name, "version": part.version, "signed_by": part.signed_by}
                for part in pack.parts
            ],
        }
        for pack in law_packs.adopted()
    ]
    if as_json:
        click.echo(json.dumps({"packs": packs}, ensure_ascii=False, indent=2))
        return
    for number, pack in enumerate(law_packs.adopted()):
        state = "in use" if number == 0 else "before"
        click.echo(f"{state}  {pack.name} {pack.version}, adopted {write_instant(pack.adopted)}")
        click.echo(f"        sha256 {pack.digest}, ledger entry {pack.leaf_index}")
        for part in pack.parts:
            signed = f", signed by {part.signed_by}" if part.signed_by else ""
            click.echo(f"        {part.name} {part.version}{signed}")
    if not packs:
        click.echo("No law was adopted yet: comity-node law adopt")


@law.command("check")
@_json_option
@config_option
def check(config_path: Path, *, as_json: bool) -> None:
    """Check the law that the settings name; change nothing.

    Prints every fault with file, key and fix. Exits with 3 if there is any.
    """
    start_django(config_path)
    from comity.node.services import law_packs

    offer = law_packs.offer(now=clock().now())
    if offer.trouble is not None:
        raise offer.trouble
    if as_json:
        problems = [
            {name: getattr(one, name) for name in ("code", "file", "key", "message", "fix")}
            for one in offer.problems
        ]
        document = {"digest": offer.digest, "in_use": offer.in_use, "problems": problems}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        for problem in offer.problems:
            for line in problem.lines:
                click.echo(one_line(line))
        if offer.in_use:
            click.echo(f"This law is in use: {offer.digest}")
        elif not offer.refused:
            click.echo(f"No faults. Not in use yet: comity-node law adopt ({offer.digest})")
    if offer.refused:
        sys.exit(Invalid.exit_code)


@law.command("adopt")
@config_option
def adopt(config_path: Path) -> None:
    """Use the law that the settings name from now on, if it has no fault.

    A running node answers from it at once; the ledger records it. Requests that were
    answered from another pack are explained with that pack.
    """
    start_django(config_path)
    from comity.node.services import law_packs

    pack = law_packs.adopt(by=None, now=clock().now())
    click.echo(
        f"In use: {pack.name} {pack.version} ({pack.digest}), ledger entry {pack.leaf_index}"
    )
