# SPDX-License-Identifier: Apache-2.0
"""Seals, public keys that nobody holds, and key files that are never overwritten."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from comity.crypto.ed25519_point import check_ed25519_public
from comity.crypto.keys import (
    SealPrivateKey,
    SealPublicKey,
    read_ed25519,
    read_mldsa44,
    read_seal,
    write_ed25519,
    write_mldsa44,
    write_seal,
)
from comity.crypto.sealing import EncryptionIdentity, read_identity, write_identity
from comity.errors import ComityError, Conflict, Invalid, Refused, Unavailable, Unverified
from support.authorities import make_seal
from support.shared import shared_path


def code_of(error: type[ComityError], call) -> str:
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


def test_a_seal_has_one_name_for_both_keys() -> None:
    public = make_seal("a").public
    expected = hashlib.sha256(b"comity/seal/v1\0" + public.ed25519 + public.mldsa65).hexdigest()
    assert public.key_id == expected
    assert SealPublicKey.from_json(public.to_json()) == public
    assert SealPublicKey(ed25519=make_seal("b").public.ed25519, mldsa65=public.mldsa65).key_id != (
        expected
    )


def test_the_same_seeds_give_the_same_seal() -> None:
    assert make_seal("a").public == make_seal("a").public
    short = {"ed25519_seed": b"x", "mldsa65_seed": bytes(32)}
    assert code_of(Invalid, lambda: SealPrivateKey.from_seeds(**short)) == "key.length"


def test_private_keys_do_not_show_themselves() -> None:
    seal, identity = make_seal("a"), EncryptionIdentity(bytes(range(32)))
    for text in (repr(seal), str(seal), repr(identity), f"{identity}"):
        assert seal.ed25519.private_bytes_raw().hex() not in text
        assert identity.to_text() not in text
        assert repr(bytes(range(32))) not in text


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (b"", "key.length"),
        (bytes(31), "key.length"),
        (bytes(33), "key.length"),
        (bytes(32), "key.small_order"),
        (b"\1" + bytes(31), "key.small_order"),
        (b"\1" + bytes(30) + b"\x80", "key.small_order"),
        (b"\xec" + b"\xff" * 30 + b"\x7f", "key.small_order"),
        (b"\xed" + b"\xff" * 30 + b"\x7f", "key.not_canonical"),
        (b"\xff" * 32, "key.not_canonical"),
        (b"\2" + bytes(31), "key.not_on_curve"),
    ],
)
def test_bytes_that_are_no_key_are_refused(key: bytes, code: str) -> None:
    assert code_of(Invalid, lambda: check_ed25519_public(key)) == code
    mldsa65 = make_seal("a").public.mldsa65
    assert code_of(Invalid, lambda: SealPublicKey(ed25519=key, mldsa65=mldsa65)) == code


@pytest.mark.shared
def test_cctv_keys_of_small_order_or_second_spelling_are_refused() -> None:
    cases = json.loads(shared_path("vectors", "ledger", "cctv", "ed25519vectors.json").read_text())
    verdicts: dict[str, set[str]] = {"refused": set(), "read": set()}
    for case in cases:
        flags, key = set(case["flags"] or ()), case["key"]
        if flags & {"low_order_A", "non_canonical_A"}:
            with pytest.raises(Invalid):
                check_ed25519_public(bytes.fromhex(key))
            verdicts["refused"].add(key)
        else:
            check_ed25519_public(bytes.fromhex(key))
            verdicts["read"].add(key)
    assert len(verdicts["refused"]) >= 10
    assert verdicts["read"]


def test_keys_are_written_private_and_read_back(tmp_path: Path) -> None:
    seal, single, ledger = (
        make_seal("a"),
        Ed25519PrivateKey.generate(),
        MLDSA44PrivateKey.generate(),
    )
    identity = EncryptionIdentity.generate()
    write_seal(tmp_path, seal)
    write_seal(tmp_path, make_seal("r"), name="root")
    write_ed25519(tmp_path / "transport.pem", single)
    write_mldsa44(tmp_path / "ledger.pem", ledger)
    write_identity(tmp_path / "identity.txt", identity)
    assert read_seal(tmp_path).public == seal.public
    assert read_seal(tmp_path, name="root").public == make_seal("r").public
    assert read_ed25519(tmp_path / "transport.pem").public_key() == single.public_key()
    assert read_mldsa44(tmp_path / "ledger.pem").public_key() == ledger.public_key()
    assert read_identity(tmp_path / "identity.txt") == identity
    assert (tmp_path / "identity.txt").read_text().startswith("AGE-SECRET-KEY-PQ-1")
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [
        "identity.txt",
        "ledger.pem",
        "root.ed25519.pem",
        "root.mldsa65.pem",
        "seal.ed25519.pem",
        "seal.mldsa65.pem",
        "transport.pem",
    ]
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "transport.pem"
    first = Ed25519PrivateKey.generate()
    write_ed25519(path, first)
    before = path.read_bytes()
    assert code_of(Conflict, lambda: write_ed25519(path, Ed25519PrivateKey.generate())) == (
        "keys.exists"
    )
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["transport.pem"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    assert code_of(Unavailable, lambda: write_ed25519(tmp_path / "no" / "k.pem", key)) == (
        "keys.not_written"
    )


def test_a_passphrase_protects_and_is_asked_for(tmp_path: Path) -> None:
    write_seal(tmp_path, make_seal("a"), passphrase=b"correct horse")
    assert b"ENCRYPTED" in (tmp_path / "seal.mldsa65.pem").read_bytes()
    assert read_seal(tmp_path, passphrase=b"correct horse").public == make_seal("a").public
    assert code_of(Refused, lambda: read_seal(tmp_path)) == "keys.passphrase"
    assert code_of(Unverified, lambda: read_seal(tmp_path, passphrase=b"wrong")) == (
        "keys.passphrase_wrong"
    )
    write_seal(tmp_path, make_seal("b"), name="open")
    assert code_of(Refused, lambda: read_seal(tmp_path, name="open", passphrase=b"x")) == (
        "keys.passphrase"
    )


def test_an_identity_can_have_a_passphrase_too(tmp_path: Path) -> None:
    identity, path = EncryptionIdentity.generate(), tmp_path / "identity.age"
    write_identity(path, identity, passphrase=b"correct horse")
    assert b"AGE-SECRET" not in path.read_bytes()
    assert read_identity(path, passphrase=b"correct horse") == identity
    assert code_of(Refused, lambda: read_identity(path)) == "keys.passphrase"
    assert code_of(Unverified, lambda: read_identity(path, passphrase=b"wrong")) == (
        "keys.passphrase_wrong"
    )
    plain = tmp_path / "identity.txt"
    write_identity(plain, identity)
    assert code_of(Refused, lambda: read_identity(plain, passphrase=b"x")) == "keys.passphrase"


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    write_ed25519(tmp_path / "k.pem", Ed25519PrivateKey.generate())
    (tmp_path / "k.pem").chmod(0o640)
    assert code_of(Refused, lambda: read_ed25519(tmp_path / "k.pem")) == "keys.open_to_others"


def test_other_files_are_named_for_what_they_are(tmp_path: Path) -> None:
    write_seal(tmp_path, make_seal("a"))
    write_mldsa44(tmp_path / "mldsa44.pem", MLDSA44PrivateKey.generate())
    (tmp_path / "text.pem").write_text("not a key")
    (tmp_path / "large.pem").write_bytes(bytes(20_000))
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    (tmp_path / "two.txt").write_text(f"# comment\n{EncryptionIdentity.generate().to_text()}\n" * 2)
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    assert code_of(Invalid, lambda: read_ed25519(tmp_path / "mldsa44.pem")) == "keys.wrong_kind"
    assert code_of(Invalid, lambda: read_mldsa44(tmp_path / "seal.mldsa65.pem")) == (
        "keys.wrong_kind"
    )
    (tmp_path / "seal.mldsa65.pem").unlink()
    assert code_of(Invalid, lambda: read_seal(tmp_path)) == "keys.missing"
    (tmp_path / "mldsa44.pem").rename(tmp_path / "seal.mldsa65.pem")
    assert code_of(Invalid, lambda: read_seal(tmp_path)) == "keys.wrong_kind"
    assert code_of(Invalid, lambda: read_ed25519(tmp_path / "text.pem")) == "keys.malformed"
    assert code_of(Invalid, lambda: read_ed25519(tmp_path / "large.pem")) == "keys.malformed"
    assert code_of(Unavailable, lambda: read_ed25519(tmp_path)) == "keys.not_read"
    assert code_of(Invalid, lambda: read_identity(tmp_path / "latin.txt")) == "identity.malformed"
    assert code_of(Invalid, lambda: read_identity(tmp_path / "two.txt")) == "identity.malformed"


@pytest.mark.shared
def test_wycheproof_ed25519_through_the_seal() -> None:
    data = json.loads(
        shared_path("vectors", "ledger", "wycheproof", "ed25519_test.json").read_text()
    )
    from cryptography.exceptions import InvalidSignature

    seen = {"valid": 0, "invalid": 0}
    for group in data["testGroups"]:
        public = SealPublicKey(
            ed25519=bytes.fromhex(group["publicKey"]["pk"]), mldsa65=make_seal("a").public.mldsa65
        )
        for test in group["tests"]:
            try:
                public.ed25519_key.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
                verdict = "valid"
            except InvalidSignature:
                verdict = "invalid"
            assert verdict == test["result"], test["tcId"]
            seen[verdict] += 1
    assert seen["valid"] > 20
    assert seen["invalid"] > 20
