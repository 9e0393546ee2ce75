# SPDX-License-Identifier: Apache-2.0
"""`comity-node officers`: who may log in, and with which roles."""

from __future__ import annotations

from pathlib import Path

import click

from comity.node.clock import clock
from comity.node.operator._setup import Commands, config_option, read_small_file, start_django
from comity.node.permissions import Role

_MAX_PASSWORD_BYTES = 4096
_role = click.Choice([role.value for role in Role])


@click.group("officers", cls=Commands)
def officers() -> None:
    """Add officers, change their roles, close their accounts."""


@officers.command("add")
@click.argument("login")
@click.option("--name", required=True, help="Name as it stands in the record.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=_role,
    help="What the officer is trusted with. May be given more than once.",
)  # fmt: skip
@click.option(
    "--language", default="",
    help="Language of the desk for this officer; without it, the one their browser asks for.",
)  # fmt: skip
@click.option(
    "--password-file", type=click.Path(path_type=Path),
    help="File with the first password; without it the password is asked for.",
)  # fmt: skip
@config_option
def add(
    *,
    login: str,
    name: str,
    roles: tuple[str, ...],
    language: str,
    password_file: Path | None,
    config_path: Path,
) -> None:
    """Make an account for LOGIN."""
    start_django(config_path)
    from comity.node.services import accounts

    officer = accounts.add_officer(
        by=None,
        login=login,
        name=name,
        roles=roles,
        password=_password(password_file),
        language=language,
        now=clock().now(),
    )
    click.echo(f"{officer.login} can log in as {', '.join(sorted(officer.roles))}.")


@officers.command("roles")
@click.argument("login")
@click.argument("roles", nargs=-1, required=True, type=_role)
@config_option
def roles(login: str, roles: tuple[str, ...], config_path: Path) -> None:
    """Give LOGIN exactly these ROLES."""
    start_django(config_path)
    from comity.node.services import accounts

    officer = accounts.set_roles(by=None, login=login, roles=roles, now=clock().now())
    click.echo(f"{officer.login}: {', '.join(sorted(officer.roles))}")


@officers.command("password")
@click.argument("login")
@click.option("--password-file", type=click.Path(path_type=Path), help="File with the password.")
@config_option
def password(login: str, password_file: Path | None, config_path: Path) -> None:
    """Give LOGIN a new password and end its sessions."""
    start_django(config_path)
    from comity.node.services import accounts

    accounts.set_password(
        by=None, login=login, password=_password(password_file), now=clock().now()
    )
    click.echo(f"{login} has a new password.")


@officers.command("disable")
@click.argument("login")
@config_option
def disable(login: str, config_path: Path) -> None:
    """Close the account of LOGIN. Nothing that the officer did is removed."""
    start_django(config_path)
    from comity.node.services import accounts

    accounts.disable_officer(by=None, login=login, now=clock().now())
    click.echo(f"{login} can no longer log in.")


@officers.command("list")
@config_option
def list_officers(config_path: Path) -> None:
    """Show every account."""
    start_django(config_path)
    from comity.node.store.models import OfficerRow

    for row in OfficerRow.objects.order_by("login").prefetch_related("role_rows"):
        held = ", ".join(sorted(role.role for role in row.role_rows.all()))
        closed = "" if row.is_active else "  (closed)"
        click.echo(f"{row.login:20} {row.name:30} {held}{closed}")


def _password(path: Path | None) -> str:
    if path is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    data = read_small_file(path, limit=_MAX_PASSWORD_BYTES)
    return data.decode("utf-8", errors="strict").rstrip("\r\n")
