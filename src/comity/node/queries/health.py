# SPDX-License-Identifier: Apache-2.0
"""Is this node in order? Everything at once, for `comity-node check`, the start and the desk.

Each check is a function that returns one item; a check that itself fails is a
problem with the failure's own words. A node does not start with a problem in
one of `AT_START`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Final, ParamSpec

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from comity.canonical.time import Instant, write_instant
from comity.errors import ComityError
from comity.node import permissions
from comity.node.clock import OFFSET_VARIABLE
from comity.node.database import pragma_problems
from comity.node.keyring import keyring
from comity.node.permissions import Officer
from comity.node.queries import _messages
from comity.node.queries._common import visible
from comity.node.queries.node_views import HealthItem
from comity.node.services import law_packs, ledger
from comity.node.services._signing import clock_problem
from comity.node.store.models import (
    DirectoryRow,
    PackageRow,
    PeerRow,
    RequestRow,
    StepHealthRow,
)

#: Warn when a key statement or directory ends within this time.
SOON: Final = timedelta(days=30)
_ROOT_FOLDER: Final = "root-keys"


def node_health(now: Instant) -> tuple[HealthItem, ...]:
    """Return every check's result. For the operator's command; asks no officer."""
    return _health(now, None)


def health_page(officer: Officer, now: Instant) -> tuple[HealthItem, ...]:
    """Return the node's health to an officer who may see it."""
    permissions.require(officer, "health.read")
    return _health(now, officer)


def _health(now: Instant, officer: Officer | None) -> tuple[HealthItem, ...]:
    of_node = [_run(check, now) for check in _CHECKS]
    of_cases = [_run(check, now, officer) for check in _CHECKS_OF_CASES]
    return (*of_node, *of_cases)


def problems_at_start(now: Instant) -> tuple[str, ...]:
    """Return what must be mended before the node serves."""
    items = [_run(check, now) for check in AT_START]
    return tuple(f"{item.title}: {item.detail}" for item in items if item.status == "problem")


_Given = ParamSpec("_Given")


def _run(
    check: Callable[_Given, HealthItem], *args: _Given.args, **kwargs: _Given.kwargs
) -> HealthItem:
    name = check.__name__.removeprefix("_check_")
    try:
        return check(*args, **kwargs)
    except ComityError as error:
        return _problem(name, error.message, hint=error.hint)
    except (DatabaseError, OSError) as error:
        return _problem(name, f"cannot be checked: {error}")


def _check_keys(now: Instant) -> HealthItem:
    ring = keyring()
    ring.seal(now)
    parts = (ring.identities, ring.transport, ring.minisign, ring.event_signer, ring.tls_files)
    signers = (ring.log_signers, ring.witness_signers)
    if not all(parts) or not all(signers):
        return _problem("keys", "a private key is missing")
    ends = ring.statement.expires
    detail = f"statement {ring.statement.serial} stands until {write_instant(ends)}"
    if ends - now < SOON:
        return _warning("keys", detail, "Sign the next one: comity-node keys statement.")
    return _ok("keys", detail)


def _check_root(_now: Instant) -> HealthItem:
    folder = settings.CONFIG.folder / _ROOT_FOLDER
    if folder.exists():
        return _warning(
            "root", f"the root is still on this computer, in {folder}", "Move it offline."
        )
    return _ok("root", "the root is not on this computer")


def _check_key_files(_now: Instant) -> HealthItem:
    mode = settings.CONFIG.keys.stat().st_mode & 0o777
    if mode & 0o077:
        return _problem("key_files", f"the key folder is open to other users (mode {mode:04o})")
    return _ok("key_files", "readable by the node alone")


def _check_database(_now: Instant) -> HealthItem:
    connection.ensure_connection()
    if problems := pragma_problems(connection):
        return _problem("database", "; ".join(problems))
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return _problem(
            "database",
            "it was made by another version of this program",
            hint="Make a backup, then: comity-node migrate.",
        )
    return _ok("database", f"{connection.vendor}, up to date")


def _check_ledger(now: Instant) -> HealthItem:
    return _ok("ledger", ledger.check(now))


def _check_law(now: Instant) -> HealthItem:
    used = law_packs.in_use()
    if used is None:
        return _problem("law", "no law pack was adopted yet", hint="comity-node law adopt")
    for digest in {one.digest for one in law_packs.adopted()}:
        law_packs.store().verify(digest)
    named = f"{used.name} {used.version} ({used.digest[:12]})"
    offer = law_packs.offer(now=now)
    if offer.in_use:
        return _ok("law", named)
    if not offer.refused:
        return _warning(
            "law",
            f"{named} is in use; the settings name another law, which has no fault",
            "comity-node law adopt",
        )
    return _refused_law(f"{named} stays in use: the law that the settings name", offer)


