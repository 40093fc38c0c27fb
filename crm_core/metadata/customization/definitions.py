"""Checking what a customizer asks for, before anything is stored (PLT-1, PLT-3, SAAS I4)."""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_core.metadata import types
from crm_core.metadata.customization import auto_numbers, computed
from crm_core.metadata.customization.attributes import custom_attribute
from crm_core.metadata.declaration import COLORS
from crm_core.metadata.entity import ORGANISATION_OWNED, RECORD_FEATURES, USER_OWNED
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.text import clean_text

MAX_CUSTOM_ATTRIBUTES = 500
MAX_CUSTOM_OBJECTS = 100
MAX_OPTIONS = 1000
ATTRIBUTE_KEYS = {
    "label", "labels", "type", "required", "recommended", "max_length", "precision", "min", "max", "options", "option_list",
    "targets", "help", "default", "searchable", "unique", "on_delete", "format", *auto_numbers.KEYS,
    *computed.KEYS,
}  # fmt: skip
OBJECT_KEYS = {
    "label", "label_plural", "labels", "labels_plural", "primary_label", "ownership", "icon", "color", "description", "features",
}  # fmt: skip
_SLUG = re.compile(r"[^a-z0-9]+")
_ALPHABET = string.ascii_lowercase + string.digits


def key_from(label: str, prefix: str = "c_") -> str:
    """Immutable safe name from a label: ascii words, at most 40 characters, prefix `c_`."""
    ascii_text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = _SLUG.sub("_", ascii_text).strip("_")[:40].strip("_")
    return prefix + (slug or "field")


def attribute_key(label: str) -> str:
    """Generated key of a custom attribute: readable, and never the same as an earlier purged one."""
    return key_from(label) + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(4))


def plural_of(name: str) -> str:
    """Address of a custom object: English plural of its name, good enough and immutable."""
    if re.search(r"(s|x|z|ch|sh)$", name):
        return name + "es"
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + "s"


def label_text(definition: dict, key: str, *, required: bool = True, limit: int = 60) -> str | None:
    value = definition.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > limit:
        raise Invalid("metadata.label", f"A text of 1 to {limit} characters is needed.", field=key)
    try:
        return " ".join(clean_text(value).split())
    except ValueError:
        raise Invalid(
            "metadata.label", "The text contains characters that cannot be stored.", field=key
        ) from None


def translations(definition: dict, key: str, limit: int = 60) -> dict[str, str]:
    value = definition.get(key) or {}
    if not isinstance(value, dict) or len(value) > 30:
        raise Invalid("metadata.labels", "Translations are a list of language and text.", field=key)
    return {str(language)[:10]: label_text(value, language, limit=limit) or "" for language in value}


def checked_object(definition: Any) -> dict[str, Any]:
    """A custom object's definition, cleaned. Raises `Invalid` with the field."""
    only_keys(definition, OBJECT_KEYS)
    ownership = definition.get("ownership") or USER_OWNED
    if ownership not in (USER_OWNED, ORGANISATION_OWNED):
        raise Invalid("metadata.ownership", "Ownership is user or organisation.", field="ownership")
    features = definition.get("features")
    if features is None:
        features = sorted(RECORD_FEATURES)
    if not isinstance(features, list) or any(f not in RECORD_FEATURES for f in features):
        raise Invalid(
            "metadata.features",
            "Unknown feature.",
            field="features",
            details={"known": sorted(RECORD_FEATURES)},
        )
    label = label_text(definition, "label")
    return {
        "label": label,
        "label_plural": label_text(definition, "label_plural", required=False) or f"{label}s",
        "labels": translations(definition, "labels"),
        "labels_plural": translations(definition, "labels_plural"),
        "primary_label": label_text(definition, "primary_label", required=False) or "Name",
        "ownership": ownership,
        "icon": _icon(definition),
        "color": _color(definition.get("color") or "indigo", "color"),
        "description": help_text(definition, "description"),
        "features": sorted(set(features)),
    }


