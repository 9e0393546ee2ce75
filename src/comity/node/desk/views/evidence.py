# SPDX-License-Identifier: Apache-2.0
"""Exhibits and packages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.errors import Invalid
from comity.node import permissions, queries
from comity.node.desk.forms.evidence import AcquisitionForm, CustodyForm, ExhibitForm, PackageForm
from comity.node.desk.views.page import DeskView
from comity.node.queries.views import ExhibitView, PackageView, RequestPage
from comity.node.services import evidence, packages


class EvidenceView(DeskView):
    """A page below a request."""

    def page(self, request_id: UUID) -> RequestPage:
        """Return the request."""
        return queries.request_page(officer=self.officer, request_id=str(request_id), now=self.now)

    def exhibit(self, page: RequestPage, exhibit_id: UUID) -> ExhibitView:
        """Return one exhibit of the request."""
        for exhibit in page.exhibits:
            if exhibit.id == str(exhibit_id):
                return exhibit
        raise Invalid("exhibit.unknown", "this request has no such exhibit")

    def package(self, page: RequestPage, package_id: UUID) -> PackageView:
        """Return one package of the request."""
        for package in page.packages:
            if package.id == str(package_id):
                return package
        raise Invalid("package.unknown", "this request has no such package")


class NewExhibit(EvidenceView):
    """Register an exhibit."""

    template = "desk/evidence/form.html"

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show the form."""
        return self._show(self.page(request_id), ExhibitForm())

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Register it."""
        page, form = self.page(request_id), ExhibitForm(request.POST)

        def call(data: dict[str, Any]) -> object:
            return evidence.register_exhibit(
                officer=self.officer, now=self.now, request_id=page.request_id, **data
            )

        if not self.attempt(form, call, done=_("The exhibit has been registered.")):
            return self._show(page, form)
        return redirect("desk:request", request_id)

    def _show(self, page: RequestPage, form: ExhibitForm) -> HttpResponse:
        permissions.require(self.officer, "register_exhibit", page)
        return self.show(
            page=page,
            form=form,
            heading=_("Register an exhibit"),
            explanation=_(
                "The chain of custody begins here: everything that is done with it"
                " afterwards is a signed statement."
            ),
            button=_("Register"),
            back=reverse("desk:request", args=[page.request_id]),
        )


class Exhibit(EvidenceView):
    """One exhibit: what it is, its chain of custody, its files."""

    template = "desk/evidence/exhibit.html"

    def get(self, _request: HttpRequest, request_id: UUID, exhibit_id: UUID) -> HttpResponse:
        """Show it."""
        page = self.page(request_id)
        return self.show(page=page, exhibit=self.exhibit(page, exhibit_id))


class LodgeAcquisition(EvidenceView):
    """Take a finished acquisition from the intake folder."""

    template = "desk/evidence/form.html"

    def get(self, _request: HttpRequest, request_id: UUID, exhibit_id: UUID) -> HttpResponse:
        """Show the acquisitions that wait in the intake."""
        return self._show(request_id, exhibit_id, AcquisitionForm(self._folders()))

    def post(self, request: HttpRequest, request_id: UUID, exhibit_id: UUID) -> HttpResponse:
        """Check its record and keep its bytes."""
        form = AcquisitionForm(self._folders(), request.POST)

        def call(data: dict[str, Any]) -> object:
            return evidence.lodge_acquisition(
                officer=self.officer, now=self.now, exhibit_id=str(exhibit_id), **data
            )

        if not self.attempt(form, call, done=_("The acquisition has been lodged.")):
            return self._show(request_id, exhibit_id, form)
        return redirect("desk:exhibit", request_id, exhibit_id)

    def _folders(self) -> tuple[str, ...]:
        return queries.intake(officer=self.officer)

    def _show(self, request_id: UUID, exhibit_id: UUID, form: AcquisitionForm) -> HttpResponse:
        page = self.page(request_id)
        permissions.require(self.officer, "lodge_acquisition", page)
        nothing = _("The intake of this node is empty. An acquisition is put there as a folder.")
        return self.show(
            page=page,
            nothing="" if self._folders() else nothing,
            exhibit=self.exhibit(page, exhibit_id),
            form=form,
            heading=_("Lodge an acquisition"),
            explanation=_("The record and every digest are checked before anything is kept."),
            button=_("Lodge"),
            back=reverse("desk:exhibit", args=[request_id, exhibit_id]),
        )


class RecordCustody(EvidenceView):
    """Record a custody event."""

    template = "desk/evidence/form.html"

    def get(self, _request: HttpRequest, request_id: UUID, exhibit_id: UUID) -> HttpResponse:
        """Show the form."""
        return self._show(request_id, exhibit_id, CustodyForm(evidence.CUSTODY_EVENTS))

    def post(self, request: HttpRequest, request_id: UUID, exhibit_id: UUID) -> HttpResponse:
        """Sign the statement and add it to the chain."""
        form = CustodyForm(evidence.CUSTODY_EVENTS, request.POST)

        def call(data: dict[str, Any]) -> object:
            return evidence.record_custody_event(
                officer=self.officer, now=self.now, exhibit_id=str(exhibit_id), **data
            )

        if not self.attempt(form, call, done=_("The event is part of the chain of custody.")):
            return self._show(request_id, exhibit_id, form)
        return redirect("desk:exhibit", request_id, exhibit_id)

    def _show(self, request_id: UUID, exhibit_id: UUID, form: CustodyForm) -> HttpResponse:
        page = self.page(request_id)
        permissions.require(self.officer, "record_custody", page)
        return self.show(
            page=page,
            exhibit=self.exhibit(page, exhibit_id),
            form=form,
            heading=_("Record a custody event"),
            explanation=_("A signed statement in your name. It cannot be changed or taken back."),
            button=_("Sign and record"),
            back=reverse("desk:exhibit", args=[request_id, exhibit_id]),
        )


class NewPackage(EvidenceView):
    """Order a package; the node builds it."""

    template = "desk/evidence/form.html"

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show the exhibits that are ready."""
        page = self.page(request_id)
        return self._show(page, PackageForm(_ready(page)))

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Order it."""
        page = self.page(request_id)
        form = PackageForm(_ready(page), request.POST)

        def call(data: dict[str, Any]) -> object:
            return packages.assemble_package(
                officer=self.officer,
                now=self.now,
                request_id=page.request_id,
                exhibit_ids=tuple(data["exhibits"]),
                complete=data["complete"] == "yes",
            )

        if not self.attempt(form, call, done=_("The package is being made.")):
            return self._show(page, form)
        return redirect("desk:request", request_id)

    def _show(self, page: RequestPage, form: PackageForm) -> HttpResponse:
        permissions.require(self.officer, "assemble_package", page)
        nothing = _(
            "No exhibit is ready. A package holds exhibits whose acquisition has been lodged"
            " and that are in no other package."
        )
        return self.show(
            page=page,
            nothing="" if _ready(page) else nothing,
            form=form,
            heading=_("Make a package of exhibits"),
            explanation=_(
                "Evidence, chain of custody, seals and ledger proofs in one folder that"
                " a court can check."
            ),
            button=_("Make the package"),
            back=reverse("desk:request", args=[page.request_id]),
        )


class Package(EvidenceView):
    """A package and the report of its verification."""

    template = "desk/evidence/package.html"

    def get(self, _request: HttpRequest, request_id: UUID, package_id: UUID) -> HttpResponse:
        """Show it."""
        page = self.page(request_id)
        package = self.package(page, package_id)
        return self.show(page=page, package=package, verdict=_verdict(package))


class Download(EvidenceView):
    """The package as a tar file. A POST, because taking evidence out is recorded."""

    def post(self, _request: HttpRequest, request_id: UUID, package_id: UUID) -> HttpResponseBase:
        """Send it."""
        package = self.package(self.page(request_id), package_id)
        stream = packages.open_package(officer=self.officer, now=self.now, package_id=package.id)
        return FileResponse(stream, as_attachment=True, filename=f"{package.id}.tar")


def _ready(page: RequestPage) -> list[ExhibitView]:
    return [exhibit for exhibit in page.exhibits if exhibit.status == "acquired"]


def _verdict(package: PackageView) -> str:
    failed = sum(step.status == "failed" for step in package.steps)
    if failed:
        said = ngettext(
            "%(count)s step failed. Do not use this package as evidence.",
            "%(count)s steps failed. Do not use this package as evidence.",
            failed,
        )
        return said % {"count": failed}
    return _("Every step held.") if package.steps else ""
