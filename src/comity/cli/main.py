# SPDX-License-Identifier: Apache-2.0
"""The command `comity`, its groups, and the one place where errors become exit codes.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | not verified: a signature, digest or proof failed |
| 2 | wrong usage |
| 3 | input is malformed |
| 4 | out of reach just now: disk, device |
| 5 | refused, or in conflict with what is there |
| 130 | interrupted; nothing half-written is left |

A group's module is imported only when the group is used, so that help appears
at once.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

import click

from comity import __version__
from comity.cli._output import INTERRUPTED, OutputFailedError, print_error, print_text
from comity.cli.start import on_ending
from comity.errors import ComityError, Unavailable

#: Name, module below `comity.cli`, and the line in the help.
_GROUPS: Final = {
    "evidence": ("evidence", "Acquire a file or a disk, with a record of how."),
    "package": ("package", "Make, open and verify sealed packages of evidence."),
    "ledger": ("ledger", "Check logs and proofs."),
    "law": ("law", "Ask which instrument allows a measure between two states."),
    "keys": ("keys", "Make keys and trust files for a bench without a node."),
}


class _Groups(click.Group):
    """Imports a group when it is named, and turns errors into words and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_GROUPS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in _GROUPS:
            return None
        module = importlib.import_module(f"comity.cli.{_GROUPS[cmd_name][0]}")
        command: click.Command = module.group
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list from the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _GROUPS.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ComityError as error:
            print_error(ctx, error)
            ctx.exit(error.exit_code)
        except OSError as error:
            # Commands say themselves what is wrong with a file; this one was not foreseen.
            failed = _unforeseen(error)
            print_error(ctx, failed)
            ctx.exit(failed.exit_code)


@click.group(
    cls=_Groups,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="comity", message="%(prog)s %(version)s")
def cli() -> None:
    """Acquire, seal and verify electronic evidence that states exchange.

    Everything here works on files alone: no node, no network. Most commands take
    --json for programs; the exit code says what kind of trouble there was (1: not
    verified, 2: wrong usage, 3: malformed, 4: out of reach, 5: refused).
    """


def main() -> NoReturn:
    """Run `comity` with the arguments of this process."""
    on_ending(_interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name must not end a report half-way
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        print_text("", err=True)
        print_text("Interrupted. Nothing half-written was left.", err=True)
        sys.exit(INTERRUPTED)
    except (OutputFailedError, OSError) as error:
        _output_failed(error)


def _output_failed(error: Exception) -> NoReturn:
    """End with the status of `Unavailable`: a verdict that nobody could read is none."""
    cause = error.__cause__ if isinstance(error, OutputFailedError) else error
    # Python flushes once more at its end, and must not fail there again.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    if isinstance(cause, BrokenPipeError):  # the reader had enough, as in `comity ... | head`
        sys.exit(INTERRUPTED)
    failed = Unavailable(
        "output.unwritable",
        f"standard output: {getattr(cause, 'strerror', None) or cause}; the result is not whole",
        hint="Free some space or write elsewhere, and run the command again.",
    )
    for line in f"comity: {failed}".split("\n"):
        print_text(line, err=True)
    sys.exit(failed.exit_code)


def _unforeseen(error: OSError) -> Unavailable:
    where = f"{error.filename}: " if error.filename else ""
    return Unavailable("file.failed", f"{where}{error.strerror or error}")


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """End on SIGTERM and SIGHUP as on Ctrl-C, so that temporary folders are removed."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
