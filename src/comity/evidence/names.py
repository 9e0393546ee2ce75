# SPDX-License-Identifier: Apache-2.0
"""File names inside a package, and which of them are safe.

Evidence keeps the name it came with wherever that name survives every tool
that a court may use on the package: `sha256sum -c`, bag validators, tar, and
the file systems of other machines. A name that would not survive is stored
with its unsafe bytes written as `=XX` (RFC 2045 quoted-printable, upper case);
the acquisition record states the true name. `%` is unsafe because RFC 8493
has it percent-encoded in manifests, which `sha256sum` and bagit-python do not
undo.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

from comity.errors import Invalid

#: Longest name of one file or folder, in bytes of UTF-8: what Linux file systems hold.
MAX_NAME_BYTES: Final = 255
#: Longest path inside a package, in bytes of UTF-8.
MAX_PATH_BYTES: Final = 1024
#: Most folders a file may lie in.
MAX_PATH_DEPTH: Final = 12
#: Signs that some reader of manifests or some file system takes for something else.
_UNSAFE_SIGNS: Final = frozenset("%\\/")
#: Invisible signs that reorder or hide text. Spelt out, so that the answer does not depend on
#: the Unicode version of the machine; the joiners that several languages need are not here.
_UNSAFE_FORMATS: Final = frozenset(
    "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff"
)
_FIRST_SURROGATE: Final = "\ud800"
_LAST_SURROGATE: Final = "\udfff"
_FIRST_TAG: Final = "\U000e0000"
_LAST_TAG: Final = "\U000e007f"
_SHORTENED_BYTES: Final = 180
#: Most paths are as plain as this, and then safe without a look at every sign.
_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/){0,11}[A-Za-z0-9_-][A-Za-z0-9._-]*")


def unsafe_reason(name: str) -> str | None:
    """Return why `name` cannot be one file or folder name of a package, or None if it can."""
    if name in {"", ".", ".."}:
        return "is empty or means another folder"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    if name != name.strip():
        return "begins or ends with white space"
    for char in name:
        if _unsafe(char):
            return f"holds the character U+{ord(char):04X}"
    return None


def check_path(path: str, *, what: str = "path") -> str:
    """Return a relative path with `/` between safe names, or raise `Invalid` (`name.unsafe`)."""
    if len(path) <= MAX_NAME_BYTES and _PLAIN.fullmatch(path):
        return path
    parts = path.split("/")
    if len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise Invalid("name.unsafe", f"{what}: a path longer than {MAX_PATH_BYTES} bytes")
    if len(parts) > MAX_PATH_DEPTH:
        raise Invalid("name.unsafe", f"{what}: {path!r} lies in more than {MAX_PATH_DEPTH} folders")
    for part in parts:
        reason = unsafe_reason(part)
        if reason:
            raise Invalid("name.unsafe", f"{what}: in {path!r} the name {part!r} {reason}")
    return path


def stored_name(original: bytes) -> str:
    """Return the name under which a file with this original name is stored.

    The original where it is safe; otherwise with unsafe bytes as `=XX`, cut to
    fit and then ended with a digest of the whole name.
    """
    try:
        text = original.decode("utf-8")
    except UnicodeDecodeError:
        text = original.decode("utf-8", "surrogateescape")
    if unsafe_reason(text) is None:
        return text
    if text in {"", ".", ".."}:
        return f"=name{hashlib.sha256(original).hexdigest()[:16]}"
    stripped = text.strip()
    start = text.index(stripped) if stripped else len(text)
    end = start + len(stripped)
    escaped = "".join(
        _escape(char) if _unsafe(char) or not start <= position < end else char
        for position, char in enumerate(text)
    )
    if len(escaped.encode("utf-8")) <= MAX_NAME_BYTES:
        return escaped
    head = escaped.encode("utf-8")[:_SHORTENED_BYTES].decode("utf-8", "ignore").rstrip("=")
    return f"{head}~{hashlib.sha256(original).hexdigest()[:16]}"


def collision_key(path: str) -> str:
    """Return what must differ between two paths on any file system: case and form folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def is_hidden(char: str) -> bool:
    """Tell whether a character is a control, or shows nothing and moves or hides text."""
    if char < " " or "\x7f" <= char <= "\x9f":  # the control characters, C0 and C1
        return True
    if _FIRST_SURROGATE <= char <= _LAST_SURROGATE or _FIRST_TAG <= char <= _LAST_TAG:
        return True
    return char in _UNSAFE_FORMATS


def _unsafe(char: str) -> bool:
    return char in _UNSAFE_SIGNS or is_hidden(char)


def _escape(char: str) -> str:
    return "".join(f"={byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
