# SPDX-License-Identifier: Apache-2.0
"""One node, one process: desk and wire in one event loop, the worker in threads.

Promises: a second process on the same folder is refused; what is wrong is said
before anything is served; SIGTERM and Ctrl-C finish the answers that are being
given and the step that is running, then end. SIGKILL at any moment loses
nothing that was acknowledged: it is in the database or it never was.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import uvicorn
from django.conf import settings

from comity.errors import Conflict, Refused, Unavailable
from comity.node.asgi import Application, desk_application, wire_application
from comity.node.clock import clock
from comity.node.config import NodeConfig
from comity.node.keyring import keyring
from comity.node.queries.health import problems_at_start
from comity.node.services import law, law_packs, register
from comity.node.worker.ledger import compare_with_witnesses
from comity.node.worker.loop import Worker
from comity.node.worker.steps import STEPS

_log = logging.getLogger("comity.node")

LOCK_FILE: Final = "node.lock"
#: Seconds that running answers get to finish when the node is stopped.
GRACE_SECONDS: Final = 5
#: Seconds that the worker gets to finish its step.
_WORKER_GRACE_SECONDS: Final = 30
_BACKLOG: Final = 256
#: Connections that each port holds at a time; more are answered 503. Together they leave
#: room among the usual 1,024 open files of a process for the database, tiles and parts.
_MOST_CONNECTIONS: Final = 384


class _Server(uvicorn.Server):
    """uvicorn's server without its own signal handling: the node has one for both."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the node."""
        yield


def run(*, on_ready: Callable[[NodeConfig], None]) -> None:
    """Serve until a signal ends it; `on_ready` is called once both ports answer.

    The law of the settings is adopted first, if it has no fault. Raises `Refused`
    (`node.not_ready`) with every problem found at the start, the error of the law
    (`law.pack_invalid`) if there is no older pack to go on with,
    `Conflict` (`node.running`) if another process serves this folder, and
    `Unavailable` (`node.address`) if a port is taken.
    """
    config: NodeConfig = settings.CONFIG
    with _only_one(config.folder):
        now = clock().now()
        problems = (*problems_at_start(now), *compare_with_witnesses(now))
        if problems:
            raise Refused(
                "node.not_ready",
                f"the node of {config.authority} does not start",
                reasons=problems,
                hint="`comity-node check` explains each of them.",
            )
        law_packs.adopt_at_start(now=now)
        law.pack()  # read before anybody waits for it
        with _bound(config.desk_address) as desk, _bound(config.wire_address) as wire:
            register.ask_everybody()
            worker = Worker(steps=STEPS, clock=clock(), poll_seconds=config.poll_seconds)
            worker.start()
            try:
                asyncio.run(_serve(desk, wire, lambda: on_ready(config)))
            finally:
                worker.stop(patience=_WORKER_GRACE_SECONDS)
    _log.info("stopped")


async def _serve(desk: socket.socket, wire: socket.socket, on_ready: Callable[[], None]) -> None:
    certificate, key = keyring().tls_files
    servers = [
        _Server(_settings(desk_application())),
        _Server(_settings(wire_application(), certificate=certificate, key=key)),
    ]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, listener in zip(servers, (desk, wire), strict=True)
    ]
    watch = asyncio.create_task(_announce(servers, on_ready))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    watch.cancel()
    waiting.cancel()
    # A failure of one server is a failure of the node: it must be seen, not swallowed.
    await asyncio.gather(*tasks)


async def _announce(servers: list[_Server], on_ready: Callable[[], None]) -> None:
    while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(0.02)
    on_ready()


def _settings(
    application: Application, *, certificate: Path | None = None, key: Path | None = None
) -> uvicorn.Config:
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3  # as the callers demand it
    return config


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it when the process dies."""
    with (folder / LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                "node.running", f"another process already serves the node in {folder}"
            ) from error
        yield


@contextlib.contextmanager
def _bound(address: tuple[str, int]) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError as error:
            taken = "is in use" if error.errno == errno.EADDRINUSE else f"{error.strerror}"
            raise Unavailable(
                "node.address", f"{address[0]}:{address[1]}: cannot be listened on: {taken}"
            ) from error
        yield listener
