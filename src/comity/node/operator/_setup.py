# SPDX-License-Identifier: Apache-2.0
"""What every command of `comity-node` shares: finding the settings, and saying errors.

This is the one place where the families of `comity.errors` become exit codes
of this program: 1 not verified, 3 malformed, 4 try later, 5 not allowed or in
conflict. 2 is click's own, for wrong usage.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from comity.errors import ComityError, Invalid
from comity.node.config import CONFIG_VARIABLE, FILE_NAME

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """A group whose commands end with a clear error and the family's exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong."""
        try:
            return super().invoke(ctx)
        except ComityError as error:
            fail(error)


def fail(error: ComityError) -> NoReturn:
    """Print the error and exit with its family's code."""
    click.echo(f"Error: {error}", err=True)
    sys.exit(error.exit_code)


def config_option(command: F) -> F:
    """Add `--config` to a command."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        envvar=CONFIG_VARIABLE,
        default=FILE_NAME,
        show_default="comity.toml here",
        help="The node's settings file, or the folder it is in.",
    )(command)


def start_django(config_path: Path) -> None:
    """Set up Django for the node whose settings these are."""
    path = config_path / FILE_NAME if config_path.is_dir() else config_path
    if not path.is_file():
        raise Invalid(
            "config.unreadable",
            f"there is no settings file {path}",
            hint="Make a node with `comity-node init DIR`, or name its file with --config.",
        )
    os.environ[CONFIG_VARIABLE] = str(path.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    import django  # settings are read here, not before the path is known

    django.setup()


def read_small_file(path: Path, *, limit: int) -> bytes:
    """Read a file that a person named; raise `Invalid` if there is none or it is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Invalid("file.unreadable", f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise Invalid("file.too_large", f"{path}: larger than {limit} bytes")
    return data
