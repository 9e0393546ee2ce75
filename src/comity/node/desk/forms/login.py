# SPDX-License-Identifier: Apache-2.0
"""Forms about signing in: allauth's, in our words, without links to pages that are not here.

An operator sets passwords; nobody resets their own by mail.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from django import forms
from django.utils.translation import gettext as _

#: allauth's code for a sign-in that did not fit.
_MISMATCH: Final = "username_password_mismatch"


def _plain(form: forms.Form, labels: dict[str, str]) -> None:
    """Give fields our labels; no text in them that goes away when somebody types."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _plain(self, {"login": _("Sign-in name"), "password": _("Password")})
        self.fields["password"].help_text = ""
        for name in ("login", "password"):
            self.fields[name].widget.attrs["dir"] = "ltr" if name == "login" else "auto"

    def clean(self) -> dict[str, Any] | None:
        """Check name and password; say what is wrong as this page calls the two."""
        try:
            cleaned: dict[str, Any] | None = super().clean()
        except forms.ValidationError as error:
            if error.code != _MISMATCH:
                raise
            said = _("The sign-in name or the password is not right.")
            raise forms.ValidationError(said, code=_MISMATCH) from error
        return cleaned


class NewPasswordForm(ChangePasswordForm):
    """The present password, and a new one twice."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = {
            "oldpassword": _("Present password"),
            "password1": _("New password"),
            "password2": _("New password, once more"),
        }
        _plain(self, labels)
        self.fields["oldpassword"].help_text = ""


class ConfirmForm(ReauthenticateForm):
    """The password once more, before the account is changed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _plain(self, {"password": _("Password")})
        self.fields["password"].help_text = ""
