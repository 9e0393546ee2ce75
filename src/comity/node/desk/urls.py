# SPDX-License-Identifier: Apache-2.0
"""Addresses of the desk's pages."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from comity.node.desk.views import (
    account,
    action,
    drafting,
    evidence,
    guide,
    kit,
    law,
    law_ask,
    law_map,
    law_reference,
    node,
    queue,
    request,
)

app_name = "desk"

_REQUEST = "requests/<uuid:request_id>/"
_EXHIBIT = f"{_REQUEST}exhibits/<uuid:exhibit_id>/"
_PACKAGE = f"{_REQUEST}packages/<uuid:package_id>/"

urlpatterns = [
    path("", queue.Home.as_view(), name="home"),
    path("queue/", queue.Queue.as_view(), name="queue"),
    path("queue/assign/", queue.AssignMany.as_view(), name="assign-many"),
    path("requests/new/", drafting.NewRequest.as_view(), name="new-request"),
    path(_REQUEST, request.RequestView.as_view(), name="request"),
    path(f"{_REQUEST}live/", request.Live.as_view(), name="request-live"),
    path(f"{_REQUEST}letter/", request.LetterView.as_view(), name="letter"),
    path(f"{_REQUEST}assign/", request.Assign.as_view(), name="assign"),
    path(f"{_REQUEST}law/", law.Law.as_view(), name="law"),
    path(f"{_REQUEST}draft/", drafting.Tasks.as_view(), name="draft"),
    path(f"{_REQUEST}draft/about/", drafting.About.as_view(), name="draft-about"),
    path(f"{_REQUEST}draft/<slug:section>/", drafting.Section.as_view(), name="draft-section"),
    path(
        f"{_REQUEST}draft/<slug:section>/autosave/",
        drafting.Autosave.as_view(),
        name="draft-autosave",
    ),
    path(f"{_REQUEST}do/<slug:action>/", action.Action.as_view(), name="action"),
    path(f"{_REQUEST}exhibits/new/", evidence.NewExhibit.as_view(), name="new-exhibit"),
    path(_EXHIBIT, evidence.Exhibit.as_view(), name="exhibit"),
    path(f"{_EXHIBIT}acquisition/", evidence.LodgeAcquisition.as_view(), name="lodge-acquisition"),
    path(f"{_EXHIBIT}custody/", evidence.RecordCustody.as_view(), name="custody-event"),
    path(f"{_REQUEST}packages/new/", evidence.NewPackage.as_view(), name="new-package"),
    path(_PACKAGE, evidence.Package.as_view(), name="package"),
    path(f"{_PACKAGE}download/", evidence.Download.as_view(), name="package-download"),
    path("law/", RedirectView.as_view(pattern_name="desk:law-ask"), name="law-home"),
    path("law/ask/", law_ask.Ask.as_view(), name="law-ask"),
    path("law/compare/", law_ask.Compare.as_view(), name="law-compare"),
    path("law/map/", law_map.Reach.as_view(), name="law-map"),
    path("law/map/states.csv", law_map.ReachTable.as_view(), name="law-map-csv"),
    path("law/instruments/", law_reference.Instruments.as_view(), name="law-instruments"),
    path(
        "law/instruments/<slug:instrument_id>/",
        law_reference.Instrument.as_view(),
        name="law-instrument",
    ),
    path("law/states/", law_reference.States.as_view(), name="law-states"),
    path("law/states/<slug:code>/", law_reference.State.as_view(), name="law-state"),
    path("ledger/", node.Ledger.as_view(), name="ledger"),
    path("ledger/<int:index>/proof/", node.Proof.as_view(), name="ledger-proof"),
    path("directory/", node.Peers.as_view(), name="peers"),
    path("officers/", node.Officers.as_view(), name="officers"),
    path("health/", node.Health.as_view(), name="health"),
    path("you/", account.Account.as_view(), name="account"),
    path("language/", account.Language.as_view(), name="language"),
    path("help/", guide.Help.as_view(), name="help"),
    path("help/documentation/", guide.Built.as_view(), {"path": ""}, name="documentation"),
    path("help/documentation/<path:path>", guide.Built.as_view(), name="documentation-page"),
    path("help/<slug:name>/", guide.HelpPage.as_view(), name="help-page"),
    path("_kit/", kit.Kit.as_view(), name="kit"),
]
