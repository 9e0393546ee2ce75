# SPDX-License-Identifier: Apache-2.0
"""Help: the officers' manual, which every node has, and the whole documentation where it is built.

The built pages are files of ours and take no input; their theme sets colours in style elements,
which is allowed there and nowhere else on the desk. Their inline scripts stay forbidden.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.static import serve

import comity
from comity.node.desk.manual import manual, page_of
from comity.node.desk.views.page import DeskView
from comity.node.desk.words import is_source_language

#: Where the documentation is built when the program runs from its source.
BUILT: Final = Path(comity.__file__).resolve().parents[2] / "build" / "docs"


class Help(DeskView):
    """Show what the manual holds."""

    template = "desk/help/index.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        """List the pages."""
        return self.show(
            pages=manual(), foreign=not is_source_language(), built=(BUILT / "index.html").is_file()
        )


class HelpPage(DeskView):
    """Show one page of the manual."""

    template = "desk/help/page.html"

    def get(self, _request: HttpRequest, name: str) -> HttpResponse:
        """Show it, or 404."""
        page = page_of(name)
        if page is None:
            raise Http404
        return self.show(page=page, pages=manual(), foreign=not is_source_language())


@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class Built(DeskView):
    """Serve the built documentation."""

    def get(self, request: HttpRequest, path: str) -> HttpResponseBase:
        """Answer with one file."""
        if not path or path.endswith("/"):
            path = f"{path}index.html"
        return serve(request, path, document_root=str(BUILT))
