# SPDX-License-Identifier: Apache-2.0
"""Exhibits of packages that were rejected before can be packed again.

Since then the message of the rejection does that; until then they stayed `sent`
for ever. One that was packed again meanwhile is left alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import migrations

from comity.canonical import json

_BATCH = 200


def take_back(apps: Any, _schema_editor: Any) -> None:
    """Free every exhibit that was sent in rejected packages and in no other."""
    requests = apps.get_model("store", "RequestRow").objects
    carried = apps.get_model("store", "PackageExhibitRow").objects
    exhibits = apps.get_model("store", "ExhibitRow").objects
    for row in requests.filter(direction="incoming").iterator(chunk_size=_BATCH):
        rejected = _rejected(bytes(row.record))
        if not rejected:
            continue
        others = carried.filter(package__request=row).exclude(package__in=rejected)
        exhibits.filter(request=row, status="sent", package_rows__package__in=rejected).exclude(
            pk__in=others.values("exhibit")
        ).update(status="acquired")


def _rejected(record: bytes) -> list[UUID]:
    packages = json.read_object(record)["packages"]
    return [UUID(entry["id"]) for entry in packages if entry["status"] == "rejected"]


class Migration(migrations.Migration):
    dependencies = [("store", "0006_announce_again")]
    operations = [migrations.RunPython(take_back, migrations.RunPython.noop)]
