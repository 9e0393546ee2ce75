# SPDX-License-Identifier: Apache-2.0
"""Officers of this authority and what they may do."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class OfficerRow(AbstractBaseUser):
    """An officer who can log in. Never deleted: their name stands in the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    login = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=12, default="en")
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField()

    objects = BaseUserManager["OfficerRow"]()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(login__regex=r"^[a-z][a-z0-9._-]*$"), name="officer_login_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.login})"


class OfficerRoleRow(models.Model):
    """One role of one officer."""

    officer = models.ForeignKey(OfficerRow, on_delete=models.PROTECT, related_name="role_rows")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "role"], name="officer_role_once"),
            models.CheckConstraint(
                condition=models.Q(
                    role__in=[
                        "drafter",
                        "approver",
                        "central",
                        "examiner",
                        "supervisor",
                        "operator",
                    ]
                ),
                name="officer_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id}: {self.role}"
