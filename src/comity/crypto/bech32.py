# SPDX-License-Identifier: Apache-2.0
"""Bech32 (BIP 173) as age uses it: no limit on length, one case per text."""

from __future__ import annotations

from typing import Final

from comity.errors import Invalid

_CHARSET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {char: value for value, char in enumerate(_CHARSET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM: Final = 6
#: Longest text read, in characters; an `age1pq` recipient has 1959.
MAX_TEXT: Final = 4096


def write_bech32(prefix: str, data: bytes) -> str:
    """Return the lower-case Bech32 text of `data` under a lower-case prefix."""
    values = _regroup(list(data), 8, 5)
    checksum = _polymod(_expand(prefix) + values + [0] * _CHECKSUM) ^ 1
    values += [checksum >> 5 * (_CHECKSUM - 1 - place) & 31 for place in range(_CHECKSUM)]
    return prefix + "1" + "".join(_CHARSET[value] for value in values)


def read_bech32(text: str, *, what: str) -> tuple[str, bytes]:
    """Return the prefix in lower case and the bytes; raise `Invalid` (`bech32.malformed`).

    The text may be all lower or all upper case (BIP 173), never mixed.
    """
    if len(text) > MAX_TEXT or not (text.isascii() and text.isprintable()):
        raise Invalid("bech32.malformed", f"{what}: too long or with signs that are not ASCII")
    if text not in (text.lower(), text.upper()):
        raise Invalid("bech32.malformed", f"{what}: mixes upper and lower case")
    prefix, separator, rest = text.lower().rpartition("1")
    if not separator or not prefix or len(rest) < _CHECKSUM:
        raise Invalid("bech32.malformed", f"{what}: has no prefix or is cut short")
    if not set(rest) <= _VALUES.keys():
        raise Invalid("bech32.malformed", f"{what}: holds signs that Bech32 does not use")
    values = [_VALUES[char] for char in rest]
    if _polymod(_expand(prefix) + values) != 1:
        raise Invalid("bech32.malformed", f"{what}: its checksum is wrong, it is mistyped")
    return prefix, _join(values[:-_CHECKSUM], what)


def _join(values: list[int], what: str) -> bytes:
    spare = len(values) * 5 % 8
    if spare >= 5 or (spare and values[-1] & ((1 << spare) - 1)):  # noqa: PLR2004 - BIP 173
        raise Invalid("bech32.malformed", f"{what}: its padding is not zero")
    return bytes(_regroup(values, 5, 8)[: len(values) * 5 // 8])


def _regroup(values: list[int], from_bits: int, to_bits: int) -> list[int]:
    """Cut a row of bits into groups of another width, padded with zeros at the end."""
    held = bits = 0
    result = []
    for value in values:
        held, bits = held << from_bits | value, bits + from_bits
        while bits >= to_bits:
            bits -= to_bits
            result.append(held >> bits)
            held &= (1 << bits) - 1
    if bits:
        result.append(held << (to_bits - bits))
    return result


def _expand(prefix: str) -> list[int]:
    return [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for place, part in enumerate(_GENERATOR):
            if top >> place & 1:
                checksum ^= part
    return checksum
