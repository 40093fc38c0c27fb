"""What a customizer may change of a delivered field: its name, its help and how much it is wanted (PLT-4, PLT-11)."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.customization.definitions import (
    checked_options,
    help_text,
    label_text,
    only_keys,
    translations,
)
from crm_core.metadata.declaration import option_lists
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Invalid, NotFound
from crm_core.metadata.labels import with_delivered

KEYS = {"label", "labels", "help", "helps", "required", "recommended"}


def checked_override(
    delivered: Entity | None, name: str | None, definition: dict[str, Any]
) -> dict[str, Any]:
    """The change of one delivered field, cleaned; what is not named stays as delivered.

    Raises NotFound for a field that is not delivered, Invalid with the field of the definition.
    """
    attribute = delivered.attributes.get(name or "") if delivered else None
    if attribute is None:
        raise NotFound("attribute.unknown", "There is no such delivered field.")
    only_keys(definition, KEYS)
    cleaned: dict[str, Any] = {}
    if definition.get("label") is not None:
        cleaned["label"] = label_text(definition, "label")
        cleaned["labels"] = translations(definition, "labels")
    elif definition.get("labels"):
        raise Invalid("metadata.label", "Translations need a name they translate.", field="label")
    if "help" in definition:
        cleaned["help"] = help_text(definition, "help")
        cleaned["helps"] = translations(definition, "helps", limit=1000)
    for level in ("required", "recommended"):
        if level in definition:
            if not isinstance(definition[level], bool):
                raise Invalid("metadata.flag", "Yes or no is needed.", field=level)
            cleaned[level] = definition[level]
    if cleaned.get("required") or cleaned.get("recommended"):
        _refuse_unenterable(attribute)
    if cleaned.get("required") is False and attribute.required:
        raise Invalid(
            "override.needed", f"{attribute.label} is needed by the product itself.", field="required"
        )
    if not cleaned:
        raise Invalid("metadata.definition", "Nothing is changed.", field="definition")
    return cleaned


def checked_list(name: str, rows: Any) -> list[dict[str, Any]]:
    """A shared option list as it will be: added to, renamed, reordered, translated, retired (PLT-4).

    Deleted options stay as rows that say so. Raises Invalid with the field.
    """
    cleaned = checked_options(rows)
    delivered = {option.value: option.label for option in option_lists().get(name, ())}
    for row in cleaned:  # a label that was not touched keeps its delivered translations
        row["labels"] = with_delivered(
            row["label"], row["labels"], [delivered[row["value"]]] if row["value"] in delivered else []
        )
    return cleaned


def _refuse_unenterable(attribute: Attribute) -> None:
    if attribute.system or attribute.read_only or attribute.type.name in ("state", "status_reason", "bool"):
        raise Invalid(
            "override.not_entered",
            f"{attribute.label} is not something one can leave empty.",
            field="required",
        )
