# SPDX-License-Identifier: Apache-2.0
"""A network of real nodes on loopback: made, started, killed and stopped.

Used by `make demo`, by the live tests and by the browser tests, so that what
is shown is what is tested. Every node is a process of its own with its own
folder, keys, database and ports; the set-up goes through `comity-node`, as an
operator's would.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from comity.errors import Unavailable

ROOT: Final = Path(__file__).resolve().parent.parent
LAW: Final = Path(__file__).resolve().parent / "law"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class OfficerPlan:
    """An account to make."""

    login: str
    name: str
    roles: tuple[str, ...]
    #: Empty: the one that the officer's browser asks for.
    language: str = ""


@dataclass(frozen=True)
class NodePlan:
    """A node to make. The names are those of states that do not exist."""

    authority: str
    name: str
    state: str
    roles: tuple[str, ...]
    officers: tuple[OfficerPlan, ...]
    witnesses: tuple[str, ...]


VALDORIA: Final = NodePlan(
    authority="xv.moj",
    name="Ministry of Justice of Valdoria",
    state="XV",
    roles=("central", "contact_24_7"),
    officers=(
        OfficerPlan("amara", "Amara Okoye", ("drafter", "examiner")),
        OfficerPlan("bram", "Bram de Wit", ("drafter", "approver")),
        OfficerPlan("ines", "Inès Laurent", ("approver", "supervisor")),
        OfficerPlan("otto", "Otto Lind", ("operator",)),
    ),
    witnesses=("xm.moj", "xl.records"),
)
MERIDIA: Final = NodePlan(
    authority="xm.moj",
    name="Ministry of Justice of Meridia",
    state="XM",
    roles=("central", "contact_24_7", "forensic"),
    officers=(
        OfficerPlan("chidi", "Chidi Anagonye", ("central",)),
        OfficerPlan("dara", "Dara Sok", ("examiner",)),
        OfficerPlan("layla", "ليلى حداد", ("central", "supervisor"), "ar"),
        OfficerPlan("pavel", "Павел Орлов", ("operator",)),
    ),
    witnesses=("xv.moj", "xl.records"),
)
LINDOR: Final = NodePlan(
    authority="xl.records",
    name="Inspectorate of Records of Lindor",
    state="XL",
    roles=("witness",),
    officers=(OfficerPlan("noor", "Noor Haddad", ("operator", "supervisor")),),
    witnesses=("xv.moj", "xm.moj"),
)
PLANS: Final = (VALDORIA, MERIDIA, LINDOR)


@dataclass
class Node:
    """One node of the network."""

    plan: NodePlan
    folder: Path
    desk_port: int
    wire_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """Name of the node's authority."""
        return self.plan.authority

    @property
    def config(self) -> Path:
        """The node's settings file."""
        return self.folder / "comity.toml"

    @property
    def desk_url(self) -> str:
        """Address of the officers' desk."""
        return f"http://localhost:{self.desk_port}"

    @property
    def log(self) -> Path:
        """What the node's process printed."""
        return self.folder / "node.log"

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None


