# SPDX-License-Identifier: Apache-2.0
"""The law of the test node: read and checked once a process, adopted in every test's transaction."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from comity.law.load import PartFiles


@cache
def demonstration() -> tuple[PartFiles, ...]:
    """Return the built-in law with the fictional states above it."""
    import comity_law
    from comity.law.load import read_directory
    from support.nodeworld import LAW

    return (read_directory(comity_law.PATH), read_directory(LAW))


@cache
def _kept() -> None:
    """Keep and read the pack once: every test's adoption then finds it."""
    from comity.law.load import digest_of
    from comity.node.services import law, law_packs

    law_packs.store().keep(demonstration())
    law.kept_pack(digest_of(demonstration()))


def adopt_law(now: datetime) -> None:
    """Record that the node under test uses this law, as a start does after all its checks."""
    from comity.law.load import digest_of
    from comity.node.services import law, law_packs

    _kept()
    law_packs.record_adoption(law.kept_pack(digest_of(demonstration())), by=None, now=now)
