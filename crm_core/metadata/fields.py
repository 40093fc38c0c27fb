"""Model fields that describe themselves: a Django field plus what an `Attribute` needs to know.

Each function returns a plain Django field carrying `field.crm`, so migrations contain nothing of ours.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

TEXT_LENGTH_OF_MEMO = 100_000


def _describe(field: models.Field, type_name: str, **crm: Any) -> models.Field:
    described: Any = field  # the attribute `crm` is ours
    described.crm = {"type": type_name, **{k: v for k, v in crm.items() if v not in (None, (), "")}}
    return field


def _take(options: dict[str, Any]) -> dict[str, Any]:
    return {"null": not options.get("required", False), "blank": not options.get("required", False)}


def Text(max_length: int, *, format: str | None = None, **crm: Any) -> models.Field:
    """Single line of at most `max_length` characters; `format` is None, email, phone, url or code."""
    return _describe(
        models.CharField(max_length=max_length, **_take(crm)),
        "text",
        max_length=max_length,
        format=format,
        **crm,
    )


def Memo(max_length: int = TEXT_LENGTH_OF_MEMO, *, format: str = "plain", **crm: Any) -> models.Field:
    """Several lines; `format` is plain or rich (sanitised HTML)."""
    return _describe(models.TextField(**_take(crm)), "memo", max_length=max_length, format=format, **crm)


def Int(*, min: int | None = None, max: int | None = None, **crm: Any) -> models.Field:
    return _describe(models.BigIntegerField(**_take(crm)), "int", min=min, max=max, **crm)


def Dec(precision: int = 2, *, min: Any = None, max: Any = None, **crm: Any) -> models.Field:
    """Fixed decimal with `precision` places (0-10)."""
    field = models.DecimalField(max_digits=precision + 15, decimal_places=precision, **_take(crm))
    return _describe(field, "dec", precision=precision, min=min, max=max, **crm)


class MoneyField(models.DecimalField):
    """Amount in the record's currency; brings its read-only twin `<name>_base` in the workspace's base currency."""

    crm: dict[str, Any]

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        if cls._meta.abstract:
            return
        label = self.crm.get("label", name)
        twin = _describe(
            models.DecimalField(
                max_digits=self.max_digits, decimal_places=self.decimal_places, null=True, blank=True
            ),
            "money",
            label=format_lazy("{} ({})", label, _("base currency")),
            base_of=name,
            read_only=True,
            system=True,
        )
        twin.contribute_to_class(cls, f"{name}_base")

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DecimalField", args, kwargs


def Money(*, min: Any = None, max: Any = None, **crm: Any) -> models.Field:
    return _describe(
        MoneyField(max_digits=21, decimal_places=4, **_take(crm)), "money", min=min, max=max, **crm
    )


def Bool(*, default: bool = False, **crm: Any) -> models.Field:
    return _describe(models.BooleanField(default=default), "bool", default=default, **crm)


def Pick(option_list: str, *, default: int | None = None, **crm: Any) -> models.Field:
    """One option of the named option list, stored as its stable integer."""
    field = models.IntegerField(default=default, **_take(crm))
    return _describe(field, "pick", option_list=option_list, default=default, **crm)


def Date(**crm: Any) -> models.Field:
    return _describe(models.DateField(**_take(crm)), "date", **crm)


def DateTime(**crm: Any) -> models.Field:
    return _describe(models.DateTimeField(**_take(crm)), "datetime", **crm)


def Duration(**crm: Any) -> models.Field:
    """Whole minutes."""
    return _describe(models.IntegerField(**_take(crm)), "duration", min=0, **crm)


_ON_DELETE = {"remove_link": models.SET_NULL, "cascade": models.CASCADE, "restrict": models.PROTECT}


def Lookup(to: str, *, target: str, related: str | None = None, on_delete: str = "remove_link", **crm: Any):
    """Reference to one record of the model `to`, known as entity `target`.

    `related` names the related list on the target; `on_delete` is remove_link, cascade or restrict and `cascade` says
    which other acts reach the record (PLT-20).
    """
    nullable = not crm.get("required", False)
    field = models.ForeignKey(
        to, on_delete=_ON_DELETE[on_delete], null=nullable, blank=nullable, related_name="+"
    )
    return _describe(field, "lookup", targets=(target,), reverse_name=related, on_delete=on_delete, **crm)


def UserLookup(*, related: str | None = None, **crm: Any) -> models.Field:
    """Reference to a person who works here (by principal)."""
    field = models.ForeignKey("security.Principal", models.SET_NULL, null=True, blank=True, related_name="+")
    return _describe(field, "lookup", targets=("user",), reverse_name=related, **crm)


def Json(type_name: str, **crm: Any) -> models.Field:
    """A JSON column for the types that are lists: multi and parties."""
    return _describe(models.JSONField(null=True, blank=True), type_name, **crm)


def File(**crm: Any) -> models.Field:
    """One stored file."""
    field = models.ForeignKey("records.StoredFile", models.SET_NULL, null=True, blank=True, related_name="+")
    return _describe(field, "file", sortable=False, **crm)
