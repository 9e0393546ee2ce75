# SPDX-License-Identifier: Apache-2.0
"""`comity-node peers` and `comity-node directory`: whom this node knows, and how."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from comity.authorities.directory import MAX_BYTES, MAX_STATEMENT_BYTES, sign_directory
from comity.crypto.keys import (
    SealPrivateKey,
    read_seal,
    write_private_file,
    write_seal,
)
from comity.errors import Conflict
from comity.node.clock import clock
from comity.node.keyring import read_root, write_public_seal
from comity.node.operator._setup import (
    Commands,
    config_option,
    days_option,
    read_small_file,
    start_django,
)

_FILE: Final = click.Path(path_type=Path)
DIRECTORY_DAYS: Final = 90


@click.group("peers", cls=Commands)
def peers() -> None:
    """Take the hub's directory into use; look at the peers."""


@peers.command("pin")
@click.argument("file", type=_FILE)
@click.option(
    "--hub-key", required=True, type=_FILE,
    help="The hub's public seal, obtained by a channel that you trust.",
)  # fmt: skip
@click.option(
    "--statement", "between", multiple=True, type=_FILE,
    help="A peer's key statement that this node has missed; may be given several times.",
)  # fmt: skip
@config_option
def pin(file: Path, hub_key: Path, between: tuple[Path, ...], config_path: Path) -> None:
    """Take the signed directory FILE into use.

    The first one pins the hub. A directory that is older than the one in use,
    has expired or was signed by another hub is refused. A peer that has another
    root, is listed no more, or whose newest key statement does not follow the one
    known here goes into quarantine; for the last, get the statements in between
    from the peer and give them with `--statement`.
    """
    start_django(config_path)
    from comity.node.services import pinning

    done = pinning.pin_directory(
        by=None,
        data=read_small_file(file, limit=MAX_BYTES),
        hub=read_root(hub_key),
        now=clock().now(),
        statements=[read_small_file(one, limit=MAX_STATEMENT_BYTES) for one in between],
    )
    click.echo(f"Directory version {done.version} is in use.")
    for label, names in (
        ("new", done.added),
        ("new key statement", done.renewed),
        ("QUARANTINED: another root, a gap in its statements, or listed no more", done.quarantined),
    ):
        for name in names:
            click.echo(f"  {name}: {label}")


@peers.command("release")
@click.argument("authority")
@click.option("--root", "root_key_id", required=True, help="The root's name as the peer read it.")
@config_option
def release(authority: str, root_key_id: str, config_path: Path) -> None:
    """Accept AUTHORITY's new root after comparing it by telephone."""
    start_django(config_path)
    from comity.node.services import pinning

    pinning.release_peer(by=None, authority=authority, root_key_id=root_key_id, now=clock().now())
    click.echo(f"{authority} is out of quarantine.")


@peers.command("list")
@config_option
def list_peers(config_path: Path) -> None:
    """Show every peer, its key statement and when it was last heard."""
    start_django(config_path)
    from comity.node.store.models import PeerRow

    for row in PeerRow.objects.order_by("authority"):
        heard = f"heard {row.last_heard:%Y-%m-%d %H:%M}" if row.last_heard else "never heard"
        click.echo(f"{row.authority:20} {row.status:12} statement {row.serial:3}  {heard}")
        if row.last_problem:
            click.echo(f"    {row.last_problem}")


@click.group(
    "directory", cls=Commands, short_help="For a hub: make and sign the list of authorities."
)
def directory() -> None:
    """For a hub: list authorities with their key statements and sign the list."""


@directory.command("key", short_help="Make the seal of a hub.")
@click.argument("folder", type=_FILE)
def key(folder: Path) -> None:
    """Make a hub's seal in FOLDER; hub.json there is the public half to hand out."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seal = SealPrivateKey.generate()
    write_seal(folder, seal, name="hub")
    write_public_seal(folder / "hub.json", seal.public)
    click.echo(f"Made the hub's seal {seal.public.key_id} in {folder}.")


@directory.command("make")
@click.argument("out", type=_FILE)
@click.option(
    "--entry", "entries", multiple=True, required=True, nargs=2, type=_FILE,
    metavar="ROOT STATEMENT",
    help="An authority's root.json and its key statement. Once for each authority.",
)  # fmt: skip
@click.option("--hub", required=True, type=_FILE, help="Folder of the hub's seal.")
@click.option("--version", required=True, type=int, help="Higher than that of any before.")
@days_option(DIRECTORY_DAYS, what="directory")
def make(
    out: Path, entries: tuple[tuple[Path, Path], ...], hub: Path, version: int, days: int
) -> None:
    """Sign a directory of the given authorities into OUT.

    Every key statement is checked under the root it is listed with; compare the
    root with the authority by telephone before you sign.
    """
    if out.exists():
        raise Conflict("file.exists", f"{out} exists and is not overwritten")
    now = clock().now()
    data = sign_directory(
        version=version,
        issued=now,
        expires=now + timedelta(days=days),
        entries=[
            (read_root(root), read_small_file(statement, limit=MAX_STATEMENT_BYTES))
            for root, statement in entries
        ],
        hub=read_seal(hub, name="hub"),
    )
    write_private_file(out, data)
    out.chmod(0o644)
    click.echo(f"Signed directory version {version} with {len(entries)} authorities: {out}")
