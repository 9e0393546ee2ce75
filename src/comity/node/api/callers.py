# SPDX-License-Identifier: Apache-2.0
"""Who calls: an officer with the session of the desk, and nobody else.

The session was opened on the desk: with a passkey, or with a password and the second
factor that the officer has set up. Nobody is made to set one up. The
API only reads, so a request that another site makes a browser send changes nothing
there, and its answer stays closed to that site: no header opens it.
"""

from __future__ import annotations

from django.http import HttpRequest

from comity.errors import Refused
from comity.node.permissions import Officer
from comity.node.services.accounts import officer_of


def caller(request: HttpRequest) -> Officer:
    """Return the officer who calls; raise `Refused` (`api.sign_in`) if nobody is signed in."""
    if not request.user.is_authenticated:
        raise Refused(
            "api.sign_in",
            "nobody is signed in",
            hint="Sign in at the desk and send its session cookie.",
        )
    return officer_of(request.user)
