# SPDX-License-Identifier: Apache-2.0
"""Put an environment in place from a bare machine: Python 3.11 and nothing else.

    python3 scripts/bootstrap.py run       what `make demo` needs, into .venv
    python3 scripts/bootstrap.py dev       what `make test` needs, into .venv
    python3 scripts/bootstrap.py checks    validators that we did not write, into .venv-checks

Every package comes from a lock in `requirements/` and is refused unless its
SHA-256 is in that lock. A stamp remembers what was installed, so that a second
run only compares a digest. Standard library only, and written so that an older
Python can still read it far enough to say what is missing.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
NEWER_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14", "python3")

# A purpose is a folder, the lock to install there, and whether Comity itself goes in.
PURPOSES = {
    "run": (".venv", "run.txt", True),
    "dev": (".venv", "dev.txt", True),
    "checks": (".venv-checks", "checks.txt", False),
}
# Who has installed the lock on the left needs nothing more for the one on the right.
INCLUDES = {"dev": ("run",)}


class SetUpError(Exception):
    """Set-up cannot go on; the text is the whole message for the reader."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"set-up: {text}", flush=True)


def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    """Run `command` in the project folder and return what it did, without raising."""
    return subprocess.run(command, cwd=ROOT, check=False, text=True, **options)  # type: ignore[call-overload,no-any-return]


# --- a suitable Python -------------------------------------------------------------------


