# SPDX-License-Identifier: Apache-2.0
"""A node's writer, killed again and again: run by `test_ledger_worker`, not by pytest.

A child records events and publishes, and tells each index through a pipe once its
transaction is committed. The parent kills it after a while that is different each
time, and looks: every acknowledged event is there, the stores agree, and every
checkpoint that was ever in the rollback guard is a beginning of the one history.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from support.clock import STORY_BEGINS
from support.nodeworld import make_world


def main(folder: Path, rounds: int) -> None:
    make_world(folder, own="xv.moj")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from comity.ledger import merkle
    from comity.ledger.checkpoint import read_checkpoint
    from comity.node.services import ledger, publishing
    from comity.node.store.models import LedgerEntryRow

    call_command("migrate", verbosity=0)
    acknowledged: dict[int, str] = {}
    signed = []
    luck = random.Random(20_261_121)
    for _ in range(rounds):
        connection.close()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            work(writer)
        os.close(writer)
        time.sleep(luck.uniform(0.02, 0.6))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reader, "rb") as said:
            lines = said.read().split(b"\n")
        # The last line may be cut: then its event was not acknowledged.
        for line in lines[:-1]:
            index, _, leaf = line.decode().partition(" ")
            acknowledged[int(index)] = leaf
        if settings.CONFIG.rollback_guard.exists():
            signed.append(settings.CONFIG.rollback_guard.read_bytes())
        ledger.check(STORY_BEGINS)
        publishing.integrate(now=STORY_BEGINS)
    hashes = dict(LedgerEntryRow.objects.values_list("index", "leaf_sha256"))
    assert sorted(hashes) == list(range(len(hashes)))
    assert acknowledged.items() <= hashes.items(), "an acknowledged event is gone"
    whole = [bytes.fromhex(hashes[index]) for index in range(len(hashes))]
    for note in signed:
        head = read_checkpoint(note).head
        assert merkle.root_of(whole[: head.size]) == head.root, "a signed tree is another"
    assert acknowledged
    assert signed
    sys.stdout.write(f"{rounds} killed, one history of {len(hashes)} entries\n")


def work(writer: int) -> None:
    """Record and publish until killed."""
    from comity.node.services import publishing
    from comity.node.services._record import recording

    for serial in range(10_000):
        with recording(officer=None, now=STORY_BEGINS) as record:
            row = record(
                event="keys.renewed", subject=("node", "xv.moj"), private={"serial": serial}
            )
        os.write(writer, f"{row.leaf_index} {row.leaf_sha256}\n".encode())
        if serial % 3 == 2:
            publishing.integrate(now=STORY_BEGINS)
            publishing.publish(now=STORY_BEGINS)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
