# SPDX-License-Identifier: Apache-2.0
"""An officer at a browser: signs in, opens pages, answers forms, presses buttons.

Everything is found as a person finds it: by the words on the page. What the browser complains
about (a refused script or style, an error of a script) is kept in `complaints`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response

TIMEOUT_MS = 10_000
#: A page of 20,000 characters on a telephone is a long picture to paint without a GPU.
PICTURE_TIMEOUT_MS = 60_000
#: Status codes that a test provokes are reported by the browser as failed loads; they are no fault.
_PROVOKED = "Failed to load resource"


@dataclass
class Visitor:
    """One browser window with its own cookies."""

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(
        cls,
        browser: Browser,
        address: str,
        *,
        width: int = 1280,
        javascript: bool = True,
        language: str = "en",
        **options: object,
    ) -> Visitor:
        """Open a window of the given width."""
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale=language,
            **options,
        )
        context.set_default_timeout(TIMEOUT_MS)
        visitor = cls(context, context.new_page(), address.rstrip("/"))
        visitor.page.on("console", lambda message: visitor._hear(message.type, message.text))
        visitor.page.on("pageerror", lambda error: visitor._hear("error", str(error)))
        return visitor

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(_PROVOKED):
            self.complaints.append(text)

    def leave(self) -> None:
        """Close the window."""
        self.context.close()

    # --- where ---

    def open(self, path: str) -> Response:
        """Open an address of the desk."""
        response = self.page.goto(self.address + path)
        assert response is not None
        return response

    @property
    def path(self) -> str:
        """The address of the page, without its host."""
        return self.page.url.removeprefix(self.address)

    @property
    def heading(self) -> str:
        """The page's main heading."""
        return self.page.inner_text("h1")

    @property
    def text(self) -> str:
        """What the main part of the page says."""
        return self.page.inner_text("main")

    # --- acts ---

    def sign_in(self, login: str, password: str) -> None:
        """Sign in with a password, in a window that nobody else has signed in with."""
        self.context.clear_cookies()
        self.open("/account/login/")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        with self.page.expect_navigation():  # a click does not wait for the page that it leads to
            self.page.click("main button.primary")

    def follow(self, text: str) -> None:
        """Follow a link by its words."""
        self.page.get_by_role("link", name=text, exact=True).first.click()

    def press(self, text: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=text, exact=True).first.click()

    def fill(self, name: str, value: str) -> None:
        """Answer a field by the name it has in the form."""
        self.page.fill(f"main [name='{name}']", value)

    def choose(self, name: str, *values: str) -> None:
        """Choose in a list, or among buttons or boxes."""
        lists = self.page.locator(f"main select[name='{name}']")
        if lists.count():
            lists.select_option(list(values))
            return
        for value in values:
            self.page.check(f"main input[name='{name}'][value='{value}']")

    def speak(self, language: str) -> None:
        """Switch the language if the page is in another."""
        if self.page.get_attribute("html", "lang") != language:
            with self.page.expect_navigation():
                self.page.click(f"button[lang={language}]")

    # --- looks ---

    def section(self, heading: str) -> Locator:
        """Return the part of the page under a heading."""
        return self.page.locator("section, article").filter(
            has=self.page.get_by_role("heading", name=heading, exact=True)
        )

    def sideways(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def picture(self, folder: Path, name: str) -> None:
        """Keep a picture of the whole page."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(
            path=folder / f"{name}.png", full_page=True, timeout=PICTURE_TIMEOUT_MS
        )

    def section_text(self, heading: str) -> str:
        """Return what stands between a heading and the next one of its kind."""
        text = self.text
        start = text.index(heading) + len(heading)
        return text[start:]
