"""The one or two values that tell records of the same name apart, as people write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from django.utils.translation import get_language, to_locale

from crm_core.metadata import workspace
from crm_core.metadata.entity import Entity
from crm_core.security.actor import Actor


def fact_texts(entity: Entity, names: Sequence[str], row: Mapping[str, Any], actor: Actor) -> list[str]:
    """Values of the attributes `names` of a selected `row`, those without one left out.

    Moments are on the actor's clock, dates and numbers in the language of the request.
    """
    return [_text(entity, name, row[name], actor) for name in names if row.get(name) not in (None, "")]


def _text(entity: Entity, name: str, value: Any, actor: Actor) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or "")
    attribute = entity.attributes[name]
    stored = attribute.type.decode(attribute, value)
    if isinstance(stored, dt.datetime):
        return _moment(stored.astimezone(actor.time_zone), _locale())
    if isinstance(stored, dt.date):
        return format_date(stored, "medium", locale=_locale())
    if attribute.type.name == "money":
        return format_decimal(stored, "#,##0.00", locale=_locale())
    return attribute.type.to_text(attribute, stored)


def _moment(moment: dt.datetime, locale: Locale) -> str:
    """Day and time of day without seconds, joined as the language does."""
    parts = format_time(moment, "short", locale=locale), format_date(moment.date(), "medium", locale=locale)
    return str(get_datetime_format("medium", locale=locale)).replace("{0}", parts[0]).replace("{1}", parts[1])


def _locale() -> Locale:
    """The language of the request as it is written in the workspace's country, as the screens write it."""
    language = to_locale(get_language() or "en").split("_")[0]
    for name in (f"{language}_{workspace.current().country}", language):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")
