"""What belongs to every save: money twins, search text, unique values, links, audit entry and outbox event."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.customization.roll_up_definitions import of_nothing, stamp
from crm_core.metadata.entity import Attribute
from crm_core.metadata.errors import Conflict, CrmError, Invalid, VersionMismatch
from crm_core.metadata.models import Currency
from crm_core.metadata.searching import search_text
from crm_core.records.change import Change
from crm_core.records.models import AuditEntry, OutboxEvent, RecordLink, UniqueValue
from crm_core.records.service import storing
from tenants.postgresql.statement import Statement


def currencies() -> dict[str, tuple[Decimal, int, bool]]:
    """(rate, places, is base) of the workspace's currencies by code."""
    rows = _currencies().run()
    return {code: (rate, precision, is_base) for code, rate, precision, is_base in rows}


@lru_cache(maxsize=1)
def _currencies() -> Statement:
    return Statement(Currency.objects.values_list("code", "rate", "precision", "is_base"))


def apply_money(change: Change, known: dict[str, tuple[Decimal, int, bool]] | None = None) -> None:
    """Currency, rate and base amounts (PLT-96): the rate is refreshed when money, currency or state changes."""
    amounts = change.entity.money_attributes
    if not amounts or "exchange_rate" not in change.entity.attributes:
        return
    touched = [a for a in amounts if change.changed(a.name)]
    if not touched and not change.changed("currency") and not change.changed("state"):
        return
    known = known if known is not None else currencies()
    code = change.get("currency") or workspace.current().currency
    if code not in known:
        raise Invalid("currency.unknown", f"The workspace has no currency “{code}”.", field="currency")
    rate, places, _is_base = known[code]
    if change.get("currency") != code:
        change.set("currency", code)
    if change.get("exchange_rate") != rate:
        change.set("exchange_rate", rate)
    base_places = next((p for _r, p, base in known.values() if base), 2)
    for attribute in amounts:
        amount = change.get(attribute.name)
        if amount is not None:
            rounded = _rounded(amount, places)
            if rounded != amount:
                change.set(attribute.name, rounded)
            amount = rounded
        twin = change.entity.attributes.get(f"{attribute.name}_base")
        if twin is not None and (amount is not None or change.get(twin.name) is not None):
            change.set(twin.name, None if amount is None else _rounded(amount / rate, base_places))


