# SPDX-License-Identifier: Apache-2.0
"""`comity keys`: keys and trust files for a bench without a node."""

from __future__ import annotations

from pathlib import Path

import click

from comity.authorities.model import Authority, Role
from comity.authorities.trust import MAX_BYTES as MAX_TRUST_BYTES
from comity.authorities.trust import (
    Expectation,
    Trust,
    TrustedAuthority,
    read_trust,
    write_trust,
)
from comity.canonical.digest import sha256
from comity.canonical.ids import parse_authority_id
from comity.canonical.json import JSON
from comity.cli._bench import STATEMENTS, make_bench, read_bench
from comity.cli._clock import SystemClock
from comity.cli._files import PATH, new_folder, read_file, write_new
from comity.cli._output import json_option, show
from comity.cli._statements import public_files, read_statements


@click.group(name="keys")
def group() -> None:
    """Make keys and trust files for a bench without a node."""


@group.command(name="new", short_help="Make all keys of an authority.")
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


@group.command(name="trust", short_help="Write the trust file that a verifier needs.")
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


@group.command(name="export", short_help="Write public keys for other people's programs.")
@click.argument("statements", nargs=-1, required=True, type=PATH)
@click.option("--trust", "trust_file", required=True, type=PATH, help="Trust file with the roots.")
@click.option("--out", "target", required=True, type=PATH, help="New folder.")
@json_option
def export_command(statements: tuple[Path, ...], trust_file: Path, target: Path) -> None:
    """Write the public keys in key STATEMENTS as files that other programs read.

    STATEMENTS are files or folders of them, such as PACKAGE/data/keys. Each is verified
    with its root in the trust file first. Seals are written as PEM, minisign keys as
    minisign keeps them, keys of ledgers as C2SP verifier keys.
    """
    trust = read_trust(read_file(trust_file, limit=MAX_TRUST_BYTES), what=str(trust_file))
    files: dict[str, bytes] = {}
    for statement in read_statements(statements, trust):
        files |= public_files(statement)
    with new_folder(target) as folder:
        for name, data in files.items():
            (folder / name).write_bytes(data)
    names: list[JSON] = list(files)
    show({"folder": str(target), "files": names}, *[f"{target / name}" for name in files])
