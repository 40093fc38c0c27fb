"""What every line of an archive must be before the database sees it; what is derived from a record comes along (PLT-45.5)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import JSONField, Model

from crm_core.exchange.arriving.refusals import bad_row
from crm_core.exchange.exporting import exact_tables
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError
from crm_core.metadata.record import Record
from crm_core.metadata.searching import search_text
from crm_core.metadata.types.storage import read
from crm_core.records.duplicates import normalising
from crm_core.records.duplicates.editing import CONDITION_FIELDS
from crm_core.records.models import CustomRecord, RecordLink, StoredFile, UniqueValue
from crm_core.records.service.saving import unique_text
from crm_core.security.depth import Depth

Row = dict[str, Any]
_DEPTHS = frozenset(map(int, Depth))


class _Shape(ValueError):
    """A document in a column is not built as it must be."""


@dataclass
class Derived:
    """What records bring that the archive leaves out."""

    links: list[RecordLink] = field(default_factory=list)
    uniques: list[UniqueValue] = field(default_factory=list)
    #: records by object, for their match codes
    records: list[tuple[Entity, Record]] = field(default_factory=list)


class Reader:
    """Reads the lines of one table, and collects what is derived from them in `derived`."""

    def __init__(self, entry: str, model: type[Model]) -> None:
        self.entry, self.model = entry, model
        #: keys of every line, in order; those of the first one, because older versions knew fewer columns
        self.keys: list[str] = []
        self.many = [f.name for f in model._meta.many_to_many]
        self.fields = exact_tables.columns(model)
        self.check = _SHAPES.get(model._meta.label_lower)
        entities = [e for e in registry.all() if e.model is model]
        self.entities = {e.discriminator: e for e in entities}
        self.country = workspace.current().country
        self.derived = Derived()
        self.defaults: Row = {}

    def line(self, number: int, line: bytes) -> Row:
        """What the database is to add to the line; derived rows are collected. Raises ArchiveRefused `archive.bad_row`."""
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise bad_row(self.entry, number, "it is no JSON") from None
        if not isinstance(row, dict):
            raise bad_row(self.entry, number, "it is no JSON object")
        if not self.keys:
            self._take_keys(number, row)
        if list(row) != self.keys:
            odd = sorted(row.keys() ^ set(self.keys))
            name = odd[0][:100] if odd else ""
            raise bad_row(
                self.entry, number, f"“{name}” is missing, unknown or in the wrong place", column=name
            )
        values = {f.attname: self._value(number, f, row[f.attname]) for f in self.fields}
        for name in self.many:
            if not isinstance(row[name], list) or any(not _is_uuid(i) for i in row[name]):
                raise bad_row(self.entry, number, f"“{name}” is no list of ids", column=name)
        try:
            if self.check is not None:
                self.check(row)
        except _Shape as error:
            raise bad_row(self.entry, number, str(error), column=str(error)) from None
        if self.model is StoredFile:
            return {**self.defaults, "path": values["id"].hex}
        if issubclass(self.model, Record):
            return {**self.defaults, "search_text": self._record(number, values)}
        return dict(self.defaults)

    def taken(self) -> Derived:
        """What was derived since this was asked last."""
        found, self.derived = self.derived, Derived()
        return found

    def _take_keys(self, number: int, row: Row) -> None:
        """Columns an older version did not know get their defaults; unknown ones are refused."""
        known = exact_tables.keys(self.model)
        if unknown := sorted(row.keys() - set(known)):
            raise bad_row(self.entry, number, f"“{unknown[0][:100]}” is unknown", column=unknown[0][:100])
        for column in exact_tables.columns(self.model):
            if column.attname in row:
                continue
            if not (column.null or column.has_default() or column.has_db_default()) or column.primary_key:
                raise bad_row(self.entry, number, f"“{column.attname}” is missing", column=column.attname)
            if not column.has_db_default():
                self.defaults[column.attname] = column.get_default()
        self.keys = list(row)
        self.fields = [f for f in self.fields if f.attname in row]
        self.many = [name for name in self.many if name in row]

    def _value(self, number: int, column: Any, raw: Any) -> Any:
        """The value of a column as the model has it: right type, not too long, no characters that cannot be stored."""
        if raw is None:
            if not column.null:
                raise bad_row(self.entry, number, f"“{column.attname}” is empty", column=column.attname)
            return None
        if isinstance(column, JSONField):
            kind = type(column.get_default()) if column.has_default() and callable(column.default) else None
            if kind is not None and not isinstance(raw, kind):
                raise bad_row(
                    self.entry, number, f"“{column.attname}” has a wrong form", column=column.attname
                )
            return raw
        try:
            if isinstance(raw, dict | list):
                raise ValueError
            target = column.target_field if column.is_relation else column
            value = target.to_python(raw)
            target.run_validators(value)
        except (ValidationError, ValueError, TypeError, OverflowError, ArithmeticError):
            raise bad_row(
                self.entry, number, f"“{column.attname}” cannot be read", column=column.attname
            ) from None
        return value

    def _record(self, number: int, values: Row) -> str:
        """The record's search text; its own checks, links, unique values are done on the way."""
        entity = self.entities.get(values.get("object") if self.model is CustomRecord else None)
        if entity is None:  # of an object whose definition was deleted: kept as it is
            return ""
        record = self.model(**values)
        assert isinstance(record, Record)
        if entity.states and record.state not in {s.value for s in entity.states}:
            raise bad_row(self.entry, number, "it has an unknown state", column="state")
        try:
            for attribute in entity.attributes.values():
                self._attribute(entity, attribute, record)
            text = search_text(entity, record, self.country)
        except CrmError as error:
            raise bad_row(self.entry, number, error.message, column=error.field, reason=error.code) from None
        self.derived.records.append((entity, record))
        return text

    def _attribute(self, entity: Entity, attribute: Attribute, record: Record) -> None:
        if attribute.is_derived:
            return
        if (
            attribute.format == "rich"
        ):  # cleaned when it was written, and once more now: nobody else may have been here
            value = read(attribute, record)
            if value is not None and attribute.type.parse(attribute, value) != value:
                raise attribute.type.wrong(
                    attribute, "the text holds markup that is not allowed.", "value.unsafe_markup"
                )
        if not attribute.custom:
            return
        value = read(attribute, record)
        if value is None:
            return
        if attribute.type.name == "lookup":
            self.derived.links.append(RecordLink(
                attribute=attribute.name, source_object=entity.name, source_id=record.pk,
                target_object=attribute.targets[0], target_id=value.id,
            ))  # fmt: skip
        if attribute.unique and record.deleted_at is None:
            self.derived.uniques.append(UniqueValue(
                object=entity.name, attribute=attribute.name, value=unique_text(attribute, value), record_id=record.pk
            ))  # fmt: skip


