# SPDX-License-Identifier: Apache-2.0
"""`comity-node keys`: the next key statement, and fresh keys."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from comity.authorities.key_statement import KeyStatement, Revocation
from comity.canonical.digest import parse_sha256
from comity.canonical.time import write_instant
from comity.node.clock import clock
from comity.node.operator._setup import Commands, config_option, days_option, start_django
from comity.node.operator.ceremony import ROOT_FOLDER, ROTATABLE, STATEMENT_DAYS, renew

_root = click.option(
    "--root-keys", type=click.Path(path_type=Path),
    help="Folder of the root, if it is not root-keys beside the settings.",
)  # fmt: skip
_days = days_option(STATEMENT_DAYS, what="key statement")
_ADVICE: Final = "Give it to the hub for the next directory, then take the root offline again."


@click.group("keys", cls=Commands)
def keys() -> None:
    """Sign the next key statement; rotate or revoke keys."""


@keys.command("show")
@config_option
def show(config_path: Path) -> None:
    """Show which keys speak for this authority, and until when."""
    start_django(config_path)
    from comity.node.keyring import keyring

    ring = keyring()
    statement = ring.statement
    click.echo(f"{statement.authority.id}: {statement.authority.name}")
    click.echo(f"root        {ring.root.key_id}")
    click.echo(f"statement   {statement.serial}, stands until {write_instant(statement.expires)}")
    for period in statement.seals:
        click.echo(f"seal        {period.key_id}  {_until(period.valid_to)}")
    for recipient in statement.recipients:
        click.echo(f"encryption  {recipient.key_id}  {_until(recipient.valid_to)}")
    click.echo(f"transport   {statement.transport_key_id}")
    click.echo(f"ledger      {statement.ledger.origin}")
    click.echo(f"wire        {statement.wire_url}  certificate {statement.tls_sha256}")
    for revoked in statement.revoked:
        click.echo(f"revoked     {revoked.key_id}  {write_instant(revoked.at)}: {revoked.reason}")


@keys.command("statement", short_help="Sign the next key statement with the same keys.")
@_root
@_days
@config_option
def statement(root_keys: Path | None, days: int, config_path: Path) -> None:
    """Sign the next key statement with the same keys and the settings as they are now."""
    _tell(_renew(config_path, root_keys, days))


@keys.command("rotate", short_help="Make fresh keys and sign the statement that names them.")
@click.argument("kinds", nargs=-1, required=True, type=click.Choice(ROTATABLE))
@click.option("--revoke", help="Key that must no longer be trusted (its id), if it was stolen.")
@click.option("--reason", default="", help="Why it is revoked; peers read it.")
@_root
@_days
@config_option
def rotate(
    *,
    kinds: tuple[str, ...],
    revoke: str | None,
    reason: str,
    root_keys: Path | None,
    days: int,
    config_path: Path,
) -> None:
    """Make fresh keys of the given KINDS and sign the statement that names them.

    Old keys stay valid for thirty days so that what is under way still arrives,
    unless they are revoked.
    """
    if revoke and not reason:
        raise click.UsageError("--revoke needs --reason: peers want to know why.")
    _tell(_renew(config_path, root_keys, days, rotate=kinds, revoke=revoke, reason=reason))


def _renew(
    config_path: Path,
    root_keys: Path | None,
    days: int,
    *,
    rotate: tuple[str, ...] = (),
    revoke: str | None = None,
    reason: str = "",
) -> KeyStatement:
    start_django(config_path)
    from django.conf import settings

    from comity.node.services._record import recording

    now = clock().now()
    revoked = (Revocation(parse_sha256(revoke), now, reason),) if revoke else ()
    signed = renew(
        settings.CONFIG,
        root_folder=root_keys or settings.CONFIG.folder / ROOT_FOLDER,
        now=now,
        days=days,
        rotate=rotate,
        revoke=revoked,
    )
    with recording(officer=None, now=now) as record:
        record(
            event="keys.renewed",
            subject=("node", settings.CONFIG.authority),
            private={"statement": signed.digest, "serial": signed.serial},
        )
    return signed


def _tell(signed: KeyStatement) -> None:
    click.echo(
        f"Signed key statement {signed.serial}, which stands until "
        f"{write_instant(signed.expires)}: keys/statements/{signed.serial:04d}.json\n{_ADVICE}"
    )


def _until(end: object) -> str:
    return f"until {end:%Y-%m-%d %H:%M}" if end else "without end"
