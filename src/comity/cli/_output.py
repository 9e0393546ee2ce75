# SPDX-License-Identifier: Apache-2.0
"""What the commands print: words for people or JSON for programs, never both at once.

Text that came from outside is shown with line ends, control and direction signs
as escapes, so that a file can neither move the cursor, nor turn a line around,
nor add a line that looks like ours.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from comity.canonical.json import JSON, Object
from comity.errors import ComityError, Refused, one_line

INTERRUPTED: Final = 130
_JSON: Final = "comity.json"
_QUIET: Final = "comity.quiet"
_Command = TypeVar("_Command", bound=Callable[..., Any])


class OutputFailedError(Exception):
    """What was found could not be written to standard output or standard error."""


def json_option(command: _Command) -> _Command:
    """Add `--json` to a command."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_set(_JSON),
        help="Print one JSON object instead of text.",
    )(command)


def quiet_option(command: _Command) -> _Command:
    """Add `--quiet`, which hides the progress bar."""
    return click.option(
        "--quiet", is_flag=True, expose_value=False, callback=_set(_QUIET), help="No progress bar."
    )(command)


def wants_json() -> bool:
    """Tell whether the running command was given `--json`."""
    return bool(click.get_current_context().meta.get(_JSON))


def show(value: Object, *lines: str) -> None:
    """Print the lines, or the value if JSON was asked for."""
    if wants_json():
        print_json(value)
    else:
        for line in lines:
            print_text(line)


def print_text(text: str, *, err: bool = False) -> None:
    """Print one line with everything hidden in it made visible, line ends too."""
    _echo(one_line(text), err=err)


def print_json(value: JSON) -> None:
    """Print a value as JSON, in UTF-8; signs that a terminal would obey are JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    _echo("\n".join(map(_json_line, text.split("\n"))))


def _echo(text: str, *, err: bool = False) -> None:
    try:
        click.echo(text, err=err)
    except OSError as error:
        raise OutputFailedError from error


def _json_line(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if one_line(char) == char else json.dumps(char)[1:-1] for char in line)


def print_error(ctx: click.Context, error: ComityError) -> None:
    """Print an error: as JSON on standard output if asked for, else as text on standard error."""
    if not ctx.meta.get(_JSON):
        for line in f"comity: {error}".split("\n"):
            print_text(line, err=True)
        return
    reasons: list[JSON] = list(error.reasons) if isinstance(error, Refused) else []
    print_json(
        {
            "error": {
                "code": error.code,
                "family": error.family,
                "message": error.message,
                "hint": error.hint,
                "reasons": reasons,
                "details": {name: _plain(value) for name, value in error.details.items()},
            }
        }
    )


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a progress bar on standard error, if that is a terminal; give the call that moves it.

    The call takes what is being done (shown) and the bytes just handled.
    """
    meta = click.get_current_context().meta
    if meta.get(_JSON) or meta.get(_QUIET) or not sys.stderr.isatty():
        yield lambda _stage, _size: None
        return
    # rich takes a while to import; only people at a terminal wait for it.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(one_line(title), total=total)

        def move(stage: str, size: int) -> None:
            bar.update(task, advance=size, description=one_line(f"{title}: {stage}"))

        yield move


def _set(name: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
        ctx.meta[name] = value

    return callback


def _plain(value: object) -> JSON:
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)