def _rounded(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def refresh_search_text(change: Change, country: str | None = None) -> None:
    """Recompute what the record is found by when a searchable value changed; `country` is the workspace's, if known."""
    if change.is_create or any(change.changed(a.name) for a in change.entity.searchable):
        country = country or workspace.current().country
        change.record.search_text = search_text(change.entity, change.record, country)
        change.columns.add("search_text")


def start_roll_ups(changes: Iterable[Change]) -> None:
    """Nothing hangs on a record that is being made: its counts and sums are 0 from now on, not unknown for an hour (PLT-3)."""
    now = timezone.now().isoformat()
    for change in changes:
        for attribute in change.entity.roll_ups:
            if (value := of_nothing(attribute)) is not None:
                change.record.custom[attribute.name] = value
            change.record.custom[stamp(attribute.name)] = now


def insert(change: Change) -> None:
    """Insert the new row with its audit entry and event, inside of the caller's `atomic` block.

    Raises Conflict `record.id_exists` or `record.external_key_exists`; the error must leave that block.
    """
    _stamp(change)
    try:
        storing.insert(change.record, audit_row(change, "create"), event_row(change, "created"))
    except IntegrityError as error:
        raise integrity_conflict(error) from None


def update(change: Change, operation: str, topic: str) -> None:
    """Write the changed columns of a locked row, audit entry and event, inside of the caller's `atomic` block.

    Raises VersionMismatch and the Conflicts of `integrity_conflict`; the error must leave that block.
    """
    _stamp(change)
    record = change.record
    believed, record.version = record.version, record.version + 1
    columns = {*change.columns, "modified_at", "modified_by", "version"}
    try:
        written = storing.update(
            record, columns, believed, audit_row(change, operation), event_row(change, topic)
        )
    except IntegrityError as error:
        raise integrity_conflict(error) from None
    if not written:
        raise VersionMismatch("record.version_mismatch", "Somebody else changed this record meanwhile.")


def integrity_conflict(error: IntegrityError) -> CrmError:
    """The stable refusal for a violated constraint; anything unexpected is not hidden."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", "") or ""
    if getattr(diagnosis, "sqlstate", "") == "23502":
        return Invalid("value.required", "A value is needed.", field=diagnosis.column_name)
    if getattr(diagnosis, "sqlstate", "") == "23503":
        return Invalid("lookup.does_not_exist", "There is no such record.")
    if getattr(diagnosis, "sqlstate", "") == "23514":
        return Invalid(
            "value.out_of_range", "A value is outside of what is allowed.", details={"constraint": constraint}
        )
    if constraint.endswith("_pkey"):
        return Conflict("record.id_exists", "This id is already in use.", field="id")
    if constraint.endswith("_external"):
        return Conflict(
            "record.external_key_exists", "This external key is already in use.", field="external_key"
        )
    if constraint == "unique_value" or "unique" in constraint:
        return Conflict(
            "value.not_unique", "This value is already in use.", details={"constraint": constraint}
        )
    raise error


def _stamp(change: Change) -> None:
    now = timezone.now()
    record = change.record
    record.modified_at = now
    record.modified_by_id = change.actor.user_id
    if change.is_create:
        if change.options.get("created_at") is None:
            record.created_at = now
        record.created_by_id = change.actor.user_id


def write_columns(change: Change) -> None:
    """Write the changed columns of a locked row under the version check."""
    _stamp(change)
    record = change.record
    values = {column: getattr(record, _attname(record, column)) for column in change.columns}
    values.update(
        modified_at=record.modified_at, modified_by_id=record.modified_by_id, version=record.version + 1
    )
    try:
        with transaction.atomic():
            written = (
                type(record)
                .objects.filter(pk=record.pk, version=record.version)
                .update(**{_attname(record, column): value for column, value in values.items()})
            )
    except IntegrityError as error:
        raise integrity_conflict(error) from None
    if not written:
        raise VersionMismatch("record.version_mismatch", "Somebody else changed this record meanwhile.")
    record.version += 1


def _attname(record: Any, column: str) -> str:
    return column if column.endswith("_id") else record._meta.get_field(column).attname


def link_rows(change: Change) -> list[RecordLink]:
    """Links of the changed custom references."""
    found = []
    for attribute in change.entity.custom_attributes:
        if attribute.type.name == "lookup" and (reference := change.get(attribute.name)) is not None:
            found.append(
                RecordLink(attribute=attribute.name, source_object=change.entity.name, source_id=change.record.pk,
                           target_object=attribute.targets[0], target_id=reference.id)
            )  # fmt: skip
    return found


def sync_links(change: Change) -> None:
    """Bring `RecordLink` in step with the custom references that changed."""
    changed = [
        a.name for a in change.entity.custom_attributes if a.type.name == "lookup" and change.changed(a.name)
    ]
    if not changed:
        return
    if not change.is_create:
        RecordLink.objects.filter(source_id=change.record.pk, attribute__in=changed).delete()
    RecordLink.objects.bulk_create([link for link in link_rows(change) if link.attribute in changed])


def unique_rows(change: Change) -> list[UniqueValue]:
    """The values of unique custom attributes of a new record, not yet saved."""
    return [
        UniqueValue(object=change.entity.name, attribute=a.name, value=unique_text(a, value), record_id=change.record.pk)
        for a in change.entity.custom_attributes
        if a.unique and (value := change.get(a.name)) is not None
    ]  # fmt: skip


def unique_text(attribute: Attribute, value: Any) -> str:
    return attribute.type.to_text(attribute, value).casefold()[:500]


def sync_unique_values(change: Change) -> None:
    """Keep the values of unique custom attributes. Raises Conflict `value.not_unique` with the field."""
    for attribute in change.entity.custom_attributes:
        if not attribute.unique or not change.changed(attribute.name):
            continue
        if not change.is_create:
            UniqueValue.objects.filter(
                object=change.entity.name, attribute=attribute.name, record_id=change.record.pk
            ).delete()
        value = change.get(attribute.name)
        if value is None:
            continue
        try:
            with transaction.atomic():
                UniqueValue.objects.create(
                    object=change.entity.name,
                    attribute=attribute.name,
                    value=unique_text(attribute, value),
                    record_id=change.record.pk,
                )
        except IntegrityError:
            raise Conflict(
                "value.not_unique", f"{attribute.label}: this value is already in use.", field=attribute.name
            ) from None


def audit_row(change: Change, operation: str) -> dict[str, Any]:
    """The columns of the audit entry of this change."""
    actor = change.actor
    return {
        "object": change.entity.name, "record_id": change.record.pk, "actor_id": actor.user_id, "actor_name": actor.name,
        "source": actor.source, "operation": operation, "changes": change.differences(), "version": change.record.version,
        "via": actor.via, "job_id": actor.job_id,
    }  # fmt: skip


def audit_entry(change: Change, operation: str) -> AuditEntry:
    """The audit entry of this change, not yet saved."""
    return AuditEntry(**audit_row(change, operation))


def event_row(change: Change, topic: str, **payload: Any) -> dict[str, Any]:
    """The columns of the outbox event of this change."""
    return {
        "topic": f"{change.entity.name}.{topic}", "object": change.entity.name, "record_id": change.record.pk,
        "payload": {"version": change.record.version, "actor": str(change.actor.user_id or ""),
                    "source": change.actor.source, "changed": change.changed_names,
                    **({"job": str(change.actor.job_id)} if change.actor.job_id else {}),
                    **({"cascaded": True} if change.options.get("cascaded") else {}), **payload},
        "attempts": 0, "error": "", "dead": False,
    }  # fmt: skip


def event(change: Change, topic: str, **payload: Any) -> OutboxEvent:
    """The outbox event of this change, not yet saved."""
    return OutboxEvent(**event_row(change, topic, **payload))


def record_change(change: Change, operation: str, topic: str) -> None:
    """Audit entry and event of one change, in the caller's transaction."""
    audit_entry(change, operation).save(force_insert=True)
    event(change, topic).save(force_insert=True)
