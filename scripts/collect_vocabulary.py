# SPDX-License-Identifier: Apache-2.0
"""Labels that the core keeps as data: fields, actions, conditions, the law's vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

Labelled = tuple[str, str]
"""Place, text."""


#: Modules of which every text in a table or under one of `NAMES` is read by officers.
TABLES = (
    "src/comity/assistance/labels.py",
    "src/comity/assistance/clocks.py",
    "src/comity/node/queries/_labels.py",
    "src/comity/node/queries/queue.py",
    "src/comity/node/services/_telling.py",
    "src/comity/node/services/evidence.py",
    "src/comity/node/services/assistance.py",
)
NAMES = {"label", "consequence", "title"}
ROOT = Path(__file__).resolve().parents[1]


def vocabulary() -> Iterator[Labelled]:
    """Yield every label with the module it comes from."""
    yield from _fields()
    yield from _actions()
    yield from _made_of_two()
    for place in TABLES:
        yield from ((place, text) for text in _in_tables(ROOT / place))
    yield from _law()


def _in_tables(path: Path) -> Iterator[str]:
    """Yield what stands in dictionaries, in pairs of label and value, and under `NAMES`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found: list[ast.expr] = []
        if isinstance(node, ast.Dict):
            found = node.values
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            found = [node.value]
        elif isinstance(node, ast.keyword) and node.arg in NAMES:
            found = (
                [node.value]
                if not isinstance(node.value, ast.IfExp)
                else [node.value.body, node.value.orelse]
            )
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
            found = node.elts
        yield from (entry.value for entry in found if _is_wording(entry))


def _is_wording(node: ast.expr) -> bool:
    """Codes begin in lower case and have no blanks; what officers read does not."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return node.value[:1].isupper() and not node.value.isupper()


def _fields() -> Iterator[Labelled]:
    from comity.assistance.field_catalogue import FIELDS, Section

    place = "src/comity/assistance/field_catalogue.py"
    for section in Section:
        yield place, section.value
    for field in FIELDS.values():
        for text in (field.label, field.help, *dict(field.choices).values()):
            yield place, text
        if field.missing != f"{field.label} is missing":
            yield place, field.missing
    yield place, "{label} is missing"


def _actions() -> Iterator[Labelled]:
    from comity.assistance.actions import ACTION_FORMS, CONDITION_LABELS

    place = "src/comity/assistance/actions.py"
    for text in CONDITION_LABELS.values():
        yield place, text
    for form in ACTION_FORMS.values():
        yield place, form.label
        yield place, form.explanation
        for entry in form.inputs:
            for text in (entry.label, entry.help, *dict(entry.choices).values()):
                yield place, text


def _made_of_two() -> Iterator[Labelled]:
    """Yield the sentences that guards put together from a sentence and a citation."""
    place = "src/comity/assistance/guards.py"
    yield place, "{reason} ({instrument}, art. {article})"
    yield place, "{reason} (needed in practice; {instrument}, art. {article})"
    yield "src/comity/node/permissions.py", "this needs the role {roles}"


def _law() -> Iterator[Labelled]:
    """Yield what the law engine says of the Budapest Convention, and how it says it."""
    import comity_law
    from comity.assistance.model import MEASURES
    from comity.law import explain
    from comity.law.answer import LegalFacts
    from comity.law.engine import assess
    from comity.law.load import load_pack

    pack = load_pack(comity_law.PATH)
    for measures in MEASURES.values():
        for measure in measures:
            yield "src/comity_law/vocabulary", pack.label("measure", measure)
            facts = LegalFacts(requesting="FR", requested="NO", measure=measure, offences=())
            answer = assess(facts=facts, pack=pack, as_of=date(2026, 1, 1))
            for basis in answer.bases:
                if basis.instrument == "coe_185":
                    yield from (
                        ("src/comity_law/instruments/coe_185.toml", t) for t in _words(basis)
                    )
    for offence in pack.offences:
        yield "src/comity_law/vocabulary", pack.label("offence", offence)
    for text in _constants(Path(explain.__file__)):
        yield "src/comity/law/explain.py", text


def _words(basis: object) -> Iterator[str]:
    """Yield the words of one basis, without its reasons and the names of institutions."""
    yield basis.title
    for item in (*basis.requires, *basis.clocks, *basis.refusal_grounds, *basis.channels):
        yield item.label
    for clock in basis.clocks:
        yield from filter(None, (clock.consequence, clock.continues_text))
    for words in (*basis.postponement, *basis.use_limits, *basis.confidentiality):
        yield words.text
    if basis.dual_criminality:
        yield basis.dual_criminality.text


def _constants(path: Path) -> Iterator[str]:
    """Yield the sentences that a module keeps as values of dictionaries."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for value in node.values:
                text = value.value if isinstance(value, ast.Constant) else None
                if isinstance(text, str) and " " in text:
                    yield text
