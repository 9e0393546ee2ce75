# SPDX-License-Identifier: Apache-2.0
"""Legal answers, beside a plain DuckDB join of the same tables.

The join is the floor: it knows who is bound by what on the day and nothing else.
It gives no order, no reasons, no contents and no "cannot be said".
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import date

import comity_law
from bench.measure import Comparison
from comity.law import LegalFacts, assess, load_pack
from comity.law.matrix import matrix, members

try:
    import duckdb
except ImportError:
    duckdb = None

DAY = date(2026, 11, 21)
PACK = load_pack(comity_law.PATH)
STATES = sorted(members(PACK))
FACTS = LegalFacts("DE", "JP", "stored_content", ("illegal_access",))
ASKS = 50


def _ask(_: object) -> None:
    for _turn in range(ASKS):
        assess(facts=FACTS, pack=PACK, as_of=DAY).to_json()


def _matrix(_: object) -> None:
    matrix(facts=LegalFacts("", "", "stored_content"), pack=PACK, as_of=DAY)


def _load(_: object) -> None:
    load_pack(comity_law.PATH)


def _parse(_: object) -> None:
    for path in comity_law.PATH.rglob("*.toml"):
        if "tests" not in path.parts:
            tomllib.loads(path.read_text(encoding="utf-8"))


def _rows() -> tuple[list[tuple[str, str, date | None]], list[tuple[str, str]]]:
    """The same lists as two flat tables: who is bound by what, what reaches which measure."""
    bound = [
        (name, state, row.in_force.earliest if row.in_force else None)
        for name, item in PACK.instruments.items()
        if item.in_force_state == "in_force" and item.in_force
        for state, rows in item.parties.items()
        for row in rows
        if row.status in ("party", "bound")
    ]
    bound += [
        (name, state, item.in_force.earliest)
        for name, item in PACK.instruments.items()
        if item.list.model == "universal_except" and item.in_force
        for state in STATES
        if state not in item.parties
    ]
    reach = [
        (found.instrument.id, measure)
        for measure in PACK.measures
        for found in PACK.reaching(measure)
    ]
    return bound, reach


def _database():
    base = duckdb.connect()
    base.execute("set threads to 1")
    base.execute("create table bound (instrument text, state text, since date)")
    base.execute("create table reach (instrument text, measure text)")
    bound, reach = _rows()
    base.executemany("insert into bound values (?, ?, ?)", bound)
    base.executemany("insert into reach values (?, ?)", reach)
    return base


BASE = _database() if duckdb is not None else None
JOIN = """
    select a.state, b.state, list(a.instrument)
    from bound a join bound b using (instrument) join reach r using (instrument)
    where r.measure = 'stored_content' and a.state != b.state
      and coalesce(a.since, ?) <= ? and coalesce(b.since, ?) <= ?
"""
DAYS = [DAY] * 4


def _join_one(_: object) -> None:
    for _turn in range(ASKS):
        pair = "and a.state = 'DE' and b.state = 'JP' group by all"
        BASE.execute(JOIN + pair, DAYS).fetchall()


def _join_all(_: object) -> None:
    BASE.execute(JOIN + "group by all", DAYS).fetchall()


#: Runs the program, then says how much memory it held: the kernel's own mark, without the parent's.
WITH_MEMORY = """
import atexit, pathlib, sys
status = pathlib.Path("/proc/self/status")
held = lambda: next(x.split()[1] for x in status.read_text().splitlines() if "VmHWM" in x)
atexit.register(lambda: print(held(), file=sys.stderr))
from comity.cli.main import cli
cli()
"""


def _run(*arguments: str) -> float:
    """Run `comity law` with `arguments`; return the most memory that it held, in megabytes."""
    command = [sys.executable, "-c", WITH_MEMORY, "law", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stderr.split()[-1]) / 1024


def _bare(_: object) -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True, capture_output=True)


ASK = ("ask", "--from", "DE", "--to", "JP", "--measure", "stored_content", "--on", "2026-11-21")
ALL_PAIRS = ("matrix", "--measure", "stored_content", "--on", "2026-11-21", "--csv")


COMPARISONS = (
    Comparison(
        name="law: one question with its explanation",
        unit="answer",
        amount=ASKS,
        seconds=0.005,
        ours=_ask,
        peer=_join_one if BASE is not None else None,
        peer_name="DuckDB join, which explains nothing",
    ),
    Comparison(
        name="law: one measure, all pairs of states",
        unit="matrix",
        amount=1,
        seconds=5,
        ours=_matrix,
        peer=_join_all if BASE is not None else None,
        peer_name="DuckDB join, which ranks nothing",
    ),
    Comparison(
        name="law: read and check the whole pack",
        unit="pack",
        amount=1,
        ours=_load,
        peer=_parse,
        peer_name="tomllib alone",
    ),
    Comparison(
        name="law: from starting the command to its answer",
        unit="start",
        amount=1,
        behind=0.4,
        megabytes=200,
        ours=lambda _: _run(*ASK),
        peer=_bare,
        peer_name="bare Python",
    ),
    Comparison(
        name="law: the command for all pairs of states",
        unit="matrix",
        amount=1,
        seconds=5,
        megabytes=200,
        ours=lambda _: _run(*ALL_PAIRS),
        peer=lambda _: _join_all(None) if BASE is not None else None,
        peer_name="DuckDB join, already loaded",
    ),
)
