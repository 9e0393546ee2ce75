# SPDX-License-Identifier: Apache-2.0
"""Real node processes for tests: the network of the demonstration, or one node of it.

`running_network` (from `demo.network`) starts three; `one_node` makes three and starts
one: its peers are pinned and silent, which is enough to test a process.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from demo.network import (
    VALDORIA,
    Network,
    Node,
    clean_environment,
    program,
    running_network,
)

__all__ = ["Network", "Node", "comity_node", "one_node", "running_network"]


@contextlib.contextmanager
def one_node(folder: Path) -> Iterator[tuple[Network, Node]]:
    """Yield a started node and its network; stop it in the end."""
    network = Network(folder)
    network.prepare()
    node = network[VALDORIA.authority]
    try:
        network.launch(node)
        network.wait_ready(node)
        yield network, node
    finally:
        network.stop()


def comity_node(
    *arguments: object, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of `comity-node` to its end."""
    return subprocess.run(
        [program("comity-node"), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**clean_environment(), **environment},
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
    )
