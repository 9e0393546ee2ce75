# SPDX-License-Identifier: Apache-2.0
"""Which 32 bytes may serve as an Ed25519 public key.

Verification libraries accept some signatures under keys that nobody's secret
stands behind: points of small order, for which one signature fits many
messages, and second spellings of a point. RFC 8032 leaves room here, so such
keys are refused when a key is read, before anything is verified with it.
Nothing secret passes through this module.
"""

from __future__ import annotations

from typing import Final

from comity.errors import Invalid

PUBLIC_BYTES: Final = 32
_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SIGN: Final = 1 << 255


def check_ed25519_public(data: bytes, *, what: str = "Ed25519 key") -> bytes:
    """Return `data` if it is the one spelling of a curve point not of small order.

    Raises `Invalid` with `key.length`, `key.not_canonical`, `key.small_order`
    or `key.not_on_curve` (RFC 8032 sections 5.1.2, 5.1.3 and 8.4).
    """
    if len(data) != PUBLIC_BYTES:
        raise Invalid("key.length", f"{what}: {len(data)} bytes, expected {PUBLIC_BYTES}")
    number = int.from_bytes(data, "little")
    y, sign = number % _SIGN, number >> 255
    if y >= _P:
        raise Invalid("key.not_canonical", f"{what}: not the canonical spelling of its point")
    if y in _SMALL_ORDER_Y:
        raise Invalid(
            "key.small_order",
            f"{what}: a point of small order",
            hint="Nobody holds the secret of such a key. Ask the authority how it came there.",
        )
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if pow(x_squared, (_P - 1) // 2, _P) == _P - 1:
        raise Invalid("key.not_on_curve", f"{what}: not a point of the curve")
    if x_squared == 0 and sign:  # only y = ±1, which are of small order and refused above
        raise Invalid("key.not_canonical", f"{what}: not the canonical spelling of its point")
    return data


def _small_order_y() -> frozenset[int]:
    """Return the y coordinates of the eight points whose order divides 8.

    Order 1 and 2: y = ±1. Order 4: y = 0. Order 8: doubling must give y = 0,
    which is x² = -y², so d·y⁴ + 2·y² - 1 = 0.
    """
    root_of_one_plus_d = _square_root((1 + _D) % _P)
    values = {1, _P - 1, 0}
    for root in (root_of_one_plus_d, _P - root_of_one_plus_d):
        y_squared = (root - 1) * pow(_D, -1, _P) % _P
        if pow(y_squared, (_P - 1) // 2, _P) == 1:
            y = _square_root(y_squared)
            values |= {y, _P - y}
    return frozenset(values)


def _square_root(square: int) -> int:
    """Return a square root modulo 2^255 - 19 (RFC 8032 section 5.1.1)."""
    candidate = pow(square, (_P + 3) // 8, _P)
    if candidate * candidate % _P != square:
        candidate = candidate * pow(2, (_P - 1) // 4, _P) % _P
    return candidate


_SMALL_ORDER_Y: Final = _small_order_y()
