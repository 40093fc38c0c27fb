"""Currencies of the workspace: which there are, what they are worth, and which is the base (PLT-96)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision, list_currencies
from django.db import transaction
from django.utils.translation import gettext as _

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, Malformed, NotFound
from crm_core.metadata.models import Currency, Organization
from crm_core.records import audit
from crm_core.security.actor import Actor

KEYS = {"code", "rate", "precision"}
MAX_PRECISION = 4
_PLACES = Decimal(1).scaleb(-10)
_MOST = Decimal(10) ** 9


def listed() -> list[dict[str, Any]]:
    """All currencies, the base first: code, rate (units per one unit of the base), precision (decimal places)."""
    return [_json(row) for row in Currency.objects.order_by("-is_base", "code")]


def _json(row: Currency) -> dict[str, Any]:
    return {
        "code": row.code,
        "rate": format(row.rate.normalize(), "f"),
        "precision": row.precision,
        "is_base": row.is_base,
    }


@transaction.atomic
def add(body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """A further currency; `precision` is what is usual for it unless given.

    Raises Forbidden without customize, Invalid for an unknown code or rate, Conflict `currency.exists`.
    """
    _locked(actor)
    code = body.get("code")
    if not isinstance(code, str) or code not in list_currencies():
        raise Invalid("currency.unknown", _("A code such as USD is needed."), field="code")
    if Currency.objects.filter(code=code).exists():
        raise Conflict("currency.exists", _("The workspace has this currency already."), field="code")
    precision = _precision(body["precision"]) if "precision" in body else min(get_currency_precision(code), 4)
    row = Currency.objects.create(code=code, rate=_rate(body.get("rate")), precision=precision)
    return _noted(actor, code, None, _json(row))


@transaction.atomic
def change(code: str, body: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Another rate or precision; records keep the rate they were written with until their money changes.

    Raises Forbidden, NotFound, Invalid, Conflict `currency.is_base` for the rate of the base.
    """
    _locked(actor)
    row = _found(code)
    before = _json(row)
    if "code" in body:
        raise Malformed("request.malformed", "The code cannot be changed.", field="code")
    if "rate" in body:
        rate = _rate(body["rate"])
        if row.is_base and rate != 1:
            raise Conflict(
                "currency.is_base", _("Rates are units per one unit of the base currency."), field="rate"
            )
        row.rate = rate
    if "precision" in body:
        row.precision = _precision(body["precision"])
    row.save()
    return _noted(actor, code, before, _json(row))


@transaction.atomic
def remove(code: str, actor: Actor) -> None:
    """Raises Forbidden, NotFound, Conflict `currency.is_base` or `currency.in_use` with counts per object."""
    _locked(actor)
    row = _found(code)
    if row.is_base:
        raise Conflict("currency.is_base", _("The base currency cannot be deleted."))
    counts = {e.plural: n for e in _with_money() if (n := _rows(e).filter(currency=code).count())}
    if counts:
        raise Conflict(
            "currency.in_use", _("Records are kept in this currency."), details={"records": counts}
        )
    before = _json(row)
    row.delete()
    _noted(actor, code, before, None)


@transaction.atomic
def make_base(code: Any, actor: Actor) -> None:
    """Count everything in another currency of the workspace from now on; the other rates are converted.

    Raises Forbidden, Invalid `currency.unknown`, Conflict `currency.base_fixed` once there is a record with money.
    """
    organization = _locked(actor)
    if organization.currency == code:
        return
    base = Currency.objects.filter(code=str(code)[:3]).first() if isinstance(code, str) else None
    if base is None or base.code != code:
        raise Invalid("currency.unknown", _("Add it to the currencies first."), field="currency")
    if any(_rows(e).filter(exchange_rate__isnull=False).exists() for e in _with_money()):
        raise Conflict(
            "currency.base_fixed",
            _("There are records with amounts, so the base currency stays."),
            field="currency",
        )
    factor = base.rate
    for row in Currency.objects.select_for_update():
        row.is_base = row.pk == base.pk
        row.rate = Decimal(1) if row.is_base else max((row.rate / factor).quantize(_PLACES), _PLACES)
        row.save()
    audit.note(actor, "workspace", "update", {"currency": [organization.currency, code]})
    organization.currency = code
    organization.save(update_fields=["currency"])
    workspace.begin()


def _locked(actor: Actor) -> Organization:
    """Whoever changes currencies waits for the other who does, so that there is always exactly one base."""
    actor.require("customize")
    return Organization.objects.select_for_update().get(pk=1)


def _found(code: str) -> Currency:
    row = Currency.objects.filter(code=code[:3]).first()
    if row is None or row.code != code:
        raise NotFound()
    return row


def _with_money() -> Iterator[Entity]:
    return (e for e in registry.all() if "exchange_rate" in e.attributes)


def _rows(entity: Entity) -> Any:
    """All rows of an object, those in the recycle bin too: they may come back."""
    rows = entity.model.objects.all()
    return rows.filter(object=entity.discriminator) if entity.discriminator else rows


def _rate(raw: Any) -> Decimal:
    try:
        rate = Decimal(str(raw)) if isinstance(raw, (str, int)) and not isinstance(raw, bool) else None
    except InvalidOperation:
        rate = None
    if rate is None or not rate.is_finite() or not _PLACES <= rate <= _MOST:
        raise Invalid("currency.rate", _("A rate above zero is needed, such as 1.25."), field="rate")
    return rate.quantize(_PLACES)


def _precision(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= MAX_PRECISION:
        raise Invalid("currency.precision", _("0 to 4 decimal places."), field="precision")
    return raw


def _noted(actor: Actor, code: str, before: Any, after: Any) -> Any:
    if before != after:
        audit.note(actor, "workspace", "update", {code: [before, after]})
    return after
