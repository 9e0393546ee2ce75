# SPDX-License-Identifier: Apache-2.0
"""Which law a command asks: the options that choose packs, and reading them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from comity.law.load import PartFiles
    from comity.law.pack import Pack

_Command = TypeVar("_Command", bound=Callable[..., Any])


def pack_options(command: _Command) -> _Command:
    """Add `--pack`, `--overlay` and `--signer`."""
    for option in (
        click.option(
            "--signer",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            multiple=True,
            help="File with the public seal (JSON) of the authority that signed an overlay file.",
        ),
        click.option(
            "--overlay",
            type=click.Path(exists=True, path_type=Path),
            multiple=True,
            help="A directory of law, or a signed law pack, to put above the pack. Repeatable.",
        ),
        click.option(
            "--pack",
            "pack_folder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Another pack in place of the built-in law.",
        ),
    ):
        command = option(command)
    return command


def pack_of(folder: Path | None, overlays: Iterable[Path], signers: tuple[Path, ...]) -> Pack:
    """Return the built-in law, or the pack in `folder`, with the overlays above it."""
    import gc

    import comity_law
    from comity.law.load import load_parts, read_directory

    gc.disable()  # a pack is a hundred thousand objects that stay to the end; none is garbage
    parts = [read_directory(folder or comity_law.PATH)]
    parts += [_overlay(path, signers) for path in overlays]
    return load_parts(parts, cache=_cache())


def _cache() -> Path:
    """Where parsed packs are kept: the user's own cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "comity" / "law"


def _overlay(path: Path, signers: tuple[Path, ...]) -> PartFiles:
    """Read a directory of law, or a signed law pack with the seal of its signer."""
    from comity.canonical import json
    from comity.crypto.envelope import read
    from comity.crypto.keys import SealPublicKey
    from comity.errors import Unverified
    from comity.law.load import read_directory, read_file
    from comity.law.overlay import MAX_BYTES, read_part

    if path.is_dir():
        return read_directory(path)
    data = read_file(path, limit=MAX_BYTES)
    wanted = read(data, what=str(path), limit=MAX_BYTES).key_id
    for file in signers:
        key = SealPublicKey.from_json(json.read(read_file(file), what=str(file)), what=str(file))
        if key.key_id == wanted:
            return read_part(data, key=key).part
    raise Unverified(
        "law.unknown_signer",
        f"{path}: none of the given seals signed it",
        hint="Give the signer's public seal with --signer.",
    )


def parts_to_check(folders: tuple[Path, ...], signers: tuple[Path, ...]) -> list[PartFiles]:
    """Return the parts to check: the first is the base, unless it has no vocabulary of its own."""
    import comity_law
    from comity.law.load import read_directory

    if not folders:
        return [read_directory(comity_law.PATH)]
    parts = [_overlay(path, signers) for path in folders]
    built_in = read_directory(comity_law.PATH)
    whole = any(name.startswith("vocabulary/") for name in parts[0].files)
    if not whole and _named(parts[0]) != _named(built_in):
        parts.insert(0, built_in)
    return parts


def _named(part: PartFiles) -> object:
    """Return the name that a pack gives itself: a copy of the built-in law is no overlay of it."""
    from comity.law.reader import Problems, parse

    return parse(part.files.get("pack.toml", b""), file="", problems=Problems()).get("name")
