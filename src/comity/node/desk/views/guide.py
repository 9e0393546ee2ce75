# SPDX-License-Identifier: Apache-2.0
"""The manual at /help: the built documentation, where the node has it.

Its pages are files of ours and take no input; their theme sets colours in style elements, which
is allowed there and nowhere else on the desk. Their inline scripts stay forbidden.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from csp.decorators import csp_update
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.static import serve

import comity
from comity.node.desk.views.page import DeskView

#: Where the documentation is built when the program runs from its source.
MANUAL: Final = Path(comity.__file__).resolve().parents[2] / "build" / "docs"


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class Guide(DeskView):
    """Serve the documentation, or say where to find it."""

    template = "desk/guide.html"

    def get(self, request: HttpRequest, path: str) -> HttpResponseBase:
        """Answer with one file of the built documentation."""
        if not (MANUAL / "index.html").is_file():
            if path:
                raise Http404
            return self.show()
        if not path or path.endswith("/"):
            path = f"{path}index.html"
        return serve(request, path, document_root=str(MANUAL))
