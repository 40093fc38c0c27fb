"""Every text that is marked for translation is there in German, and what is compiled is what is written (PLT-95)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
APPS = ("saas", "tenants", "crm_core", "billing", "onboarding")
_MARKS: dict = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
#: the other catalogue's word means the same, and the first of them is shown everywhere
_ALIKE = {"State", "Read-only"}
_TAG = re.compile(r"""{%\s*(?:trans|translate)\s+(?:"([^"]+)"|'([^']+)')(?:\s+context\s+["']([^"']+)["'])?""")


def _catalogues() -> dict[str, Catalog]:
    files = {app: ROOT / app / "locale/de/LC_MESSAGES/django.po" for app in APPS}
    return {app: read_po(path.open("rb"), locale="de") for app, path in files.items() if path.exists()}


def _marked(app: str) -> Iterator[tuple[str, str | None, str]]:
    """(text, context, file) of everything an app marks in Python and templates."""
    for path in (ROOT / app).rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for _line, message, _comments, context in extract_from_file("python", path, keywords=_MARKS):
            yield (message[0] if isinstance(message, tuple) else message), context, path.name
    for path in (p for ending in ("html", "txt") for p in (ROOT / app).rglob(f"*.{ending}")):
        for double, single, context in _TAG.findall(path.read_text()):
            yield double or single, context or None, path.name


def test_no_other_catalogue_says_a_text_of_the_workspace_in_another_way() -> None:
    """All apps' catalogues are one at run time: “Share” of the operator's figures would stand on the button that shares."""
    catalogues = _catalogues()
    own = {
        m.id: m.string for m in catalogues.pop("crm_core") if isinstance(m.id, str) and m.id and not m.context
    }
    said_twice = {
        (app, text, german, other.string)
        for app, catalogue in catalogues.items()
        for text, german in own.items()
        if (other := catalogue.get(text)) is not None and other.string and other.string != german
    }
    assert {one for one in said_twice if one[1] not in _ALIKE} == set()


@pytest.mark.parametrize("app", APPS)
def test_every_marked_text_is_there_in_german(app: str) -> None:
    catalogues = _catalogues()

    def said(text: str, context: str | None) -> bool:
        found = (catalogue.get(text, context) for catalogue in catalogues.values())
        return any(m is not None and m.string and not m.fuzzy for m in found)

    missing = {
        (text, context, file) for text, context, file in _marked(app) if text and not said(text, context)
    }
    assert missing == set()


@pytest.mark.parametrize("app", [a for a in APPS if (ROOT / a / "locale").exists()])
def test_compiled_texts_are_the_written_ones(app: str) -> None:
    folder = ROOT / app / "locale/de/LC_MESSAGES"
    written = read_po((folder / "django.po").open("rb"), locale="de")
    with (folder / "django.mo").open("rb") as stream:
        compiled = GNUTranslations(stream)
    stale = [
        m.id
        for m in written
        if isinstance(m.id, str) and m.id and m.string and _read(compiled, m) != m.string
    ]
    assert stale == []


def _read(compiled: GNUTranslations, message: Message) -> str:
    return compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
