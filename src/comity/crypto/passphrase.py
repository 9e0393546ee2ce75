# SPDX-License-Identifier: Apache-2.0
"""Key files under a passphrase: age files with one scrypt recipient (c2sp.org/age).

For a file at rest on its owner's disk, as `age --passphrase` makes and opens it.
Nothing that travels is ever sealed with a passphrase: `sealing` refuses it.
"""

from __future__ import annotations

import os
import re
from io import BytesIO
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from comity.crypto import age_format
from comity.crypto.age_format import FILE_KEY_BYTES, Header, Stanza, malformed, read_unpadded
from comity.errors import Unverified

#: Work factor written: 2^18 rounds, 256 MiB, about a second.
WORK: Final = 18
#: Largest work factor read: a file must not cost a machine its memory.
MAX_WORK: Final = 20
_KIND: Final = "scrypt"
_LABEL: Final = b"age-encryption.org/v1/scrypt"
_SALT: Final = 16
_WRAPPED: Final = FILE_KEY_BYTES + 16
_NUMBER: Final = re.compile(r"[1-9][0-9]?", re.ASCII)
_NONCE: Final = bytes(12)


def protect(data: bytes, *, passphrase: bytes, work: int = WORK) -> bytes:
    """Return an age file of `data` that opens with the passphrase."""
    file_key, salt = os.urandom(FILE_KEY_BYTES), os.urandom(_SALT)
    body = ChaCha20Poly1305(_derive(passphrase, salt, work)).encrypt(_NONCE, file_key, None)
    arguments = (age_format.write_unpadded(salt), str(work))
    target = BytesIO()
    stanza = Stanza(kind=_KIND, arguments=arguments, body=body)
    age_format.write_header(target, stanzas=(stanza,), file_key=file_key)
    age_format.encrypt_payload(BytesIO(data), target, file_key=file_key)
    return target.getvalue()


def reveal(data: bytes, *, passphrase: bytes) -> bytes:
    """Return what a passphrase-protected age file holds.

    Raises `Unverified` (`keys.passphrase_wrong`, `sealing.*`) or `Invalid`.
    """
    source, target = BytesIO(data), BytesIO()
    header = age_format.read_header(source)
    file_key = _unwrap(header, passphrase)
    header.check(file_key)
    age_format.decrypt_payload(source, target, file_key=file_key)
    return target.getvalue()


def is_protected(data: bytes) -> bool:
    """Tell whether a key file is an age file, not the text of an identity."""
    return data.startswith(b"age-encryption.org/")


def _unwrap(header: Header, passphrase: bytes) -> bytes:
    stanza = _check_stanzas(header)
    if stanza is None:
        raise Unverified("sealing.no_match", "key file: it does not open with a passphrase")
    key = _derive(passphrase, read_unpadded(stanza.arguments[0], "the salt"), _work(stanza))
    try:
        return ChaCha20Poly1305(key).decrypt(_NONCE, stanza.body, None)
    except InvalidTag as error:
        raise Unverified("keys.passphrase_wrong", "key file: wrong passphrase") from error


def _check_stanzas(header: Header) -> Stanza | None:
    """Return the scrypt stanza, which must be alone in its header."""
    found = [stanza for stanza in header.stanzas if stanza.kind == _KIND]
    if not found:
        return None
    if len(header.stanzas) != 1:
        raise malformed("a passphrase must be the only recipient")
    [stanza] = found
    if len(stanza.arguments) != 2:  # noqa: PLR2004 - salt and work factor
        raise malformed("a passphrase stanza takes a salt and a work factor")
    if len(read_unpadded(stanza.arguments[0], "the salt")) != _SALT:
        raise malformed("the salt has the wrong length")
    if len(stanza.body) != _WRAPPED:
        raise malformed("a passphrase stanza's body has the wrong length")
    _work(stanza)
    return stanza


def _work(stanza: Stanza) -> int:
    text = stanza.arguments[1]
    if not _NUMBER.fullmatch(text) or int(text) > MAX_WORK:
        raise malformed(f"the work factor is not a number from 1 to {MAX_WORK}")
    return int(text)


def _derive(passphrase: bytes, salt: bytes, work: int) -> bytes:
    return Scrypt(salt=_LABEL + salt, length=32, n=1 << work, r=8, p=1).derive(passphrase)
