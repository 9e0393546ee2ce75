# SPDX-License-Identifier: Apache-2.0
"""Tools that we did not write read an opened package and agree with it, and with its faults."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comity.authorities.trust import write_trust
from comity.crypto.minisign import public_file
from comity.evidence import bag
from support import packages
from support.programs import program, validator
from support.shared import PROJECT, shared_folder

pytestmark = pytest.mark.thirdparty

EXHIBITS = {
    "EX-1": {"disk.raw": b"\0" * 4096 + b"data" * 600, "notes with spaces.txt": b"one\n"},
    "EX-2": {"ünï ©.E01": b"x" * 5000, "سجل.txt": b"hello\n", "-rf": b"dash"},
}
PAGE = PROJECT / "docs/how-to/check-a-package.md"


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return packages.make_package(tmp_path_factory.mktemp("package") / "package", EXHIBITS)


def run(*command, cwd=None, **options):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def passes(*command, **options):
    done = run(*command, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def damaged(root, tmp_path):
    copy = Path(shutil.copytree(root, tmp_path / "package"))
    path = copy / "data/evidence/EX-1/disk.raw"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    return copy


def test_bagit_python_validates(root, damaged):
    passes(validator("bagit.py"), "--validate", root)
    assert run(validator("bagit.py"), "--validate", damaged).returncode == 1


def test_bdbag_validates(root, tmp_path):
    passes(validator("bdbag"), "--validate", "full", root, env={"HOME": str(tmp_path)})


def test_the_bagit_profile_is_met(root):
    passes(
        validator("bagit_profile.py"),
        "--file",
        root / "bagit-profile.json",
        bag.PROFILE_IDENTIFIER,
        root,
    )


def test_coreutils_agree_with_every_manifest(root, damaged):
    for name in ("tagmanifest-sha256", "manifest-sha256", "tagmanifest-sha512", "manifest-sha512"):
        tool = program("sha256sum" if name.endswith("256") else "sha512sum")
        passes(tool, "-c", "--quiet", "--strict", f"{name}.txt", cwd=root)
    failed = run(program("sha256sum"), "-c", "--quiet", "manifest-sha256.txt", cwd=damaged)
    assert failed.returncode == 1


def test_hashdeep_audits_the_evidence(root, damaged):
    command = [program("hashdeep"), "-r", "-l", "-a", "-k", "metadata/hashdeep.txt", "evidence"]
    passes(*command, cwd=root / "data")
    assert run(*command, cwd=damaged / "data").returncode


def test_minisign_verifies_the_seal(root, damaged):
    key = damaged.parent / "sender.pub"
    key.write_bytes(public_file(packages.authority(packages.SENDER).statement.minisign))
    name = "tagmanifest-sha256.txt"
    command = [program("minisign"), "-V", "-p", key, "-x", f"signatures/{name}.minisig", "-m", name]
    assert packages.PACKAGE in passes(*command, cwd=root).stdout
    (damaged / name).write_bytes(b"x")
    assert run(*command, cwd=damaged).returncode == 1


def script(tmp_path, words) -> Path:
    """Save the script of the manual that holds these words."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if words in block]
    path = tmp_path / "script.py"
    path.write_text(found)
    return path


@pytest.fixture
def public(root, tmp_path) -> Path:
    """The public keys as `comity keys export` writes them."""
    trust = tmp_path / "trust.json"
    trust.write_bytes(write_trust(packages.trust()))
    command = [sys.executable, "-m", "comity.cli.main", "keys", "export", root / "data/keys"]
    passes(*command, "--trust", trust, "--out", tmp_path / "public")
    return tmp_path / "public"


def test_minisign_reads_the_exported_key(root, public):
    name = "tagmanifest-sha256.txt"
    command = [program("minisign"), "-V", "-p", public / "xm.moj.1.minisign.pub"]
    passes(*command, "-x", root / f"signatures/{name}.minisig", "-m", root / name)


