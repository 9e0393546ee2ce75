# SPDX-License-Identifier: Apache-2.0
"""`comity keys`: keys and trust files for a bench without a node."""

from __future__ import annotations

from pathlib import Path

import click

from comity.authorities.model import Authority, Role
from comity.authorities.trust import Expectation, Trust, TrustedAuthority, write_trust
from comity.canonical.digest import sha256
from comity.canonical.ids import parse_authority_id
from comity.canonical.json import JSON
from comity.cli._bench import STATEMENTS, make_bench, read_bench
from comity.cli._clock import SystemClock
from comity.cli._files import PATH, write_new
from comity.cli._output import json_option, show


@click.group(name="keys")
def group() -> None:
    """Make keys and trust files for a bench without a node."""


@group.command(name="new")
@click.argument("folder", type=PATH)
@click.option("--authority", required=True, help="Name in the network, such as xm.moj.")
@click.option("--name", required=True, help="Official name.")
@json_option
def new_command(folder: Path, authority: str, name: str) -> None:
    """Make all keys of an authority in the new FOLDER, and its first key statement.

    The root's private key lies in the folder too: move root.*.pem to a safe place
    before the keys are used for anything but a trial.
    """
    identifier = parse_authority_id(authority, what="--authority")
    described = Authority(
        id=identifier,
        name=name,
        state=identifier[:2].upper(),
        roles=frozenset({Role.CENTRAL, Role.FORENSIC}),
    )
    bench = make_bench(folder, authority=described, now=SystemClock().now())
    statement = bench.statement
    show(
        {
            "folder": str(folder),
            "authority": identifier,
            "root": bench.root.key_id,
            "seal": statement.seals[0].key_id,
            "recipient": statement.recipients[0].recipient,
        },
        f"Keys of {identifier} ({name}) are in {folder}",
        f"Root      {bench.root.key_id}",
        f"Seal      {statement.seals[0].key_id}",
        f"Statement {folder / STATEMENTS / '0001.json'}",
        "Move root.ed25519.pem and root.mldsa65.pem to a safe place: they sign nothing else.",
    )


@group.command(name="trust")
@click.argument("folders", nargs=-1, required=True, type=PATH)
@click.option("--out", "target", required=True, type=PATH, help="New trust file.")
@click.option("--proofs-from", multiple=True, help="Authority whose ledger proofs must be there.")
@click.option("--accepted-by", help="Authority that must have accepted the package.")
@json_option
def trust_command(
    folders: tuple[Path, ...], target: Path, proofs_from: tuple[str, ...], accepted_by: str | None
) -> None:
    """Write a trust file with the roots of the key FOLDERS.

    The file is public. Whoever uses it must get it, or compare its roots, by a
    channel of their own.
    """
    benches = [read_bench(folder) for folder in folders]
    trust = Trust(
        made=SystemClock().now(),
        authorities=tuple(
            TrustedAuthority(
                id=bench.authority,
                name=bench.statement.authority.name,
                state=bench.statement.authority.state,
                root=bench.root,
            )
            for bench in benches
        ),
        expect=Expectation(
            proofs_from=tuple(parse_authority_id(name) for name in proofs_from),
            accepted_by=parse_authority_id(accepted_by) if accepted_by else None,
        ),
    )
    data = write_trust(trust)
    write_new(target, data)
    roots: list[JSON] = [
        {"authority": bench.authority, "root": bench.root.key_id} for bench in benches
    ]
    show(
        {"trust": str(target), "sha256": sha256(data), "roots": roots},
        f"Trust file {target} (SHA-256 {sha256(data)})",
        *[f"  {bench.authority}  root {bench.root.key_id}" for bench in benches],
    )
