# SPDX-License-Identifier: Apache-2.0
"""Verification, first half: files, bag, keys, seal, digests. Nothing is parsed that need not be."""

from __future__ import annotations

import io
from typing import Final

from comity.authorities.key_statement import MAX_BYTES as MAX_KEY_STATEMENT_BYTES
from comity.authorities.key_statement import KeyStatement
from comity.crypto import envelope as dsse
from comity.crypto import minisign
from comity.errors import Invalid, Unverified, one_line
from comity.evidence import bag, layout
from comity.evidence.keyring import Keyring
from comity.evidence.layout import Kind, Place
from comity.evidence.package import (
    MAX_EXHIBITS,
    SEAL_PAYLOAD_TYPE,
    minisign_comment,
)
from comity.evidence.reading import list_files
from comity.evidence.verification import MAX_SMALL_BYTES, Faults, State, counted

_MEGABYTE: Final = 1_000_000
_ALGORITHMS: Final = {
    "sha256": (layout.MANIFEST_SHA256, layout.TAG_MANIFEST_SHA256),
    "sha512": (layout.MANIFEST_SHA512, layout.TAG_MANIFEST_SHA512),
}


def check_files(state: State) -> str:
    """Only files that the format knows, no links or devices, nothing empty, no two alike."""
    faults = Faults()
    listing = list_files(state.root)
    for found in listing.faults:
        faults.add(found.path, found.code, f"{found.path}: {found.message}")
    for path, size in listing.files.items():
        place = layout.place_of(path)
        if place is None:
            name = one_line(path)
            faults.add(name, "package.unlisted", f"{name}: is no file of a package")
            continue
        state.places[path] = place
        state.sizes[path] = size
    for path in layout.REQUIRED_FILES:
        if path not in state.places:
            faults.add(path, "package.missing", f"{path}: is missing")
    exhibits = {place.exhibit for place in state.of_kind(Kind.EVIDENCE)}
    if not exhibits:
        faults.add(layout.EVIDENCE_FOLDER, "package.missing", "data/evidence: holds no exhibit")
    if len(exhibits) > MAX_EXHIBITS:
        faults.add(layout.EVIDENCE_FOLDER, "package.too_many", "data/evidence: too many exhibits")
    faults.end()
    return f"{counted(len(state.places), 'file')}, every one with its place in the format"


def check_bag(state: State) -> str:
    """The tag files have their one form and are what both tag manifests say."""
    faults = Faults()
    listed: dict[str, dict[str, str]] = {}
    for path, expected in ((layout.BAGIT, bag.DECLARATION), (layout.PROFILE, bag.profile())):
        with faults.at(path):
            if state.small(path) != expected:
                raise Invalid("bag.form", f"{path}: is not the text that every package has")
    with faults.at(layout.BAG_INFO):
        state.info = bag.read_info(state.small(layout.BAG_INFO))
    for algorithm, (_, tag_manifest) in _ALGORITHMS.items():
        with faults.at(tag_manifest):
            listed[algorithm] = _read_tag_manifest(state, algorithm, tag_manifest)
    for path in layout.TAG_FILES:
        with faults.at(path):
            _check_tag_file(state, faults, path, listed)
    faults.end()
    return "BagIt 1.0; the tag files are what the tag manifests say (SHA-256 and SHA-512)"


def check_keys(state: State) -> str:
    """Every key statement is signed by the root that the trust file names."""
    faults = Faults()
    sealed: list[KeyStatement] = []
    added: list[KeyStatement] = []
    for place in state.of_kind(Kind.KEY_STATEMENT, Kind.ACCEPTANCE_KEYS):
        with faults.at(place.path):
            (added if place.acceptance else sealed).append(_read_keys(state, place))
    with faults.at("data/keys"):
        state.sealed_keys = Keyring(sealed)
    with faults.at("acceptance/keys"):
        state.keyring = Keyring(sealed, added=added)
    faults.end()
    names = ", ".join(sorted(state.require_keyring().authorities))
    return f"key statements of {names}, each signed by the root in the trust file"


def check_seal(state: State) -> str:
    """Both signatures of the sender's seal, and minisign's, stand over the tag manifest."""
    faults = Faults()
    info = state.require_info()
    with faults.at(layout.BAG_INFO):
        known = state.sender_authorities().get(info.sender)
        name = known.name if known else info.sender
        if info.organization != name:
            raise Unverified(
                "package.organization", f"{layout.BAG_INFO}: {info.sender} is called {name}"
            )
    with faults.at(layout.SEAL):
        _check_seal(state, info)
    with faults.at(layout.MINISIG):
        _check_minisig(state, info)
    faults.end()
    return f"sealed by {info.organization} ({info.sender}), Ed25519 and ML-DSA-65; minisign agrees"


