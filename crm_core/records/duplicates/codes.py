"""Keeping match codes in step with the records they describe (CUS-10.6)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import connection

from crm_core.metadata.entity import Entity
from crm_core.metadata.record import Record, new_id
from crm_core.metadata.types import storage
from crm_core.records.change import Change
from crm_core.records.duplicates.rules import Rule, rules_to
from crm_core.records.models import MatchCode
from crm_core.records.service.copying import copy_rows


def sync(change: Change) -> None:
    """Bring the codes of one written record up to date, in the transaction of the write."""
    gone: list[uuid.UUID] = []
    fresh: dict[uuid.UUID, uuid.UUID] = {}
    for rule in rules_to(change.entity.name):
        if not rule.keyed or not (change.is_create or any(map(change.changed, _known(rule, change.entity)))):
            continue
        code = rule.matching_code(change.entity, partial(_value, change.entity, change.record))
        if code is not None:
            fresh[rule.id] = code
        elif not change.is_create:
            gone.append(rule.id)
    if gone:
        MatchCode.objects.filter(record_id=change.record.pk, rule_id__in=gone).delete()
    if fresh:
        _write(change.record.pk, fresh)


def _write(record_id: uuid.UUID, codes: dict[uuid.UUID, uuid.UUID]) -> None:
    """Insert or replace the codes of one record by rule; one text, and so one plan, for any number of them."""
    connection.fetch(  # type: ignore[attr-defined]
        f"INSERT INTO {MatchCode._meta.db_table} (id, rule_id, record_id, code)"  # noqa: S608 - our model's table
        " SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[])"
        " ON CONFLICT (record_id, rule_id) DO UPDATE SET code = excluded.code",
        [[new_id() for _ in codes], list(codes), [record_id] * len(codes), list(codes.values())],
    )


def _known(rule: Rule, entity: Entity) -> Iterable[str]:
    return (name for name in rule.matching_attributes if name in entity.attributes)


def _value(entity: Entity, record: Record, name: str) -> Any:
    attribute = entity.attributes.get(name)
    return None if attribute is None else storage.read(attribute, record)


def add_many(entity: Entity, records: Sequence[Record]) -> None:
    """The codes of many new records, with one COPY."""
    rows = list(_rows(entity, records, [r for r in rules_to(entity.name) if r.keyed]))
    if rows:
        copy_rows(MatchCode, rows)


def _rows(entity: Entity, records: Sequence[Record], rules: Sequence[Rule]) -> Iterable[dict[str, Any]]:
    for record in records:
        for rule in rules:
            code = rule.matching_code(entity, partial(_value, entity, record))
            if code is not None:
                yield {"id": new_id(), "rule_id": rule.id, "record_id": record.pk, "code": code}


def fill(entity: Entity, records: Sequence[Record], rule: Rule) -> None:
    """Codes of existing records for a rule being published; a code written meanwhile is newer and stays."""
    rows = [MatchCode(**row) for row in _rows(entity, records, [rule])]
    MatchCode.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def remove(ids: Sequence[uuid.UUID]) -> None:
    """Forget the codes of destroyed records."""
    MatchCode.objects.filter(record_id__in=ids).delete()


def value_of(entity: Entity, record: Record) -> Any:
    """A function from attribute names to stored values of `record`."""
    return partial(_value, entity, record)
