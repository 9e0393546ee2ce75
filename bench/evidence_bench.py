# SPDX-License-Identifier: Apache-2.0
"""Hashing, sealing, verifying and packing evidence, beside hashlib, bagit-python and age.

The inputs are made in a temporary folder: one file of 128 MiB, and an exhibit of
10,000 files of 200 bytes to 40 kB. Sealing writes custody graph, crate, reports and both
manifests; bagit-python writes one manifest. Verifying checks signatures, ledger proofs and
the custody chain, and derives the graph again; bagit-python checks digests.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import bagit

from bench.measure import Comparison
from comity.crypto.sealing import EncryptionIdentity, seal
from comity.evidence.package import EvidenceFile, assemble
from comity.evidence.reading import EVIDENCE_ALGORITHMS, Reader
from comity.evidence.verify import verify_package

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support import packages

FILES = 10_000
LARGE = 128 << 20
WORK = Path(tempfile.mkdtemp(prefix="comity-bench-"))
atexit.register(shutil.rmtree, WORK, ignore_errors=True)
bagit.LOGGER.setLevel("ERROR")
IDENTITY = EncryptionIdentity(b"b" * 32)


@cache
def large() -> Path:
    """One large file of noise, in the page cache."""
    path = WORK / "large.bin"
    with path.open("wb") as file:
        for _ in range(LARGE >> 20):
            file.write(os.urandom(1 << 20))
    return path


@cache
def many() -> dict[str, bytes]:
    """Names and bytes of ten thousand files."""
    source = random.Random(1)
    return {f"{n:05d}.bin": source.randbytes(source.randint(200, 24_000)) for n in range(FILES)}


@cache
def folder() -> Path:
    """The ten thousand files in a folder."""
    path = WORK / "many"
    path.mkdir()
    for name, data in many().items():
        (path / name).write_bytes(data)
    return path


@cache
def spec():
    """What a package of the folder is made of; statements signed and logged beforehand."""
    made = packages.make_spec({"EX-1": many()})
    files = tuple(
        EvidenceFile.at(folder() / file.item, item=file.item) for file in made.exhibits[0].files
    )
    return replace(made, exhibits=(replace(made.exhibits[0], files=files),))


@cache
def package() -> Path:
    """An assembled package of the folder."""
    return assemble_at(WORK / "package")


@cache
def plain_bag() -> Path:
    """A bag of the same files by bagit-python."""
    path = Path(shutil.copytree(folder(), WORK / "plain"))
    bagit.make_bag(str(path), checksums=["sha256"])
    return path


def assemble_at(target: Path) -> Path:
    keys = packages.authority(packages.SENDER)
    assemble(spec(), target=target, seal=keys.seal, minisign_key=keys.minisign)
    return target


def digest(*algorithms: str):
    def work(_: object) -> None:
        with Reader(large().parent) as reader:
            reader.read(large().name, LARGE, algorithms, keep=False)

    return work


def hashlib_digest(*algorithms: str):
    def work(_: object) -> None:
        for name in algorithms:
            with large().open("rb") as file:
                hashlib.file_digest(file, name)

    return work


def fresh() -> Path:
    """A name that nothing has, with the inputs made."""
    spec()
    shutil.rmtree(WORK / "turn", ignore_errors=True)
    return WORK / "turn"


def verify(_: object) -> None:
    assert verify_package(package(), trust=packages.trust()).ok


def age_program() -> str | None:
    return shutil.which("age")


@cache
def age_recipient() -> str:
    """A classical recipient: the stock age of Debian 12 has no other."""
    key = WORK / "age.key"
    keygen = shutil.which("age-keygen") or "age-keygen"
    subprocess.run([keygen, "-o", key], check=True, capture_output=True)
    return key.read_text().split("public key: ")[1].split()[0]


def age_encrypt(_: object) -> None:
    command = [age_program(), "-r", age_recipient(), "-o", WORK / "peer.age", large()]
    subprocess.run(command, check=True)


def prepare_large() -> None:
    large()
    if age_program():
        age_recipient()


def our_seal(_: object) -> None:
    with large().open("rb") as source, (WORK / "ours.age").open("wb") as target:
        seal(source, target, recipients=[IDENTITY.recipient])


def tar_peer(_: object) -> None:
    subprocess.run(["tar", "cf", WORK / "peer.tar", "-C", WORK, "package"], check=True)


def our_tar(_: object) -> None:
    from comity.evidence.tar import write_tar

    with (WORK / "ours.tar").open("wb") as target:
        write_tar(package(), target, top="package", modified=packages.START)


MEGABYTES = LARGE / 1e6
COMPARISONS = (
    Comparison(
        name="hash one file: SHA-256",
        unit="MB",
        amount=MEGABYTES,
        ours=digest("sha256"),
        peer=hashlib_digest("sha256"),
        peer_name="hashlib.file_digest",
        prepare=large,
        goal=1.15,
    ),
    Comparison(
        name="hash one file: SHA-256 and SHA-512",
        unit="MB",
        amount=MEGABYTES,
        ours=digest("sha256", "sha512"),
        peer=hashlib_digest("sha256", "sha512"),
        peer_name="hashlib.file_digest, one after the other",
        prepare=large,
        goal=1.1,
    ),
    Comparison(
        name="hash one file: MD5, SHA-1, SHA-256, SHA-512",
        unit="MB",
        amount=MEGABYTES,
        ours=digest(*EVIDENCE_ALGORITHMS),
        peer=hashlib_digest(*EVIDENCE_ALGORITHMS),
        peer_name="hashlib.file_digest, one after the other",
        prepare=large,
        goal=1.1,
    ),
    Comparison(
        name="seal 10,000 files",
        unit="files",
        amount=FILES,
        ours=assemble_at,
        peer=lambda target: bagit.make_bag(
            str(shutil.copytree(folder(), target)), checksums=["sha256"]
        ),
        peer_name="copy and bagit.make_bag with SHA-256",
        prepare=fresh,
        goal=3.0,
    ),
    Comparison(
        name="verify 10,000 files",
        unit="files",
        amount=FILES,
        ours=verify,
        peer=lambda _: bagit.Bag(str(package())).validate(),
        peer_name="bagit.Bag.validate of the same package",
        prepare=package,
        goal=1.2,
    ),
    Comparison(
        name="verify 10,000 files, beside a plain bag",
        unit="files",
        amount=FILES,
        ours=verify,
        peer=lambda _: bagit.Bag(str(plain_bag())).validate(),
        peer_name="bagit.Bag.validate, SHA-256 only",
        prepare=lambda: (package(), plain_bag()),
        goal=None,
    ),
    Comparison(
        name="pack a package",
        unit="files",
        amount=FILES,
        ours=our_tar,
        peer=tar_peer,
        peer_name="GNU tar",
        prepare=package,
    ),
    Comparison(
        name="seal one file to a recipient (age)",
        unit="MB",
        amount=MEGABYTES,
        ours=our_seal,
        peer=age_encrypt if age_program() else None,
        peer_name="age, X25519" if age_program() else "age is not installed",
        prepare=prepare_large,
        goal=1 / 0.9,
    ),
)
