# SPDX-License-Identifier: Apache-2.0
"""Moving packages from stage to stage: one that fails is tried again and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.db.models import Q

from comity.canonical.time import Instant
from comity.errors import ComityError
from comity.node.store.models import PackageRow

_log = logging.getLogger("comity.worker.packages")

_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_MAX_PROBLEM: Final = 2_000


def each(
    now: Instant,
    direction: str,
    status: str,
    work: Callable[[PackageRow, Instant], bool],
) -> int:
    """Do the work for every package that is due; one that fails does not stop the others.

    Neither does one that trips a fault of ours: a peer must not be able to hold up
    everybody's packages with one that we did not foresee. Only if even that cannot
    be written down, because the database went away, the step ends.
    """
    due = Q(next_attempt__isnull=True) | Q(next_attempt__lte=now)
    done = 0
    rows = PackageRow.objects.filter(due, direction=direction, status=status)
    for package in rows.select_related("request", "ordered_by").order_by("made"):
        try:
            done += work(package, now)
        except ComityError as error:
            _postpone(package, now, str(error))
        except Exception as error:  # noqa: BLE001 - one package must not stop the others
            _log.exception("package %s (%s) trips a fault", package.pk, package.status)
            _postpone(package, now, f"a fault of the program: {type(error).__name__}: {error}")
    return done


def _postpone(package: PackageRow, now: Instant, problem: str) -> None:
    pause = min(_FIRST_PAUSE * 2 ** min(package.attempts, 12), _LONGEST_PAUSE)
    if problem[:_MAX_PROBLEM] != package.problem:
        _log.warning("package %s (%s): %s", package.pk, package.status, problem)
    PackageRow.objects.filter(pk=package.pk).update(
        problem=problem[:_MAX_PROBLEM],
        attempts=package.attempts + 1,
        next_attempt=now + pause,
    )


def advance(package: PackageRow, status: str, now: Instant) -> None:
    package.status, package.updated = status, now
    package.problem, package.attempts, package.next_attempt = "", 0, None
    package.save()
