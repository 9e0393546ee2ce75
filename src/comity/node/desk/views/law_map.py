# SPDX-License-Identifier: Apache-2.0
"""Whom can we ask for what, and how fast: a table of all states, and its map.

The table is the page; the map shows the same rows as marks and can be switched off by the node's
settings. Both are one question to the engine, asked by address.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.law.deadlines import read_period
from comity.law.reach import Reachable
from comity.node.desk import world_map
from comity.node.desk.capitals import PLACES, REGIONS
from comity.node.desk.forms.law import ReachForm
from comity.node.desk.labels import label
from comity.node.desk.law_words import coded_text
from comity.node.desk.projection import HEIGHT, WIDTH
from comity.node.desk.views.law_reference import LawView
from comity.node.queries import law_pack, law_pages
from comity.node.queries.law_views import ReachPage

#: The measure that is shown first: what a contact point is asked for at night.
FIRST_MEASURE: Final = "expedited_preservation"
STATUSES: Final = ("usable", "undetermined", "none")
SORTS: Final = ("name", "status", "contact", "period")
ELSEWHERE: Final = "elsewhere"
_HEADINGS: Final = (
    "state", "name", "region", "status", "bases", "articles", "contact_24_7", "contact_institution",
    "shortest_period", "period_article", "confidence", "measure", "offences", "from", "as_of",
    "pack", "pack_version", "pack_digest",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One state in the table and on the map."""

    found: Reachable
    name: str
    region: str
    url: str

    @property
    def label(self) -> str:
        """What the mark says to who cannot see it."""
        parts = [self.name, label("reach", self.found.status)]
        parts += [law_pack.named(name) for name in self.found.instruments[:3]]
        return ": ".join((parts[0], ", ".join(parts[1:])))


@dataclass(frozen=True)
class Mark:
    """A state on the map."""

    line: Line
    x: str
    y: str


@dataclass(frozen=True)
class Heading:
    """A heading of the table that sorts."""

    text: str
    url: str
    aria: str
    mark: str


