# SPDX-License-Identifier: Apache-2.0
"""Forms about exhibits: registering, lodging an acquisition, recording custody, packing."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from comity.node.desk.forms import controls
from comity.node.desk.forms.form import Data, DeskForm
from comity.node.queries.views import ExhibitView


class ExhibitForm(DeskForm):
    """What an exhibit is, where it was taken, and by what right."""

    def __init__(self, data: Data = None) -> None:
        super().__init__(data)
        self.fields["number"] = controls.CodeControl(
            label=_("Number"),
            max_length=40,
            help_text=_("As it stands on the label. Letters, digits, dots and hyphens."),
        )
        self.fields["description"] = controls.TextControl(
            label=_("Description"),
            max_length=4000,
            help_text=_("Make, model, serial number, condition. No names of persons."),
        )
        self.fields["seized_at"] = controls.MomentControl(label=_("Taken at (UTC)"))
        self.fields["place"] = controls.LineControl(label=_("Place"), max_length=500)
        self.fields["legal_type"] = controls.LineControl(
            label=_("Legal authority"),
            max_length=500,
            help_text=_("Search warrant, production order, consent."),
        )
        self.fields["legal_identifier"] = controls.LineControl(
            label=_("Its number and date"), max_length=500
        )


class AcquisitionForm(DeskForm):
    """Which finished acquisition belongs to the exhibit."""

    def __init__(self, folders: Iterable[str], data: Data = None) -> None:
        super().__init__(data)
        self.fields["folder"] = controls.one_of(
            [(name, name) for name in folders],
            label=_("Folder of the acquisition"),
            help_text=_("Made by “comity evidence acquire” and put into the intake of this node."),
        )


class CustodyForm(DeskForm):
    """One custody event."""

    def __init__(self, events: Iterable[tuple[str, str]], data: Data = None) -> None:
        super().__init__(data)
        self.fields["event"] = controls.one_of(events, label=_("What happened"))
        self.fields["at"] = controls.MomentControl(label=_("When (UTC)"))
        self.fields["place"] = controls.LineControl(label=_("Place"), max_length=500)
        self.fields["purpose"] = controls.LineControl(label=_("Purpose"), max_length=500)
        self.fields["counterpart"] = controls.LineControl(
            label=_("Other party"),
            max_length=500,
            required=False,
            help_text=_("Who gave or took the exhibit, with function."),
        )
        self.fields["remarks"] = controls.TextControl(
            label=_("Remarks"), max_length=4000, required=False
        )


class PackageForm(DeskForm):
    """Which exhibits go into a package, and whether anything is outstanding."""

    def __init__(self, exhibits: Iterable[ExhibitView], data: Data = None) -> None:
        super().__init__(data)
        self.fields["exhibits"] = controls.some_of(
            [(exhibit.id, f"{exhibit.number}: {exhibit.description}") for exhibit in exhibits],
            label=_("Exhibits"),
        )
        self.fields["complete"] = controls.yes_no(label=_("Does this answer the whole request?"))