def require_python() -> None:
    """Go on with a Python that is new enough, or say which one is needed."""
    if sys.version_info[:2] >= OLDEST:
        return
    for name in NEWER_PYTHONS:
        path = shutil.which(name)
        if path is None:
            continue
        probe = run(
            [path, "-c", f"import sys; raise SystemExit(sys.version_info[:2] < {OLDEST})"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if probe.returncode == 0:
            os.execv(path, [path, *sys.argv])  # noqa: S606 - the same script, a newer Python
    wanted, present = (".".join(map(str, version[:2])) for version in (OLDEST, sys.version_info))
    raise SetUpError(
        f"Comity needs Python {wanted} or newer; this is {present}. "
        "Install it (on Debian: apt-get install python3 python3-venv) and run again."
    )


# --- the environment ---------------------------------------------------------------------


def has_module(name: str) -> bool:
    """Tell whether this Python can import `name`."""
    probe = run(
        [sys.executable, "-c", f"import {name}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return probe.returncode == 0


def works(python: Path) -> bool:
    """Tell whether an environment's interpreter starts; a moved or upgraded one does not."""
    if not python.exists():
        return False
    probe = run([str(python), "-c", "pass"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return probe.returncode == 0


def make_environment(folder: Path) -> None:
    """Make a virtual environment, with pip inside where this Python carries it."""
    say(f"making {folder.name} with Python {sys.version.split()[0]}")
    if folder.exists():
        shutil.rmtree(folder)
    command = [sys.executable, "-m", "venv", str(folder)]
    if not has_module("ensurepip"):
        # Debian takes ensurepip out of python3 and puts it into python3-venv.
        command.insert(3, "--without-pip")
    made = run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise SetUpError(
            f"Python could not make {folder.name}:\n{made.stdout.strip()}\n"
            "On Debian and Ubuntu this mends it: apt-get install python3-venv"
        )


def pip_command(python: Path) -> list[str] | None:
    """Return the pip that installs into `python`'s environment, or None when there is none."""
    inside = run(
        [str(python), "-m", "pip", "--version"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if inside.returncode == 0:
        return [str(python), "-m", "pip"]
    if has_module("pip"):  # pip 22.3 and newer installs into another environment
        return [sys.executable, "-m", "pip", "--python", str(python)]
    return None


def installers(python: Path) -> list[list[str]]:
    """Return the installers to try, quickest first."""
    pip = pip_command(python)
    uv_inside = python.parent / "uv"
    uv = shutil.which("uv") or (str(uv_inside) if uv_inside.exists() else None)
    if uv is None and pip is not None and install_set_up_tools(pip):
        uv = str(uv_inside)
    found = []
    if uv is not None:
        found.append(
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
        )
    if pip is not None:
        found.append([*pip, "install", "--quiet", "--disable-pip-version-check"])
    if not found:
        shutil.rmtree(python.parents[1])  # so that the next run, with pip, begins anew
        raise SetUpError(
            "this Python has neither pip nor ensurepip, and there is no uv.\n"
            "On Debian and Ubuntu this mends it: apt-get install python3-venv"
        )
    return found


def install_set_up_tools(pip: list[str]) -> bool:
    """Install the fast installer with pip; without it pip does everything, only slower."""
    say("fetching the installer (requirements/setup.txt)")
    done = run(
        [
            *pip,
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(REQUIREMENTS / "setup.txt"),
        ]
    )
    return done.returncode == 0


# pip's setting, uv's variable for it, and what uv puts between several values
PIP_TO_UV = (
    ("index-url", "UV_DEFAULT_INDEX", " "),
    ("extra-index-url", "UV_INDEX", " "),
    ("find-links", "UV_FIND_LINKS", ","),
    ("trusted-host", "UV_INSECURE_HOST", " "),
    ("cert", "SSL_CERT_FILE", " "),
)


def pip_settings() -> dict[str, str]:
    """Return the process environment, with this machine's pip settings put in uv's names.

    Where an organisation has its own package mirror it is pip that knows of it;
    uv reads no pip configuration. What is set for uv already stays as it is.
    """
    environment = dict(os.environ)
    # Several indexes may hold one name; which copy is taken does not matter, its digest does.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    if not has_module("pip"):
        return environment
    listed = run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    settings: dict[str, str] = {}
    # A variable (":env:.index-url") overrules a file ("global.index-url"), so it is read last.
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        settings[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    for ours, theirs, between in PIP_TO_UV:
        if ours in settings:
            environment.setdefault(theirs, between.join(settings[ours].split()))
    return environment


def install(python: Path, lock: Path, *, with_comity: bool) -> None:
    """Install a lock, and Comity itself where asked, with the first installer that manages."""
    environment = pip_settings()
    steps = [["--require-hashes", "-r", str(REQUIREMENTS / "setup.txt")]] if with_comity else []
    steps.append(["--require-hashes", "-r", str(lock)])
    if with_comity:
        # The builder is in place from the lock: nothing is fetched to build our own package.
        steps.append(["--no-build-isolation", "--no-deps", "--editable", str(ROOT)])
    tried = installers(python)
    for installer in tried:
        name = "uv" if installer[1] == "pip" else "pip"
        say(f"installing {lock.relative_to(ROOT)} with {name}")
        if all(run([*installer, *step], env=environment).returncode == 0 for step in steps):
            return
        say(f"{name} did not manage")
    raise SetUpError(
        f"the packages of {lock.relative_to(ROOT)} could not be installed: see above.\n"
        "A package index must be reachable, or a folder of wheels named by PIP_FIND_LINKS "
        "together with PIP_NO_INDEX=1."
    )


# --- what is remembered ------------------------------------------------------------------


def fingerprint(purpose: str) -> str:
    """Return a digest of everything that decides what an environment holds."""
    _, lock, with_comity = PURPOSES[purpose]
    parts = [REQUIREMENTS / lock, REQUIREMENTS / "setup.txt"]
    if with_comity:
        parts.append(ROOT / "pyproject.toml")
    digest = hashlib.sha256(f"{ROOT}\n{sys.version_info[:2]}\n".encode())
    for part in parts:
        digest.update(hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()


def prepare(purpose: str) -> Path:
    """Bring an environment up to date and return its interpreter."""
    folder_name, lock, with_comity = PURPOSES[purpose]
    folder = ROOT / folder_name
    python = folder / "bin" / "python"
    wanted = fingerprint(purpose)
    stamp = folder / f"comity-{purpose}.stamp"
    if stamp.exists() and stamp.read_text() == wanted and works(python):
        return python
    started = time.monotonic()
    if not works(python):
        make_environment(folder)
    for old in folder.glob("comity-*.stamp"):
        old.unlink()  # an interrupted installation must not look finished
    install(python, REQUIREMENTS / lock, with_comity=with_comity)
    for done in (purpose, *INCLUDES.get(purpose, ())):
        (folder / f"comity-{done}.stamp").write_text(fingerprint(done))
    say(f"{folder_name} is ready ({time.monotonic() - started:.0f} s)")
    return python


def compile_messages(python: Path) -> None:
    """Compile the message catalogues that are newer than what was made of them."""
    compiler = ROOT / "scripts" / "compile_messages.py"
    catalogues = sorted((ROOT / "src" / "comity").rglob("*.po"))
    stale = [
        path
        for path in catalogues
        if not path.with_suffix(".mo").exists()
        or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    if stale and compiler.exists() and run([str(python), str(compiler)]).returncode != 0:
        raise SetUpError("the message catalogues could not be compiled; the lines above say why")


def compile_code(python: Path) -> None:
    """Compile our own modules where that is due: every start of a program is then quicker.

    Also where Python is told to write no bytecode by itself. A module that changes
    afterwards is read from its source, as ever.
    """
    code = [str(ROOT / name) for name in ("src", "demo") if (ROOT / name).is_dir()]
    run([str(python), "-m", "compileall", "-q", *code])


def main() -> int:
    """Prepare one environment; return the exit status."""
    parser = argparse.ArgumentParser(description="Put one of the project's environments in place.")
    parser.add_argument("purpose", choices=sorted(PURPOSES))
    purpose = parser.parse_args().purpose
    try:
        require_python()
        python = prepare(purpose)
        if PURPOSES[purpose][2]:
            compile_messages(python)
            compile_code(python)
    except SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
