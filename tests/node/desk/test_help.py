# SPDX-License-Identifier: Apache-2.0
"""The manual is there on every node, its links lead somewhere, and it names buttons that exist."""

from __future__ import annotations

import re
from importlib import resources
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from comity.node.desk.manual import PAGES, manual, page_of, source
from comity.node.desk.words import LOCALE

#: Most words of a page: help is short or it is not read.
MOST_WORDS = 420


def catalogue() -> set[str]:
    """Return every text of the desk."""
    text = (LOCALE / "ar/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    return set(re.findall(r'^msgid "(.+)"$', text, re.MULTILINE))


def test_the_files_are_the_pages():
    folder = resources.files("comity.node.desk.manual")
    names = {entry.name for entry in folder.iterdir() if entry.name.endswith(".md")}
    assert names == {f"{name}.md" for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_short_and_names_what_the_desk_calls_so(name):
    text = source(name)
    assert text.startswith("# ")
    assert len(text.split()) <= MOST_WORDS
    labels = re.findall(r"\*\*([^*]+)\*\*", text)
    assert [label for label in labels if label not in catalogue()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    page = page_of(name)
    links = re.findall(r'href="([^"]+)"', page.html)
    for link in links:
        match = resolve(urlsplit(link).path)
        if match.url_name == "help-page":
            assert page_of(match.kwargs["name"]), link


def test_help_is_open_to_every_officer_and_linked_from_every_page(desk):
    client = desk("otto", "operator")
    index = client.get("/help/").content.decode()
    for page in manual():
        assert f'href="/help/{page.name}/"' in index
        shown = client.get(f"/help/{page.name}/")
        assert shown.status_code == 200
        text = shown.content.decode()
        assert f"<h1>{page.title}</h1>" in text
        assert len(re.findall(r"<h1", text)) == 1
        assert "in English" not in text
    assert 'href="/help/"' in client.get("/queue/").content.decode()
    assert client.get("/help/nothing/").status_code == 404
    assert client.get("/help/documentation/../../etc/passwd").status_code == 400


def test_arabic_readers_are_told_that_the_manual_is_english(desk):
    client = desk("otto", "operator")
    client.post("/language/", {"language": "ar", "next": "/help/"})
    for address in ("/help/", "/help/finding/"):
        text = client.get(address).content.decode()
        assert 'dir="rtl"' in text
        assert 'lang="en" dir="ltr"' in text
        assert "الإنجليزية" in text


@pytest.mark.usefixtures("node")
def test_help_is_not_for_strangers():
    assert Client().get("/help/finding/").status_code == 302
