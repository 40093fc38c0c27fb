"""The text a record is found by: its searchable values without accents and case, phone numbers also as digits."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from crm_core.metadata.types.storage import read
from crm_core.metadata.types.text import phone_digits

if TYPE_CHECKING:
    from crm_core.metadata.entity import Entity

LIMIT = 4000


def fold(text: str) -> str:
    """Text as the search compares it: NFKD, no accents, case folded, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())


def search_text(entity: Entity, instance: Any, region: str | None = None) -> str:
    """The search text of `instance`, at most 4,000 characters."""
    parts: list[str] = []
    for attribute in entity.searchable:
        value = read(attribute, instance)
        if value is None:
            continue
        text = attribute.type.to_text(attribute, value)
        parts.append(fold(text))
        if attribute.format == "phone":
            parts.append(phone_digits(text, region))
    return " ".join(parts)[:LIMIT]


def search_text_for(object_name: str, instance: Any) -> str:
    """The search text of an instance of the object called `object_name`."""
    from crm_core.metadata import registry

    return search_text(registry.get(object_name), instance)
