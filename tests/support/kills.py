# SPDX-License-Identifier: Apache-2.0
"""Ends node processes with SIGKILL at random moments while a story plays."""

from __future__ import annotations

import random
import threading
import time

from demo.network import Network
from demo.story import Story


class Reaper(threading.Thread):
    """Kills a random node, starts it again, and does so until told to stop.

    Half of the time the officers' console of that node dies with it. The
    random choices follow from `seed`. The pauses are up to a quarter as long as the
    last start took, so that a slow machine also gets somewhere in between: two
    thirds of the nodes are up at every moment, and all of them at some.
    """

    def __init__(self, network: Network, *, seed: int) -> None:
        super().__init__(name="reaper", daemon=True)
        self._network = network
        self._random = random.Random(seed)
        self._pause = 2.0
        self._ended = threading.Event()
        self.story: Story | None = None
        self.kills = 0
        self.problem: Exception | None = None

    def run(self) -> None:
        """Kill and start until `end`."""
        try:
            while not self._ended.wait(self._random.uniform(0.0, self._pause)):
                self._kill_one()
        except Exception as error:  # noqa: BLE001 - shown by the test, which would else wait in vain
            self.problem = error

    def end(self) -> None:
        """Stop killing; every node is running and ready afterwards."""
        self._ended.set()
        self.join()

    def _kill_one(self) -> None:
        node = self._random.choice(list(self._network.nodes.values()))
        self._network.kill(node)
        if self.story is not None and self._random.random() < 0.5:
            self.story.consoles[node.authority].kill()
        self.kills += 1
        started = time.monotonic()
        self._network.launch(node)
        self._network.wait_ready(node)
        self._pause = (time.monotonic() - started) / 4
