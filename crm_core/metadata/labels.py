"""Labels that tenants wrote, per language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language


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
