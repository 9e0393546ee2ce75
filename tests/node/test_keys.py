# SPDX-License-Identifier: Apache-2.0
"""Keys and key statements: made once, renewed in a chain, used only while they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.authorities.key_statement import Revocation, check_successor
from comity.canonical.digest import Sha256
from comity.crypto.keys import SealPrivateKey, write_seal
from comity.errors import Conflict, Invalid, Refused, Unverified
from comity.node.config import make_config
from comity.node.keyring import read_keyring
from comity.node.operator.ceremony import ROTATABLE, make_authority, renew
from comity.node.secret import SECRET_FILE, read_secret, write_secret
from support.clock import STORY_BEGINS

RAW = {"authority": "xv.moj", "name": "Ministry", "state": "XV", "roles": ["central"]}


@pytest.fixture
def made(tmp_path):
    config = make_config(tmp_path, RAW, {}, what="test")
    return config, make_authority(config, now=STORY_BEGINS, days=100)


def test_every_key_of_the_statement_is_there(made):
    config, ceremony = made
    ring = read_keyring(config.keys)
    assert ring.root == ceremony.root
    assert ring.seal(STORY_BEGINS).public == ring.statement.seals[0].key
    assert ring.identities[0].recipient == ring.statement.recipients[0].recipient
    assert ring.transport.public_key().public_bytes_raw() == ring.statement.transport
    assert [key.verifier.to_text() for key in ring.log_signers] == [
        *ring.statement.ledger.log_vkeys
    ]
    assert len({*ring.statement.ledger.log_vkeys, *ring.statement.ledger.witness_vkeys}) == 4
    assert ring.event_signer.verifier.to_text() == ring.statement.ledger.event_vkey
    assert all(path.exists() for path in ring.tls_files)
    assert len(read_secret(config.keys)) >= 40


def test_private_files_are_the_owners_alone(made):
    config, ceremony = made
    for folder in (config.keys, ceremony.root_folder):
        assert folder.stat().st_mode & 0o077 == 0
        for path in folder.iterdir():
            if path.suffix in {".pem", ".key", ".txt"} or path.name == "desk-secret":
                assert path.stat().st_mode & 0o077 == 0, path.name


def test_keys_are_never_overwritten(made):
    config, _ = made
    before = {path: path.read_bytes() for path in config.keys.iterdir() if path.is_file()}
    with pytest.raises(Conflict) as conflict:
        make_authority(config, now=STORY_BEGINS)
    assert conflict.value.code == "keys.exists"
    assert before == {path: path.read_bytes() for path in before}


def test_a_renewed_statement_follows_the_old_one(made):
    config, ceremony = made
    later = STORY_BEGINS + timedelta(days=50)
    renew(config, root_folder=ceremony.root_folder, now=later, days=100)
    ring = read_keyring(config.keys)
    check_successor(*ring.statements)
    assert ring.statement.serial == 2
    assert ring.seal(later + timedelta(days=99))


@pytest.mark.parametrize("kind", ROTATABLE)
def test_a_rotated_key_is_used_and_the_old_one_still_opens(made, kind):
    config, ceremony = made
    before = read_keyring(config.keys)
    later = STORY_BEGINS + timedelta(days=1)
    renew(config, root_folder=ceremony.root_folder, now=later, rotate=[kind])
    ring = read_keyring(config.keys)
    old, new = before.statement, ring.statement
    changed = {
        "seal": old.seals[-1].key != new.seals[-1].key,
        "encryption": old.recipients[-1].recipient != new.recipients[-1].recipient,
        "transport": old.transport != new.transport,
        "minisign": old.minisign != new.minisign,
        "tls": old.tls_sha256 != new.tls_sha256,
    }
    assert [name for name, is_new in changed.items() if is_new] == [kind]
    assert ring.seal(later + timedelta(days=1)).public == new.seals[-1].key
    recipients = {identity.recipient for identity in ring.identities}
    assert before.identities[0].recipient in recipients
    assert ring.tls_files


def test_after_the_statement_nothing_is_signed(made):
    config, _ = made
    with pytest.raises(Refused) as refused:
        read_keyring(config.keys).seal(STORY_BEGINS + timedelta(days=100))
    assert refused.value.code == "key.expired"


def test_another_root_signs_nothing_here(made, tmp_path):
    config, _ = made
    other = tmp_path / "other"
    other.mkdir()
    write_seal(other, SealPrivateKey.generate(), name="root")
    with pytest.raises(Invalid) as invalid:
        renew(config, root_folder=other, now=STORY_BEGINS)
    assert invalid.value.code == "keys.other_root"


def test_a_changed_statement_is_not_read(made):
    config, _ = made
    path = config.keys / "statements" / "0001.json"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(data))
    with pytest.raises((Unverified, Invalid)):
        read_keyring(config.keys)


def test_a_lost_key_is_named(made):
    config, _ = made
    (config.keys / "transport-1.pem").unlink()
    with pytest.raises(Invalid) as invalid:
        _ = read_keyring(config.keys).transport
    assert invalid.value.code == "keys.missing"
    assert "transport" in invalid.value.message


def test_names_follow_the_settings_of_the_day(made):
    config, ceremony = made
    renamed = replace(config, name="Ministry of Justice and Peace")
    renew(renamed, root_folder=ceremony.root_folder, now=STORY_BEGINS)
    assert read_keyring(config.keys).statement.authority.name == "Ministry of Justice and Peace"


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    write_secret(tmp_path)
    (tmp_path / SECRET_FILE).chmod(0o640)
    with pytest.raises(Refused) as refused:
        read_secret(tmp_path)
    assert refused.value.code == "keys.open_to_others"


def test_only_a_key_of_ours_is_revoked(made):
    config, ceremony = made
    before = sorted(path.name for path in config.keys.iterdir())
    slip = Revocation(Sha256("0" * 64), STORY_BEGINS, "stolen")
    with pytest.raises(Invalid) as refused:
        renew(
            config,
            root_folder=ceremony.root_folder,
            now=STORY_BEGINS,
            rotate=("seal",),
            revoke=(slip,),
        )
    assert refused.value.code == "keys.unknown"
    assert sorted(path.name for path in config.keys.iterdir()) == before


def test_a_missing_statement_is_noticed(made):
    config, ceremony = made
    for day in (1, 2):
        renew(config, root_folder=ceremony.root_folder, now=STORY_BEGINS + timedelta(days=day))
    statements = config.keys / "statements"
    for gone in ("0001.json", "0002.json"):
        data = (statements / gone).read_bytes()
        (statements / gone).unlink()
        with pytest.raises(Unverified, match="statement"):
            read_keyring(config.keys)
        (statements / gone).write_bytes(data)
    assert read_keyring(config.keys).statement.serial == 3
