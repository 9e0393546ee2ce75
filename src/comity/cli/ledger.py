# SPDX-License-Identifier: Apache-2.0
"""`comity ledger`: check a proof, audit a whole log, look into a file of either.

A verifier needs to know beforehand whose log and whose witnesses count. That is
said either by a witness policy (C2SP tlog-policy) or by a trust file with the
key statements of the authorities, as packages carry them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from comity.authorities.trust import MAX_BYTES as MAX_TRUST_BYTES
from comity.authorities.trust import Trust, read_trust
from comity.canonical.digest import sha256
from comity.canonical.json import JSON, Object
from comity.canonical.time import Instant, read_instant, write_instant
from comity.cli._clock import SystemClock
from comity.cli._files import PATH, read_file
from comity.cli._ledger_item import MAX_EVENTS, Item
from comity.cli._output import json_option, progress_bar, quiet_option, show
from comity.cli._statements import read_statements
from comity.errors import ComityError, Invalid, Unverified
from comity.evidence.keyring import Keyring
from comity.evidence.proofs import check_proof
from comity.evidence.reading import list_files
from comity.ledger.audit import Audit, audit, audit_older
from comity.ledger.checkpoint import read_checkpoint
from comity.ledger.directory import DirectoryStorage
from comity.ledger.keys import VerifierKey, parse_vkey
from comity.ledger.leaf import read_leaf, verify_leaf
from comity.ledger.policy import Policy, read_policy
from comity.ledger.proof import (
    MAX_PROOF_BYTES,
    VerifiedProof,
    read_opening,
    read_proof,
    verify_proof_under,
)

_MAX_FAULTS: Final = 50
_MAX_CHECKPOINT: Final = 1 << 20


@click.group(name="ledger")
def group() -> None:
    """Check logs and proofs."""


@dataclass(frozen=True)
class _Given:
    """Whose keys count, as it was given on the command line."""

    policy_file: Path | None
    event_key: str | None
    trust_file: Path | None
    key_files: tuple[Path, ...]

    @property
    def policy(self) -> Path | None:
        """The policy file, if that is the one way that was taken."""
        return self.policy_file if self.trust_file is None and not self.key_files else None

    @property
    def trust(self) -> Path | None:
        """The trust file, if that is the one way that was taken."""
        return self.trust_file if self.policy_file is None and self.key_files else None


def _whom_to_trust(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the two ways of saying whose keys count; the command gets them as `given`."""

    @click.option(
        "--policy",
        "policy_file",
        type=PATH,
        help="Witness policy (C2SP tlog-policy) that names the log and its witnesses.",
    )
    @click.option("--event-key", help="Verifier key (vkey) of the authority that made the entries.")
    @click.option("--trust", "trust_file", type=PATH, help="Trust file with the roots.")
    @click.option(
        "--keys",
        "key_files",
        multiple=True,
        type=PATH,
        help="Key statement, or a folder of them (with --trust; may be repeated).",
    )
    @wraps(command)
    def wrapped(
        *arguments: Any,
        policy_file: Path | None,
        event_key: str | None,
        trust_file: Path | None,
        key_files: tuple[Path, ...],
        **named: Any,
    ) -> Any:
        given = _Given(policy_file, event_key, trust_file, key_files)
        return command(*arguments, given=given, **named)

    return wrapped


@group.command(name="verify-proof", short_help="Verify that an event is in a log.")
@click.argument("file", type=PATH)
@_whom_to_trust
@click.option("--at", help="Take this as the present time (UTC, 2026-11-21T09:30:00Z).")
@json_option
def verify_proof_command(file: Path, given: _Given, at: str | None) -> None:
    """Verify the proof FILE (.tlog-proof) offline; exit 0 only if all of it holds.

    Shown is only what has been proved: which event stands at which place of whose
    log, and by what time enough witnesses had cosigned it.
    """
    data = read_file(file, limit=MAX_PROOF_BYTES)
    now = read_instant(at, what="--at") if at else SystemClock().now()
    notes = []
    if given.policy and given.event_key:
        policy, text = _policy(given.policy)
        proof = verify_proof_under(
            data, policy=policy, event_vkey=given.event_key, now=now, what=str(file)
        )
        if proof.leaf.policy != sha256(text):
            notes = ["The entry was logged under another version of the policy."]
    elif given.trust:
        proof = _verify_with_trust(data, given, now, str(file))
    else:
        raise click.UsageError("give either --policy and --event-key, or --trust and --keys")
    show(_proof_json(proof), *_proof_lines(proof), *notes)


