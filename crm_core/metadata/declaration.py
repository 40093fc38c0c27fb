"""Declaring standard objects: a model plus a short data sheet becomes an `Entity` (ARCHITECTURE 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata import types
from crm_core.metadata.entity import USER_OWNED, Action, Attribute, Entity, Option, Reason, State
from crm_core.metadata.record import Record
from crm_core.metadata.states import reason_options

_declared: dict[str, Entity] = {}
_option_lists: dict[str, tuple[Option, ...]] = {}
_fixed_options: dict[str, frozenset[int]] = {}

ACTIVE_INACTIVE = (
    State("active", _("Active"), (Reason(1, _("Active"), default=True),), color="green"),
    State("inactive", _("Inactive"), (Reason(2, _("Inactive"), default=True),), closed=True, color="gray"),
)
COLORS = (
    "gray",
    "indigo",
    "blue",
    "cyan",
    "teal",
    "green",
    "lime",
    "yellow",
    "orange",
    "red",
    "pink",
    "violet",
)


def option_list(name: str, options: Iterable[Option], *, fixed: bool = False) -> None:
    """Declare the delivered option list `name`; workspaces may relabel, extend and shorten it.

    `fixed` says that the product's own rules work with these options: they cannot be deleted.
    """
    _option_lists[name] = tuple(options)
    _fixed_options[name] = frozenset(o.value for o in _option_lists[name]) if fixed else frozenset()


def fixed_options(name: str) -> frozenset[int]:
    """Options of a delivered list that must stay: rules of the product or the initial values of its fields name them."""
    initial = {
        a.default for e in _declared.values() for a in e.attributes.values()
        if a.option_list == name and isinstance(a.default, int)
    }  # fmt: skip
    return _fixed_options.get(name, frozenset()) | initial


def numbered(*labels: Any, colors: Iterable[str] = ()) -> tuple[Option, ...]:
    """Options 1, 2, 3 … with these labels."""
    palette = list(colors) or ["gray"]
    return tuple(Option(i, label, palette[(i - 1) % len(palette)]) for i, label in enumerate(labels, 1))


def option_lists() -> dict[str, tuple[Option, ...]]:
    return _option_lists


def customer_attribute(
    name: str, label: Any, *, account: str, contact: str, related: str | None = None, **more: Any
) -> Attribute:
    """An attribute that refers to an account or a contact through two foreign keys."""
    return Attribute(
        name, label, types.get("customer"), column=None, columns={"account": account, "contact": contact},
        targets=("account", "contact"), reverse_name=related, **more,
    )  # fmt: skip


def regarding_attribute(name: str = "regarding", label: Any = None, **more: Any) -> Attribute:
    """A reference to any object that allows activities, kept in the columns `<name>_object`, `_id` and `_name`."""
    columns = {part: f"{name}_{part}" for part in ("object", "id", "name")}
    return Attribute(name, label or _("Regarding"), types.get("regarding"), columns=columns, **more)


def _from_field(field: Any) -> Attribute:
    crm = dict(field.crm)
    kind = crm.pop("type")
    crm.pop("base_of", None)
    label = crm.pop("label", None) or field.name.replace("_", " ").capitalize()
    return Attribute(field.name, label, types.get(kind), column=field.name, **crm)


def system_attributes(ownership: str, states: tuple[State, ...], money: bool) -> list[Attribute]:
    """What the server keeps on every record (PRODUCT_SPEC 0.3)."""
    user: dict[str, Any] = {"targets": ("user",), "read_only": True, "system": True, "importable": False}
    found = [
        Attribute("state", _("State"), types.get("state"), column="state", read_only=True, system=True),
        Attribute(
            "status_reason",
            _("Status reason"),
            types.get("status_reason"),
            column="status_reason",
            options=reason_options(states),
            system=True,
        ),
        Attribute(
            "created_at",
            _("Created at"),
            types.get("datetime"),
            column="created_at",
            read_only=True,
            system=True,
        ),
        Attribute("created_by", _("Created by"), types.get("lookup"), column="created_by", **user),
        Attribute(
            "modified_at",
            _("Modified at"),
            types.get("datetime"),
            column="modified_at",
            read_only=True,
            system=True,
        ),
        Attribute("modified_by", _("Modified by"), types.get("lookup"), column="modified_by", **user),
        Attribute(
            "external_key",
            _("External key"),
            types.get("text"),
            column="external_key",
            max_length=200,
            system=True,
        ),
        Attribute(
            "is_sample",
            _("Sample record"),
            types.get("bool"),
            column="is_sample",
            read_only=True,
            system=True,
            importable=False,
        ),
    ]
    if ownership == USER_OWNED:
        found.insert(
            0,
            Attribute(
                "owner",
                pgettext_lazy("record", "Owner"),
                types.get("owner"),
                column="owner",
                targets=("user", "team"),
                system=True,
            ),
        )
    if money:
        found.append(
            Attribute(
                "currency",
                _("Currency"),
                types.get("text"),
                column="currency",
                max_length=3,
                format="currency",
                system=True,
            )
        )
        found.append(
            Attribute(
                "exchange_rate",
                _("Exchange rate"),
                types.get("dec"),
                column="exchange_rate",
                precision=10,
                read_only=True,
                system=True,
            )
        )
    return found


def declare(
    model: type[Record],
    *,
    name: str,
    plural: str,
    label: Any,
    label_plural: Any,
    primary: str,
    ownership: str = USER_OWNED,
    states: tuple[State, ...] = ACTIVE_INACTIVE,
    extra: Iterable[Attribute] = (),
    actions: Iterable[Action] = (),
    rules: Iterable[Callable[..., None]] = (),
    derived: Mapping[str, tuple[str, ...]] = {},
    **sheet: Any,
) -> Entity:
    """Register the standard object `name` and return its entity.

    `extra` are attributes that span several columns; `derived` says of which values rules make an attribute
    (`name`, or `object.name` of another object's), so that nobody reads there what is hidden from him elsewhere; `sheet` holds the remaining fields of `Entity`
    (group, icon, features, views, form, quick_create, board, duplicates …).
    """
    attributes: dict[str, Attribute] = {}
    for field in model._meta.get_fields():
        if hasattr(field, "crm"):
            attribute = _from_field(field)
            attributes[attribute.name] = attribute
    for attribute in extra:
        attributes[attribute.name] = attribute
    money = any(f.name == "exchange_rate" for f in model._meta.get_fields())
    for attribute in system_attributes(ownership, states, money):
        attributes.setdefault(attribute.name, attribute)
    attributes = {primary: attributes[primary], **attributes}
    for made, sources in derived.items():
        attributes[made] = replace(attributes[made], derived_from=sources)
    entity = Entity(
        name=name, plural=plural, label=label, label_plural=label_plural, model=model, primary=primary, ownership=ownership,
        attributes=attributes, states=states, actions={a.name: a for a in actions}, rules=tuple(rules), **sheet,
    )  # fmt: skip
    if name in _declared:
        raise RuntimeError(f"The object {name} is declared twice.")
    _declared[name] = entity
    return entity


def declared() -> dict[str, Entity]:
    """All standard objects by name."""
    return _declared
