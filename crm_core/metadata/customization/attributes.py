"""What a published definition of an own attribute and its options becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crm_core.metadata import numbering, types
from crm_core.metadata.customization import computed
from crm_core.metadata.entity import Attribute, Option
from crm_core.metadata.labels import TenantLabel


def options_of(rows: Iterable[dict]) -> tuple[Option, ...]:
    return tuple(
        Option(
            r["value"],
            TenantLabel(r["label"], r.get("labels")),
            r.get("color", "gray"),
            r.get("active", True),
            bool(r.get("removed")),
            r.get("replacement"),
        )
        for r in rows
    )


def offered(options: tuple[Option, ...]) -> dict[str, Any]:
    """What an attribute offers, and what it offered before."""
    return {
        "options": tuple(o for o in options if not o.removed),
        "former_options": tuple(o for o in options if o.removed),
    }


def custom_attribute(definition: dict[str, Any], lists: dict[str, tuple[Option, ...]]) -> Attribute:
    """The `Attribute` of one published custom definition."""
    options = options_of(definition.get("options") or ())
    if definition.get("option_list"):
        options = lists.get(definition["option_list"], options)
    if definition["type"] in computed.KINDS:
        return Attribute(
            name=definition["name"],
            label=TenantLabel(definition["label"], definition.get("labels")),
            custom=True,
            help=definition.get("help") or "",
            labels=definition.get("labels") or {},
            **computed.facts(definition),
        )
    auto = definition["type"] == "auto"
    return Attribute(
        name=definition["name"],
        label=TenantLabel(definition["label"], definition.get("labels")),
        type=types.get(definition["type"]),
        custom=True,
        required=bool(definition.get("required")),
        recommended=bool(definition.get("recommended")),
        searchable=bool(definition.get("searchable")),
        unique=bool(definition.get("unique")),
        max_length=definition.get("max_length") or {"text": 200, "memo": 20_000}.get(definition["type"]),
        format=definition.get("format"),
        precision=definition.get("precision"),
        min=definition.get("min"),
        max=definition.get("max"),
        default=definition.get("default"),
        help=definition.get("help") or "",
        targets=tuple(definition.get("targets") or ()),
        **offered(options),
        option_list=definition.get("option_list"),
        on_delete=definition.get("on_delete") or "remove_link",
        labels=definition.get("labels") or {},
        sortable=definition["type"] not in ("multi", "memo", "file"),
        read_only=auto,
        importable=not auto,
        numbering=numbering.from_definition(definition) if auto else None,
    )
