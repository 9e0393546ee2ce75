# SPDX-License-Identifier: Apache-2.0
"""The commands of `comity` and `comity-node`, from click: what `--help` says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from reference.markdown import code, page, table

COMITY = """
The examiner's program. It needs neither a node nor a network, and changes nothing that it was
not told to change.

Every command takes `--json`, prints its answer as one JSON object then, and keeps progress on
standard error. Exit status: 0 done, 1 not verified, 2 wrong usage, 3 malformed input, 4 try
again later, 5 not allowed or in conflict.
"""
NODE = """
The operator's program: makes, runs and looks after a node. An operator sees no case content.

Exit status: 0 done, 1 not verified, 2 wrong usage, 3 malformed input, 4 try again later, 5 not
allowed or in conflict.
"""


def walk(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command below, groups before their members."""
    if command.hidden:
        return
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path[-1])
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            if member is not None:
                yield from walk(member, (*path, name))


def explanation(command: click.Command) -> str:
    """Return a command's help as Markdown: paragraphs, and `\\b` blocks as they are."""
    text = inspect.cleandoc(command.help or "").replace("\f", "")
    if not text:
        raise SystemExit(f"the command {command.name} has no help")
    paragraphs = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("\b\n"):
            paragraphs.append("```text\n" + paragraph[2:] + "\n```")
        else:
            paragraphs.append(" ".join(paragraph.split()))
    return "\n\n".join(paragraphs)


def default_of(option: click.Option) -> str:
    """Return a default that is worth saying."""
    if isinstance(option.show_default, str):
        return f" Default: {option.show_default}."
    value = option.default
    if isinstance(value, tuple):
        value = " ".join(str(item) for item in value)
    said = option.show_default and value not in (None, False, "") and not callable(value)
    return f" Default: {code(str(value))}." if said else ""


def parameters(command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield the spelling and the meaning of every argument and option."""
    context = click.Context(command, info_name=command.name)
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Argument):
            yield code(parameter.make_metavar(context)), "required" if parameter.required else ""
        elif isinstance(parameter, click.Option) and not parameter.hidden:
            record = parameter.get_help_record(context)
            if record is None or not parameter.help:
                raise SystemExit(f"{command.name}: the option {parameter.name} has no help")
            required = " Required." if parameter.required else ""
            meaning = parameter.help.rstrip(".") + "." + required + default_of(parameter)
            yield code(record[0]), meaning


def command_page(group: click.Command, name: str, introduction: str) -> str:
    """Return the page of one program."""
    parts = []
    for path, command in walk(group, (name,)):
        context = click.Context(command, info_name=" ".join(path))
        usage = " ".join([*path, *command.collect_usage_pieces(context)])
        rows = [row for row in parameters(command) if "--help" not in row[0]]
        body = [f"{'#' * min(4, len(path) + 1)} {' '.join(path)}", f"```text\n{usage}\n```"]
        body.append(explanation(command))
        if rows:
            body.append(table(("Argument or option", "Meaning"), rows))
        parts.append("\n\n".join(body))
    return page(f"Commands of `{name}`", introduction, *parts)


def comity_page() -> str:
    """Return the page of the examiner's program."""
    from comity.cli.main import cli

    return command_page(cli, "comity", COMITY)


def node_page() -> str:
    """Return the page of the operator's program."""
    from comity.node.operator.main import main

    return command_page(main, "comity-node", NODE)