class Network:
    """Three nodes and the hub that lists them, in one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        plans: Sequence[NodePlan] = PLANS,
        databases: Mapping[str, str] | None = None,
    ) -> None:
        """Plan the nodes; `databases` names those that do not keep to SQLite, by authority."""
        self.folder = folder
        self.databases = dict(databases or {})
        self.password = secrets.token_urlsafe(9)
        ports = free_ports(2 * len(plans))
        self.nodes = {
            plan.authority: Node(
                plan, folder / plan.authority.replace(".", "-"), ports.pop(), ports.pop()
            )
            for plan in plans
        }

    def __getitem__(self, authority: str) -> Node:
        """Return the node of `authority`."""
        return self.nodes[authority]

    def prepare(self, say: Callable[[str], None] = lambda _text: None) -> None:
        """Make the nodes' folders, keys, directory and accounts."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        say("making three authorities, their keys and their ledgers")
        self._in_parallel({node.authority: [self._init(node)] for node in self.nodes.values()})
        say("signing the directory that lists them")
        hub = self.folder / "hub"
        directory = self.folder / "directory.json"
        self._in_parallel({"hub": self._directory(hub, directory)})
        say("pinning each other, adding officers")
        self._in_parallel(
            {node.authority: self._accounts(node, hub, directory) for node in self.nodes.values()}
        )

    def start(self) -> None:
        """Start every node and wait until each answers; raise `Unavailable` if one does not."""
        for node in self.nodes.values():
            self.launch(node)
        for node in self.nodes.values():
            self.wait_ready(node)

    def launch(self, node: Node) -> None:
        """Start the node's process without waiting for it."""
        with node.log.open("ab") as log:
            node.process = subprocess.Popen(
                [program("comity-node"), "run", "--config", str(node.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=clean_environment(),
                start_new_session=True,  # a Ctrl-C is for the demonstration, which stops it in turn
            )

    def wait_ready(self, node: Node) -> None:
        """Wait until the desk of `node` answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not node.running:
                raise Unavailable(
                    "demo.node_stopped",
                    f"the node of {node.authority} stopped while starting",
                    hint=tail(node.log),
                )
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{node.desk_url}/healthz", timeout=2).status_code == httpx.codes.OK:
                    return
            time.sleep(_POLL_SECONDS)
        raise Unavailable(
            "demo.node_silent",
            f"the node of {node.authority} did not answer within {START_SECONDS} seconds",
            hint=tail(node.log),
        )

    def kill(self, node: Node) -> None:
        """End the node's process with SIGKILL, as a power cut would."""
        if node.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(node.process.pid, signal.SIGKILL)
            node.process.wait()

    def stop(self) -> None:
        """Stop every node in order; kill what does not stop in time."""
        alive = [node for node in self.nodes.values() if node.running]
        for node in alive:
            assert node.process is not None  # noqa: S101 - `running` implies it
            node.process.send_signal(signal.SIGTERM)
        for node in alive:
            assert node.process is not None  # noqa: S101
            try:
                node.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill(node)

    def _init(self, node: Node) -> list[str]:
        plan = node.plan
        command = [
            "init", str(node.folder), "--authority", plan.authority, "--name", plan.name,
            "--state", plan.state, "--desk-bind", f"127.0.0.1:{node.desk_port}",
            "--desk-url", node.desk_url,
            "--wire-bind", f"127.0.0.1:{node.wire_port}", "--law", str(LAW),
            "--quorum", str(len(plan.witnesses)),
        ]  # fmt: skip
        for role in plan.roles:
            command += ["--role", role]
        for witness in plan.witnesses:
            command += ["--witness", witness]
        if plan.authority in self.databases:
            command += ["--database", self.databases[plan.authority]]
        return command

    def _directory(self, hub: Path, directory: Path) -> list[list[str]]:
        make = ["directory", "make", str(directory), "--hub", str(hub), "--version", "1"]
        for node in self.nodes.values():
            keys = node.folder / "keys"
            make += ["--entry", str(keys / "root.json"), str(keys / "statements" / "0001.json")]
        return [["directory", "key", str(hub)], make]

    def _accounts(self, node: Node, hub: Path, directory: Path) -> list[list[str]]:
        config = ["--config", str(node.config)]
        secret = node.folder / "first-password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        commands = [["peers", "pin", str(directory), "--hub-key", str(hub / "hub.json"), *config]]
        for officer in node.plan.officers:
            command = ["officers", "add", officer.login, "--name", officer.name]
            command += ["--language", officer.language, "--password-file", str(secret), *config]
            for role in officer.roles:
                command += ["--role", role]
            commands.append(command)
        return commands

    def _in_parallel(self, batches: dict[str, list[list[str]]]) -> None:
        running = {name: _start_batch(commands) for name, commands in batches.items()}
        for name, process in running.items():
            output, _ = process.communicate()
            if process.returncode != 0:
                raise Unavailable(
                    "demo.setup_failed",
                    f"setting up {name} failed with exit status {process.returncode}",
                    hint=output.decode(errors="replace")[-4000:],
                )


def program(name: str) -> str:
    """Return the path of one of our installed commands."""
    return str(Path(sys.executable).with_name(name))


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of other nodes."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("COMITY_") and name != "DJANGO_SETTINGS_MODULE"
    }


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody listens on just now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def running_network(
    folder: Path,
    *,
    say: Callable[[str], None] = lambda _text: None,
    databases: Mapping[str, str] | None = None,
) -> Iterator[Network]:
    """Yield a prepared and started network; stop it in the end."""
    network = Network(folder, databases=databases)
    network.prepare(say)
    try:
        say("starting three nodes")
        network.start()
        yield network
    finally:
        network.stop()


def _start_batch(commands: list[list[str]]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.commands"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=clean_environment(),
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write("".join(json.dumps(command) + "\n" for command in commands).encode())
    process.stdin.close()
    process.stdin = None
    return process


def tail(path: Path) -> str:
    """Return the end of a log file, or nothing if there is none."""
    try:
        return path.read_text(errors="replace")[-2000:]
    except OSError:
        return ""