class Reach(LawView):
    """Show the table of states, or the map with the table below it."""

    template = "desk/law/reach.html"
    tab = "map"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer the question that the address asks."""
        found = self._asked(request)
        if isinstance(found, ReachForm):
            self.status = 400
            return self.show_law(form=found)
        page, form = found
        lines = self._lines(page)
        return self.show_law(
            form=form,
            page=page,
            lines=lines,
            counts=[(one, sum(x.found.status == one for x in lines)) for one in STATUSES],
            headings=self._headings(),
            chosen={name: self._choice(name) for name in ("status", "region", "sort")},
            statuses=[("", self._address(status=""))]
            + [(one, self._address(status=one)) for one in STATUSES],
            regions=[("", self._address(region=""))]
            + [(one, self._address(region=one)) for one in (*REGIONS, ELSEWHERE)],
            csv_url=reverse("desk:law-map-csv") + self._address(),
            table_url=self._address(view=""),
            map_url=self._address(view="map") if has_map() else "",
            drawing=self._drawing(lines) if self._is_drawn() else None,
            without=[line for line in lines if line.found.state not in PLACES],
        )

    def _asked(self, request: HttpRequest) -> tuple[ReachPage, ReachForm] | ReachForm:
        known = law_pages.vocabulary(officer=self.officer)
        form = ReachForm(request.GET, known, measure=FIRST_MEASURE, today=self.now.date())
        if not form.is_valid():
            return form
        asked = form.cleaned_data
        page = law_pages.reach(
            officer=self.officer,
            measure=asked["measure"],
            offences=tuple(filter(None, [asked["offence"]])),
            on=asked["on"],
        )
        return page, form

    def _choice(self, name: str) -> str:
        known = {
            "status": STATUSES,
            "region": (*REGIONS, ELSEWHERE),
            "sort": tuple(sign + one for one in SORTS for sign in ("", "-")),
            "view": ("map",),
        }
        given = self.request.GET.get(name, "")
        return given if given in known[name] else ""

    def _address(self, **changes: str) -> str:
        """Return the address of this page with something changed; what is empty falls away."""
        names = ("measure", "offence", "on", "status", "region", "sort", "view")
        kept = {name: self.request.GET.get(name, "") for name in names}
        return "?" + urlencode({k: v for k, v in {**kept, **changes}.items() if v})

    def _is_drawn(self) -> bool:
        return has_map() and self._choice("view") == "map" and self._choice("region") != ELSEWHERE

    def _lines(self, page: ReachPage) -> list[Line]:
        lines = []
        for found in page.states:
            place = PLACES.get(found.state)
            region = place.region if place else ELSEWHERE
            if self._choice("region") not in ("", region):
                continue
            if self._choice("status") not in ("", found.status):
                continue
            question = {
                "from": page.asking, "to": found.state, "measure": page.measure,
                "on": page.on.isoformat(),
            }  # fmt: skip
            asked = urlencode([*question.items(), *(("offence", one) for one in page.offences)])
            url = f"{reverse('desk:law-ask')}?{asked}"
            lines.append(Line(found, coded_text(found.state, "state"), region, url))
        lines.sort(key=lambda line: line.name)
        sort = self._choice("sort")
        lines.sort(key=_KEYS[sort.removeprefix("-") or "name"], reverse=sort.startswith("-"))
        return lines

    def _headings(self) -> list[Heading]:
        words = {
            "name": pgettext("country", "State"),
            "status": _("Standing"),
            "contact": _("Contact at all hours"),
            "period": _("Shortest period from receipt"),
        }
        now = self._choice("sort") or "name"
        result = []
        for name, text in words.items():
            current, down = now.removeprefix("-") == name, now.startswith("-")
            aria = ("descending" if down else "ascending") if current else "none"
            mark = {"ascending": "▲", "descending": "▼", "none": ""}[aria]
            turned = f"-{name}" if current and not down else name
            result.append(Heading(text, self._address(sort=turned), aria, mark))
        return result

    def _drawing(self, lines: Iterable[Line]) -> dict[str, Any]:
        region = self._choice("region") if self._choice("region") in REGIONS else world_map.WORLD
        window, size, spots = (
            world_map.view(region), world_map.radius(region), world_map.spots(region),
        )  # fmt: skip
        shown = [line for line in lines if line.found.state in spots]
        own = spots.get(settings.CONFIG.state)
        return {
            "box": window.box,
            "width": f"{WIDTH:g}",
            "height": f"{HEIGHT:.1f}",
            "size": f"{size:.2f}",
            "text": f"{size * 1.05:.2f}",
            "lettered": region != world_map.WORLD,
            "marks": [_mark(line, spots) for line in sorted(shown, key=lambda one: one.name)],
            "own": own and {"x": f"{own.x:.1f}", "y": f"{own.y:.1f}"},
        }


class ReachTable(Reach):
    """The rows of the table as a file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Answer with CSV: codes and ids, the same rows in the same order."""
        found = self._asked(request)
        if isinstance(found, ReachForm):
            self.template = "desk/law/reach.html"
            self.status = 400
            return self.show_law(form=found)
        page, _form = found
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_HEADINGS)
        writer.writerows(_record(line, page) for line in self._lines(page))
        name = f"{page.asking}-{page.measure}-{page.on.isoformat()}.csv"
        return HttpResponse(
            text.getvalue().encode("utf-8"),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def has_map() -> bool:
    """Return whether the node shows the map; the table is always there."""
    return bool(settings.CONFIG.law_map == "on")


def _mark(line: Line, spots: dict[str, world_map.Spot]) -> Mark:
    spot = spots[line.found.state]
    return Mark(line, f"{spot.x:.1f}", f"{spot.y:.1f}")


def _months_days_minutes(line: Line) -> tuple[int, int, int, int]:
    clock = line.found.period.clock if line.found.period else None
    if clock is None or not clock.period:
        return (1, 0, 0, 0)
    period = read_period(clock.period)
    return (0, period.months, period.days, period.minutes)


_KEYS: Final[dict[str, Any]] = {
    "name": lambda line: line.name,
    "status": lambda line: STATUSES.index(line.found.status),
    "contact": lambda line: line.found.contact is None,
    "period": _months_days_minutes,
}


def _record(line: Line, page: ReachPage) -> list[str]:
    found = line.found
    contact = found.contact.channel if found.contact else None
    clock = found.period.clock if found.period else None
    institutions = contact.institutions if contact else ()
    return [
        found.state,
        line.name,
        line.region,
        found.status,
        " ".join(found.instruments),
        "; ".join(f"{basis.instrument} {basis.article}".strip() for basis in found.bases),
        contact.code if contact else "",
        "; ".join(one.name for one in institutions),
        (clock.period or "") if clock else "",
        clock.article if clock else "",
        str(found.bases[0].confidence) if found.bases else "",
        page.measure,
        " ".join(page.offences),
        page.asking,
        page.on.isoformat(),
        page.pack.name,
        page.pack.version,
        page.pack.digest,
    ]
