"""German is complete, and what is compiled is what is written."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages import pofile

from billing.services import wording

FOLDER = Path(__file__).resolve().parents[2] / "billing" / "locale" / "de" / "LC_MESSAGES"


def test_every_german_text_is_written_and_compiled() -> None:
    with (FOLDER / "django.po").open("rb") as file:
        written = {m.id: m.string for m in pofile.read_po(file, locale="de") if m.id}
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(written) > 300
    assert [key for key, text in written.items() if not (text if isinstance(text, str) else all(text))] == []
    for key, text in written.items():
        if isinstance(key, str):
            assert compiled.gettext(key) == text
        else:
            assert [compiled.ngettext(*key, number) for number in (1, 2)] == list(text)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", wording._NOTICES)
def test_every_notice_can_be_written(kind: str, language: str) -> None:
    from datetime import UTC, datetime

    from django.utils import translation

    at = datetime(2026, 5, 1, tzinfo=UTC)
    values = {
        "workspace": "Acme", "number": "R-1", "total": (35700, "EUR"), "due_at": at, "attempt_at": at,
        "suspended_at": at, "next_at": at, "days": 7, "percent": 80, "meter": "Files", "tax_id": "ATU13585627",
        "addons": "2 × 10 GB storage", "price": "1,000 e-mails", "each": (120, "EUR"), "most": (600, "EUR"),
        "amount": (35700, "EUR"), "seats": 7, "opened_at": at, "closed_at": at, "answer_by": at, "bank_reason": "fraudulent",
    }  # fmt: skip
    with translation.override(language):
        subject, paragraphs, label = wording.notice(kind, values)
    assert subject and paragraphs and label and "%(" not in subject + "".join(paragraphs)
    if language == "de" and kind.startswith("payment"):
        assert "357,00" in paragraphs[0]
