# SPDX-License-Identifier: Apache-2.0
"""Officers' accounts: made by an operator, never deleted.

`by` is the officer with the role `operator` who acts, or None when the act is
done at the machine itself with `comity-node officers`; the event says which.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from comity.canonical.json import Object
from comity.canonical.text import is_blank
from comity.canonical.time import Instant
from comity.errors import Conflict, Invalid
from comity.node import permissions
from comity.node.permissions import Officer, Role
from comity.node.services._record import Recorder, recording
from comity.node.store.models import OfficerRoleRow, OfficerRow

_LOGIN: Final = re.compile(r"[a-z][a-z0-9._-]{1,59}", re.ASCII)
_MAX_NAME: Final = 120


def officer_by_login(login: str) -> Officer:
    """Return the active officer with this login; raise `Invalid` if there is none."""
    row = OfficerRow.objects.filter(login=login, is_active=True).first()
    if row is None:
        raise Invalid(
            "officer.unknown",
            f"there is no active officer {login[:60]!r} here",
            hint="`comity-node officers list` shows who there is.",
        )
    return officer_of(row)


def officer_of(row: OfficerRow) -> Officer:
    """Return an account as services and queries take it."""
    return Officer(
        id=str(row.id),
        login=row.login,
        name=row.name,
        roles=frozenset(held.role for held in row.role_rows.all()),  # prefetched in lists
        language=row.language,
    )


def add_officer(
    *,
    by: Officer | None,
    login: str,
    name: str,
    roles: Collection[str],
    password: str,
    now: Instant,
    language: str = "",
) -> Officer:
    """Make an account that can log in with a password.

    Without a `language` the desk speaks the one that the officer's browser asks for.
    Raises `Invalid` for a malformed login, an unknown role or language or a weak
    password, `Conflict` if the login is taken.
    """
    _require_manager(by)
    if not _LOGIN.fullmatch(login):
        raise Invalid(
            "officer.login",
            f"{login[:60]!r} cannot be a login",
            hint="A lower-case letter, then lower-case letters, digits, dots, hyphens; 2 to 60.",
        )
    if is_blank(name) or len(name) > _MAX_NAME or not name.isprintable():
        raise Invalid("officer.name", f"a name of 1 to {_MAX_NAME} printable characters is needed")
    known = _check_roles(roles)
    _check_language(language)
    row = OfficerRow(login=login, name=name.strip(), language=language, created=now)
    _set_password(row, password)
    with recording(officer=by, now=now) as record:
        if OfficerRow.objects.filter(login=login).exists():
            raise Conflict("officer.exists", f"there is an officer {login!r} already")
        row.save(force_insert=True)
        OfficerRoleRow.objects.bulk_create(OfficerRoleRow(officer=row, role=role) for role in known)
        _record(record, "officer.added", row, roles=known)
    return officer_of(row)


def set_roles(*, by: Officer | None, login: str, roles: Collection[str], now: Instant) -> Officer:
    """Give an officer exactly these roles."""
    _require_manager(by)
    known = _check_roles(roles)
    with recording(officer=by, now=now) as record:
        row = _locked(login)
        row.role_rows.exclude(role__in=known).delete()
        held = set(row.role_rows.values_list("role", flat=True))
        OfficerRoleRow.objects.bulk_create(
            OfficerRoleRow(officer=row, role=role) for role in known if role not in held
        )
        _record(record, "officer.roles_changed", row, roles=known)
    return officer_of(row)


def choose_language(*, officer: Officer, language: str) -> None:
    """Keep the language in which the officer reads the desk; no event, it concerns nobody else."""
    _check_language(language)
    OfficerRow.objects.filter(pk=officer.id).update(language=language)


def set_password(*, by: Officer | None, login: str, password: str, now: Instant) -> None:
    """Give an officer a new password; every session of theirs ends."""
    _require_manager(by)
    with recording(officer=by, now=now) as record:
        row = _locked(login)
        _set_password(row, password)
        row.save(update_fields=["password"])
        _record(record, "officer.password_set", row)


def disable_officer(*, by: Officer | None, login: str, now: Instant) -> None:
    """Close an account: no log-in, no session. What the officer did stays on record."""
    _require_manager(by)
    with recording(officer=by, now=now) as record:
        row = _locked(login)
        row.is_active = False
        row.save(update_fields=["is_active"])
        _record(record, "officer.disabled", row)


def _require_manager(by: Officer | None) -> None:
    if by is not None:
        permissions.require(by, "officers.manage")


def _locked(login: str) -> OfficerRow:
    row = OfficerRow.objects.select_for_update().filter(login=login).first()
    if row is None:
        raise Invalid("officer.unknown", f"there is no officer {login[:60]!r} here")
    return row


def _check_roles(roles: Collection[str]) -> list[str]:
    unknown = sorted(set(roles) - {role.value for role in Role})
    if unknown or not roles:
        known = ", ".join(role.value for role in Role)
        raise Invalid(
            "officer.role",
            f"{', '.join(unknown) or 'no role at all'}: an officer has one or more of: {known}",
        )
    return sorted(set(roles))


def _check_language(language: str) -> None:
    spoken = dict(settings.LANGUAGES)
    if language and language not in spoken:
        raise Invalid(
            "officer.language",
            f"the desk does not speak {language[:20]!r}",
            hint=f"It speaks: {', '.join(f'{code} ({name})' for code, name in spoken.items())}.",
        )


def _set_password(row: OfficerRow, password: str) -> None:
    try:
        validate_password(password, row)
    except ValidationError as error:
        raise Invalid(
            "officer.password", "the password is too weak: " + " ".join(error.messages)
        ) from error
    row.set_password(password)


def _record(record: Recorder, event: str, row: OfficerRow, *, roles: Collection[str] = ()) -> None:
    private: Object = {"officer": str(row.id), "roles": [*roles]}
    record(event=event, subject=("officer", row.id), private=private)
