# SPDX-License-Identifier: Apache-2.0
"""`comity ledger`: what it proves, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from comity.authorities.key_statement import LedgerKeys
from comity.authorities.trust import Trust, WitnessRule, write_trust
from comity.canonical.ids import AuthorityId
from comity.canonical.time import write_instant
from comity.cli.main import cli
from comity.ledger.directory import DirectoryStorage, FileGuard
from comity.ledger.proof import read_proof
from support.authorities import BEGIN, FictionalAuthority, make_authority
from support.ledgers import (
    NOW,
    ORIGIN,
    WITNESSES,
    cosign,
    event,
    event_key,
    kept_witnesses,
    log_keys,
    make_log,
    proved,
    seed,
    vkeys,
    witness_keys,
)

AT = write_instant(NOW + timedelta(minutes=1))
EVENT_KEY = event_key().verifier.to_text()


def run(*arguments: object):
    return CliRunner().invoke(cli, ["ledger", *map(str, arguments)])


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "event.tlog-proof"
    path.write_bytes(proved())
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    lines = [f"log {text}" for text in vkeys(log_keys())]
    groups = []
    for number, name in enumerate(WITNESSES):
        for at, text in enumerate(vkeys(witness_keys(name))):
            lines.append(f"witness w{number}-{at} {text}")
        lines.append(f"group w{number} all w{number}-0 w{number}-1")
        groups.append(f"w{number}")
    lines += [f"group all-of-them 3 {' '.join(groups)}", "quorum all-of-them", ""]
    path = tmp_path / "policy"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "log"
    with DirectoryStorage(root, writable=True) as storage:
        log = make_log(storage, guard=FileGuard(tmp_path / "guard"))
        log.sequence([event(number).data for number in range(300)])
        log.integrate()
        log.publish(now=NOW)
        cosign(log, kept_witnesses())
    return root


def known_authorities() -> list[FictionalAuthority]:
    own = make_authority(
        "xv.moj",
        ledger=LedgerKeys(
            origin=ORIGIN,
            log_vkeys=tuple(vkeys(log_keys())),
            witness_vkeys=(),
            event_vkey=EVENT_KEY,
        ),
    )
    witnesses = [
        make_authority(
            name.partition("/")[0],
            ledger=LedgerKeys(
                origin=f"{name.partition('/')[0]}/log",
                log_vkeys=tuple(vkeys(log_keys(f"{name.partition('/')[0]}/log"))),
                witness_vkeys=tuple(vkeys(witness_keys(name))),
                event_vkey=event_key(name.partition("/")[0]).verifier.to_text(),
            ),
        )
        for name in WITNESSES
    ]
    return [own, *witnesses]


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[Path, Path]:
    """A trust file, and a folder of key statements."""
    known = known_authorities()
    keys = tmp_path / "keys"
    keys.mkdir()
    for one in known:
        (keys / f"{one.id}.0001.json").write_bytes(one.statement.raw)
    names = tuple(AuthorityId(name.partition("/")[0]) for name in WITNESSES)
    trust = Trust(
        made=BEGIN,
        authorities=tuple(sorted((one.trusted() for one in known), key=lambda one: one.id)),
        witnesses={AuthorityId("xv.moj"): WitnessRule(quorum=3, names=names)},
    )
    (tmp_path / "trust.json").write_bytes(write_trust(trust))
    return tmp_path / "trust.json", keys


def test_a_proof_under_a_policy(proof: Path, policy: Path) -> None:
    done = run("verify-proof", proof, "--policy", policy, "--event-key", EVENT_KEY, "--at", AT)
    assert done.exit_code == 0, done.output
    assert "custody.acquired of xv.moj" in done.output
    assert f"{ORIGIN}, entry 3 of 7" in done.output
    assert "xl.records/witness, xm.moj/witness, xn.court/witness" in done.output
    assert f"Final by   {write_instant(NOW)}" in done.output
    assert "The proof holds." in done.output


def test_a_proof_under_trusted_roots(proof: Path, trusted: tuple[Path, Path]) -> None:
    trust, keys = trusted
    options = ("--trust", trust, "--keys", keys, "--at", AT)
    done = run("verify-proof", proof, *options, "--json")
    assert done.exit_code == 0, done.output
    value = json.loads(done.output)
    assert value["ok"] is True
    assert (value["event"], value["index"], value["log"]) == ("custody.acquired", 3, ORIGIN)
    assert value["private"]["exhibit"] == "EX-1"
    assert value["cosigned_at"] == write_instant(NOW)


def test_without_a_witness_s_statement_the_proof_does_not_hold(
    proof: Path, trusted: tuple[Path, Path]
) -> None:
    trust, keys = trusted
    (keys / "xn.court.0001.json").unlink()
    done = run("verify-proof", proof, "--trust", trust, "--keys", keys, "--at", AT)
    assert done.exit_code == 1
    assert "note.unknown_key" in done.stderr


def test_a_statement_under_an_unknown_root(proof: Path, trusted: tuple[Path, Path]) -> None:
    trust, keys = trusted
    stranger = make_authority("xx.nobody")
    (keys / "xx.nobody.0001.json").write_bytes(stranger.statement.raw)
    done = run("verify-proof", proof, "--trust", trust, "--keys", keys, "--at", AT)
    assert done.exit_code == 1
    assert "key_statement.unknown_root" in done.stderr


@pytest.mark.parametrize("at", range(0, len(proved()), 997))
def test_one_changed_byte_is_found(proof: Path, policy: Path, at: int) -> None:
    data = bytearray(proved())
    data[at] ^= 0x10
    proof.write_bytes(bytes(data))
    done = run("verify-proof", proof, "--policy", policy, "--event-key", EVENT_KEY, "--at", AT)
    assert done.exit_code in {1, 3}
    assert "Traceback" not in done.output
    assert "holds" not in done.output


def test_a_cosignature_that_is_yet_to_come(proof: Path, policy: Path) -> None:
    early = write_instant(NOW - timedelta(hours=1))
    done = run("verify-proof", proof, "--policy", policy, "--event-key", EVENT_KEY, "--at", early)
    assert done.exit_code == 1
    assert "proof.future" in done.stderr


def test_a_policy_of_another_log(proof: Path, policy: Path) -> None:
    policy.write_text(policy.read_text().replace(ORIGIN, "xm.moj/log"))
    done = run("verify-proof", proof, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 3  # the key's ID does not follow from that name
    others = "".join(f"log {text}\n" for text in vkeys(log_keys("xm.moj/log")))
    policy.write_text(f"{others}quorum none\n")
    done = run("verify-proof", proof, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 1
    assert "proof.unknown_log" in done.stderr


@pytest.mark.parametrize("options", [(), ("--policy", "p"), ("--trust", "t"), ("--keys", "k")])
def test_it_must_be_said_whom_to_trust(proof: Path, options: tuple[str, ...]) -> None:
    done = run("verify-proof", proof, *options)
    assert done.exit_code == 2
    assert "--trust and --keys" in done.stderr


def test_a_file_that_is_not_there(policy: Path) -> None:
    done = run("verify-proof", "nowhere", "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 3
    assert "file.missing" in done.stderr


def test_a_whole_log(folder: Path, policy: Path, trusted: tuple[Path, Path]) -> None:
    done = run("audit", folder, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 0, done.output
    assert "Entries  300, each signed by its author" in done.output
    assert "The log is whole." in done.output
    trust, keys = trusted
    done = run("audit", folder, "--trust", trust, "--keys", keys, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["size"] == 300


def test_a_damaged_log(folder: Path, policy: Path) -> None:
    path = folder / "tile/entries/000"
    data = bytearray(path.read_bytes())
    data[5_000] ^= 1
    path.write_bytes(bytes(data))
    done = run("audit", folder, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 1
    assert "FAILED  tile/entries/000" in done.output
    assert "NOT what was signed" in done.output
    done = run("audit", folder, "--policy", policy, "--json")
    assert done.exit_code == 1
    assert json.loads(done.output)["faults"][0]["path"] == "tile/entries/000"


@pytest.mark.parametrize("path", ["tile/entries/001.p/44", "tile/0/001.p/44"])
def test_a_damaged_tile_of_an_older_tree(folder: Path, policy: Path, path: str) -> None:
    """Who follows the log may still read it, so it must not tell another history."""
    with DirectoryStorage(folder, writable=True) as storage:
        log = make_log(storage, guard=FileGuard(folder.parent / "guard"))
        log.sequence([event(number).data for number in (300, 301)])
        log.integrate()
        log.publish(now=NOW)
        cosign(log, kept_witnesses())
    assert (folder / path).is_file()
    done = run("audit", folder, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 0, done.output
    data = bytearray((folder / path).read_bytes())
    data[-1] ^= 1
    (folder / path).write_bytes(bytes(data))
    done = run("audit", folder, "--policy", policy, "--event-key", EVENT_KEY)
    assert done.exit_code == 1
    assert f"FAILED  {path}" in done.output


def test_entries_of_another_author(folder: Path, policy: Path) -> None:
    other = event_key("xm.moj").verifier.to_text()
    done = run("audit", folder, "--policy", policy, "--event-key", other)
    assert done.exit_code == 1
    assert "note.unknown_key" in done.output


def test_a_log_nobody_knows(folder: Path, policy: Path, trusted: tuple[Path, Path]) -> None:
    trust, keys = trusted
    (keys / "xv.moj.0001.json").unlink()
    done = run("audit", folder, "--trust", trust, "--keys", keys)
    assert done.exit_code == 1
    assert "proof.unknown_log" in done.stderr
    assert run("audit", folder).exit_code == 2
    assert run("audit", folder.parent / "nothing", "--policy", policy).exit_code == 3


def test_showing_believes_nothing(proof: Path, tmp_path: Path) -> None:
    checkpoint, leaf, other = (tmp_path / name for name in ("checkpoint", "leaf", "other"))
    checkpoint.write_bytes(read_proof(proved()).checkpoint)
    leaf.write_bytes(event(1).data)
    other.write_text("something else\n")
    for path, words in (
        (proof, "Proof of entry 3"),
        (checkpoint, f"Checkpoint of {ORIGIN}"),
        (leaf, "Leaf custody.acquired of xv.moj"),
    ):
        done = run("show", path)
        assert done.exit_code == 0
        assert words in done.output
        assert "Nothing of this has been verified." in done.output
    assert json.loads(run("show", proof, "--json").output)["leaf"]["event"] == "custody.acquired"
    done = run("show", other)
    assert done.exit_code == 3
    assert "ledger.unknown_file" in done.stderr


@pytest.mark.parametrize(
    ("item", "events", "code", "words"),
    [
        ("item", 300, 0, "300 events, none left out"),
        ("item", 299, 1, "leaf.incomplete"),
        ("item", 301, 1, "leaf.incomplete"),
        ("another", 1, 1, "leaf.incomplete"),
        ("another", 0, 0, "0 events"),
    ],
)
def test_the_secret_of_an_item_shows_whether_an_event_was_left_out(  # noqa: PLR0917
    folder, policy, tmp_path, item, events, code, words
):
    secret = tmp_path / "secret"
    secret.write_text(f"{seed('item', item).hex()}\n")
    done = run(*("audit", folder, "--policy", policy, "--item-secret", secret, "--events", events))
    assert done.exit_code == code, done.output
    assert words in done.output


def test_a_secret_without_a_number_of_events_is_no_question(folder, policy, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("00" * 31)
    options = ("audit", folder, "--policy", policy, "--item-secret", secret)
    assert run(*options).exit_code == 2
    assert run(*options, "--events", "1").exit_code == 3


@pytest.mark.parametrize("name", ["tile/0/000", "checkpoint"])
def test_a_pipe_in_a_log_is_refused_and_not_waited_for(folder, policy, name):
    path = folder / name
    path.unlink()
    os.mkfifo(path)
    done = run("audit", folder, "--policy", policy)
    assert done.exit_code in {1, 3}
    assert "regular file" in done.output
