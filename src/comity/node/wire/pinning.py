# SPDX-License-Identifier: Apache-2.0
"""TLS to a peer whose certificate we know: pinned by digest, no certificate authority.

A peer's key statement names the SHA-256 of its certificate. The handshake ends
with that comparison and before one byte is sent. Whoever holds another
certificate, however well signed, is not the peer.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from typing import Any

from comity.canonical.digest import Sha256


class WrongCertificateError(ssl.SSLError):
    """The other side showed another certificate than the key statement names."""


def pinned_context(fingerprint: Sha256) -> ssl.SSLContext:
    """Return a TLS 1.3 context that accepts exactly one certificate."""

    class PinnedSocket(ssl.SSLSocket):
        """A socket that compares the certificate at the end of the handshake."""

        def do_handshake(self, *arguments: Any) -> None:
            super().do_handshake(*arguments)
            shown = self.getpeercert(binary_form=True) or b""
            if not hmac.compare_digest(hashlib.sha256(shown).hexdigest(), fingerprint):
                raise WrongCertificateError("the peer showed another certificate")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The digest decides; names and issuers say nothing here.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslsocket_class = PinnedSocket
    return context
