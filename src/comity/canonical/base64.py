# SPDX-License-Identifier: Apache-2.0
"""Base64 with one text for one value (RFC 4648 section 3.5).

Standard alphabet, padded, no line breaks, unused bits zero. Any other spelling
of the same bytes is refused, so that no bit of a signed text is without effect.
"""

from __future__ import annotations

import base64
import binascii

from comity.errors import Invalid


def write_base64(data: bytes) -> str:
    """Return the padded standard base64 text of `data`."""
    return base64.b64encode(data).decode("ascii")


def read_base64(text: str, *, what: str = "base64 text") -> bytes:
    """Return the bytes of `text`; raise `Invalid` unless it is their only spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("base64.malformed", f"{what}: not base64: {error}") from error
    if write_base64(data) != text:
        raise Invalid("base64.not_canonical", f"{what}: not the canonical base64 of its bytes")
    return data
