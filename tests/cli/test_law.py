# SPDX-License-Identifier: Apache-2.0
"""`comity law` as a person and a program use it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import comity_law
from comity.canonical import json as canonical
from comity.cli.main import cli
from comity.crypto.keys import SealPrivateKey, write_seal
from comity.law.load import read_directory

ASK = ("law", "ask", "--from", "DE", "--to", "JP", "--measure", "expedited_preservation")
DEMO = Path(__file__).resolve().parents[2] / "demo" / "law"


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_cache(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_folder))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_ask_in_words() -> None:
    done = run(*ASK, "--offence", "illegal_access", "--on", "2026-11-21")
    assert done.exit_code == 0
    for words in (
        "Germany asks Japan: Expedited preservation of stored data",
        "1. Budapest Convention, art 29",
        "usable (verified)",
        "necessity of preservation",
        "at least 60 days",
        "Dual criminality (art 29(3)-(4)): not required",
        "comity-law 2026.11.21",
    ):
        assert words in done.output


def test_ask_in_json() -> None:
    done = run(*ASK, "--offence", "illegal_access", "--on", "2026-11-21", "--json")
    answer = json.loads(done.output)
    assert answer["usable"] == ["coe_185"]
    assert answer["as_of"] == "2026-11-21"
    assert len(answer["pack"]["digest"]) == 64


def test_ask_in_french() -> None:
    done = run(*ASK, "--language", "fr", "--on", "2026-11-21")
    assert "Conservation rapide de données stockées" in done.output
    assert "Allemagne" in done.output
    assert "[vérifié, mofa_jp_185]" in done.output


def test_labels_in_json_are_in_the_language_asked_for() -> None:
    offence = ("--offence", "illegal_access", "--on", "2026-11-21", "--json")
    english = json.loads(run(*ASK, *offence).output)
    assert "language" not in english
    arabic = json.loads(run(*ASK, *offence, "--language", "ar").output)
    assert arabic["language"] == "ar"
    (basis,) = [one for one in arabic["bases"] if one["status"] == "usable"]
    texts = [
        one["label"] for key in ("fields", "refusal_grounds", "channels") for one in basis[key]
    ]
    texts += [basis["dual_criminality"]["text"]]
    assert not [text for text in texts if text.isascii()]
    assert arabic["usable"] == english["usable"]
    assert [one["code"] for one in basis["channels"]] == [
        one["code"] for one in english["bases"][0]["channels"]
    ]


def test_a_territory_by_either_name() -> None:
    for name in ("CW", "nl-cw"):
        done = run(
            "law",
            "ask",
            "--from",
            "DE",
            "--to",
            name,
            "--measure",
            "expedited_preservation",
            "--on",
            "2026-11-21",
            "--json",
        )
        assert json.loads(done.output)["usable"] == ["coe_185"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--from", "DE", "--to", "JX", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "US-CA", "--to", "JP", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "US-DE", "--to", "JP", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "XX-DE", "--to", "JP", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "DE", "--to", "JP-CW", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "DE", "--to", "NL-NL-CW", "--measure", "extradition"), 3, "law.unknown_state"),
        (("--from", "CW", "--to", "NL-CW", "--measure", "extradition"), 3, "law.same_state"),
        (("--from", "DE", "--to", "JP", "--measure", "extraditon"), 3, "extradition"),
        (
            ("--from", "DE", "--to", "JP", "--measure", "extradition", "--on", "1 May"),
            3,
            "2026-11-21",
        ),
        (("--from", "DE", "--to", "JP"), 2, "--measure"),
        (("--from", "DE", "--to", "JP", "--measure", "EXTRADITION"), 3, "extradition?"),
        (
            ("--from", "DE", "--to", "JP", "--measure", "extradition", "--offence", "x"),
            3,
            "system_interference",
        ),
        (
            ("--from", "DE", "--to", "JP", "--measure", "extradition", "--max-months", "-1"),
            2,
            "--max-months",
        ),
    ],
)
def test_a_wrong_question_is_explained(arguments: tuple[str, ...], code: int, words: str) -> None:
    done = run("law", "ask", *arguments)
    assert done.exit_code == code
    assert words in done.output + (done.stderr if done.stderr_bytes else "")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Germany", "Germany is DE."),
        ("germany", "Germany is DE."),
        ("DEU", "Germany is DE."),
        ("UK", "United Kingdom is GB."),
        ("the Netherlands", "Netherlands is NL."),
        ("Curacao", "Curaçao is CW."),
        ("Allemagne", "Germany is DE."),
        ("日本", "Japan is JP."),
        ("Swizerland", "Did you mean CH (Switzerland)?"),
        ("Korea", "North Korea is KP; South Korea is KR."),
        ("JX", "such as DE for Germany"),
        (" ", "such as DE for Germany"),
        ("x" * 10_000, "such as DE for Germany"),
    ],
)
def test_a_name_in_place_of_a_code_brings_the_code(written: str, hint: str) -> None:
    ask = ("law", "ask", "--to", "FR", "--measure", "extradition", "--on", "2026-11-21")
    done = run(*ask, "--from", written)
    assert done.exit_code == 3
    assert hint in done.stderr
    done = run("law", "compare", "FR", written)
    assert done.exit_code == 3
    assert hint in done.stderr


@pytest.mark.parametrize("written", ["de", " De ", "DE"])
def test_a_code_in_any_case(written: str) -> None:
    ask = ("law", "ask", "--to", "jp", "--measure", "extradition", "--on", "2026-11-21", "--json")
    answer = json.loads(run(*ask, "--from", written).output)
    assert (answer["facts"]["requesting"], answer["facts"]["requested"]) == ("DE", "JP")


def test_an_error_in_json() -> None:
    done = run("law", "ask", "--from", "DE", "--to", "JX", "--measure", "extradition", "--json")
    error = json.loads(done.stdout)["error"]
    assert (error["code"], error["family"]) == ("law.unknown_state", "invalid")


def test_compare() -> None:
    done = run("law", "compare", "DE", "JP", "--offence", "illegal_access", "--on", "2026-11-21")
    assert "Only Japan asks that the system is connected to another system" in done.output
    in_json = json.loads(
        run("law", "compare", "DE", "JP", "--offence", "illegal_access", "--json").output
    )
    assert [state["state"] for state in in_json["offences"][0]["states"]] == ["DE", "JP"]
    assert len(json.loads(run("law", "compare", "DE", "JP", "--json").output)["offences"]) == 19


def test_matrix_as_csv_keeps_norway() -> None:
    done = run("law", "matrix", "--measure", "stored_content", "--on", "2026-11-21", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.output)))
    assert len(rows) == 193 * 192
    norway = [row for row in rows if row["from"] == "NO" and row["to"] == "SE"]
    assert norway[0]["usable"].split() == ["coe_030", "eu_is_no_mla", "coe_185"]
    assert {row["status"] for row in rows} == {"usable", "undetermined", "none"} & {
        row["status"] for row in rows
    }


def test_matrix_in_words_and_json() -> None:
    arguments = ("law", "matrix", "--measure", "expedited_preservation", "--on", "2026-11-21")
    assert "Norway" in run(*arguments).output
    assert json.loads(run(*arguments, "--json").output)["format"] == "comity.law.matrix/1"
    assert run(*arguments, "--json", "--csv").exit_code == 2


def test_check_the_built_in_law_and_an_overlay(tmp_path: Path) -> None:
    assert run("law", "check").exit_code == 0
    assert run("law", "check", str(DEMO)).exit_code == 0
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pack.toml").write_bytes((DEMO / "pack.toml").read_bytes())
    text = (DEMO / "coe_185.toml").read_text().replace("2014-09-09", "September 2014")
    (broken / "coe_185.toml").write_text(text)
    done = run("law", "check", str(broken))
    assert done.exit_code == 3
    assert "law.date_in_words" in done.output
    assert "coe_185.toml" in done.output
    *lines, count = done.output.splitlines()
    assert all(line.endswith("]") for line in lines[::2])
    assert all(line.startswith("  ") for line in lines[1::2])
    assert count == f"{len(lines) // 2} faults."
    fix = lines[1]
    asked = run(*ASK, "--overlay", str(broken))
    assert "\\n" not in asked.stderr
    assert fix.strip() in asked.stderr
    problems = json.loads(run("law", "check", str(broken), "--json").output)["problems"]
    assert {"code", "file", "key", "message", "fix"} == set(problems[0])


def test_a_copy_of_the_built_in_law_is_no_overlay_of_it(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(comity_law.PATH, copy, ignore=shutil.ignore_patterns("vocabulary"))
    done = run("law", "check", str(copy))
    assert done.exit_code == 3
    assert "law.duplicate_id" not in done.output


def test_the_scenarios_without_python(tmp_path: Path) -> None:
    done = run("law", "test")
    assert done.exit_code == 0
    assert "scenarios have the expected answer" in done.output
    (tmp_path / "empty.toml").touch()
    done = run("law", "test", str(tmp_path / "empty.toml"))
    assert done.exit_code == 3
    assert "law.no_scenario" in done.output
    shutil.copytree(comity_law.PATH, tmp_path / "untested", ignore=shutil.ignore_patterns("tests"))
    done = run("law", "test", "--pack", str(tmp_path / "untested"))
    assert done.exit_code == 3
    assert "0 of 0" not in done.output
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        '[[case]]\ntitle = "wrong"\nfrom = "DE"\nto = "JP"\nmeasure = "stored_content"\n'
        'on = "2026-11-21"\nusable = []\n'
    )
    done = run("law", "test", str(wrong))
    assert done.exit_code == 1
    assert "expected []" in done.output
    assert done.output.splitlines()[:2] == [
        "wrong.toml: wrong",
        "  usable is ['eu_jp_mla_2009', 'coe_185'], expected []",
    ]


def test_diff_names_the_record_and_the_pairs(tmp_path: Path) -> None:
    new = tmp_path / "new"
    for name, data in read_directory(comity_law.PATH).files.items():
        (new / name).parent.mkdir(parents=True, exist_ok=True)
        (new / name).write_bytes(
            data.replace(b'in_force = "2012-11-01"', b'in_force = "2012-12-01"')
        )
    done = run("law", "diff", str(comity_law.PATH), str(new), "--on", "2012-11-15")
    assert "changed: coe_185/party/JP (JP)" in done.output
    assert "in_force: 2012-11-01 -> 2012-12-01" in done.output
    lines = done.output.splitlines()
    at = next(i for i, line in enumerate(lines) if "for " in line and "expedited_pres" in line)
    assert lines[at - 1] == "  coe_185 -> none"
    assert "AL-JP, AM-JP" in lines[at + 1]


def test_an_overlay_folder_and_a_signed_one(tmp_path: Path) -> None:
    question = (
        "law",
        "ask",
        "--from",
        "XV",
        "--to",
        "XM",
        "--measure",
        "expedited_preservation",
        "--on",
        "2026-11-21",
        "--json",
    )
    answer = json.loads(run(*question, "--overlay", str(DEMO)).output)
    assert answer["usable"] == ["coe_185"]
    assert [part["name"] for part in answer["pack"]["parts"]] == ["comity-law", "demo-fiction"]

    key = SealPrivateKey.from_seeds(ed25519_seed=b"\1" * 32, mldsa65_seed=b"\2" * 32)
    folder = tmp_path / "us"
    folder.mkdir()
    (folder / "pack.toml").write_text(
        'format = "comity.law.pack/1"\nname = "us-law"\nversion = "1"\nas_of = "2026-11-21"\n'
        'publisher = "a test"\nreason = "to test"\n'
    )
    (folder / "us.toml").write_text(
        'state = "US"\n[[practice]]\ntopic = "languages"\ntext = "English"\n'
        'languages = ["en"]\nconfidence = "verified"\nsource = ["inl_mlats_2015"]\n'
    )
    keys = tmp_path / "keys"
    keys.mkdir()
    write_seal(keys, key)
    signed, seal = tmp_path / "us.json", tmp_path / "seal.json"
    sign = ("law", "sign", str(folder), "--keys", str(keys), "--kind", "own_law", "--out")
    done = run(*sign, str(signed), "--publisher", "us.doj")
    assert done.exit_code == 0, done.output
    assert run(*sign, str(signed), "--publisher", "us.doj").exit_code == 5
    foreign = run(*sign, str(tmp_path / "fr.json"), "--publisher", "fr.moj")
    assert foreign.exit_code == 3
    assert not (tmp_path / "fr.json").exists()
    seal.write_bytes(canonical.write(key.public.to_json()))
    ask = (
        "law",
        "ask",
        "--from",
        "DE",
        "--to",
        "US",
        "--measure",
        "stored_content",
        "--json",
        "--overlay",
        str(signed),
    )
    answer = json.loads(run(*ask, "--signer", str(seal)).output)
    assert answer["pack"]["parts"][1]["signed_by"] == "us.doj"
    without = run(*ask)
    assert without.exit_code == 1
    assert json.loads(without.stdout)["error"]["code"] == "law.unknown_signer"


def test_help_reads_well_and_comes_at_once() -> None:
    for words in (
        "law",
        "law ask",
        "law matrix",
        "law check",
        "law diff",
        "law compare",
        "law test",
    ):
        done = run(*words.split(), "--help")
        assert done.exit_code == 0
        assert "Usage:" in done.output
    bare, help_ = (
        _seconds(arguments)
        for arguments in (("-c", "pass"), ("-m", "comity.cli.main", "law", "--help"))
    )
    assert help_ - bare < 0.4


def _seconds(arguments: tuple[str, ...]) -> float:
    """The least processor time of three runs of Python."""
    import resource

    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_importing_the_group_imports_no_engine() -> None:
    code = "import sys, comity.cli.law; assert not [m for m in sys.modules if m.startswith('comity.law')]"
    subprocess.run([sys.executable, "-c", code], check=True)
