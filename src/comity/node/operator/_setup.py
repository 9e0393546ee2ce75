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
from typing import Any, Final, NoReturn, TypeVar

import click

from comity.errors import ComityError, Invalid, Unavailable
from comity.node.config import CONFIG_VARIABLE, FILE_NAME

#: Longest time for which a statement or a directory is signed, in days.
MOST_DAYS: Final = 7_300
#: What to do next, by what the database says.
_DATABASE_HINTS: Final = {
    "locked": "Another program is writing to it. Try again when that has ended.",
    "not a database": "The file is damaged. Stop the node, keep the file, restore the backup.",
    "malformed": "The file is damaged. Stop the node, keep the file, restore the backup.",
    "full": "Free space on this node's disk.",
    "unable to open": "Look at the path and at the rights of its folder.",
    "connection": "Start the database server, or correct `database` in comity.toml.",
}

F = TypeVar("F", bound=Callable[..., Any])
#: No sentence is longer than this.
_WHOLE: Final = 200


class Commands(click.Group):
    """A group whose commands end with a clear error and the family's exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong."""
        try:
            return super().invoke(ctx)
        except ComityError as error:
            fail(error)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            fail(Unavailable("node.system", f"{place}{error.strerror or error}"))
        except _database_errors() as error:
            fail(_of_database(error))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their whole first sentence: click would cut it off."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(_WHOLE)) for name, one in commands if one]
            )


def fail(error: ComityError) -> NoReturn:
    """Print the error and exit with its family's code."""
    click.echo(f"Error: {error}", err=True)
    sys.exit(error.exit_code)


def _database_errors() -> tuple[type[Exception], ...]:
    """Return Django's database errors; asked only when something was raised."""
    from django.db.utils import Error  # most commands that fail never load Django

    return (Error,)


def _of_database(error: Exception) -> Unavailable:
    text = " ".join(str(error).split()) or type(error).__name__
    missing = "no such " in text or "does not exist" in text
    hint = next((hint for sign, hint in _DATABASE_HINTS.items() if sign in text), "")
    if missing:
        hint = (
            "The database is empty or older than this program. Restore the backup, or bring it "
            "up to date with `comity-node migrate`."
        )
    return Unavailable("node.database", f"the database: {text}", hint=hint)


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


def days_option(default: int, *, what: str) -> Callable[[F], F]:
    """Return the option `--days`: how long what is signed stands."""
    return click.option(
        "--days",
        type=click.IntRange(1, MOST_DAYS),
        default=default,
        show_default=True,
        help=f"How long the {what} stands.",
    )


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
