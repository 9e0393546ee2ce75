# SPDX-License-Identifier: Apache-2.0
"""The node's own pages: its ledger, the directory, its officers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from comity.node import permissions, queries
from comity.node.desk.views.page import DeskView


class Ledger(DeskView):
    """The log of this authority and who has witnessed it."""

    template = "desk/node/ledger.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show checkpoints, witnesses and entries."""
        permissions.require(self.officer, "ledger.read")
        return self.show(page=queries.ledger_page(officer=self.officer))


class Proof(DeskView):
    """The proof of one entry, as a file that anyone can check."""

    def get(self, _request: HttpRequest, index: int) -> HttpResponse:
        """Send the proof."""
        data = queries.ledger_proof(officer=self.officer, index=index)
        response = HttpResponse(data, content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{index}.tlog-proof"'
        return response


class Peers(DeskView):
    """The authorities that this node knows."""

    template = "desk/node/peers.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show the directory."""
        permissions.require(self.officer, "peers.read")
        return self.show(peers=queries.peers(officer=self.officer))


class Officers(DeskView):
    """Who may sign in here. For operators."""

    template = "desk/node/officers.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show the accounts."""
        permissions.require(self.officer, "officers.manage")
        return self.show(officers=queries.officers(officer=self.officer))


class Health(DeskView):
    """How the node stands. For operators and supervisors."""

    template = "desk/node/health.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Show every check."""
        permissions.require(self.officer, "health.read")
        return self.show(health=queries.health_page(self.officer, self.now))