def _is_uuid(raw: Any) -> bool:
    try:
        return isinstance(raw, str) and bool(uuid.UUID(raw))
    except ValueError:
        return False


# documents whose form rights and views are decided by -----------------------------------------------------------------
def _texts(value: Any, name: str) -> None:
    if not isinstance(value, list) or any(not isinstance(v, str) for v in value):
        raise _Shape(name)


def _role(row: Row) -> None:
    privileges = row["privileges"]
    if not all(
        isinstance(depths, dict) and all(type(d) is int and d in _DEPTHS for d in depths.values())
        for depths in privileges.values()
    ):
        raise _Shape("privileges")
    _texts(row["capabilities"], "capabilities")


def _profile(row: Row) -> None:
    for rights in row["rights"].values():
        _texts(rights, "rights")


def _share(row: Row) -> None:
    _texts(row["rights"], "rights")


def _duplicate_rule(row: Row) -> None:
    for condition in row["conditions"]:
        if (
            not isinstance(condition, dict)
            or condition.keys() != CONDITION_FIELDS
            or condition["operator"] not in normalising.OPERATORS
            or not isinstance(condition["attribute"], str)
            or not isinstance(condition["matching_attribute"], str)
        ):
            raise _Shape("conditions")


def _stored_file(row: Row) -> None:
    if "/" in row["name"] or "\\" in row["name"] or row["size"] < 0:
        raise _Shape("name")


_SHAPES: dict[str, Callable[[Row], None]] = {
    "security.role": _role,
    "security.fieldsecurityprofile": _profile,
    "security.share": _share,
    "records.duplicaterule": _duplicate_rule,
    "records.storedfile": _stored_file,
}
