# SPDX-License-Identifier: Apache-2.0
"""The API from its own OpenAPI description: the description itself, and a page to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reference.markdown import code, page, sentence, table

INTRODUCTION = """
Reads for the programs of an authority, below `/api/v1` of the desk's address. Sign in at the
desk and send its session cookie; an officer may read here what the roles allow on the desk.
Only `GET` is answered, and a parameter that an address does not have is an error.

Answers are the documents that `comity law --json` prints, explained in [the answer of the law
engine](law-answer.md). What goes wrong is a problem document (RFC 9457) with `code`, `family`,
`hint` and `reasons`; the codes are those of [the list of errors](errors.md). The whole in
OpenAPI 3.1: [openapi.json](openapi.json), which a node serves at `/api/v1/openapi.json`.
"""


def description() -> dict[str, Any]:
    """Return the OpenAPI description that a node serves."""
    from comity.node.api.main import openapi

    return openapi()


def openapi_file() -> str:
    """Return the description as the file that lies beside the page."""
    return json.dumps(description(), ensure_ascii=False, indent=2) + "\n"


def addresses(made: dict[str, Any]) -> Iterator[str]:
    """Yield a section for each address."""
    base = made["servers"][0]["url"]
    for path, operations in made["paths"].items():
        operation = operations["get"]
        form = operation["responses"][200]["content"]["application/json"]["schema"]["$ref"]
        properties = made["components"]["schemas"][form.rpartition("/")[2]]["properties"]
        rows = [
            (code(one["name"]), "yes" if one.get("required") else "", one.get("description", ""))
            for one in operation.get("parameters", [])
        ]
        answer = f"Answer: {code(properties['format']['const'])}."
        taken = table(("Parameter", "Required", "Meaning"), rows) if rows else "No parameters."
        text = sentence(operation["description"])
        yield f"## {code('GET ' + base + path)}\n\n{text} {answer}\n\n{taken}"


def problems(made: dict[str, Any]) -> str:
    """Return the statuses of problems; they are the same at every address."""
    responses = next(iter(made["paths"].values()))["get"]["responses"]
    rows = [
        (str(status), answer["description"])
        for status, answer in responses.items()
        if "application/problem+json" in answer.get("content", {})
    ]
    return "## Problems\n\n" + table(("Status", "Meaning"), rows)


def api_page() -> str:
    """Return the page of the API."""
    made = description()
    return page("The API", INTRODUCTION, *addresses(made), problems(made))
