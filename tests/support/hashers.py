# SPDX-License-Identifier: Apache-2.0
"""The node's own password hasher with the least work it can do: tests make many officers."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2, one pass over 64 KiB."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
