# SPDX-License-Identifier: Apache-2.0
"""The demonstration's hand on a node: `comity-node console`, one JSON line a call.

The console runs the same services and queries as the desk, under the name and
roles of the officer it is told. It is a process of its own; when it has been
killed, the next call starts another and the caller learns that it cannot know
whether the last call took effect (`Lost`).
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from typing import Any

from comity.errors import ComityError, Conflict, Invalid, Refused, Unavailable, Unverified
from demo.network import STOP_SECONDS, Node, clean_environment, program, tail

_FAMILIES: dict[str, type[ComityError]] = {
    family.family: family for family in (Refused, Invalid, Unverified, Unavailable, Conflict)
}


class Lost(Exception):
    """The console ended before it answered: the call may or may not have taken effect."""


class Console:
    """Calls services and queries of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._process: subprocess.Popen[str] | None = None

    def call(self, officer: str, name: str, **arguments: object) -> Any:
        """Call `name` as `officer`; return its result as JSON values, or raise its error."""
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - asked for when it was started
        assert process.stdout is not None  # noqa: S101
        line = json.dumps({"officer": officer, "call": name, "arguments": arguments})
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except (BrokenPipeError, ValueError):
            answer = ""
        if not answer.endswith("\n"):
            raise self._ended(process, name)
        reply = json.loads(answer)
        if "error" in reply:
            raise _error(reply["error"])
        return reply["result"]

    def _ended(self, process: subprocess.Popen[str], name: str) -> Exception:
        """Tell a console that was killed from one that fell over a fault of its own."""
        self.close()
        if process.returncode == -signal.SIGKILL:
            return Lost(name)
        return Unavailable(
            "demo.console_fault",
            f"the console of {self._node.authority} ended with status {process.returncode}"
            f" during {name}",
            hint=tail(self._node.log),
        )

    def kill(self) -> None:
        """End the console with SIGKILL."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the console."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError, ValueError, OSError):
                if self._process.stdin is not None:
                    self._process.stdin.close()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            with self._node.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [program("comity-node"), "console", "--config", str(self._node.config)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    env=clean_environment(),
                    start_new_session=True,
                )
        return self._process


def _error(value: dict[str, Any]) -> ComityError:
    family = _FAMILIES.get(value.get("family", ""), ComityError)
    code, message, hint = value["code"], value["message"], value.get("hint", "")
    if family is Refused:
        return Refused(code, message, reasons=value.get("reasons", ()), hint=hint)
    return family(code, message, hint=hint)
