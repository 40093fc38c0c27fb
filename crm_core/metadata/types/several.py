"""References to one of several objects: a customer, and what an activity is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce

from crm_core.metadata.types.reference import ReferenceType


class Customer(ReferenceType):
    """Account or contact: one real foreign key each, at most one of them set (CUS terms)."""

    name = "customer"

    def _branches(self, attribute, prefix: str) -> list[tuple[str, str, str]]:
        from crm_core.metadata import registry

        return [
            (
                target,
                f"{prefix}{column}_id",
                f"{prefix}{column}__{registry.get(target).primary_attribute.column}",
            )
            for target, column in attribute.columns.items()
        ]

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [path for _target, key, name in self._branches(attribute, prefix) for path in (key, name)]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        for index, target in enumerate(attribute.columns):
            if values[2 * index] is not None:
                return {"object": target, "id": str(values[2 * index]), "name": values[2 * index + 1]}
        return None

    def expression(self, attribute, prefix: str = "") -> Any:
        return Coalesce(*[key for _target, key, _name in self._branches(attribute, prefix)])

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return Coalesce(*[name for _target, _key, name in self._branches(attribute, prefix)])

    def condition(self, attribute, ref, operator, value, context) -> Q:
        """Conditions go to the real columns, so that their indexes serve; `ref` is the prefix before them."""
        keys = [key for _target, key, _name in self._branches(attribute, ref)]
        if operator in ("empty", "not_empty"):
            empty = Q(*[(f"{key}__isnull", True) for key in keys])
            return empty if operator == "empty" else ~empty
        if operator in ("eq", "in", "ne", "not_in"):
            positive = Q()
            for key in keys:
                positive |= self.op_in(attribute, key, value if isinstance(value, list) else [value], context)
            if operator in ("eq", "in"):
                return positive
            # NULL columns make NOT(a IN … OR b IN …) unknown, so each column is negated by itself
            negative = Q()
            for key in keys:
                negative &= ~Q((f"{key}__in", self.identifiers(attribute, value, context))) | Q(
                    (f"{key}__isnull", True)
                )
            return negative
        if operator in self.operators_for(attribute):
            return self._in_families(attribute, keys, operator, value, context)
        return super().condition(attribute, ref, operator, value, context)

    def _in_families(self, attribute, keys: list[str], operator: str, value: Any, context) -> Q:
        """An account or a contact at a place in its tree; each key column by itself because of NULL."""
        found = Q()
        for key in keys:
            condition = self.in_family(attribute, key, operator, value, context)
            found = found & condition if operator.startswith("not_") else found | condition
        return found


class Regarding(ReferenceType):
    """Any object that allows activities: object, id and the name it had when it was chosen."""

    name = "regarding"

    def columns(self, attribute, prefix: str = "") -> list[Any]:
        return [prefix + attribute.columns[part] for part in ("object", "id", "name")]

    def row(self, attribute, values: Sequence[Any]) -> Any:
        return (
            {"object": values[0], "id": str(values[1]), "name": values[2]} if values[1] is not None else None
        )

    def expression(self, attribute, prefix: str = "") -> Any:
        return prefix + attribute.columns["id"]

    def sort_key(self, attribute, prefix: str = "") -> Any:
        return prefix + attribute.columns["name"]
