# SPDX-License-Identifier: Apache-2.0
"""BagIt 1.0 (RFC 8493) as packages use it: one form to write, the same one to read.

RFC 8493 lets a bag be written in many ways; a sealed package has one. Lines
are sorted by path, end with a line feed, hold a digest in lower case, two
spaces and a path that needs no percent-encoding. Whatever differs is refused
and named, even where a lenient reader would not mind: CR LF, upper case,
trailing white space, an entry twice, another order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.canonical import json
from comity.canonical.ids import AuthorityId, ObjectId, parse_authority_id, parse_object_id
from comity.canonical.time import Instant, read_instant, write_instant
from comity.errors import Invalid
from comity.evidence.model import MAX_SHORT
from comity.evidence.names import check_path

#: Largest manifest read, in bytes.
MAX_MANIFEST_BYTES: Final = 256 << 20
#: Largest bag-info.txt read, in bytes.
MAX_INFO_BYTES: Final = 64 << 10
#: Identifies the profile; it is a name (RFC 4151), not an address.
PROFILE_IDENTIFIER: Final = "tag:comity.example,2026:bagit-profile:1"
DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
DIGEST_LENGTHS: Final[Mapping[str, int]] = {"sha256": 64, "sha512": 128}

_LINE: Final = re.compile(r"([0-9a-f]+)  (\S.*)")
_OXUM: Final = re.compile(r"(0|[1-9]\d{0,18})\.(0|[1-9]\d{0,9})", re.ASCII)
_LABELS: Final = (
    "Source-Organization",
    "Contact-Name",
    "External-Identifier",
    "Internal-Sender-Identifier",
    "Bag-Group-Identifier",
    "Bag-Count",
    "Bagging-Date",
    "Payload-Oxum",
    "BagIt-Profile-Identifier",
    "Bag-Software-Agent",
    "Comity-Sender",
    "Comity-Recipient",
    "Comity-Sealed-At",
)


@dataclass(frozen=True, kw_only=True)
class BagInfo:
    """What bag-info.txt says. `organization` and `contact` are for people."""

    organization: str
    contact: str
    package: ObjectId
    reference: str
    request: ObjectId
    payload_bytes: int
    payload_files: int
    software: str
    sender: AuthorityId
    recipient: AuthorityId
    sealed_at: Instant


def write_info(info: BagInfo) -> bytes:
    """Return the bytes of bag-info.txt; raise `Invalid` for text that cannot stand there."""
    sealed_at = write_instant(info.sealed_at)
    values = (
        info.organization,
        info.contact,
        f"urn:uuid:{info.package}",
        info.reference,
        f"urn:uuid:{info.request}",
        "1 of 1",
        sealed_at[:10],
        f"{info.payload_bytes}.{info.payload_files}",
        PROFILE_IDENTIFIER,
        info.software,
        info.sender,
        info.recipient,
        sealed_at,
    )
    for label, value in zip(_LABELS, values, strict=True):
        if not value.strip() or value != value.strip() or not value.isprintable():
            raise Invalid("bag.info", f"{label}: {value[:60]!r} cannot stand in bag-info.txt")
        if len(value) > MAX_SHORT:
            raise Invalid("bag.info", f"{label}: longer than {MAX_SHORT} characters")
    lines = [f"{label}: {value}\n" for label, value in zip(_LABELS, values, strict=True)]
    return "".join(lines).encode("utf-8")


def read_info(data: bytes) -> BagInfo:
    """Read the form that `write_info` makes; raise `Invalid` on any other."""
    if len(data) > MAX_INFO_BYTES:
        raise Invalid("bag.info", "bag-info.txt: too large")
    lines = _lines(data, what="bag-info.txt")
    if len(lines) != len(_LABELS):
        raise Invalid("bag.info", f"bag-info.txt: {len(lines)} lines, expected {len(_LABELS)}")
    values = {}
    for label, line in zip(_LABELS, lines, strict=True):
        if not line.startswith(f"{label}: "):
            raise Invalid("bag.info", f"bag-info.txt: expected a line {label}")
        values[label] = line.removeprefix(f"{label}: ")
    oxum = _OXUM.fullmatch(values["Payload-Oxum"])
    if not oxum:
        raise Invalid("bag.info", "bag-info.txt: Payload-Oxum is not bytes.files")
    info = BagInfo(
        organization=values["Source-Organization"],
        contact=values["Contact-Name"],
        package=_urn(values["External-Identifier"], "External-Identifier"),
        reference=values["Internal-Sender-Identifier"],
        request=_urn(values["Bag-Group-Identifier"], "Bag-Group-Identifier"),
        payload_bytes=int(oxum[1]),
        payload_files=int(oxum[2]),
        software=values["Bag-Software-Agent"],
        sender=parse_authority_id(values["Comity-Sender"], what="bag-info.txt: Comity-Sender"),
        recipient=parse_authority_id(
            values["Comity-Recipient"], what="bag-info.txt: Comity-Recipient"
        ),
        sealed_at=read_instant(values["Comity-Sealed-At"], what="bag-info.txt: Comity-Sealed-At"),
    )
    if write_info(info) != data:
        raise Invalid("bag.info", "bag-info.txt: not written as packages write it")
    return info


def write_manifest(digests: Mapping[str, str]) -> bytes:
    """Return a manifest of paths and their digests, in ascending order of the paths."""
    for path in digests:
        check_path(path, what="manifest")
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode("utf-8")


def read_manifest(data: bytes, *, algorithm: str, what: str) -> dict[str, str]:
    """Read the form that `write_manifest` makes; return path to digest.

    Raises `Invalid` with a `bag.manifest_*` code that says what is wrong in which line.
    """
    if len(data) > MAX_MANIFEST_BYTES:
        raise Invalid("bag.manifest_too_large", f"{what}: {len(data)} bytes")
    found: dict[str, str] = {}
    before = ""
    for number, line in enumerate(_lines(data, what=what), start=1):
        where = f"{what}: line {number}"
        digest, path = _entry(line, DIGEST_LENGTHS[algorithm], where)
        if path in found:
            raise Invalid("bag.manifest_duplicate", f"{where}: {path} is listed twice")
        if path < before:
            raise Invalid("bag.manifest_order", f"{where}: {path} is out of order")
        found[path], before = digest, path
    return found


def profile() -> bytes:
    """Return the BagIt Profile (version 1.3.0) of packages, carried in each of them."""
    required: dict[str, json.JSON] = {
        label: {"required": True, "repeatable": False} for label in _LABELS
    }
    return json.write(
        {
            "BagIt-Profile-Info": {
                "BagIt-Profile-Identifier": PROFILE_IDENTIFIER,
                "BagIt-Profile-Version": "1.3.0",
                "Contact-Name": "Comity",
                "External-Description": "Sealed package of electronic evidence",
                "Source-Organization": "Comity",
                "Version": "1",
            },
            "Accept-BagIt-Version": ["1.0"],
            "Accept-Serialization": ["application/tar"],
            "Serialization": "optional",
            "Allow-Fetch.txt": False,
            "Bag-Info": required,
            "Manifests-Required": ["sha256", "sha512"],
            "Manifests-Allowed": ["sha256", "sha512"],
            "Tag-Manifests-Required": ["sha256", "sha512"],
            "Tag-Manifests-Allowed": ["sha256", "sha512"],
            "Tag-Files-Required": [
                "bagit-profile.json",
                "signatures/tagmanifest-sha256.txt.dsse.json",
                "signatures/tagmanifest-sha256.txt.minisig",
            ],
            "Tag-Files-Allowed": ["bagit-profile.json", "signatures/*", "acceptance/*"],
        }
    )


def _lines(data: bytes, *, what: str) -> list[str]:
    """Return the lines of a text of ours, each of which ends with one line feed."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("bag.not_utf8", f"{what}: not UTF-8 at byte {error.start}") from error
    if text.startswith("\ufeff"):
        raise Invalid("bag.byte_order_mark", f"{what}: begins with a byte-order mark")
    if "\r" in text:
        raise Invalid("bag.line_ends", f"{what}: has a carriage return; lines end with a line feed")
    if not text.endswith("\n"):
        raise Invalid("bag.line_ends", f"{what}: its last line does not end with a line feed")
    return text[:-1].split("\n")


def _entry(line: str, length: int, where: str) -> tuple[str, str]:
    parts = _LINE.fullmatch(line)
    if not parts or len(parts[1]) != length:
        digest = line.split(" ", 1)[0]
        if digest != digest.lower():
            raise Invalid("bag.manifest_case", f"{where}: the digest is not in lower case")
        raise Invalid(
            "bag.manifest_line", f"{where}: not {length} digits in lower case, two spaces, a path"
        )
    if parts[2] != parts[2].rstrip():
        raise Invalid("bag.manifest_space", f"{where}: white space at the end")
    if "%" in parts[2]:
        raise Invalid("bag.manifest_percent", f"{where}: a percent sign; no path here needs one")
    return parts[1], check_path(parts[2], what=where)


def _urn(text: str, label: str) -> ObjectId:
    if not text.startswith("urn:uuid:"):
        raise Invalid("bag.info", f"bag-info.txt: {label} is not urn:uuid:…")
    return parse_object_id(text.removeprefix("urn:uuid:"), what=f"bag-info.txt: {label}")