def _refused_law(what: str, offer: law_packs.Offer) -> HealthItem:
    if offer.trouble is not None:
        return _problem(
            "law", f"{what} cannot be read: {offer.trouble.message}", hint=offer.trouble.hint
        )
    first = offer.problems[0]
    faults = f"{len(offer.problems)} faults, first" if len(offer.problems) > 1 else "a fault:"
    where = ": ".join(filter(None, (first.file, first.key)))
    return _problem(
        "law",
        f"{what} is refused for {faults} {where}: {first.message}",
        hint=f"{first.fix} `comity-node law check` lists every fault.",
    )


def _check_disk(_now: Instant) -> HealthItem:
    least: int = settings.CONFIG.smallest_free
    for folder in (settings.CONFIG.folder, settings.CONFIG.blobs, settings.CONFIG.packages):
        free = shutil.disk_usage(folder).free
        if free < least:
            return _problem("disk", f"{folder}: {free} bytes free, {least} are wanted")
    return _ok("disk", f"{shutil.disk_usage(settings.CONFIG.folder).free >> 20} MiB free")


def _check_clock(now: Instant) -> HealthItem:
    if problem := clock_problem(now):
        return _problem("clock", problem, hint="Set the computer's clock.")
    if os.environ.get(OFFSET_VARIABLE, "0") != "0":
        return _warning("clock", f"{OFFSET_VARIABLE} moves the clock; that is for tests", "")
    return _ok("clock", "agrees with the peers that were heard")


def _check_directory(now: Instant) -> HealthItem:
    row = DirectoryRow.objects.order_by("-version").first()
    if row is None:
        return _warning(
            "directory", "no directory is pinned: this node knows no peer", "comity-node peers pin"
        )
    if row.expires <= now:
        return _problem("directory", f"version {row.version} expired {write_instant(row.expires)}")
    detail = f"version {row.version} stands until {write_instant(row.expires)}"
    if row.expires - now < SOON:
        return _warning("directory", detail, "Ask the hub for the next one.")
    return _ok("directory", detail)


def _check_peers(_now: Instant) -> HealthItem:
    doubtful = PeerRow.objects.filter(status="quarantined").values_list("authority", flat=True)
    if doubtful:
        return _problem(
            "peers",
            f"in quarantine: {', '.join(doubtful)}",
            hint="Compare the root by telephone, then: comity-node peers release.",
        )
    silent = PeerRow.objects.exclude(last_problem="")
    if silent:
        named = "; ".join(f"{row.authority}: {row.last_problem}" for row in silent)
        return _warning("peers", named, "")
    return _ok("peers", f"{PeerRow.objects.count()} known")


def _check_steps(_now: Instant) -> HealthItem:
    failing = [f"{row.name}: {row.problem}" for row in StepHealthRow.objects.filter(failures__gt=0)]
    if failing:
        return _problem("steps", "; ".join(failing))
    return _ok("steps", "every step of the worker succeeded when it last ran")


def _check_messages(now: Instant, officer: Officer | None) -> HealthItem:
    """What came and had no effect, what waits for one that is missing, what did not arrive."""
    if said := _messages.told(now, officer):
        return _warning(
            "messages", said, "The pages of the requests say which. Speak with the other authority."
        )
    return _ok("messages", "none was lost, and none had no effect")


def _check_packages(_now: Instant, officer: Officer | None) -> HealthItem:
    stuck = PackageRow.objects.exclude(problem="").exclude(status="accepted")
    if not stuck:
        return _ok("packages", "none stands still")
    requests = RequestRow.objects.filter(visible(officer)) if officer else RequestRow.objects.none()
    known = set(stuck.filter(request__in=requests).values_list("pk", flat=True))
    named = [
        f"{row.pk}: {row.problem if row.pk in known else _messages.code_of(row.problem)}"
        for row in stuck
    ]
    return _warning("packages", "; ".join(named), "")


_TITLES: Final = {
    "keys": "Keys and key statement",
    "root": "Root of the authority",
    "key_files": "Key files",
    "database": "Database",
    "ledger": "Ledger",
    "law": "Law packs",
    "disk": "Free space",
    "clock": "Clock",
    "directory": "Directory of authorities",
    "peers": "Peers",
    "steps": "Worker",
    "messages": "Messages",
    "packages": "Packages",
}
_CHECKS: Final = (
    _check_database,
    _check_keys,
    _check_key_files,
    _check_root,
    _check_ledger,
    _check_law,
    _check_disk,
    _check_clock,
    _check_directory,
    _check_peers,
    _check_steps,
)
_CHECKS_OF_CASES: Final = (_check_messages, _check_packages)
#: An expired statement is not among them: the node serves, it only does not sign. Nor is the
#: law: the server adopts it after these checks, or goes on with the pack in use.
AT_START: Final = (_check_database, _check_key_files, _check_ledger)


def _ok(name: str, detail: str) -> HealthItem:
    return HealthItem(name, _TITLES[name], "ok", detail, "")


def _warning(name: str, detail: str, hint: str) -> HealthItem:
    return HealthItem(name, _TITLES[name], "warning", detail, hint)


def _problem(name: str, detail: str, *, hint: str = "") -> HealthItem:
    return HealthItem(name, _TITLES[name], "problem", detail, hint)
