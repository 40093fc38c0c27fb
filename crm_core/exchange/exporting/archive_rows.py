"""The rows of the workspace's archive: which tables, and how a record, a table's row and an object stand in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Any

import orjson
from django.db.models import Model

from crm_core.exchange.exporting.cells import csv_text, writer_for
from crm_core.exchange.exporting.exports import headers
from crm_core.exchange.models import PersonalRequest, Solution, SolutionImport
from crm_core.metadata.entity import Entity
from crm_core.metadata.models import Currency, NumberCounter, Publication
from crm_core.records.models import DuplicateRule, RelatedPair
from crm_core.search.models import SavedView
from crm_core.security.actor import Actor
from crm_core.security.models import FieldSecurityProfile, Role, RoleAssignment, Share, TeamMember

PAGE = 1_000

#: Tables that are no objects, row by row as they are. Names of entries → models.
TABLES: dict[str, type[Model]] = {
    "access/roles.jsonl": Role,
    "access/role_assignments.jsonl": RoleAssignment,
    "access/team_members.jsonl": TeamMember,
    "access/shares.jsonl": Share,
    "access/field_security_profiles.jsonl": FieldSecurityProfile,
    "links.jsonl": RelatedPair,
    "views.jsonl": SavedView,
    "duplicate_rules.jsonl": DuplicateRule,
    "currencies.jsonl": Currency,
    "personal_requests.jsonl": PersonalRequest,
    "number_counters.jsonl": NumberCounter,
    "customization_versions.jsonl": Publication,
    "solutions.jsonl": Solution,
    "solution_imports.jsonl": SolutionImport,
}
_NOT_WRITTEN = {"search_text"}


class Counted:
    """Rows as JSON lines, counted on the way."""

    def __init__(self, rows: Iterator[dict[str, Any]]) -> None:
        self.rows, self.count = rows, 0

    def lines(self) -> Iterator[bytes]:
        for row in self.rows:
            self.count += 1
            yield orjson.dumps(row, default=str) + b"\n"


class Table:
    """An object's CSV: labels for people, then id and version."""

    def __init__(self, entity: Entity, fields: list[str], actor: Actor, stream: IO[bytes]) -> None:
        self.titles = [*headers(entity, fields), "Record id", "Record version"]
        self.writers = [(n, writer_for(entity, entity.attributes[n], actor.time_zone)) for n in fields]
        self.stream = stream

    def head(self) -> None:
        self.stream.write(b"\xef\xbb\xbf")
        self._write([csv_text(title) for title in self.titles])

    def row(self, row: dict[str, Any]) -> None:
        cells = [csv_text(write(row[name])) for name, write in self.writers]
        self._write([*cells, row["id"], str(row["version"])])

    def _write(self, cells: list[str]) -> None:
        text = io.StringIO()
        csv.writer(text).writerow(cells)
        self.stream.write(text.getvalue().encode())


def without_links(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """The row without download links, which are dead in ten minutes; the file's id stays."""
    for name, value in row.items():
        if isinstance(value, dict) and entity.attributes[name].type.name == "file":
            row[name] = {key: fact for key, fact in value.items() if key != "url"}
    return row


def as_json(content: Any) -> bytes:
    """A document for people: indented."""
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2)


def table_rows(model: type[Model]) -> Iterator[dict[str, Any]]:
    """The rows of a table that is no object, linked ids included."""
    names = [f.attname for f in model._meta.concrete_fields if f.attname not in _NOT_WRITTEN]
    many = model._meta.many_to_many
    for row in model._default_manager.order_by("pk").iterator(chunk_size=PAGE):
        linked = {f.name: [str(i) for i in getattr(row, f.name).values_list("pk", flat=True)] for f in many}
        yield {**{name: getattr(row, name) for name in names}, **linked}


def described(entity: Entity) -> dict[str, Any]:
    """What an object looked like when it was exported."""
    return {
        "name": entity.name,
        "plural": entity.plural,
        "label": str(entity.label),
        "custom": entity.custom,
        "attributes": [
            {
                "name": a.name,
                "label": str(a.label),
                "type": a.type.name,
                "custom": a.custom,
                "targets": list(a.targets),
                "options": {str(o.value): str(o.label) for o in a.options},
            }
            for a in entity.attributes.values()
        ],
    }
