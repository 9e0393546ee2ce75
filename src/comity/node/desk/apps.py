# SPDX-License-Identifier: Apache-2.0
"""The desk as Django knows it: templates, static files, translations; no tables."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The officer's desk."""

    name = "comity.node.desk"
    label = "desk"
    verbose_name = "Desk"
