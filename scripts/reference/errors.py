# SPDX-License-Identifier: Apache-2.0
"""Every error code in the source, found where it is raised.

A code is a literal at the place where an error is made. Some functions take it
as a parameter and pass it on; then their callers in the same module are read. Where
one function gives errors of others a code of its own, the codes stand in a table of
the module whose name ends in `CODES`.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from reference.markdown import code, page, table

Function = ast.FunctionDef | ast.AsyncFunctionDef
FAMILIES = ("Refused", "Invalid", "Unverified", "Unavailable", "Conflict")
#: The family of a code that takes the place of another: that of the first error.
KEPT = "as found"
INTRODUCTION = """
Every error that Comity raises on purpose has a code. The code is stable: scripts and peers
may rely on it. The family says what to do next, and decides the exit status of the command
line and the answer of a node.

| Family | Meaning | What to do | Exit status | Wire |
| --- | --- | --- | --- | --- |
| `Unverified` | a signature, digest or proof failed | stop; never retry | 1 | 401 or 403 |
| `Invalid` | input is malformed, or not known here | correct it; the message says where | 3 | 422 |
| `Unavailable` | disk, device or peer is out of reach | try again later | 4 | 503 |
| `Refused` | not allowed now; every reason is listed | remove the reasons | 5 | 409 |
| `Conflict` | the same identity with other content | stop, find out which is right | 5 | 409 |

Exit status 2 is kept for wrong usage of a command. In codes and messages below, … stands
for what the case at hand puts there.
"""


@dataclass(frozen=True)
class Raised:
    """One place where a code is raised."""

    code: str
    family: str
    message: str
    module: str


def name_of(call: ast.Call) -> str:
    """Return the name of what is called, without what stands before a dot."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def template(node: ast.expr | None) -> str:
    """Return a message as far as the source fixes it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(value.value) if isinstance(value, ast.Constant) else "…" for value in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left) + template(node.right)
    return "…"


def argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    """Return an argument by position or by name."""
    named = {given.arg: given.value for given in call.keywords}
    if keyword in named:
        return named[keyword]
    return call.args[position] if position < len(call.args) else None


def literals(node: ast.expr | None) -> list[str]:
    """Return the strings an expression can be, or nothing if that cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.JoinedStr) and "." in template(node).split("…")[0]:
        return [template(node)]
    return []


class Module:
    """The errors of one source file."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.constants = {
            target.id: statement.value
            for statement in self.tree.body
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
            for target in (
                statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            )
            if isinstance(target, ast.Name)
        }
        self.calls: dict[str, list[ast.Call]] = defaultdict(list)
        self.sites: list[tuple[ast.Call, Function | None]] = []
        self._walk(self.tree, None)

    def _walk(self, node: ast.AST, function: Function | None) -> None:
        """Note every call together with the innermost function it stands in."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                self.calls[name_of(child)].append(child)
                self.sites.append((child, function))
            self._walk(child, child if isinstance(child, Function) else function)

    def raised(self) -> tuple[list[Raised], list[str]]:
        """Return what is raised, and the places whose code could not be told."""
        found: list[Raised] = []
        unknown: list[str] = []
        for call, function in self.sites:
            if name_of(call) not in FAMILIES:
                continue
            codes = self._codes(argument(call, 0, "code"), function)
            message = template(argument(call, 1, "message"))
            if codes is None:
                unknown.append(f"{self.name}:{call.lineno}")
            found += [Raised(c, name_of(call), message, self.name) for c in codes or () if c]
        return found + self._tables(), unknown

    def _tables(self) -> list[Raised]:
        """Return the codes that a table puts in place of others."""
        return [
            Raised(code, KEPT, "the first error's own message", self.name)
            for name, table in self.constants.items()
            if name.endswith("CODES") and isinstance(table, ast.Dict)
            for value in table.values
            for code in literals(value)
        ]

    def _codes(self, node: ast.expr | None, function: Function | None) -> list[str] | None:
        """Return the codes an expression can be; an empty list for one that is passed on."""
        if found := literals(node):
            return found
        if isinstance(node, ast.Attribute) and node.attr in ("code", "refusal_code"):
            return []  # raised anew with the code it came with
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            return [] if node.value.id.endswith("CODES") else None
        if isinstance(node, ast.Name):
            if node.id in self.constants:
                return literals(self.constants[node.id]) or None
            if function is not None:
                return self._from_callers(node.id, function)
        return None

    def _from_callers(self, parameter: str, function: Function) -> list[str] | None:
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        if names[:1] in (["self"], ["cls"]):
            names = names[1:]
        if parameter not in names + [a.arg for a in arguments.kwonlyargs]:
            return None
        position = names.index(parameter) if parameter in names else len(names) + 99
        codes: list[str] = []
        for call in self.calls[function.name]:
            given = literals(argument(call, position, parameter))
            codes += given
        return codes or None


def survey(source: Path) -> tuple[list[Raised], list[str]]:
    """Return everything raised below `source`, and the places that could not be read."""
    found: list[Raised] = []
    unknown: list[str] = []
    for path in sorted(source.rglob("*.py")):
        if path.name == "errors.py" and path.parent.name == "comity":
            continue
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        raised, not_told = Module(path, name).raised()
        found += raised
        unknown += not_told
    return found, unknown


def error_page(root: Path) -> str:
    """Return the page of error codes; refuse a code that cannot be read from the source."""
    raised, unknown = survey(root / "src")
    if unknown:
        raise SystemExit("error codes that are not literals: " + ", ".join(unknown))
    by_prefix: dict[str, dict[str, list[Raised]]] = defaultdict(lambda: defaultdict(list))
    for item in raised:
        by_prefix[item.code.split(".")[0]][item.code].append(item)
    parts = []
    for prefix, codes in sorted(by_prefix.items()):
        rows = [
            (
                code(name),
                ", ".join(sorted({item.family for item in items})),
                "<br>".join(dict.fromkeys(item.message for item in items[:4])),
                ", ".join(sorted({code(item.module) for item in items})),
            )
            for name, items in sorted(codes.items())
        ]
        parts.append(f"## {prefix}\n\n" + table(("Code", "Family", "Message", "Raised in"), rows))
    return page("Error codes", INTRODUCTION, *parts)