@group.command(name="audit", short_help="Check every byte of a log.")
@click.argument("folder", type=PATH)
@_whom_to_trust
@click.option(
    "--item-secret",
    type=PATH,
    help="File with the secret of an item, 64 hexadecimal digits: is its record complete?",
)
@click.option("--events", type=click.IntRange(0, MAX_EVENTS), help="How many events the item had.")
@json_option
@quiet_option
@click.pass_context
def audit_command(
    ctx: click.Context, folder: Path, given: _Given, item_secret: Path | None, events: int | None
) -> None:
    """Check every byte of the log in FOLDER (C2SP tlog-tiles) against its checkpoint.

    All hashes are computed again from the entries. With the authors' key, every
    entry's own signature is checked as well. With the secret of an item and the
    number of its events, the log must hold exactly these.
    """
    item = Item.of(item_secret, events)
    origin = read_checkpoint(
        read_file(folder / "checkpoint", limit=_MAX_CHECKPOINT), what=f"{folder}/checkpoint"
    ).head.origin
    log_keys, witness_keys, event = _audit_keys(origin, given)
    storage = DirectoryStorage(folder)

    def check(index: int, entry: bytes) -> None:
        if event is not None:
            verify_leaf(entry, verifier=event, what=f"entry {index}")
        if item is not None:
            item.look_at(read_leaf(entry, what=f"entry {index}"))

    with progress_bar("Auditing", _size(folder)) as move:

        def read(path: str) -> bytes:
            data = storage.read(path)
            move("reading", len(data))
            return data

        found = audit(read, log_keys=log_keys, witness_keys=witness_keys, check_entry=check)
    if found.ok and found.head is not None:
        older = audit_older(storage.read, storage.tile_paths(), head=found.head)
        found = Audit(found.head, tuple(older))
    if item is not None and found.ok:
        item.require_complete()
    faults: list[JSON] = [
        {"path": one.path, "code": one.code, "message": one.message} for one in found.faults
    ]
    size, root = (found.head.size, found.head.root.hex()) if found.head else (0, "")
    shown = [f"FAILED  {one.path}: {one.message} [{one.code}]" for one in found.faults]
    more = len(shown) - _MAX_FAULTS
    show(
        {"ok": found.ok, "origin": origin, "size": size, "root": root, "faults": faults},
        *shown[:_MAX_FAULTS],
        *([f"... and {more} more"] if more > 0 else []),
        f"Log      {origin}",
        f"Entries  {size}" + (", each signed by its author" if event and found.ok else ""),
        f"Root     {root}",
        *([f"Item     {item.events} events, none left out"] if item and found.ok else []),
        "The log is whole." if found.ok else "The log is NOT what was signed.",
    )
    ctx.exit(0 if found.ok else 1)


@group.command(name="show", short_help="Show what a checkpoint, proof or leaf says.")
@click.argument("file", type=PATH)
@json_option
def show_command(file: Path) -> None:
    """Show what a checkpoint, a proof or a leaf FILE says, without believing it."""
    data = read_file(file, limit=MAX_PROOF_BYTES)
    problems = []
    for reader in (_show_proof, _show_checkpoint, _show_leaf):
        try:
            value, lines = reader(data)
        except ComityError as error:
            problems.append(f"{reader.__name__.removeprefix('_show_')}: {error.message}")
            continue
        show(value, *lines, "Nothing of this has been verified.")
        return
    raise Invalid(
        "ledger.unknown_file",
        f"{file}: neither a proof, nor a checkpoint, nor a leaf",
        hint="; ".join(problems),
    )


def _policy(path: Path) -> tuple[Policy, bytes]:
    data = read_file(path)
    return read_policy(data, what=str(path)), data


def _verify_with_trust(data: bytes, given: _Given, now: Instant, what: str) -> VerifiedProof:
    trust, keyring = _trust(given)
    proof = read_proof(data, what=what)
    leaf = read_leaf(read_opening(proof, what=what)[0], what=f"{what}: leaf")
    return check_proof(
        data,
        authority=leaf.authority,
        event_type=leaf.event_type,
        keyring=keyring,
        trust=trust,
        now=now,
        what=what,
    )


def _trust(given: _Given) -> tuple[Trust, Keyring]:
    source = given.trust
    if source is None:
        raise click.UsageError("give either --policy, or --trust and --keys")
    trust = read_trust(read_file(source, limit=MAX_TRUST_BYTES), what=str(source))
    return trust, Keyring(read_statements(given.key_files, trust))


