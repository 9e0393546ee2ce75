# SPDX-License-Identifier: Apache-2.0
"""The addresses of the law: the questions of `comity law`, with the same documents as answers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from comity.node.api import forms
from comity.node.api.callers import caller
from comity.node.api.problems import document
from comity.node.api.questions import CaseQuestion, ComparisonQuestion, OfPack, PairQuestion, only
from comity.node.queries import law as queries

router = Router(tags=["law"])


@router.get("/ask", response=forms.Answer, operation_id="ask")
def ask(request: HttpRequest, question: Query[PairQuestion]) -> HttpResponse:
    """Say on which basis one state can ask another for a measure, and what the request needs."""
    only(request, PairQuestion)
    facts = question.facts(question.requesting, question.requested)
    answer = queries.ask(
        officer=caller(request), facts=facts, on=question.day, digest=question.digest
    )
    return document(answer.to_json())


@router.get("/compare", response=forms.Comparison, operation_id="compare")
def compare(request: HttpRequest, question: Query[ComparisonQuestion]) -> HttpResponse:
    """Show the law of two states on offences side by side: elements, penalties, declarations."""
    only(request, ComparisonQuestion)
    found = queries.compare(
        officer=caller(request),
        states=(question.first, question.second),
        offences=tuple(question.offence),
        on=question.day,
        digest=question.digest,
    )
    return document(found.to_json())


@router.get("/matrix", response=forms.Matrix, operation_id="matrix")
def matrix(request: HttpRequest, question: Query[CaseQuestion]) -> HttpResponse:
    """Show for every pair of states whether one can ask the other for a measure, and by what."""
    only(request, CaseQuestion)
    found = queries.matrix(
        officer=caller(request), facts=question.facts(), on=question.day, digest=question.digest
    )
    return document(found.to_json())


@router.get("/instruments", response=forms.Instruments, operation_id="instruments")
def instruments(request: HttpRequest, question: Query[OfPack]) -> HttpResponse:
    """List every instrument."""
    only(request, OfPack)
    return document(queries.instruments(officer=caller(request), digest=question.digest))


@router.get("/instruments/{name}", response=forms.Instrument, operation_id="instrument")
def instrument(request: HttpRequest, name: str, question: Query[OfPack]) -> HttpResponse:
    """Show one instrument with its parties, declarations and provisions."""
    only(request, OfPack)
    found = queries.instrument(officer=caller(request), name=name, digest=question.digest)
    return document(found)


@router.get("/states/{code}", response=forms.State, operation_id="state")
def state(request: HttpRequest, code: str, question: Query[OfPack]) -> HttpResponse:
    """Show what is recorded of one state or territory."""
    only(request, OfPack)
    found = queries.state(officer=caller(request), code=code, digest=question.digest)
    return document(found)


@router.get("/packs", response=forms.Packs, operation_id="packs")
def packs(request: HttpRequest) -> HttpResponse:
    """Show which law this node answers from, and every pack that was in use before."""
    only(request, None)
    return document(queries.packs(officer=caller(request)))
