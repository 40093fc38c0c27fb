"""German is complete, and what is compiled is what is written."""

from __future__ import annotations

import gettext
from pathlib import Path

from babel.messages import pofile

FOLDER = Path(__file__).resolve().parents[2] / "onboarding" / "locale" / "de" / "LC_MESSAGES"


def _written() -> dict[object, object]:
    with (FOLDER / "django.po").open("rb") as file:
        return {message.id: message.string for message in pofile.read_po(file, locale="de") if message.id}


def test_every_german_text_is_written() -> None:
    missing = [key for key, text in _written().items() if not (text if isinstance(text, str) else all(text))]
    assert missing == []


def test_the_compiled_texts_are_those_in_the_file() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for key, text in _written().items():
        if isinstance(key, str):
            assert compiled.gettext(key) == text
        else:
            assert [compiled.ngettext(*key, number) for number in (1, 2)] == list(text)
