# SPDX-License-Identifier: Apache-2.0
"""The drafting task list: every section with its state, and what still stands in the way.

*Not started*: nothing typed. *Information missing*: something that an article requires is not
given. *In progress*: begun, nothing required is missing, some questions are open. *Done*:
everything required is given. *Cannot start yet*: another task comes first; it has no link and
says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.node.desk.words import translated
from comity.node.queries.views import ActionView, ChecklistItem, FieldView, RequestPage, SectionView

TaskStatus = Literal["not_started", "in_progress", "information_missing", "cannot_start", "done"]


@dataclass(frozen=True)
class Task:
    """One line of the list."""

    id: str
    title: str
    status: TaskStatus
    url: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Tasks under one heading."""

    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class CheckedItem:
    """An entry of the law's checklist, with the section of the form that answers it."""

    field: str
    label: str
    article: str
    status: str
    required: bool
    section: str


def groups(page: RequestPage) -> tuple[Group, ...]:
    """Return the whole list for a draft."""
    sections = tuple(_section(page, section) for section in page.sections)
    return (
        Group(_("Prepare"), (_about(page), _basis(page))),
        Group(_("Write"), sections),
        Group(_("Finish"), tuple(_finish(page, sections))),
    )


def checked(page: RequestPage) -> RequestPage:
    """Return the page with its checklist pointing into the form."""
    homes = {field.id: section.id for section in page.sections for field in section.fields}
    items = tuple(_checked(item, homes.get(item.field, "")) for item in page.checklist)
    return replace(page, checklist=items)  # type: ignore[arg-type]  # the same members and one more


def _checked(item: ChecklistItem, section: str) -> CheckedItem:
    return CheckedItem(
        field=item.field,
        label=item.label,
        article=item.article,
        status=item.status,
        required=item.required,
        section=section,
    )


def _section(page: RequestPage, section: SectionView) -> Task:
    missing = [field for field in section.fields if field.required and field.value == ""]
    given = [field for field in section.fields if field.value != ""]
    why = tuple(_named(field) for field in missing)
    return Task(
        id=section.id,
        title=section.title,
        status=_status(section, missing=bool(missing), given=len(given)),
        url=reverse("desk:draft-section", args=[page.request_id, section.id]),
        why=why if given else (),
    )


def _named(field: FieldView) -> str:
    label, article = translated(field.label), translated(field.article)
    return _("%(label)s (%(article)s)") % {"label": label, "article": article} if article else label


def _status(section: SectionView, *, missing: bool, given: int) -> TaskStatus:
    if not given:
        return "not_started"
    if missing or section.status == "incomplete":
        return "information_missing"
    if section.status == "optional" and given < len(section.fields):
        return "in_progress"
    return "done"


def _about(page: RequestPage) -> Task:
    return Task(
        id="about",
        title=_("Title and speed"),
        status="done",
        url=reverse("desk:draft-about", args=[page.request_id]),
    )


def _basis(page: RequestPage) -> Task:
    usable = page.basis is not None and (page.basis.status == "usable" or page.basis.chosen_by)
    return Task(
        id="basis",
        title=_("Legal basis"),
        status="done" if usable else "information_missing",
        url=reverse("desk:law", args=[page.request_id]),
        why=() if usable else (page.basis.reasons if page.basis else ()),
    )


def _finish(page: RequestPage, sections: Iterable[Task]) -> Iterable[Task]:
    submit = next((action for action in page.actions if action.action == "submit"), None)
    if submit is None:
        return
    unfinished = [task for task in sections if task.status == "information_missing"]
    yield Task(
        id="submit",
        title=_("Check the answers and submit for approval"),
        status="not_started" if submit.enabled else "cannot_start",
        url=reverse("desk:action", args=[page.request_id, "submit"]) if submit.enabled else "",
        why=_submit_reasons(submit, len(unfinished)),
    )


def _submit_reasons(submit: ActionView, unfinished: int) -> tuple[str, ...]:
    if submit.enabled:
        return ()
    if submit.reasons:
        return submit.reasons
    return (
        ngettext(
            "%(count)s section is unfinished.", "%(count)s sections are unfinished.", unfinished
        )
        % {"count": unfinished},
    )
