# SPDX-License-Identifier: Apache-2.0
"""Everything that must hold before a change goes in; `make test` runs it.

Cheap checks first, then the tests in groups, then the documentation. Every
check says how many things it looked at: one that looked at nothing has not
passed. A group of tests that had to be left out says why, and the closing table
repeats it, so that nobody takes *skipped* for *passed*.

Variables: FAST=1, T=path, DEEP=1, DB=postgresql, CI=true (see the Makefile), and
LEAVE_OUT="fuzz; live nodes, browser": groups or gates that are not run here; the closing
table names them, so that nobody takes them for passed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
REPORTS = ROOT / "build" / "reports"
PASSED, FAILED, NOT_RUN = "passed", "FAILED", "NOT RUN"
PYTEST_FOUND_NOTHING = 5
MOST_REASONS = 6
GATES_AT_ONCE = 2
FUZZ_SECONDS = 3
FUZZ_SECONDS_DEEP = 600


@dataclass(frozen=True)
class Gate:
    """A check that is one command. `counts` finds in its output how much it looked at."""

    name: str
    command: tuple[str, ...]
    counts: str
    fast: bool = True
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Tests that run together, in parallel where they do not share a machine's ports."""

    name: str
    paths: tuple[str, ...]
    marks: str
    workers: int = 0
    dist: str = "worksteal"
    options: tuple[str, ...] = ()
    fast: bool = False
    must_exist: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of one gate or group."""

    name: str
    status: str
    detail: str
    seconds: float
    counts: Counter[str] = field(default_factory=Counter)


def tool(name: str) -> str:
    """Return the path of a program of the development environment."""
    return str(BIN / name)


APART = "not (live or browser or thirdparty)"
GATES_BEFORE = (
    Gate("format", (tool("ruff"), "format", "--check", "."), r"(\d+) files? already formatted"),
    Gate("lint", (tool("ruff"), "check", "."), r"All checks passed!()"),
    Gate("types, core", (tool("mypy"),), r"no issues found in (\d+) source files?"),
    Gate(
        "types, node",
        (tool("mypy"), "--config-file", "mypy-node.ini"),
        r"no issues found in (\d+) source files?",
        fast=False,
    ),
    Gate("layers", (tool("lint-imports"), "--no-cache"), r"Contracts: (\d+) kept, 0 broken"),
    Gate(
        "templates, migrations",
        (tool("python"), "scripts/check_node.py"),
        r"checked (\d+) templates",
        fast=False,
    ),
)
GROUPS = (
    Group(
        "core tests",
        ("tests/core", "src/comity_law/tests"),
        f"{APART} and not slow",
        workers=2,
        fast=True,
        must_exist=True,
    ),
    Group("slow core tests", ("tests/core",), f"{APART} and slow", workers=2),
    Group("command line", ("tests/cli",), APART, workers=2, must_exist=True),
    Group("node tests", ("tests/node",), APART, workers=2, must_exist=True),
    Group("federation tests", ("tests/federation",), APART, workers=2),
    Group("other tests", ("tests/demo", "tests/setup", "tests/docs"), APART, workers=2),
    Group("third-party validators", ("tests",), "thirdparty and not (live or browser)", workers=2),
    # A file at a time: the tests of one share the nodes that they started. In the order of the
    # names: the test of kills takes longest and comes first, all others fill the other core.
    Group(
        "live nodes, browser",
        ("tests/federation/live", "tests/browser"),
        "live or browser",
        workers=2,
        dist="loadfile",
        options=("--no-loadscope-reorder",),
    ),
)
GATES_AFTER = (
    Gate(
        "generated pages",
        (tool("python"), "scripts/generate_docs.py", "--check"),
        r"(\d+) pages are up to date",
        fast=False,
    ),
    Gate(
        "documentation",
        (tool("sphinx-build"), "-n", "-W", "--keep-going", "-b", "html", "docs", "build/docs"),
        r"build succeeded()",
        fast=False,
    ),
)


def announce(name: str) -> None:
    """Print a heading."""
    print(f"\n== {name} " + "=" * max(4, 70 - len(name)), flush=True)


def run_gates(gates: list[Gate]) -> list[Outcome]:
    """Run commands two at a time; show the output of those that failed."""
    outcomes = []
    with ThreadPoolExecutor(max_workers=GATES_AT_ONCE) as pool:
        for outcome, said in pool.map(run_gate, gates):
            announce(outcome.name)
            print(said if outcome.status == FAILED else outcome.detail, flush=True)
            outcomes.append(outcome)
    return outcomes


def run_gate(gate: Gate) -> tuple[Outcome, str]:
    """Run one command; return what came of it and what it printed."""
    started = time.monotonic()
    done = subprocess.run(
        gate.command,
        cwd=ROOT,
        env={**os.environ, **gate.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    looked_at = re.search(gate.counts, done.stdout)
    if done.returncode != 0:
        status, detail = FAILED, f"exit status {done.returncode}"
    elif looked_at is None or looked_at.group(1) == "0":
        status, detail = FAILED, "it does not say that it looked at anything"
    else:
        status, detail = PASSED, looked_at.group(0)
    return Outcome(gate.name, status, detail, seconds), done.stdout


def pytest_command(
    paths: tuple[str, ...],
    *,
    marks: str,
    workers: int,
    report: Path,
    dist: str = "worksteal",
    options: tuple[str, ...] = (),
) -> list[str]:
    """Return the command that runs `paths`."""
    command = [tool("pytest"), "-q", f"--junitxml={report}", "--durations=5", *options, *paths]
    if marks:
        command += ["-m", marks]
    if workers:
        command += ["-n", str(workers), "--dist", dist]
    return command


def read_report(report: Path) -> tuple[Counter[str], list[str]]:
    """Return how many tests ended in which way, and why some were skipped."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - our own pytest wrote it
        skipped = case.find("skipped")
        if skipped is not None:
            counts["skipped"] += 1
            reasons[skipped.get("message", "no reason given")] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
        else:
            counts["passed"] += 1
    return counts, [f"{reason} ({n})" for reason, n in reasons.most_common(MOST_REASONS)]


