# SPDX-License-Identifier: Apache-2.0
"""The age author's own TypeScript implementation opens our files, and we open its."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from io import BytesIO
from pathlib import Path

import pytest

from comity.crypto.sealing import EncryptionIdentity, seal, unseal
from support.authorities import seed
from support.programs import node_module, program

pytestmark = pytest.mark.thirdparty

# Reads a list of jobs, runs them all in one process, writes what came out beside each file.
_SCRIPT = """
import * as fs from "node:fs";
import { createHash } from "node:crypto";
import * as age from "%s";
for (const job of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const bytes = new Uint8Array(fs.readFileSync(job.source));
  if (job.open) {
    const d = new age.Decrypter(); d.addIdentity(job.identity);
    const plain = await d.decrypt(bytes, "uint8array");
    fs.writeFileSync(job.target, createHash("sha256").update(plain).digest("hex"));
  } else {
    const e = new age.Encrypter(); e.addRecipient(job.recipient);
    fs.writeFileSync(job.target, await e.encrypt(bytes));
  }
}
console.log(await age.identityToRecipient("%s"));
"""
SIZES = [0, 1, 15, 16, 17, 65_519, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_000_000]
SIZES += [int.from_bytes(seed(f"size {n}")[:3], "big") % 100_000 for n in range(87)]


def run(jobs: list[dict], identity: EncryptionIdentity) -> str:
    entry = next((node_module("age-encryption") / "dist").glob("index.js"))
    script = _SCRIPT % (entry.as_uri(), identity.to_text())
    done = subprocess.run(
        [program("node"), "--input-type=module", "-e", script],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_both_ways(tmp_path: Path) -> None:
    """A hundred files each way; the recipient derived from an identity is the same, too."""
    identity = EncryptionIdentity(seed("typage"))
    jobs, contents = [], {}
    for number, size in enumerate(SIZES):
        contents[number] = os.urandom(size)
        plain, ours = tmp_path / f"{number}.plain", tmp_path / f"{number}.ours"
        plain.write_bytes(contents[number])
        with ours.open("wb") as target:
            seal(BytesIO(contents[number]), target, recipients=[identity.recipient])
        jobs.append({"source": str(plain), "target": f"{tmp_path}/{number}.theirs"})
        jobs[-1] |= {"open": False, "recipient": identity.recipient}
        jobs.append({"source": str(ours), "target": f"{tmp_path}/{number}.sha256"})
        jobs[-1] |= {"open": True, "identity": identity.to_text()}
    assert run(jobs, identity) == identity.recipient
    for number, content in contents.items():
        digest = (tmp_path / f"{number}.sha256").read_text()
        assert digest == hashlib.sha256(content).hexdigest()
        opened = BytesIO()
        with (tmp_path / f"{number}.theirs").open("rb") as source:
            unseal(source, opened, identities=[identity])
        assert opened.getvalue() == content
