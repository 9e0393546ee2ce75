# SPDX-License-Identifier: Apache-2.0
"""The crate metadata of a package (RO-Crate 1.2), in RFC 8785 form.

Every file below `data/` but the metadata itself is listed with its size and
SHA-256; the licence of the whole is the limit on use that the request names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from comity.canonical import json
from comity.canonical.ids import AuthorityId
from comity.canonical.json import JSON, Object
from comity.canonical.time import write_instant
from comity.evidence.contents import PackageFacts
from comity.evidence.layout import RO_CRATE

_CONTEXT: Final = "https://w3id.org/ro/crate/1.2/context"
_PROFILE: Final = "https://w3id.org/ro/crate/1.2"
_OCTETS: Final = "application/octet-stream"
#: Formats of what we make ourselves. Evidence is stated as bytes: nothing is guessed of it.
_FORMATS: Final = {
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".tlog-proof": "text/plain",
    ".txt": "text/plain",
    ".html": "text/html",
}
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~/-]*")
_LICENSE: Final = "#limits-on-use"


def ro_crate(facts: PackageFacts, files: Mapping[str, tuple[int, str]]) -> bytes:
    """Return the bytes of `data/ro-crate-metadata.json`.

    `files` maps the path of each payload file but this one to its size in bytes
    and SHA-256.
    """
    entities = [_entity(path, *files[path]) for path in sorted(files) if path != RO_CRATE]
    parts: list[JSON] = [{"@id": entity["@id"]} for entity in entities]
    graph: list[JSON] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _PROFILE},
        },
        _root(facts, parts),
        {
            "@id": _LICENSE,
            "@type": "CreativeWork",
            "name": "Limits on use",
            "description": _limits(facts),
        },
        _organization(facts, facts.sender),
        _organization(facts, facts.recipient),
        *entities,
    ]
    return json.write({"@context": _CONTEXT, "@graph": graph})


def _root(facts: PackageFacts, parts: list[JSON]) -> Object:
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": f"urn:uuid:{facts.package}",
        "name": f"Evidence package for request {facts.request.reference}",
        "description": (
            f"Exhibits {', '.join(exhibit.number for exhibit in facts.exhibits)}, sealed by"
            f" {facts.authority_name(facts.sender)} for {facts.authority_name(facts.recipient)}"
        ),
        "datePublished": write_instant(facts.sealed_at),
        "license": {"@id": _LICENSE},
        "author": {"@id": f"#{facts.sender}"},
        "audience": {"@id": f"#{facts.recipient}"},
        "hasPart": parts,
    }


def _limits(facts: PackageFacts) -> str:
    purpose = f"For the purpose of request {facts.request.reference} only: {facts.request.purpose}"
    return "\n".join((purpose, *facts.request.use_limits))


def _organization(facts: PackageFacts, authority: AuthorityId) -> Object:
    return {
        "@id": f"#{authority}",
        "@type": "Organization",
        "name": facts.authority_name(authority),
    }


def _entity(path: str, size: int, sha256: str) -> Object:
    name = path.removeprefix("data/")
    format_name = _OCTETS
    if not name.startswith("evidence/"):
        ends = [end for end in _FORMATS if name.endswith(end)]
        format_name = _FORMATS[ends[0]] if ends else _OCTETS
    return {
        "@id": _identifier(name),
        "@type": "File",
        "name": name.rsplit("/", 1)[-1],
        "contentSize": str(size),
        "encodingFormat": format_name,
        "sha256": sha256,
    }


def _identifier(name: str) -> str:
    """Return the path as a relative URI reference (RFC 3986), other scripts left readable."""
    if _PLAIN.fullmatch(name):
        return name
    return "".join(_escape(char) for char in name)


def _escape(char: str) -> str:
    if not char.isascii() or char.isalnum() or char in "-._~/!$&'()*+,;=@":
        return char
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8"))