def run_group(group: Group, *, profile: str) -> Outcome:
    """Run one group of tests, its output as it comes."""
    announce(group.name)
    paths = tuple(path for path in group.paths if (ROOT / path).is_dir())
    report = REPORTS / (re.sub(r"\W+", "-", group.name) + ".xml")
    report.unlink(missing_ok=True)
    started = time.monotonic()
    if not paths:
        status = FAILED if group.must_exist else NOT_RUN
        return Outcome(group.name, status, f"there is no {' or '.join(group.paths)}", 0.0)
    done = subprocess.run(
        pytest_command(
            paths,
            marks=group.marks,
            workers=group.workers,
            report=report,
            dist=group.dist,
            options=group.options,
        ),
        cwd=ROOT,
        env={**os.environ, "COMITY_HYPOTHESIS": profile},
        check=False,
    )
    seconds = time.monotonic() - started
    if done.returncode == PYTEST_FOUND_NOTHING:
        status = FAILED if group.must_exist else NOT_RUN
        return Outcome(group.name, status, "no such tests were found", seconds)
    if not report.exists():
        return Outcome(group.name, FAILED, f"pytest stopped: {done.returncode}", seconds)
    counts, reasons = read_report(report)
    detail = ", ".join(f"{counts[key]} {key}" for key in ("passed", "failed", "skipped"))
    if reasons:
        detail += "\n    skipped because " + "\n    skipped because ".join(reasons)
    status = PASSED if done.returncode == 0 else FAILED
    if status == PASSED and not counts["passed"]:
        status = NOT_RUN
    return Outcome(group.name, status, detail, seconds, counts)


def run_fuzz(seconds: int) -> Outcome:
    """Give every reader of foreign bytes some seconds of hostile input, two at a time."""
    announce("fuzz")
    started = time.monotonic()
    harnesses = sorted((ROOT / "fuzz").glob("fuzz_*.py"))
    if importlib.util.find_spec("atheris") is None:
        return Outcome("fuzz", NOT_RUN, "atheris has no build for this machine", 0.0)
    if not harnesses:
        return Outcome("fuzz", FAILED, "there is no fuzz/fuzz_*.py", 0.0)
    left_behind = ROOT / "build" / "fuzz"  # where an input that got through is put
    left_behind.mkdir(parents=True, exist_ok=True)

    def one(harness: Path) -> tuple[str, int, str]:
        done = subprocess.run(
            [tool("python"), str(harness), "--seconds", str(seconds)],
            cwd=left_behind,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        tried = re.search(r"number_of_executed_units:\s*(\d+)", done.stdout)
        if done.returncode != 0 or tried is None or tried.group(1) == "0":
            return harness.name, 0, done.stdout[-4000:]
        return harness.name, int(tried.group(1)), ""

    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(one, harnesses))
    for name, inputs, trouble in results:
        print(f"{name}: {inputs} inputs" if not trouble else f"{name}: FAILED\n{trouble}")
    failed = [name for name, _, trouble in results if trouble]
    detail = f"{sum(inputs for _, inputs, _ in results)} inputs to {len(harnesses)} readers"
    if failed:
        detail += f"; an input got through: {', '.join(failed)} (see build/fuzz)"
    return Outcome("fuzz", FAILED if failed else PASSED, detail, time.monotonic() - started)