def _audit_keys(
    origin: str, given: _Given
) -> tuple[list[VerifierKey], list[VerifierKey], VerifierKey | None]:
    """Return the keys of the log, of its witnesses, and of its author if known."""
    if given.policy:
        policy, _ = _policy(given.policy)
        log_keys = [entry.key for entry in policy.logs if entry.key.name == origin]
        event = parse_vkey(given.event_key, what="--event-key") if given.event_key else None
        witnesses = [entry.key for entry in policy.witnesses]
        return _named(log_keys, origin, given.policy), witnesses, event
    _, keyring = _trust(given)
    for authority in keyring.authorities:
        for statement in keyring.of(authority):
            if statement.ledger.origin == origin:
                return (
                    [parse_vkey(text) for text in statement.ledger.log_vkeys],
                    [parse_vkey(text) for text in keyring.witnesses(besides=authority)],
                    parse_vkey(statement.ledger.event_vkey),
                )
    return _named([], origin, given.key_files[0]), [], None


def _named(keys: list[VerifierKey], origin: str, source: Path) -> list[VerifierKey]:
    if not keys:
        raise Unverified("proof.unknown_log", f"{source}: nobody in it has the log {origin!r}")
    return keys


def _size(folder: Path) -> int:
    return sum(list_files(folder).files.values())


def _proof_json(proof: VerifiedProof) -> Object:
    witnesses: list[JSON] = list(proof.witnesses)
    return {
        "ok": True,
        "authority": proof.leaf.authority,
        "event": proof.leaf.event_type,
        "at": write_instant(proof.leaf.at),
        "peer": proof.leaf.peer,
        "private": proof.private,
        "log": proof.origin,
        "index": proof.index,
        "size": proof.size,
        "root": proof.root.hex(),
        "leaf_hash": proof.leaf_hash,
        "policy": proof.leaf.policy,
        "witnesses": witnesses,
        "cosigned_at": write_instant(proof.cosigned_at) if proof.cosigned_at else None,
    }


def _proof_lines(proof: VerifiedProof) -> list[str]:
    by = write_instant(proof.cosigned_at) if proof.cosigned_at else "no witness was required"
    stated = f"{proof.leaf.at:%Y-%m-%dT%H:%MZ}"
    return [
        f"Event      {proof.leaf.event_type} of {proof.leaf.authority}, stated for {stated}",
        f"Log        {proof.origin}, entry {proof.index} of {proof.size}",
        f"Witnesses  {', '.join(proof.witnesses) or 'none'}",
        f"Final by   {by}",
        *(f"  {name}: {value}" for name, value in sorted(proof.private.items())),
        "The proof holds.",
    ]


def _show_proof(data: bytes) -> tuple[Object, list[str]]:
    proof = read_proof(data)
    _, lines = _show_checkpoint(proof.checkpoint)
    shown: Object = {"kind": "proof", "index": proof.index, "hashes": len(proof.hashes)}
    heading = [f"Proof of entry {proof.index}, {len(proof.hashes)} hashes, under:"]
    if proof.extra is None:
        return shown, [*heading, *lines]
    entry, opening = read_opening(proof)
    value, leaf_lines = _show_leaf(entry)
    shown |= {"leaf": value, "private": opening.private}
    return shown, [*leaf_lines, *heading, *lines]


def _show_checkpoint(data: bytes) -> tuple[Object, list[str]]:
    read = read_checkpoint(data)
    signers: list[JSON] = [line.name for line in read.note.lines]
    return (
        {
            "kind": "checkpoint",
            "origin": read.head.origin,
            "size": read.head.size,
            "root": read.head.root.hex(),
            "signatures": signers,
        },
        [
            f"Checkpoint of {read.head.origin}",
            f"  {read.head.size} entries, root {read.head.root.hex()}",
            *(f"  signature line of {line.name}" for line in read.note.lines),
        ],
    )


def _show_leaf(data: bytes) -> tuple[Object, list[str]]:
    leaf = read_leaf(data)
    return (
        {
            "kind": "leaf",
            "authority": leaf.authority,
            "event": leaf.event_type,
            "at": write_instant(leaf.at),
            "peer": leaf.peer,
            "hash": leaf.hash.hex(),
            "policy": leaf.policy,
        },
        [
            f"Leaf {leaf.event_type} of {leaf.authority} for {leaf.at:%Y-%m-%dT%H:%MZ}",
            f"  hash {leaf.hash.hex()}",
        ],
    )
