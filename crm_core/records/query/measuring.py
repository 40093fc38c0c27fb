"""What is added up and compared: the one answer for footers, boards, charts, reports and roll-ups (PLT-96)."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, F, Func, Subquery, Value
from django.db.models.functions import Coalesce

from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.formulas.checking import BASE
from crm_core.metadata.models import Currency
from crm_core.records.query import calculated
from crm_core.security.actor import Actor

_AMOUNT = DecimalField(max_digits=40, decimal_places=10)


def measured(entity: Entity, attribute: Attribute, actor: Actor) -> tuple[Attribute, Any]:
    """The attribute whose values stand for `attribute` in a sum, and their SQL.

    Amounts count in the base currency, each rounded to its places: amounts of several currencies cannot be added up,
    and the sum is that of the amounts people see.
    """
    twin = entity.attributes.get(f"{attribute.name}_base")
    found = calculated.expression(entity, twin or attribute, "", actor)
    if twin is not None or attribute.type.name != "money" or attribute.format == BASE:
        return twin or attribute, found
    if "exchange_rate" not in entity.attributes:
        return attribute, found
    amount = F(found) if isinstance(found, str) else found
    places = Coalesce(Subquery(Currency.objects.filter(is_base=True).values("precision")[:1]), Value(2))
    rate = Coalesce(F("exchange_rate"), Value(1), output_field=_AMOUNT)
    template = (
        "(SELECT round(m.amount / m.rate, m.places) FROM (SELECT %(expressions)s) m(amount, rate, places))"
    )
    return attribute, Func(amount, rate, places, template=template, output_field=_AMOUNT)
