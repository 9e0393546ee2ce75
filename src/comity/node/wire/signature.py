# SPDX-License-Identifier: Apache-2.0
"""Signed requests between nodes: RFC 9421 with Ed25519, and nothing else.

Every request covers its method, the whole address and the digest of its body,
and carries when it was made, a nonce and the key. One signature, exactly these
components, exactly this tag: there is nothing to negotiate. The signature says
who calls; what is said is signed again inside, by the authority's seal.

The library checks signatures; that the time is near and the nonce is new is
checked here and by the caller.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from comity.canonical.digest import Sha256, sha256
from comity.canonical.time import Instant
from comity.errors import Unverified

TAG: Final = "comity-wire-1"
COMPONENTS: Final = ("@method", "@authority", "@target-uri", "content-digest")
#: Longest nonce, in characters.
MAX_NONCE: Final = 64
#: Longest signature header, in characters.
MAX_HEADER: Final = 2_000
_PARAMETERS: Final = {"created", "keyid", "alg", "nonce", "tag"}
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_KEY_ID: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)
_KEY_ID_MEMBER: Final = re.compile(r';keyid="([0-9a-f]{64})"', re.ASCII)
_HEADERS: Final = ("content-digest", "signature-input", "signature")


@dataclass
class Message:
    """A request as the library looks at it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Signed:
    """What a verified signature says: the key, the time, the nonce, the body's digest."""

    key_id: str
    created: Instant
    nonce: str
    body: Sha256


def sign_request(
    *, method: str, url: str, body: Sha256, key: Ed25519PrivateKey, now: Instant
) -> dict[str, str]:
    """Return the headers to send with a request whose body has the digest `body`."""
    digest = base64.b64encode(bytes.fromhex(body)).decode("ascii")
    message = Message(method, url, {"content-digest": f"sha-256=:{digest}:"})
    key_id = sha256(key.public_key().public_bytes_raw())
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Resolver({key_id: key})
    )
    signer.sign(
        message,
        key_id=key_id,
        created=now,
        nonce=secrets.token_urlsafe(24),
        tag=TAG,
        label="comity",
        covered_component_ids=COMPONENTS,
        use_existing_digest=True,
    )
    return {name.lower(): value for name, value in message.headers.items()}


def claimed_key(headers: Mapping[str, str]) -> str:
    """Return the key id that a request names, to look its owner up.

    Raises `Unverified` (`wire.unsigned`) for a request without one signature of ours.
    """
    for name in _HEADERS:
        if not 0 < len(headers.get(name, "")) <= MAX_HEADER:
            raise Unverified("wire.unsigned", f"the request has no usable {name} header")
    found = _KEY_ID_MEMBER.findall(headers["signature-input"])
    if len(found) != 1:
        raise Unverified("wire.unsigned", "the request does not name exactly one key")
    return str(found[0])


def verify_request(*, method: str, url: str, headers: Mapping[str, str], key: bytes) -> Signed:
    """Return what the signature of a request says, verified with the raw Ed25519 key.

    `headers` have lower-case names. Raises `Unverified` (`wire.signature_invalid`).
    Whether the time is near and the nonce new is the caller's question.
    """
    taken = {name: headers.get(name, "") for name in _HEADERS}
    key_id = sha256(key)
    verifier = _Verifier(
        signature_algorithm=algorithms.ED25519,
        key_resolver=_Resolver({key_id: Ed25519PublicKey.from_public_bytes(key)}),
    )
    try:
        results = verifier.verify(
            Message(method, url, taken), expect_tag=TAG, require_components=COMPONENTS
        )
        parameters = dict(results[0].parameters)
        covered = [str(name) for name in results[0].covered_components]
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError, KeyError) as error:
        raise _invalid(f"does not stand: {error}") from error
    if len(results) != 1 or covered != [*(f'"{name}"' for name in COMPONENTS), _LAST]:
        raise _invalid("does not cover exactly what it must")
    return _read(parameters, taken["content-digest"])


_LAST: Final = '"@signature-params"'


def _read(parameters: Mapping[str, object], digest: str) -> Signed:
    created, key_id, nonce = (parameters.get(name) for name in ("created", "keyid", "nonce"))
    body = _DIGEST.fullmatch(digest)
    if set(parameters) != _PARAMETERS or not isinstance(created, int) or body is None:
        raise _invalid("carries other parameters than it must")
    if not _KEY_ID.fullmatch(str(key_id)) or not _NONCE.fullmatch(str(nonce)):
        raise _invalid("carries a malformed key id or nonce")
    try:
        instant = datetime.fromtimestamp(created, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _invalid("was made at no real time") from error
    content = base64.b64decode(body.group(1)).hex()
    return Signed(str(key_id), instant, str(nonce), Sha256(content))


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its own clock: time is judged with ours."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Leave the time to the caller."""


class _Resolver(HTTPSignatureKeyResolver):
    """Finds the one key that is in question."""

    def __init__(self, keys: dict[str, Any]) -> None:
        """Know these keys by their ids."""
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Any:
        """Return the public key; raise `InvalidSignature` for another id."""
        return self._find(key_id)

    def resolve_private_key(self, key_id: str) -> Any:
        """Return the private key."""
        return self._find(key_id)

    def _find(self, key_id: str) -> Any:
        if key_id not in self._keys:
            raise InvalidSignature("the signature names another key")
        return self._keys[key_id]


def _invalid(why: str) -> Unverified:
    return Unverified("wire.signature_invalid", f"the request's signature {why}")
