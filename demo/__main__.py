# SPDX-License-Identifier: Apache-2.0
"""`make demo`: three nodes on loopback with a case in mid-flight, or the whole story.

    make demo                    opens the case and waits; Ctrl-C ends it
    make demo PLAY=1             plays the whole story and checks its outcome
    make demo PLAY=1 EXHIBIT=F   with the file or disk image F as the exhibit
    make demo PLAY=1 OUT=DIR     keeps the delivered package in DIR

Exits 0 only if everything held; otherwise with the status of the error's family.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType
from typing import Final

from rich.console import Console as Screen
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from comity.canonical.digest import hash_stream
from comity.errors import ComityError, Conflict, Invalid, Unavailable, Unverified
from demo import case
from demo.disk_image import SECTOR, TOTAL_SECTORS, write_disk_image
from demo.network import Network, clean_environment, program, running_network
from demo.story import Ending, Story

_screen: Final = Screen(highlight=False, soft_wrap=True)
_INTERRUPTED: Final = 130


def main() -> int:
    """Run the demonstration that the environment asks for; return the exit status."""
    signal.signal(signal.SIGTERM, _stop)
    # A shell starts what it puts in the background with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    play = os.environ.get("PLAY", "") not in {"", "0"}
    try:
        exhibit = _exhibit(os.environ.get("EXHIBIT", ""))
        out = _out(os.environ.get("OUT", "")) if play else None
        with tempfile.TemporaryDirectory(prefix="comity-demo-") as name:
            folder = Path(name)
            if exhibit is None:
                exhibit = _made_image(folder)
            if play:
                _play(folder, exhibit, out or folder / "delivered")
            else:
                _stay(folder, exhibit)
    except ComityError as error:
        _screen.print(f"\nThe demonstration ended: {error}", markup=False, style="bold red")
        return error.exit_code
    except KeyboardInterrupt:
        _say("\nStopped. Nothing is left behind.")
        return 0 if not play else _INTERRUPTED
    return 0


def _play(folder: Path, exhibit: Path, out: Path) -> None:
    """Play the story, end the nodes, and let a verifier that knows none of them judge."""
    with running_network(folder / "nodes", say=_say) as network:
        story = Story(network, exhibit=exhibit, say=_say)
        try:
            ending = story.play()
            story.export(ending.package_id, out)
        finally:
            story.close()
    _say("8. All nodes are stopped. A verifier with only the trust file looks at the package")
    command = ["package", "verify", str(out / "package"), "--trust", str(out / "trust.json")]
    done = subprocess.run([program("comity"), *command], env=clean_environment(), check=False)
    if done.returncode != 0:
        raise Unverified("demo.package", f"verification ended with status {done.returncode}")
    _compare(out / "package", ending)
    _say(f"      what came out is what went in: SHA-256 {ending.exhibit_sha256}")
    if out.parent != folder:
        _say(f"\nThe package is in {out}. Check it yourself, on any machine:")
        _say("    .venv/bin/comity " + shlex.join(command))
    _say("\nThe story held, from the first request to the last proof.")


def _compare(package: Path, ending: Ending) -> None:
    path = package / "data" / "evidence" / case.EXHIBIT / ending.stored_name
    try:
        with path.open("rb") as file:
            _, digests = hash_stream(file, ["sha256"])
    except OSError as error:
        raise Unverified("demo.exhibit", f"{path.name} is not in the package") from error
    if digests["sha256"] != ending.exhibit_sha256:
        raise Unverified("demo.exhibit", f"{path.name} came out with another SHA-256")


def _stay(folder: Path, exhibit: Path) -> None:
    """Open the case in mid-flight and keep the nodes until Ctrl-C."""
    with running_network(folder / "nodes", say=_say) as network:
        story = Story(network, exhibit=exhibit, say=_say)
        try:
            story.open_case()
        finally:
            story.close()
        _introduce(network)
        try:
            threading.Event().wait()
        finally:
            _say("\nStopping three nodes ...")


def _introduce(network: Network) -> None:
    _say("\nA request is in mid-flight: Meridia has asked Valdoria a question.\n")
    for node in network.nodes.values():
        _screen.print(f"  {node.plan.name}", style="bold", markup=False)
        _say(f"    {node.desk_url}")
        for officer in node.plan.officers:
            _say(f"      {officer.login:8} {', '.join(officer.roles)}")
    _say(f"\n  Everybody's password for this run: {network.password}")
    _say("  Sign in as amara and answer the question. Ctrl-C ends the demonstration.")


def _made_image(folder: Path) -> Path:
    path = folder / "seized-disk.img"
    with Progress(
        TextColumn("making a small disk image as exhibit"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=_screen,
    ) as progress:
        task = progress.add_task("image", total=TOTAL_SECTORS * SECTOR)
        write_disk_image(path, progress=lambda count: progress.update(task, advance=count))
    return path


def _exhibit(text: str) -> Path | None:
    """Return the exhibit that EXHIBIT names, or None; say early what is wrong with it."""
    if not text:
        return None
    path = Path(text).expanduser().resolve()
    hint = "EXHIBIT names one file or disk image, for example EXHIBIT=disk.E01."
    if path.is_dir():
        raise Invalid("demo.exhibit", f"EXHIBIT: {path} is a folder", hint=hint)
    if path.exists() and not (path.is_file() or path.is_block_device()):
        text = f"EXHIBIT: {path} is neither a file nor a block device"
        raise Invalid("demo.exhibit", text, hint=hint)  # before anybody waits for a pipe
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except FileNotFoundError as error:
        raise Invalid("demo.exhibit", f"EXHIBIT: there is no file {path}", hint=hint) from error
    except OSError as error:
        raise Unavailable("demo.exhibit", f"EXHIBIT: {path}: {error.strerror}") from error
    if not first:
        raise Invalid("demo.exhibit", f"EXHIBIT: {path} is empty", hint=hint)
    return path


def _out(text: str) -> Path | None:
    """Return the folder that OUT names, or None; refuse one that is in use."""
    if not text:
        return None
    path = Path(text).expanduser().resolve()
    for name in ("package", "trust.json"):
        if (path / name).exists():
            raise Conflict(
                "demo.out",
                f"OUT: {path / name} exists and is not overwritten",
                hint="Name another folder, or move what is there.",
            )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable("demo.out", f"OUT: {path}: {error.strerror}") from error
    return path


def _say(text: str) -> None:
    _screen.print(text, markup=False)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
