"""Giving new records their automatic numbers (PLT-16): unique under concurrency, in the creating transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict
from crm_core.metadata.models import NumberCounter
from crm_core.metadata.numbering import NumberFormat, counter_key
from crm_core.records.change import Change
from crm_core.records.models import UniqueValue
from crm_core.records.service import saving

_ATTEMPTS = 20


def assign(entity: Entity, changes: Sequence[Change]) -> None:
    """Give every automatic number these new records lack, as late as possible before they are inserted.

    The counter's row stays locked until the transaction ends: a creation that is refused takes its number back, so
    there are no gaps but those of records deleted for good and of a sequence somebody raised.
    Raises Conflict `auto.taken` when values of that form are in use already.
    """
    for attribute in entity.numbered:
        waiting = [c for c in changes if c.get(attribute.name) is None]
        for change, text in zip(waiting, take(entity, attribute, len(waiting)), strict=True):
            change.set(attribute.name, text)
            if attribute in entity.searchable:
                saving.refresh_search_text(change)


def take(entity: Entity, attribute: Attribute, count: int) -> list[str]:
    """The next `count` values of the attribute, none of them in use."""
    if not count or attribute.numbering is None:
        return []
    found: list[str] = []
    key, day = counter_key(entity.name, attribute.name), today()
    for _attempt in range(_ATTEMPTS):
        missing = count - len(found)
        following = _advance(key, missing, attribute.numbering)
        made = [attribute.numbering.text(n, day) for n in range(following - missing, following)]
        used = _used(entity, attribute, made)
        found += [text for text in made if saving.unique_text(attribute, text) not in used]
        if len(found) == count:
            return found
    raise Conflict(
        "auto.taken",
        f"{attribute.label}: the next numbers are in use already; raise the next number.",
        field=attribute.name,
    )


def today() -> dt.date:
    """The day in the workspace's time zone, the same for everybody who works there."""
    return timezone.now().astimezone(ZoneInfo(workspace.current().time_zone or "UTC")).date()


def _advance(key: str, count: int, numbering: NumberFormat) -> int:
    """Move the counter by `count` under its row lock; the number after those taken."""
    table = connection.ops.quote_name(NumberCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counter (key, next_number) VALUES (%s, %s)"  # noqa: S608 - our model's name
            " ON CONFLICT (key) DO UPDATE SET next_number = GREATEST(counter.next_number, %s) + %s"
            " RETURNING next_number",
            [key, numbering.start + count, numbering.start, count],
        )
        return cursor.fetchone()[0]


def _used(entity: Entity, attribute: Attribute, texts: list[str]) -> set[str]:
    rows = UniqueValue.objects.filter(
        object=entity.name,
        attribute=attribute.name,
        value__in=[saving.unique_text(attribute, text) for text in texts],
    )
    return set(rows.values_list("value", flat=True))