def checked_attribute(
    definition: Any, known_objects: set[str], known_lists: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """A custom attribute's definition, cleaned; `known_lists` are the rows of shared lists. Raises `Invalid` with the field."""
    only_keys(definition, ATTRIBUTE_KEYS)
    kind = definition.get("type")
    known = [*(t.name for t in types.custom_types()), *computed.KINDS]
    if not isinstance(kind, str) or kind not in known:
        raise Invalid("metadata.type", "Choose a type.", field="type", details={"known": known})
    cleaned: dict[str, Any] = {
        "label": label_text(definition, "label"),
        "labels": translations(definition, "labels"),
        "type": kind,
        "help": help_text(definition, "help"),
        **{flag: bool(definition.get(flag)) for flag in ("required", "recommended", "searchable", "unique")},
    }
    if kind in ("text", "memo"):
        cleaned["max_length"] = _whole(definition, "max_length", 1, 4000 if kind == "text" else 100_000)
        cleaned["format"] = _one_of(
            definition, "format", ("email", "phone", "url") if kind == "text" else ("plain", "rich")
        )
    if kind == "dec":
        precision = _whole(definition, "precision", 0, 10)
        cleaned["precision"] = 2 if precision is None else precision
    if kind in ("int", "dec", "money", "float", "duration"):
        cleaned.update(_range(definition))
    if kind in ("pick", "multi"):
        cleaned.update(_choices(definition, known_lists))
    if kind == "lookup":
        cleaned["targets"] = _targets(definition, known_objects)
        cleaned["on_delete"] = (
            _one_of(definition, "on_delete", ("remove_link", "restrict", "cascade")) or "remove_link"
        )
    if kind in computed.KINDS:
        cleaned.update(computed.cleaned_part(definition))
        cleaned.update(unique=False, searchable=False, required=False, recommended=False)
        return cleaned
    if kind == "auto":
        cleaned.update(auto_numbers.checked_numbering(definition))
        cleaned.update(unique=True, searchable=True, required=False, recommended=False)
        if definition.get("default") is not None:
            raise Invalid("metadata.default", "The number is given by the sequence.", field="default")
        return cleaned
    if cleaned["unique"] and kind not in ("text", "int", "date"):
        raise Invalid("metadata.unique", "Only text, whole numbers and dates can be unique.", field="unique")
    if cleaned["searchable"] and kind not in ("text", "memo"):
        raise Invalid("metadata.searchable", "Only text can be searched.", field="searchable")
    if definition.get("default") is not None:
        offered = (
            known_lists[cleaned["option_list"]] if cleaned.get("option_list") else cleaned.get("options")
        )
        cleaned["default"] = checked_default({**cleaned, "options": offered}, definition["default"])
    return cleaned


def checked_default(cleaned: dict[str, Any], default: Any) -> Any:
    """The default value in JSON form; it must be a valid value of the attribute."""
    attribute = custom_attribute({**cleaned, "name": "default", "option_list": None}, {})
    if attribute.type.name in ("lookup", "file"):
        raise Invalid("metadata.default", "References have no default.", field="default")
    return attribute.type.encode(attribute, attribute.type.parse(attribute, default))


def only_keys(definition: Any, known: set[str]) -> None:
    """Refuses anything but a mapping with these keys: Invalid `metadata.unknown_key`."""
    if not isinstance(definition, dict):
        raise Invalid("metadata.definition", "A definition is needed.", field="definition")
    if unknown := sorted(set(map(str, definition)) - known):
        raise Invalid("metadata.unknown_key", f"Unknown key “{unknown[0]}”.", field=unknown[0])


def help_text(definition: dict, key: str) -> str:
    """A text of at most 1,000 characters, empty when there is none. Raises Invalid `metadata.help`."""
    value = definition.get(key) or ""
    if not isinstance(value, str) or len(value) > 1000:
        raise Invalid("metadata.help", "At most 1,000 characters.", field=key)
    try:
        return clean_text(value)
    except ValueError:
        raise Invalid(
            "metadata.help", "The text contains characters that cannot be stored.", field=key
        ) from None


def _icon(definition: dict) -> str:
    icon = definition.get("icon") or "box"
    if not isinstance(icon, str) or not re.fullmatch(r"[a-z0-9-]{1,40}", icon):
        raise Invalid("metadata.icon", "Unknown icon.", field="icon")
    return icon


def _color(value: Any, path: str) -> str:
    if value not in COLORS:
        raise Invalid("metadata.color", "Unknown colour.", field=path, details={"known": list(COLORS)})
    return value


def _whole(definition: dict, key: str, low: int, high: int) -> int | None:
    value = definition.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid("metadata.number", f"A whole number from {low} to {high} is needed.", field=key)
    return value


def _one_of(definition: dict, key: str, known: tuple[str, ...]) -> str | None:
    value = definition.get(key)
    if value is not None and value not in known:
        raise Invalid("metadata.choice", f"One of {', '.join(known)}.", field=key)
    return value


def _range(definition: dict) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key in ("min", "max"):
        value = definition.get(key)
        if value is None:
            continue
        try:
            number = (
                Decimal(str(value))
                if isinstance(value, (int, float, str)) and not isinstance(value, bool)
                else None
            )
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or abs(number) > Decimal(10) ** 15:
            raise Invalid("metadata.number", "A number is needed.", field=key)
        found[key] = format(number, "f")
    low, high = found.get("min"), found.get("max")
    if low is not None and high is not None and Decimal(low) > Decimal(high):
        raise Invalid("metadata.range", "The smallest value is above the largest.", field="min")
    return found


def _choices(definition: dict, known_lists: Collection[str]) -> dict[str, Any]:
    if shared := definition.get("option_list"):
        if not isinstance(shared, str) or shared not in known_lists:
            raise Invalid("metadata.option_list", "There is no such option list.", field="option_list")
        return {"option_list": shared, "options": []}
    return {"options": checked_options(definition.get("options"))}


def checked_options(rows: Any) -> list[dict[str, Any]]:
    """Options with stable values: given ones stay, new ones get the next free number.

    A deleted option stays as a row that says `removed`, so that its number is not given again; its `replacement` is an
    option that is there, or None for none.
    """
    if not isinstance(rows, list) or len(rows) > MAX_OPTIONS or not any(_is_offered(r) for r in rows):
        raise Invalid("metadata.options", f"1 to {MAX_OPTIONS} options are needed.", field="options")
    taken = {r["value"] for r in rows if isinstance(r, dict) and isinstance(r.get("value"), int)}
    following = max(taken, default=0) + 1
    cleaned, labels, used = [], set(), set()
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            raise Invalid("metadata.options", "An option has a label and a colour.", field=f"options.{index}")
        label = label_text(row, "label", limit=100) or ""
        if label.casefold() in labels and _is_offered(row):
            raise Invalid(
                "metadata.option_twice",
                f"The option “{label}” is there twice.",
                field=f"options.{index}.label",
            )
        if _is_offered(row):
            labels.add(label.casefold())
        value = row.get("value")
        if value is None:
            value, following = following, following + 1
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31 or value in used:
            raise Invalid(
                "metadata.option_value",
                "Option values are different positive numbers.",
                field=f"options.{index}.value",
            )
        used.add(value)
        color = _color(row.get("color") or COLORS[(index + 1) % len(COLORS)], f"options.{index}.color")
        option = {"value": value, "label": label, "labels": translations(row, "labels"), "color": color,
                  "active": row.get("active", True) is not False and _is_offered(row)}  # fmt: skip
        cleaned.append(option if _is_offered(row) else {**option, **_as_removed(row, rows)})
    return cleaned


def _is_offered(row: Any) -> bool:
    return not (isinstance(row, dict) and row.get("removed") is True)


def _as_removed(row: dict[str, Any], rows: list[Any]) -> dict[str, Any]:
    """What a row says of a deleted option; a replacement that was deleted later leads on to its own."""
    if "replacement" not in row:
        return {"removed": True}
    known = {r["value"]: r for r in rows if isinstance(r, dict) and isinstance(r.get("value"), int)}
    found = row["replacement"]
    for _step in range(len(rows)):
        if found is None:
            return {"removed": True, "replacement": None}
        if isinstance(found, bool) or not isinstance(found, int) or found not in known:
            break
        if _is_offered(known[found]):
            return {"removed": True, "replacement": found}
        found = known[found].get("replacement")
    raise Invalid("option.replacement", "Choose an option that stays.", field="replacements")


def _targets(definition: dict, known_objects: set[str]) -> list[str]:
    targets = definition.get("targets")
    if not isinstance(targets, list) or len(targets) != 1 or targets[0] not in known_objects:
        raise Invalid("metadata.targets", "Choose the object to look up.", field="targets")
    return targets
