# SPDX-License-Identifier: Apache-2.0
"""A node in one test process, and peers that exist as keys only.

`make_world` makes the folders and keys of three authorities once; the node
under test is Valdoria's. What the peers say is made by the core with their real
keys, so a test of one side needs no second process.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from comity.authorities.directory import sign_directory
from comity.crypto.keys import SealPrivateKey
from comity.ledger.keys import parse_vkey
from comity.ledger.witness import Seen, Witness
from comity.node.config import NodeConfig, make_config
from comity.node.keyring import Keyring, read_keyring
from comity.node.operator.ceremony import make_authority
from support.clock import STORY_BEGINS

#: Keys are older than the story, and outlive it.
MADE = STORY_BEGINS - timedelta(days=30)
LAW = Path(__file__).resolve().parents[2] / "demo" / "law"
NAMES = {
    "xv.moj": "Ministry of Justice of Valdoria",
    "xm.moj": "Ministry of Justice of Meridia",
    "xl.records": "Inspectorate of Records of Lindor",
}
ROLES = {"xl.records": ("witness",)}


@dataclass(frozen=True)
class World:
    """Three authorities' folders, and the hub."""

    folder: Path
    configs: dict[str, NodeConfig]
    hub: SealPrivateKey

    def keys(self, authority: str) -> Keyring:
        """Return the keys of an authority."""
        return read_keyring(self.configs[authority].keys)

    def directory(self, *, version: int = 1, now: datetime = MADE, days: int = 3650) -> bytes:
        """Return a directory of all three, signed by the hub."""
        rings = [self.keys(name) for name in self.configs]
        return sign_directory(
            version=version,
            issued=now,
            expires=now + timedelta(days=days),
            entries=[(ring.root, ring.statement.raw) for ring in rings],
            hub=self.hub,
        )


def make_world(folder: Path, *, own: str, database: str = "sqlite") -> World:
    """Make three authorities below `folder`; the settings file is that of `own`."""
    configs = {}
    for number, (authority, name) in enumerate(NAMES.items()):
        home = folder / authority
        raw = {
            "authority": authority,
            "name": name,
            "state": authority[:2].upper(),
            "roles": list(ROLES.get(authority, ("central", "contact_24_7"))),
            "desk_bind": f"127.0.0.1:{8100 + number}",
            "wire_bind": f"127.0.0.1:{_free_port()}",
            "witnesses": [other for other in NAMES if other != authority],
            "quorum": 2,
            "law": [str(LAW)],
        }
        if authority == own:
            raw["database"] = database
        config = make_config(home, raw, {}, what="the tests")
        for part in (home, config.blobs, config.packages, config.intake):
            part.mkdir(parents=True)
        make_authority(config, now=MADE, days=3650)
        configs[authority] = config
        lines = [f"{key} = {_toml(value)}" for key, value in raw.items()]
        (home / "comity.toml").write_text("\n".join(lines) + "\n")
    os.environ["COMITY_CONFIG"] = str(folder / own / "comity.toml")
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    return World(folder, configs, SealPrivateKey.generate())


def _free_port() -> int:
    """Return a port that nobody listens on just now: a peer of the test may have to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


class Witnesses:
    """The peers as witnesses of the node under test: real cosignatures, no network."""

    def __init__(self, world: World, *names: str) -> None:
        self._world = world
        self._names = names
        self._seen: dict[str, Seen] = {}

    def cosign(self, now: datetime) -> None:
        """Integrate and publish the node's log and have every witness cosign it."""
        from comity.node.keyring import keyring
        from comity.node.services import publishing
        from comity.node.services.publishing import WitnessAnswer

        publishing.integrate(now=now)
        publishing.publish(now=now)
        ledger = keyring().statement.ledger
        logs = {ledger.origin: [parse_vkey(text) for text in ledger.log_vkeys]}
        for question in publishing.questions(now=now):
            if question.authority not in self._names:
                continue
            keys = self._world.keys(question.authority).witness_signers
            answer = Witness(keys=keys, logs=logs).add_checkpoint(
                question.body,
                seen=lambda _origin, who=question.authority: self._seen.get(who),
                last_signed=0,
                now=now,
            )
            if answer.state is not None:
                self._seen[question.authority] = answer.state
            publishing.take_answer(
                question=question, answer=WitnessAnswer(answer.status, answer.body), now=now
            )
