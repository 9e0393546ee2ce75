# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of our own: in a throw-away folder, on a unix socket, nobody else's."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USER = "comity"
START_SECONDS = 60
#: Debian keeps each version's programs apart from the PATH.
_PLACES = ("/usr/lib/postgresql",)


class NoServer(Exception):
    """There is nothing to start here; says why."""


def programs() -> Path:
    """Return the folder of the newest server programs; raise `NoServer` if there are none."""
    found = [Path(path).parent for path in [shutil.which("postgres")] if path]
    for place in _PLACES:
        found += [path.parent for path in Path(place).glob("*/bin/postgres")]
    if not found:
        raise NoServer("no PostgreSQL server is installed (Debian: postgresql-15)")
    return max(found, key=lambda path: [int(n) for n in path.parts if n.isdigit()] or [0])


def _account() -> dict[str, object]:
    """Return as whom the server runs: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("postgres")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL does not run as root, and there is no account `postgres`")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run a server; yield the settings' `database` of an empty database on it."""
    binaries, account = programs(), _account()
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        data = folder / "data"
        _run(
            [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N"],
            account,
        )
        process = subprocess.Popen(
            [
                binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
                "-c", "fsync=off",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            **account,
        )  # fmt: skip
        try:
            _wait(binaries, folder, process)
            _run([binaries / "createdb", "-h", folder, "-U", USER, "comity"], account)
            yield f"postgresql:///comity?host={folder}&user={USER}"
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(binaries: Path, folder: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    ready = [binaries / "pg_isready", "-q", "-h", folder, "-d", "postgres", "-U", USER]
    while time.monotonic() < until and process.poll() is None:
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    process.kill()
    _, said = process.communicate()
    raise RuntimeError(f"PostgreSQL did not start: {said.decode(errors='replace')[-1000:]}")


def _run(command: list[object], account: dict[str, object]) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd="/",
        **account,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
