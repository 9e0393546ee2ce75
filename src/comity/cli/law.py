# SPDX-License-Identifier: Apache-2.0
"""`comity law`: ask which law allows a measure between two states, and check the law itself.

Everything is answered from the law packs on this machine. The engine is imported
only when a command runs, so that help appears at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from comity.canonical.time import read_date
from comity.cli._clock import SystemClock
from comity.cli._files import PATH, write_new
from comity.cli._law_packs import pack_of, pack_options, parts_to_check
from comity.cli._output import json_option, print_json, print_text, show, wants_json

if TYPE_CHECKING:
    from comity.law.matrix import Matrix
    from comity.law.pack import Pack

_LANGUAGES: Final = ("ar", "en", "es", "fr", "ru", "zh")
_ENGLISH: Final = "en"
_MALFORMED: Final = 3
_DIFFERS: Final = 1
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _on_option(command: _Command) -> _Command:
    return click.option(
        "--on", "on", metavar="DATE", help="The day asked about, as 2026-11-21. Default: today."
    )(command)


def _facts_options(command: _Command) -> _Command:
    for option in (
        click.option(
            "--max-months",
            type=click.IntRange(min=0, max=10_000),
            help="Maximum penalty in the requesting state, in months of imprisonment.",
        ),
        click.option("--without", multiple=True, help="A fact that the case does not show."),
        click.option("--element", multiple=True, help="A fact that the case shows. Repeatable."),
        click.option("--offence", multiple=True, help="An offence type. Repeatable."),
        click.option("--measure", required=True, help="The measure asked for."),
    ):
        command = option(command)
    return command


@click.group(name="law")
def group() -> None:
    """Ask which instrument allows a measure between two states, and check the law packs.

    Answers name article, record, source and how far each can be trusted. They are
    research for an officer, who decides; not legal advice.
    """


@group.command(name="ask", short_help="Say on which basis one state can ask another.")
@click.option("--from", "requesting", required=True, help="Requesting state, as DE.")
@click.option("--to", "requested", required=True, help="Requested state or territory, as JP.")
@_facts_options
@_on_option
@click.option("--language", type=click.Choice(_LANGUAGES), default=_ENGLISH, help="Of the labels.")
@click.option("--pdf", type=PATH, help="Write the answer to this new PDF file, JSON attached.")
@pack_options
@json_option
def ask_command(  # noqa: PLR0917  (click passes each option by name)
    requesting: str,
    requested: str,
    measure: str,
    offence: tuple[str, ...],
    element: tuple[str, ...],
    without: tuple[str, ...],
    max_months: int | None,
    on: str | None,
    language: str,
    pdf: Path | None,
    pack_folder: Path | None,
    overlay: tuple[Path, ...],
    signer: tuple[Path, ...],
) -> None:
    """Say on which basis one state can ask another for a measure, and what the request needs."""
    from comity.law import LegalFacts, assess

    day = _day(on)
    pack = pack_of(pack_folder, overlay, signer)
    facts = LegalFacts(
        requesting=requesting,
        requested=requested,
        measure=measure,
        offences=offence,
        elements=frozenset(element),
        absent=frozenset(without),
        maximum_months=max_months,
    )
    answer = assess(facts=facts, pack=pack, as_of=day)
    if pdf is not None:
        from comity.law.explain.paper import as_pdf

        write_new(pdf, as_pdf(answer, pack, language=language))
    if wants_json():
        from comity.law.explain.labels import labelled

        document = answer.to_json()
        print_json(document if language == _ENGLISH else labelled(document, pack, language))
        return
    from comity.law.explain.page import as_text, page

    show({}, *as_text(page(answer, pack, language=language)))


@group.command(name="compare", short_help="Show the law of two states side by side.")
@click.argument("first")
@click.argument("second")
@click.option("--offence", multiple=True, help="An offence type; without it, all of them.")
@_on_option
@pack_options
@json_option
def compare_command(  # noqa: PLR0917  (click passes each option by name)
    first: str,
    second: str,
    offence: tuple[str, ...],
    on: str | None,
    pack_folder: Path | None,
    overlay: tuple[Path, ...],
    signer: tuple[Path, ...],
) -> None:
    """Show the law of two states on an offence side by side: elements, penalties, declarations."""
    from comity.law.comparison import compare
    from comity.law.explain.comparison import as_text

    pack = pack_of(pack_folder, overlay, signer)
    found = compare(
        first=first,
        second=second,
        offences=offence,
        pack=pack,
        as_of=_day(on),
    )
    show(found.to_json(), *as_text(found))


@group.command(name="matrix", short_help="Show for all pairs of states who can ask whom.")
@_facts_options
@_on_option
@click.option("--csv", "as_csv", is_flag=True, help="Print one line for each pair, as CSV.")
@pack_options
@json_option
def matrix_command(  # noqa: PLR0917  (click passes each option by name)
    measure: str,
    offence: tuple[str, ...],
    element: tuple[str, ...],
    without: tuple[str, ...],
    max_months: int | None,
    on: str | None,
    as_csv: bool,  # noqa: FBT001  (click passes it by name)
    pack_folder: Path | None,
    overlay: tuple[Path, ...],
    signer: tuple[Path, ...],
) -> None:
    """Show for every pair of states whether one can ask the other for a measure, and by what."""
    from comity.law import LegalFacts
    from comity.law.matrix import matrix

    if as_csv and wants_json():
        raise click.UsageError("--csv and --json are two forms of one answer: choose one.")
    pack = pack_of(pack_folder, overlay, signer)
    facts = LegalFacts("", "", measure, offence, frozenset(element), max_months, frozenset(without))
    found = matrix(facts=facts, pack=pack, as_of=_day(on))
    if wants_json():
        print_json(found.to_json())
    elif as_csv:
        _print_csv(found)
    else:
        _print_summary(found, pack)


@group.command(name="check", short_help="Check a law pack.")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--signer",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="File with the public seal (JSON) of the authority that signed an overlay file.",
)
@json_option
def check_command(folders: tuple[Path, ...], signer: tuple[Path, ...]) -> None:
    """Check a law pack: every fault names file, key and fix. Exit code 3 if there is any.

    The first of FOLDERS is a whole pack, the others are overlays above it. Without
    FOLDERS the built-in law is checked; a single folder that has no vocabulary of
    its own is checked as an overlay of the built-in law.
    """
    from comity.law.load import check_parts

    parts = parts_to_check(folders, signer)
    problems = check_parts(parts)
    show(
        {
            "packs": [{"name": part.name, "digest": part.digest} for part in parts],
            "problems": [
                {
                    "code": problem.code,
                    "file": problem.file,
                    "key": problem.key,
                    "message": problem.message,
                    "fix": problem.fix,
                }
                for problem in problems
            ],
        },
        *[line for problem in problems for line in problem.lines],
        ("1 fault." if len(problems) == 1 else f"{len(problems)} faults.")
        if problems
        else "No faults in " + " + ".join(part.name for part in parts) + ".",
    )
    if problems:
        click.get_current_context().exit(_MALFORMED)


@group.command(name="test", short_help="Ask the questions of scenarios.")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pack_options
@json_option
def test_command(
    files: tuple[Path, ...],
    pack_folder: Path | None,
    overlay: tuple[Path, ...],
    signer: tuple[Path, ...],
) -> None:
    """Ask the questions in scenario FILES and compare with the answers expected there.

    Without FILES, those that come with the pack. Exit code 1 if any answer differs.
    """
    import comity_law
    from comity.errors import Invalid
    from comity.law.scenario import read_scenarios

    pack = pack_of(pack_folder, overlay, signer)
    chosen = files or sorted(((pack_folder or comity_law.PATH) / "tests").glob("*.toml"))
    if not chosen:
        raise Invalid(
            "law.no_scenario",
            f"{pack_folder}: there is no question in tests/",
            hint="Name files of questions, or put them into tests/ of the pack.",
        )
    results = []
    for path in chosen:
        for scenario in read_scenarios(path):
            try:
                results.append((path, scenario.title, scenario.run(pack)))
            except Invalid as error:
                message = f"{path.name}: {error.message}"
                raise Invalid(error.code, message, hint=error.hint) from error
    failed = [result for result in results if result[2]]
    show(
        {
            "passed": len(results) - len(failed),
            "failed": [
                {"file": str(path), "title": title, "differences": list(differences)}
                for path, title, differences in failed
            ],
        },
        *[
            line
            for path, title, differences in failed
            for line in (f"{path.name}: {title}", *[f"  {one}" for one in differences])
        ],
        f"{len(results) - len(failed)} of {len(results)} scenarios have the expected answer.",
    )
    if failed:
        click.get_current_context().exit(_DIFFERS)


@group.command(name="sign", short_help="Sign an authority's own law.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the authority's seal.",
)
@click.option("--publisher", required=True, help="The authority's name, such as xv.moj.")
@click.option(
    "--kind",
    required=True,
    type=click.Choice(["own_law", "correction"]),
    help="Law of the authority's own state, or a correction of any record.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The new file to write."
)
@json_option
def sign_command(folder: Path, keys: Path, publisher: str, kind: str, out: Path) -> None:
    """Sign the law in FOLDER with an authority's seal, after checking it as an overlay.

    The file that is written goes to others, who load it with --overlay and --signer.
    """
    import comity_law
    from comity.canonical.digest import sha256
    from comity.canonical.ids import parse_authority_id
    from comity.crypto.keys import read_seal
    from comity.errors import Conflict
    from comity.law.load import load_parts, read_directory
    from comity.law.overlay import read_part, sign_part

    seal = read_seal(keys)
    data = sign_part(
        read_directory(folder),
        kind=kind,
        publisher=parse_authority_id(publisher, what="--publisher"),
        issued=SystemClock().now(),
        key=seal,
    )
    load_parts([read_directory(comity_law.PATH), read_part(data, key=seal.public).part])
    try:
        with out.open("xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise Conflict("law.file_exists", f"{out} is there already") from error
    digest = sha256(data)
    show(
        {"file": str(out), "sha256": digest, "seal": seal.public.key_id, "kind": kind},
        f"Signed {folder} as {kind} of {publisher}: {out}",
        f"Seal   {seal.public.key_id}",
        f"SHA-256 {digest}",
    )


@group.command(name="diff", short_help="Show what changed from one pack to another.")
@click.argument("old", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_on_option
@json_option
def diff_command(old: Path, new: Path, on: str | None) -> None:
    """Show what changed from the pack in OLD to the pack in NEW, and for whom."""
    from comity.law.difference import difference
    from comity.law.explain.difference import as_text

    found = difference(
        old=pack_of(old, (), ()),
        new=pack_of(new, (), ()),
        as_of=_day(on),
    )
    show(found.to_json(), *as_text(found))


# --- options to values -----------------------------------------------------------------------


def _day(on: str | None) -> date:
    return SystemClock().now().date() if on is None else read_date(on, what="--on")


# --- matrix ----------------------------------------------------------------------------------


def _print_csv(found: Matrix) -> None:
    lines = ["from,to,status,usable,undetermined"]
    lines += [
        f"{requesting},{requested},{cell.status},{' '.join(cell.usable)},"
        f"{' '.join(cell.undetermined)}"
        for requesting, requested, cell in found.rows()
    ]
    for line in lines:
        print_text(line)


def _print_summary(found: Matrix, pack: Pack) -> None:
    counts: dict[str, dict[str, int]] = {}
    for requesting, _, cell in found.rows():
        of = counts.setdefault(requesting, {"usable": 0, "undetermined": 0, "none": 0})
        of[cell.status] += 1
    print_text(f"{pack.label('measure', found.measure)}, on {found.as_of.isoformat()}")
    print_text("How many states each can ask: usable basis, undetermined, none")
    for state, of in counts.items():
        print_text(
            f"{state}  {of['usable']:3}  {of['undetermined']:3}  {of['none']:3}  "
            f"{pack.label('state', state)}"
        )
    print_text(f"Law: {found.pack_name} {found.pack_version}, sha256 {found.pack_digest}")