def close(outcomes: list[Outcome], *, seconds: float) -> int:
    """Print the table of what came of everything, and return the exit status."""
    announce("summary")
    for outcome in outcomes:
        print(f"{outcome.status:8} {outcome.seconds:6.1f} s  {outcome.name}: {outcome.detail}")
    total: Counter[str] = sum((outcome.counts for outcome in outcomes), Counter())
    failed = [outcome.name for outcome in outcomes if outcome.status == FAILED]
    not_run = [outcome.name for outcome in outcomes if outcome.status == NOT_RUN]
    print(f"\n{seconds:.0f} s in all")
    if not_run:
        print(f"NOT RUN: {', '.join(not_run)}")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if failed else 0


def main() -> int:
    """Run what the variables ask for; return the exit status."""
    started = time.monotonic()
    variables = {name: os.environ.get(name, "") for name in ("FAST", "T", "DEEP", "DB", "CI")}
    if variables["DB"] not in ("", "sqlite", "postgresql"):
        print(f"DB={variables['DB']}: it is sqlite or postgresql", file=sys.stderr)
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    if variables["DB"] == "postgresql":
        return on_postgresql()
    usual = os.environ.get("COMITY_HYPOTHESIS") or ("ci" if variables["CI"] else "dev")
    profile = "deep" if variables["DEEP"] else usual
    fast = bool(variables["FAST"])
    if fast:
        profile = "fast"
    if variables["T"]:
        group = Group("chosen tests", (), "", must_exist=True)
        command = pytest_command(
            tuple(variables["T"].split()), marks="", workers=0, report=REPORTS / "chosen.xml"
        )
        announce(group.name)
        env = {**os.environ, "COMITY_HYPOTHESIS": profile}
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    left_out = {name.strip() for name in os.environ.get("LEAVE_OUT", "").split(";")} - {""}
    unknown = left_out - {one.name for one in (*GATES_BEFORE, *GROUPS, *GATES_AFTER)} - {"fuzz"}
    if unknown:
        print(f"LEAVE_OUT: there is no group named {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    outcomes = run_gates([gate for gate in GATES_BEFORE if wanted(gate, left_out, fast=fast)])
    outcomes += [
        run_group(group, profile=profile) for group in GROUPS if wanted(group, left_out, fast=fast)
    ]
    if not fast and "fuzz" not in left_out:
        outcomes.append(run_fuzz(FUZZ_SECONDS_DEEP if variables["DEEP"] else FUZZ_SECONDS))
    outcomes += run_gates([gate for gate in GATES_AFTER if wanted(gate, left_out, fast=fast)])
    outcomes += [Outcome(name, NOT_RUN, "left out here", 0.0) for name in sorted(left_out)]
    return close(outcomes, seconds=time.monotonic() - started)


def on_postgresql() -> int:
    """Run all of the node's tests on a PostgreSQL server that is started for it."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support import postgresql

    group = next(group for group in GROUPS if group.name == "node tests")
    try:
        # One process: the workers would share the one database.
        with postgresql.server() as database:
            os.environ["NODE_TEST_DATABASE"] = database
            outcome = run_group(replace(group, workers=0), profile="dev")
            return close([outcome], seconds=outcome.seconds)
    except postgresql.NoServer as error:
        print(f"DB=postgresql: {error}", file=sys.stderr)
        return 2


def wanted(one: Gate | Group, left_out: set[str], *, fast: bool) -> bool:
    """Tell whether a gate or group is run."""
    return one.name not in left_out and (one.fast or not fast)


if __name__ == "__main__":
    raise SystemExit(main())
