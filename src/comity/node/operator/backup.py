# SPDX-License-Identifier: Apache-2.0
"""`comity-node backup`: one sealed file from which a node can be made again.

The database is copied first, in one consistent state, then everything that it
refers to: blobs and parcels are written once, so what the copy names is there.
The file is sealed (age, post-quantum) because it holds the private keys; the
root is never in it. A node restored from a backup must not sign before its
ledger has been compared with its witnesses: the rollback guard, which is not
in the backup, sees to that.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final

import click

from comity.crypto.sealing import check_recipient, seal
from comity.errors import Conflict, Unavailable
from comity.node.config import FILE_NAME, NodeConfig
from comity.node.operator._setup import config_option, start_django

_DATABASE_MEMBER: Final = "node.sqlite3"
_DUMP_MEMBER: Final = "node.dump"
_FOLDERS: Final = ("keys", "blobs", "packages")
#: Folders that a node has only once something is in them.
_FOLDERS_IF_ANY: Final = {"law-packs": "law_store"}


@click.command("backup")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--recipient", "recipients", multiple=True, required=True,
    help="Public key (age1pq...) of whoever may restore it. May be given more than once.",
)  # fmt: skip
@config_option
def backup(out: Path, recipients: tuple[str, ...], config_path: Path) -> None:
    """Write everything that this node is into the sealed file OUT.

    It is a tar archive sealed with age: `age -d` (1.3 or newer) and `tar` restore
    it. Safe while the node runs.
    """
    start_django(config_path)
    from django.conf import settings

    for recipient in recipients:
        check_recipient(recipient)
    temporary = out.with_name(f".{out.name}.partial")
    try:
        with _database_copy(settings.CONFIG) as (member, copy), temporary.open("xb") as target:
            _write(settings.CONFIG, member, copy, target, recipients)
            target.flush()
            os.fsync(target.fileno())
        os.link(temporary, out)
    except FileExistsError as error:
        raise Conflict("file.exists", f"{out} exists and is not overwritten") from error
    except (OSError, sqlite3.Error) as error:
        raise Unavailable("backup.failed", f"{out}: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    click.echo(f"Wrote {out} ({out.stat().st_size} bytes). Try restoring it somewhere else.")


@contextlib.contextmanager
def _database_copy(config: NodeConfig) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory(dir=config.folder) as folder:
        if config.database_file is None:
            path = Path(folder) / _DUMP_MEMBER
            _dump_postgresql(config, path)
            yield _DUMP_MEMBER, path
            return
        path = Path(folder) / _DATABASE_MEMBER
        with (
            contextlib.closing(sqlite3.connect(config.database_file)) as source,
            contextlib.closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
        yield _DATABASE_MEMBER, path


def _dump_postgresql(config: NodeConfig, path: Path) -> None:
    command = ["pg_dump", "--format=custom", f"--file={path}", config.database]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise Unavailable("backup.pg_dump", "pg_dump is not installed") from error
    if done.returncode != 0:
        raise Unavailable("backup.pg_dump", f"pg_dump failed: {done.stderr.strip()[:1000]}")


def _write(
    config: NodeConfig, member: str, copy: Path, target: BinaryIO, recipients: tuple[str, ...]
) -> None:
    """Stream the archive through the seal; the plain archive is never on the disk."""
    reading, writing = os.pipe()
    failures: list[OSError] = []

    def archive() -> None:
        try:
            with (
                os.fdopen(writing, "wb") as sink,
                tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                tar.add(config.folder / FILE_NAME, FILE_NAME)
                tar.add(copy, member)
                for name in _FOLDERS:
                    tar.add(getattr(config, name), name)
                for name, setting in _FOLDERS_IF_ANY.items():
                    if getattr(config, setting).is_dir():
                        tar.add(getattr(config, setting), name)
                parcels = config.folder / "parcels"
                if parcels.is_dir():
                    tar.add(parcels, "parcels")
        except OSError as error:
            failures.append(error)

    thread = Thread(target=archive, name="archive")
    thread.start()
    with os.fdopen(reading, "rb") as source:
        seal(source, target, recipients=recipients)
    thread.join()
    if failures:
        raise failures[0]
