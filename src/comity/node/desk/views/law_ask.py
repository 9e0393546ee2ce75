# SPDX-License-Identifier: Apache-2.0
"""Questions to the law that no request carries: one pair of states, or two laws side by side.

The question is the address of the page, so that it can be kept, sent to a colleague and asked
again on another day.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from comity.law.answer import LegalFacts
from comity.node.desk.forms.law import AskForm, CompareForm
from comity.node.desk.views.law_reference import LawView
from comity.node.queries import law_pages
from comity.node.queries.law_views import AnswerPage, Vocabulary


class Ask(LawView):
    """Put a question to the engine and show everything it says."""

    template = "desk/law/ask.html"
    tab = "ask"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and below a question its answer."""
        known = law_pages.vocabulary(officer=self.officer)
        form = self._form(known)
        if "measure" not in request.GET:
            return self.show_law(form=_untouched(form))
        if not form.is_valid():
            self.status = 400
            return self.show_law(form=form)
        asked = form.cleaned_data
        page = law_pages.ask(
            officer=self.officer,
            facts=LegalFacts(
                requesting=asked["from"],
                requested=asked["to"],
                measure=asked["measure"],
                offences=tuple(asked["offence"]),
                elements=form.facts("yes"),
                absent=form.facts("no"),
                maximum_months=asked["months"],
            ),
            on=asked["on"],
        )
        if request.GET.get("as") == "pdf":
            return self._paper(page)
        answer = page.assessment
        missing = [name for basis in answer.bases for name in basis.missing]
        return self.show_law(
            form=self._form(known, *missing),
            page=page,
            answer=answer,
            bases=answer.bases,
            paper_url=f"?{request.GET.urlencode()}&as=pdf",
        )

    def _paper(self, page: AnswerPage) -> HttpResponse:
        """Answer with the same words as a file, the JSON of the answer attached."""
        data = law_pages.on_paper(officer=self.officer, page=page, language=get_language() or "")
        facts, day = page.assessment.facts, page.assessment.as_of
        name = f"{facts.requesting}-{facts.requested}-{facts.measure}-{day.isoformat()}.pdf"
        return HttpResponse(
            data,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _form(self, known: Vocabulary, *missing: str) -> AskForm:
        return AskForm(
            self.request.GET,
            known,
            own=settings.CONFIG.state,
            today=self.now.date(),
            missing=missing,
        )


class Compare(LawView):
    """Two states' law on offences side by side."""

    template = "desk/law/compare.html"
    tab = "compare"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and below a question the comparison."""
        known = law_pages.vocabulary(officer=self.officer)
        form = CompareForm(request.GET, known, own=settings.CONFIG.state, today=self.now.date())
        if "second" not in request.GET:
            return self.show_law(form=_untouched(form))
        if not form.is_valid():
            self.status = 400
            return self.show_law(form=form)
        asked = form.cleaned_data
        page = law_pages.comparison(
            officer=self.officer,
            first=asked["first"],
            second=asked["second"],
            offences=tuple(asked["offence"]),
            on=asked["on"],
        )
        return self.show_law(form=form, page=page, found=page.comparison)


def _untouched(form: AskForm | CompareForm) -> AskForm | CompareForm:
    """Return the form with what the address says filled in and no complaint about the rest."""
    form.initial = {name: form.data.get(name) for name in form.fields if name in form.data}
    form.is_bound = False
    return form
