# SPDX-License-Identifier: Apache-2.0
"""Which witnesses of our log count, and what that rule is in writing.

The witnesses are the configured authorities with the keys of all their accepted
statements. The rule is written as a C2SP tlog-policy; its digest stands in every
leaf, so that years later it is known which rule an event was logged under.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from comity.canonical.time import Instant
from comity.errors import Unverified
from comity.ledger.keys import VerifierKey, parse_vkey
from comity.node.keyring import keyring
from comity.node.services import register
from comity.node.store.models import LedgerPolicyRow, PeerRow


@dataclass(frozen=True)
class Witnesses:
    """The witnesses whose keys are known, by authority, and those whose are not yet."""

    keys: dict[str, tuple[VerifierKey, ...]]
    unknown: tuple[str, ...]

    @property
    def all_keys(self) -> list[VerifierKey]:
        """Every key of every known witness."""
        return [key for keys in self.keys.values() for key in keys]

    def name_of(self, authority: str) -> str:
        """Return the name under which an authority cosigns."""
        return self.keys[authority][0].name

    def owner_of(self, name: str) -> str:
        """Return the authority that cosigns under `name`."""
        return next(who for who, keys in self.keys.items() if keys[0].name == name)


class _Known:
    """What was read last, with the rows that it was read from."""

    version: tuple[object, ...] | None = None
    witnesses: Witnesses | None = None
    policy: bytes = b""
    kept: str = ""
    """Digest of the policy that is known to be committed."""


def witnesses() -> Witnesses:
    """Return the witnesses of our log; they are read anew when a statement changes."""
    version = _version()
    if _Known.version != version or _Known.witnesses is None:
        _Known.witnesses = _read_witnesses()
        _Known.policy = _policy_text(_Known.witnesses)
        _Known.version = version
    return _Known.witnesses


def current_policy(*, now: Instant) -> str:
    """Return the SHA-256 of the policy in force, and keep its text."""
    text = policy_text()
    digest = hashlib.sha256(text).hexdigest()
    if digest != _Known.kept:
        LedgerPolicyRow.objects.get_or_create(sha256=digest, defaults={"text": text, "since": now})
        transaction.on_commit(lambda: _note_kept(digest))
    return digest


def policy_text() -> bytes:
    """Return the rule as a C2SP tlog-policy file.

    A witness cosigns with every key it has: its group asks for `all` of them.
    """
    witnesses()
    return _Known.policy


def _note_kept(digest: str) -> None:
    _Known.kept = digest


def _policy_text(known: Witnesses) -> bytes:
    quorum = settings.CONFIG.quorum
    lines = [f"log {vkey}" for vkey in keyring().statement.ledger.log_vkeys]
    for authority, keys in sorted(known.keys.items()):
        lines += [f"witness {authority}/{n} {key.to_text()}" for n, key in enumerate(keys, 1)]
        members = " ".join(f"{authority}/{n}" for n in range(1, len(keys) + 1))
        lines.append(f"group {authority} all {members}")
    if known.unknown:
        lines.append(f"# not known yet: {' '.join(known.unknown)}")
    if quorum and known.keys:
        lines.append(f"# {quorum} of {len(settings.CONFIG.witnesses)} are required")
        threshold = min(quorum, len(known.keys))
        lines.append(f"group witnesses {threshold} {' '.join(sorted(known.keys))}")
        lines.append("quorum witnesses")
    else:
        lines.append("quorum none")
    return ("\n".join(lines) + "\n").encode()


def _version() -> tuple[object, ...]:
    rows = PeerRow.objects.order_by("pk").values_list("authority", "status", "serial")
    config = settings.CONFIG
    return (keyring().statement.digest, tuple(rows), config.witnesses, config.quorum)


def _read_witnesses() -> Witnesses:
    keys: dict[str, tuple[VerifierKey, ...]] = {}
    unknown = []
    for authority in settings.CONFIG.witnesses:
        try:
            statement = register.statement_of(authority)
        except Unverified:  # no peer yet, or one in quarantine: its word does not count
            unknown.append(authority)
            continue
        keys[authority] = tuple(parse_vkey(text) for text in statement.ledger.witness_vkeys)
    return Witnesses(
        keys={who: found for who, found in keys.items() if found},
        unknown=(*unknown, *(who for who, found in keys.items() if not found)),
    )