def test_securesystemslib_verifies_the_seal_as_the_manual_says(root, public, damaged, tmp_path):
    keys = [public / f"xm.moj.1.seal-1.{kind}.pem" for kind in ("ed25519", "mldsa65")]
    command = [validator("python"), script(tmp_path, "securesystemslib")]
    passes(*command, root, *keys)
    (damaged / "tagmanifest-sha256.txt").write_bytes(b"x")
    assert run(*command, damaged, *keys).returncode == 1
    assert run(*command, root, *reversed(keys)).returncode == 1


def test_tlog_scales_verifies_every_proof_as_the_manual_says(root, public, tmp_path):
    command = [validator("python"), script(tmp_path, "tlog_scales")]
    proofs = sorted(root.glob("data/custody/*/*.tlog-proof"))
    assert proofs
    for proof in proofs:
        done = passes(*command, proof, public / "xm.moj.1.log.vkeys")
        assert f'"type":"custody.{proof.stem[5:]}"' in done.stdout
    assert run(*command, proofs[0], public / "xv.moj.1.log.vkeys").returncode == 1
    changed = tmp_path / "changed.tlog-proof"
    changed.write_bytes(proofs[0].read_bytes().replace(b"\nindex ", b"\nindex 1", 1))
    assert run(*command, changed, public / "xm.moj.1.log.vkeys").returncode == 1


def test_the_graph_conforms_to_case(root):
    graph = root / "data/metadata/case.jsonld"
    done = passes(validator("case_validate"), "--built-version", "case-1.5.0", graph)
    assert "Conforms: True" in done.stdout
    assert "Warning" not in done.stdout + done.stderr


def test_the_chain_of_custody_has_no_gap(root, tmp_path):
    graph, prov = root / "data/metadata/case.jsonld", tmp_path / "prov.ttl"
    passes(validator("case_prov_rdf"), prov, graph)
    passes(validator("case_prov_check"), prov, graph)


def test_a_graph_without_its_first_event_has_a_gap(root, tmp_path):
    """So that the test above is known to be able to fail."""
    graph = json.loads((root / "data/metadata/case.jsonld").read_bytes())
    for node in graph["@graph"]:
        if node.get("uco-core:name") == "acquired":
            node["uco-action:result"] = node["uco-action:result"][:1]
    broken, prov = tmp_path / "case.jsonld", tmp_path / "prov.ttl"
    broken.write_text(json.dumps(graph))
    passes(validator("case_prov_rdf"), prov, broken)
    assert run(validator("case_prov_check"), prov, broken).returncode == 1


@pytest.mark.slow
def test_the_crate_validates_offline(root, tmp_path):
    """The validator asks the web for the context; its cache gets our copy beforehand."""
    context = shared_folder() / "data/schemas/ro-crate-1.2-context.jsonld"
    if not context.exists():
        pytest.skip("the shared folder has no RO-Crate context")
    cache = tmp_path / "cache"
    passes(validator("python"), "-c", CACHE_SCRIPT, cache, context)
    done = run(
        validator("rocrate-validator"),
        "-y",
        "validate",
        "--offline",
        "--cache-path",
        cache,
        "--skip-availability-check",
        "-p",
        "ro-crate-1.2",
        root / "data",
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb"},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


CACHE_SCRIPT = """
import io, sys, requests, requests_cache
from urllib3 import HTTPResponse
cache, context = sys.argv[1:]

class Local(requests.adapters.HTTPAdapter):
    def send(self, request, **_):
        body = io.BytesIO(open(context, "rb").read())
        headers = {"Content-Type": "application/ld+json"}
        raw = HTTPResponse(body, headers=headers, status=200, preload_content=False)
        return self.build_response(request, raw)

session = requests_cache.CachedSession(cache, backend="sqlite", expire_after=-1)
session.mount("https://", Local())
assert session.get("https://w3id.org/ro/crate/1.2/context").ok
"""


@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_gnu_tar_lists_what_we_pack(root, tmp_path, form):
    from comity.evidence.tar import write_tar

    target = tmp_path / f"{form}.tar"
    with target.open("wb") as file:
        write_tar(root, file, top="package", modified=packages.START)
    listed = passes(program("tar"), "tf", target).stdout.splitlines()
    assert len(listed) == sum(1 for path in root.rglob("*") if path.is_file())
