# SPDX-License-Identifier: Apache-2.0
"""The Django application that owns every table of ours."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Label `store`: tables are named `store_<model>`."""

    name = "comity.node.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
