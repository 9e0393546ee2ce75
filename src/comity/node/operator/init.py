# SPDX-License-Identifier: Apache-2.0
"""`comity-node init`: a folder, keys, settings and an empty database for one authority."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

import comity_law
from comity.errors import Conflict, Invalid, Unavailable
from comity.law.load import load_pack
from comity.law.pack import Pack
from comity.node.clock import clock
from comity.node.config import FILE_NAME, ROLES, make_config
from comity.node.operator._setup import days_option, start_django
from comity.node.operator.ceremony import STATEMENT_DAYS, make_authority

_OPTIONAL: Final = ("desk_bind", "desk_url", "wire_bind", "wire_url", "database", "rollback_guard")
_LISTS: Final = ("witnesses", "law")


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--authority", required=True, help="Name in the network, such as xv.moj.")
@click.option("--name", required=True, help="Official name, as people know it.")
@click.option("--state", required=True, help="Two-letter code of the state.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), default=("central",),
    show_default=True, help="What the authority is. May be given more than once.",
)  # fmt: skip
@click.option("--desk-bind", help="Address and port of the officers' desk.")
@click.option("--desk-url", help="Address that officers type, if a proxy stands in front.")
@click.option("--wire-bind", help="Address and port where peers connect.")
@click.option("--wire-url", help="Address that peers use, as published in the key statement.")
@click.option("--database", help="sqlite, or postgresql://user@host/name.")
@click.option("--rollback-guard", help="File on another volume that notices an old database.")
@click.option("--witness", "witnesses", multiple=True, help="Authority that cosigns our ledger.")
@click.option("--quorum", type=int, help="How many witnesses make an entry final.")
@click.option(
    "--law", multiple=True, type=click.Path(exists=True, file_okay=False, resolve_path=True),
    help="Folder of a law pack that adds to the built-in one.",
)  # fmt: skip
@days_option(STATEMENT_DAYS, what="key statement")
def init(folder: Path, days: int, **given: object) -> None:
    """Make a new node in FOLDER.

    Makes the authority's root and all its keys, signs the first key statement,
    writes comity.toml and an empty database. Nothing that exists is overwritten.
    """
    entries = {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in given.items()
        if value not in (None, ())
    }
    folder = folder.resolve()
    config = make_config(folder, entries, os.environ, what="comity-node init")
    path = folder / FILE_NAME
    # What is wrong with the law is said before anything is made.
    _check_state(load_pack(comity_law.PATH, *config.law), config.state)
    if path.exists():
        raise Conflict(
            "node.exists",
            f"{path} exists; nothing was changed",
            hint="Choose another folder.",
        )
    try:
        with _whole_or_nothing(folder):
            for part in (folder, config.blobs, config.packages, config.intake):
                part.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = make_authority(config, now=clock().now(), days=days)
            # The settings get their name last: without it there is no node.
            draft = folder / f".{FILE_NAME}.new"
            draft.write_text(_settings_text(entries), encoding="utf-8")
            start_django(draft)
            _first_entry(made.statement.digest)
            draft.replace(path)
    except OSError as error:
        raise Unavailable(
            "node.not_written", f"{folder}: {error.strerror}: {error.filename}"
        ) from error
    click.echo(
        f"Made the node of {config.authority} in {folder}.\n"
        f"Its root is {made.root.key_id}\n"
        f"  in {made.root_folder}. Move that folder to a place without a network now:\n"
        "  it is needed only to sign the next key statement.\n"
        f"Give {config.keys / 'statements' / '0001.json'} and {config.keys / 'root.json'}\n"
        "  to the hub, and read the root to it over the telephone.\n"
        "Next: comity-node officers add, comity-node peers pin, comity-node run."
    )


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[None]:
    """Remove what was made in `folder` if anything goes wrong; what was there before stays."""
    before = set(folder.iterdir()) if folder.is_dir() else None
    try:
        yield
    except BaseException:
        if before is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for made in set(folder.iterdir()) - before:
                shutil.rmtree(made) if made.is_dir() else made.unlink()
        raise


def _check_state(pack: Pack, state: str) -> None:
    if state not in pack.states:
        raise Invalid(
            "law.unknown_state",
            f"--state: the law knows no state {state!r}; nothing was made",
            hint=pack.hint_of_state(state)
            + " A pack that has it is added with --law (XV, XM and XL are in demo/law).",
        )


def _first_entry(statement_digest: str) -> None:
    """Make the tables, open the record with the node's own beginning and adopt the law."""
    from django.conf import settings
    from django.core.management import call_command

    from comity.node.services import law_packs
    from comity.node.services._record import recording
    from comity.node.store.models import AuditRow

    call_command("migrate", verbosity=0)
    if AuditRow.objects.exists():
        raise Conflict(
            "node.database_used",
            "the database holds the record of a node already; nothing was changed",
            hint="Name an empty database. To go on with that node, restore its folder.",
        )
    with recording(officer=None, now=clock().now()) as record:
        record(
            event="node.created",
            subject=("node", settings.CONFIG.authority),
            private={"statement": statement_digest, "serial": 1},
        )
    law_packs.adopt(by=None, now=clock().now())


def _settings_text(entries: dict[str, object]) -> str:
    """Return the settings as TOML; only what was chosen, so that defaults stay defaults."""
    lines = ["# Settings of this Comity node. Every name is explained in the reference."]
    for name, value in entries.items():
        lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    escaped = "".join(_escape(char) for char in str(value))
    return f'"{escaped}"'


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return f"\\u{ord(char):04x}" if char < " " or char == "\x7f" else char
