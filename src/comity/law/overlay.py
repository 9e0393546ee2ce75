# SPDX-License-Identifier: Apache-2.0
"""Law that an authority publishes and signs: its state's own rules, or a correction.

Two kinds. `own_law`: a state speaks of itself (accepted languages and channels,
thresholds, required facts, retention, contact points, its offences and
declarations); records about any other state are refused. `correction`: an
authority puts a record in place of another and says why; whoever loads it
decides whether to follow. Either kind is a DSSE envelope with both signatures
of the authority's seal over the exact files, so that an answer can name who
said what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from comity.canonical import json
from comity.canonical.digest import Sha256, sha256
from comity.canonical.ids import AuthorityId, parse_authority_id
from comity.canonical.json import Object
from comity.canonical.time import Instant, read_instant, write_instant
from comity.crypto import envelope
from comity.crypto.keys import SealPrivateKey, SealPublicKey
from comity.errors import Invalid
from comity.law.load import PartFiles

PAYLOAD_TYPE: Final = "application/vnd.comity.law-pack+json"
FORMAT: Final = "comity.law.signed-pack/1"
OWN_LAW: Final = "own_law"
CORRECTION: Final = "correction"
#: Largest signed pack, in bytes: an overlay, not a whole library.
MAX_BYTES: Final = 4 << 20
#: Most files in one.
MAX_FILES: Final = 200
_MEMBERS: Final = frozenset({"format", "kind", "publisher", "issued", "name", "files"})


@dataclass(frozen=True, slots=True)
class SignedPart:
    """A verified overlay, and who signed it when."""

    part: PartFiles
    kind: str
    publisher: AuthorityId
    issued: Instant
    sha256: Sha256
    """Of the envelope's exact bytes."""


def sign_part(
    part: PartFiles, *, kind: str, publisher: AuthorityId, issued: Instant, key: SealPrivateKey
) -> bytes:
    """Return the envelope of an overlay. Raises `Invalid` if a file is not UTF-8."""
    if kind not in (OWN_LAW, CORRECTION):
        raise Invalid("law.overlay_kind", f"{kind[:40]!r} is neither own_law nor correction")
    files: Object = {}
    for name, data in part.files.items():
        try:
            files[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Invalid("law.not_utf8", f"{name}: not UTF-8 at byte {error.start}") from error
    payload: Object = {
        "format": FORMAT,
        "kind": kind,
        "publisher": publisher,
        "issued": write_instant(issued),
        "name": part.name,
        "files": files,
    }
    return envelope.sign(payload_type=PAYLOAD_TYPE, payload=json.write(payload), key=key)


def publisher_of(data: bytes) -> AuthorityId:
    """Return who claims to have signed `data`, so that the key can be looked up. Not verified."""
    return _publisher(_payload(envelope.read(data, what="law pack", limit=MAX_BYTES).payload))


def read_part(data: bytes, *, key: SealPublicKey) -> SignedPart:
    """Verify and read what `sign_part` made.

    Raises `Unverified` for a bad signature and `Invalid` for anything malformed.
    """
    signed = envelope.read(data, what="law pack", limit=MAX_BYTES)
    envelope.verify(signed, key=key, payload_type=PAYLOAD_TYPE)
    payload = _payload(signed.payload)
    publisher = _publisher(payload)
    kind, issued, name = (payload.get(item) for item in ("kind", "issued", "name"))
    if (
        kind not in (OWN_LAW, CORRECTION)
        or not isinstance(issued, str)
        or not isinstance(name, str)
    ):
        raise Invalid("law.overlay_malformed", "law pack: kind, issued or name is malformed")
    part = PartFiles(
        name=name[:80],
        files=_files(payload),
        signed_by=publisher,
        own_state=publisher[:2].upper() if kind == OWN_LAW else "",
    )
    return SignedPart(
        part=part,
        kind=str(kind),
        publisher=publisher,
        issued=read_instant(issued, what="law pack: issued"),
        sha256=sha256(data),
    )


def _payload(data: bytes) -> Object:
    payload = json.read_canonical_object(data, what="law pack", limit=MAX_BYTES)
    if set(payload) != _MEMBERS or payload.get("format") != FORMAT:
        raise Invalid("law.overlay_malformed", f"law pack: not in the form {FORMAT}")
    return payload


def _publisher(payload: Object) -> AuthorityId:
    publisher = payload.get("publisher")
    if not isinstance(publisher, str):
        raise Invalid("law.overlay_malformed", "law pack: publisher is not a text")
    return parse_authority_id(publisher, what="law pack: publisher")


def _files(payload: Object) -> dict[str, bytes]:
    files = payload.get("files")
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        raise Invalid("law.overlay_malformed", "law pack: files is not a table of few files")
    result = {}
    for name, text in files.items():
        if not isinstance(text, str) or not name.endswith(".toml"):
            raise Invalid("law.overlay_malformed", f"law pack: {name[:60]!r} is not a TOML file")
        result[name] = text.encode()
    return result
