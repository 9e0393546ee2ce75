# SPDX-License-Identifier: Apache-2.0
"""Reads of the law for programs: the questions of `comity law`, answered from this node's packs.

Every function takes the officer who asks: the law is open to every role on cases, and
which packs there are also to an operator, who adopts them.
`digest` names a pack that is in use or was: an old question can be asked again of
the law of its day. Without it the pack in use answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Final

from comity.canonical.digest import Sha256
from comity.canonical.json import JSON, Object
from comity.canonical.time import write_instant
from comity.errors import Unavailable
from comity.law import documents
from comity.law.answer import Assessment, LegalFacts
from comity.law.comparison import Comparison
from comity.law.comparison import compare as compare_law
from comity.law.engine import assess
from comity.law.matrix import Matrix
from comity.law.matrix import matrix as draw_matrix
from comity.law.pack import Pack
from comity.node import permissions
from comity.node.permissions import Officer
from comity.node.services import law, law_packs
from comity.node.services.law_packs import AdoptedPack

PACKS_FORMAT: Final = "comity.law.packs/1"
#: How many matrices are kept; one of all states takes some megabytes.
_MATRICES_IN_MEMORY: Final = 8
#: Held while a matrix is drawn, so that the same question asked twice is drawn once.
_DRAWING: Final = Lock()
_WAITING_LOCK: Final = Lock()
_WAITING: Final[set[str]] = set()


def ask(
    *, officer: Officer, facts: LegalFacts, on: date, digest: Sha256 | None = None
) -> Assessment:
    """Return on which basis one state can ask another for a measure. Raises as `assess`."""
    return assess(facts=facts, pack=_pack(officer, digest), as_of=on)


def compare(
    *,
    officer: Officer,
    states: tuple[str, str],
    offences: tuple[str, ...],
    on: date,
    digest: Sha256 | None = None,
) -> Comparison:
    """Return the law of two states on offences side by side; all offences if none is named."""
    pack = _pack(officer, digest)
    return compare_law(first=states[0], second=states[1], offences=offences, pack=pack, as_of=on)


def matrix(
    *, officer: Officer, facts: LegalFacts, on: date, digest: Sha256 | None = None
) -> Matrix:
    """Return the answer for every pair of states. The states of `facts` are ignored.

    Drawing one takes a second of the processor or more: they are drawn one after the
    other, and each officer waits for one at a time. Raises `Unavailable`
    (`law.matrix_busy`) for a second one of the same officer.
    """
    pack = _pack(officer, digest)
    with one_at_a_time(officer), _DRAWING:
        return _matrix(pack.digest, facts, on)


@contextmanager
def one_at_a_time(officer: Officer) -> Iterator[None]:
    """Let nothing but this be drawn for the officer, in this process."""
    with _WAITING_LOCK:
        if officer.id in _WAITING:
            raise Unavailable(
                "law.matrix_busy",
                "another matrix is being drawn for this officer",
                hint="Wait for its answer before asking for the next.",
            )
        _WAITING.add(officer.id)
    try:
        yield
    finally:
        with _WAITING_LOCK:
            _WAITING.discard(officer.id)


@lru_cache(maxsize=_MATRICES_IN_MEMORY)
def _matrix(digest: Sha256, facts: LegalFacts, on: date) -> Matrix:
    return draw_matrix(facts=facts, pack=law.kept_pack(digest), as_of=on)


def instruments(*, officer: Officer, digest: Sha256 | None = None) -> Object:
    """Return the list of all instruments (`comity.law.instruments/1`)."""
    return documents.instruments(_pack(officer, digest))


def instrument(*, officer: Officer, name: str, digest: Sha256 | None = None) -> Object:
    """Return one instrument with its lists (`comity.law.instrument/1`)."""
    return documents.instrument(_pack(officer, digest), name)


def state(*, officer: Officer, code: str, digest: Sha256 | None = None) -> Object:
    """Return what the law holds of one state (`comity.law.state/1`)."""
    return documents.state(_pack(officer, digest), code)


def packs(*, officer: Officer) -> Object:
    """Return the pack in use and every one before it (`comity.law.packs/1`)."""
    permissions.require(officer, "law.packs")
    found = law_packs.adopted()
    listed: list[JSON] = [_adopted(pack, in_use=number == 0) for number, pack in enumerate(found)]
    return {"format": PACKS_FORMAT, "packs": listed}


def _adopted(pack: AdoptedPack, *, in_use: bool) -> Object:
    return {
        "digest": pack.digest,
        "name": pack.name,
        "version": pack.version,
        "in_use": in_use,
        "adopted": write_instant(pack.adopted),
        "ledger_index": pack.leaf_index,
        "parts": [
            {
                "name": part.name,
                "version": part.version,
                "digest": part.digest,
                "signed_by": part.signed_by,
            }
            for part in pack.parts
        ],
    }


def _pack(officer: Officer, digest: Sha256 | None) -> Pack:
    permissions.require(officer, "law.read")
    return law.pack() if digest is None else law.kept_pack(digest)
