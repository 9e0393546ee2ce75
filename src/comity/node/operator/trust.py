# SPDX-License-Identifier: Apache-2.0
"""`comity-node trust`: the file that a verifier needs besides a package."""

from __future__ import annotations

from pathlib import Path

import click

from comity.authorities.trust import write_trust
from comity.errors import Conflict, Invalid, Unavailable
from comity.node.clock import clock
from comity.node.operator._setup import config_option, start_django


@click.command("trust", short_help="Write a trust file with what this node trusts.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--package", "package_id", help="A package, whose parties are then expected.")
@config_option
def trust(out: Path, package_id: str | None, config_path: Path) -> None:
    """Write the roots and witness rules that this node trusts into OUT.

    A court should compare the roots in it by a channel of its own.
    """
    start_django(config_path)
    data = _of_package(package_id) if package_id else _general()
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise Conflict("file.exists", f"{out} exists and is not overwritten") from error
    except OSError as error:
        raise Unavailable("file.not_written", f"{out}: {error.strerror}") from error
    click.echo(f"Wrote {out}.")


def _general() -> bytes:
    from comity.node.services.trust import build_trust

    return write_trust(build_trust(now=clock().now()))


def _of_package(package_id: str) -> bytes:
    from comity.canonical.ids import parse_object_id
    from comity.node.services.packages import trust_for
    from comity.node.store.models import PackageRow

    identifier = parse_object_id(package_id, what="--package")
    package = PackageRow.objects.select_related("request").filter(pk=identifier).first()
    if package is None:
        raise Invalid("package.unknown", f"there is no package {identifier} here")
    return trust_for(package, now=clock().now())
