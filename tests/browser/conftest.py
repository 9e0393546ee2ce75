# SPDX-License-Identifier: Apache-2.0
"""A real browser and real nodes, once for all tests of this folder.

The nodes are those of the demonstration: two states and a witness, processes of their own over
TLS. The browser is Debian's Chromium (or what COMITY_CHROMIUM names); where there is none,
everything here is skipped, and the summary says so. With SCREENSHOTS=folder pictures are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo.console import Console
from demo.network import Network, running_network
from playwright.sync_api import Browser, sync_playwright

from browser.seeded import Case, seed
from browser.visitor import Visitor

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
XV, XM = "xv.moj", "xm.moj"
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = Path(os.environ.get("COMITY_CHROMIUM") or "/usr/bin/chromium")
    if not path.exists():
        pytest.skip(f"NOT RUN: no browser at {path} (set COMITY_CHROMIUM to Chromium's path)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with running_network(tmp_path_factory.mktemp("network")) as made:
        yield made


@pytest.fixture(scope="session")
def valdoria(network: Network) -> Iterator[Console]:
    """Calls of Valdoria's services, to bring a request to where a test begins."""
    console = Console(network[XV])
    yield console
    console.close()


@pytest.fixture(scope="session")
def case(valdoria: Console) -> Case:
    """A draft and a request that waits for approval, with awkward texts."""
    return seed(valdoria)


@pytest.fixture
def visit(chromium: Browser, network: Network) -> Iterator[Visit]:
    """Return a function that lets an officer sit down at a desk."""
    arrived: list[Visitor] = []

    def arrive(authority: str, login: str = "", **options: object) -> Visitor:
        visitor = Visitor.arrive(chromium, network[authority].desk_url, **options)
        arrived.append(visitor)
        if login:
            visitor.sign_in(login, network.password)
            visitor.speak(str(options.get("language", "en")))  # another test may have chosen
        return visitor

    yield arrive
    for visitor in arrived:
        visitor.leave()


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Where to keep pictures of the pages, if anywhere."""
    folder = os.environ.get("SCREENSHOTS")
    return Path(folder) if folder else None
