# SPDX-License-Identifier: Apache-2.0
"""Comity: states working together against cybercrime, provably.

Everything outside `comity.node` is a functional core: it performs no network
access, reads no clock and knows no web framework. See `docs/adr/0001`.
"""

__version__ = "0.1.0"
