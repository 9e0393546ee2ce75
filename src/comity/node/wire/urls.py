# SPDX-License-Identifier: Apache-2.0
"""The addresses of the wire. A test compares them with the table in `views`."""

from __future__ import annotations

from typing import Final

from django.urls import path

from comity.node.wire import ledger_views, views

app_name: Final = "wire"
handler404 = "comity.node.wire.views.not_found"
handler500 = "comity.node.wire.views.fault"

urlpatterns: Final = [
    path("v1/hello", views.hello),
    path("v1/parcels/<str:digest>", views.parcels),
    path("v1/blobs/<str:digest>", views.blobs),
    path("v1/blobs/<str:digest>/list", views.part_lists),
    path("v1/blobs/<str:digest>/<int:number>", views.parts),
    path("v1/outbox", views.waiting),
    path("v1/receipts/<str:digest>", views.receipts),
    path("v1/proofs/<str:digest>", views.proofs),
    path("ledger/checkpoint", ledger_views.checkpoint),
    path("ledger/tile/<path:rest>", ledger_views.tile),
    path("witness/add-checkpoint", ledger_views.add_checkpoint),
    path("witness/<str:origin>/checkpoint", ledger_views.witnessed),
]