def check_payload(state: State) -> str:
    """Every payload file has the digests of both manifests; each is read once."""
    faults = Faults()
    listed: dict[str, dict[str, str]] = {}
    for algorithm, (manifest, _) in _ALGORITHMS.items():
        with faults.at(manifest):
            listed[algorithm] = _read_manifest(state, algorithm, manifest)
    faults.end()
    present = [place.path for place in state.places.values() if place.payload]
    for algorithm, (manifest, _) in _ALGORITHMS.items():
        _compare_names(faults, manifest, set(listed[algorithm]), set(present))
    faults.end()
    _check_oxum(state, faults, present)
    for path in present:
        with faults.at(path):
            found = state.read_payload(path)
            wrong = [name for name in _ALGORITHMS if found.digests[name] != listed[name][path]]
            if wrong:
                raise Unverified(
                    "package.digest_differs",
                    f"{path}: its {' and '.join(wrong)} differ from the manifest",
                )
    faults.end()
    total = sum(state.sizes[path] for path in present)
    return (
        f"{counted(len(present), 'file')}, {total / _MEGABYTE:.1f} MB,"
        " equal to both manifests (SHA-256, SHA-512)"
    )


def _check_oxum(state: State, faults: Faults, present: list[str]) -> None:
    """Compare the octets and files with what bag-info.txt says.

    Where they differ the files are read all the same, to name the one that differs,
    unless there is far more to read than was sealed.
    """
    info = state.require_info()
    total = sum(state.sizes[path] for path in present)
    if (total, len(present)) != (info.payload_bytes, info.payload_files):
        text = (
            f"{layout.BAG_INFO}: says {info.payload_bytes} bytes in {info.payload_files} files;"
            f" there are {total} in {len(present)}"
        )
        faults.add(layout.BAG_INFO, "bag.oxum", text)
    for path in present:
        if state.sizes[path] > info.payload_bytes:
            text = f"{path}: is larger than all that was sealed; it was not read"
            faults.add(path, "package.too_large", text)
    if total > 2 * info.payload_bytes + MAX_SMALL_BYTES:
        faults.end()


def _read_tag_manifest(state: State, algorithm: str, manifest: str) -> dict[str, str]:
    listed = _read_manifest(state, algorithm, manifest)
    if set(listed) != set(layout.TAG_FILES):
        raise Unverified("bag.form", f"{manifest}: does not list exactly the tag files")
    return listed


def _check_tag_file(
    state: State, faults: Faults, path: str, listed: dict[str, dict[str, str]]
) -> None:
    """Compare a tag file with both tag manifests; if only one differs, that one is at fault."""
    state.small(path)
    wrong = [
        algorithm
        for algorithm, digests in listed.items()
        if state.digest(path, algorithm) != digests[path]
    ]
    if len(wrong) == 1 and len(listed) > 1:
        manifest = _ALGORITHMS[wrong[0]][1]
        text = f"{manifest}: its {wrong[0]} of {path} is not that of the file"
        faults.add(manifest, "package.digest_differs", text)
    elif wrong:
        text = f"{path}: its {' and '.join(wrong)} differ from the tag manifests"
        faults.add(path, "package.digest_differs", text)


def _read_keys(state: State, place: Place) -> KeyStatement:
    if place.authority is None or state.sizes[place.path] > MAX_KEY_STATEMENT_BYTES:
        raise Invalid("package.too_large", f"{place.path}: too large for a key statement")
    data = state.small(place.path)
    statement = state.trust.read_key_statement(data, authority=place.authority, what=place.path)
    if statement.serial != place.serial:
        raise Unverified("package.misplaced", f"{place.path}: is statement {statement.serial}")
    return statement


def _check_seal(state: State, info: bag.BagInfo) -> None:
    envelope = dsse.read(state.small(layout.SEAL), what=layout.SEAL)
    key = state.require_keyring().seal(info.sender, key_id=envelope.key_id, at=info.sealed_at)
    payload = dsse.verify(envelope, key=key, payload_type=SEAL_PAYLOAD_TYPE, what=layout.SEAL)
    if payload != state.small(layout.TAG_MANIFEST_SHA256):
        raise Unverified(
            "package.seal_differs",
            f"{layout.SEAL}: seals another text than {layout.TAG_MANIFEST_SHA256}",
        )
    state.seal = state.digest(layout.SEAL, "sha256")


def _check_minisig(state: State, info: bag.BagInfo) -> None:
    data, signature = state.small(layout.TAG_MANIFEST_SHA256), state.small(layout.MINISIG)
    first: Unverified | None = None
    for statement in state.require_keyring().of(info.sender):
        try:
            comment = minisign.verify_file(
                io.BytesIO(data), signature, key=statement.minisign, what=layout.MINISIG
            )
        except Unverified as error:
            first = first or error
            continue
        if comment != minisign_comment(info.package):
            raise Unverified("minisign.comment", f"{layout.MINISIG}: is for another package")
        return
    raise first or Unverified("minisign.other_key", f"{layout.MINISIG}: made with another key")


def _read_manifest(state: State, algorithm: str, manifest: str) -> dict[str, str]:
    data = state.small(manifest)
    listed = bag.read_manifest(data, algorithm=algorithm, what=manifest)
    if bag.write_manifest(listed) != data:
        raise Unverified("bag.form", f"{manifest}: is not written as packages write it")
    return listed


def _compare_names(faults: Faults, manifest: str, listed: set[str], present: set[str]) -> None:
    for path in sorted(listed - present):
        faults.add(path, "package.missing", f"{path}: {manifest} lists it, but it is missing")
    for path in sorted(present - listed):
        faults.add(path, "package.unlisted", f"{path}: {manifest} does not list it")
