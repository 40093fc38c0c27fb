"""Labels that tenants wrote, per language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override


class TenantLabel:
    """Text with translations; shows the active language's, else the plain one."""

    __slots__ = ("text", "translations")

    def __init__(self, text: str, translations: Mapping[str, str] | None = None):
        self.text = text
        self.translations = translations or {}

    def __str__(self) -> str:
        language = get_language() or ""
        return self.translations.get(language) or self.translations.get(language.split("-")[0]) or self.text

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.text)


def with_delivered(text: str, translations: Mapping[str, str], delivered: Iterable[Any]) -> dict[str, str]:
    """`translations` of a label a customizer kept as delivered, filled up with the delivered ones.

    Whoever edits a form sees its headings in one language; the other languages must not lose theirs by that.
    """
    found: dict[str, str] = {}
    for label in delivered:
        if str(label) == text:
            for language, _name in settings.LANGUAGES:
                with override(language):
                    found[language] = str(label)
            break
    here = (get_language() or "").split("-")[0]
    return {**{k: v for k, v in found.items() if k != here and v != text}, **translations}
