"""The tables an archive holds exactly: every column as PostgreSQL writes it in JSON, all of one moment.

What the import reads and what two workspaces are compared by: the same rows give the same bytes, wherever they are. One
statement reads all tables, so that rows refer to each other although people go on working meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CharField, DecimalField, Field, Model, TextField

from crm_core.exchange.models import ImportMap, PersonalRequest, RetentionRule, Solution, SolutionImport
from crm_core.metadata import registry
from crm_core.metadata.models import Currency, DraftChange, NumberCounter, Organization, Publication
from crm_core.records.models import (
    AuditEntry,
    CustomRecord,
    DuplicatePair,
    DuplicateRule,
    ErasedAddress,
    Job,
    RelatedPair,
    StoredFile,
)
from crm_core.search.models import SavedView
from crm_core.security.models import (
    FieldSecurityProfile,
    Principal,
    RoleAssignment,
    Share,
    TeamMember,
)

PAGE = 2_000
ORGANIZATION = "organization.jsonl"
AUDIT = "audit.jsonl"

#: Tables that are no objects. Names of entries → models.
TABLES: dict[str, type[Model]] = {
    ORGANIZATION: Organization,
    "customization_versions.jsonl": Publication,
    "customization_draft.jsonl": DraftChange,
    "access/principals.jsonl": Principal,
    "access/role_assignments.jsonl": RoleAssignment,
    "access/team_members.jsonl": TeamMember,
    "access/shares.jsonl": Share,
    "access/field_security_profiles.jsonl": FieldSecurityProfile,
    "links.jsonl": RelatedPair,
    "views.jsonl": SavedView,
    "duplicate_rules.jsonl": DuplicateRule,
    "duplicate_decisions.jsonl": DuplicatePair,
    "currencies.jsonl": Currency,
    "personal_requests.jsonl": PersonalRequest,
    "retention_rules.jsonl": RetentionRule,
    "erased_addresses.jsonl": ErasedAddress,
    "number_counters.jsonl": NumberCounter,
    "import_maps.jsonl": ImportMap,
    "solutions.jsonl": Solution,
    "solution_imports.jsonl": SolutionImport,
}

#: Columns that stay behind: made anew from the rest, or of this installation's own.
_LEFT_OUT = {"search_text"}
_LEFT_OUT_OF = {
    "security.systemuser": {"login_id"},  # who may sign in is decided where the archive arrives
    "metadata.organization": {"security_version"},  # counts changes of rights in this workspace
    "records.storedfile": {"path"},  # where the content lies here
}


@dataclass(frozen=True)
class Summary:
    """How many rows a table has, and the SHA-256 of all its lines."""

    rows: int
    sha256: str


def tables(*, audit: bool) -> dict[str, type[Model]]:
    """All exact tables by the name of their entry, in the order in which they can be read in."""
    models = {entity.model for entity in registry.all()} | {CustomRecord, StoredFile}
    records = {f"data/{m._meta.label_lower}.jsonl": m for m in models}
    return {**TABLES, **dict(sorted(records.items())), **({AUDIT: AuditEntry} if audit else {})}


def columns(model: type[Model]) -> list[Field]:
    """The fields of `model` whose columns are written."""
    left = _LEFT_OUT | _LEFT_OUT_OF.get(model._meta.label_lower, set())
    return [f for f in model._meta.concrete_fields if f.attname not in left]


def keys(model: type[Model]) -> list[str]:
    """The keys of a line, in order: columns, then lists of linked ids."""
    return [*(f.attname for f in columns(model)), *(f.name for f in model._meta.many_to_many)]


def write(found: Mapping[str, type[Model]]) -> Iterator[tuple[str, list[str]]]:
    """Lines of all tables, some at a time with the name of their entry; all of them as of one moment."""
    names = list(found)
    parts = " UNION ALL ".join(
        f"(SELECT {number} AS part, line FROM ({select(found[name])}) AS rows_{number})"  # noqa: S608 - our models' names
        for number, name in enumerate(names)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"DECLARE exact_rows NO SCROLL CURSOR FOR {parts}")
        while True:
            cursor.execute(f"FETCH FORWARD {PAGE} FROM exact_rows")
            rows = cursor.fetchall()
            if not rows:
                break
            start = 0
            for at in range(1, len(rows) + 1):
                if at == len(rows) or rows[at][0] != rows[start][0]:
                    yield names[rows[start][0]], [line for _part, line in rows[start:at]]
                    start = at
        cursor.execute("CLOSE exact_rows")


def summary(model: type[Model], without: Collection[Any] = (), order: Sequence[str] | None = None) -> Summary:
    """What the entry of `model` would be if the workspace were exported now, but for rows whose keys are `without`.

    `order`: the keys of a line as an archive has them, when it was written by a version with other columns.
    """
    digest, count = hashlib.sha256(), 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"DECLARE exact_table NO SCROLL CURSOR FOR {select(model, order, without=True)}",
            [list(map(str, without))],
        )
        while True:
            cursor.execute(f"FETCH FORWARD {PAGE} FROM exact_table")
            rows = cursor.fetchall()
            if not rows:
                break
            count += len(rows)
            for (line,) in rows:
                digest.update(line.encode() + b"\n")
        cursor.execute("CLOSE exact_table")
    return Summary(count, digest.hexdigest())


def select(model: type[Model], order: Sequence[str] | None = None, *, without: bool = False) -> str:
    """The statement that gives the rows of `model` as lines of JSON, sorted by their primary keys."""
    quote = connection.ops.quote_name
    found = {f.attname: _column(f, quote) for f in columns(model)}
    for many in model._meta.many_to_many:
        through = many.remote_field.through._meta  # type: ignore[union-attr]
        mine, theirs = quote(many.m2m_column_name()), quote(many.m2m_reverse_name())
        key = f"m.{quote(str(model._meta.pk.column))}"
        found[many.name] = (
            f"ARRAY(SELECT l.{theirs} FROM {quote(through.db_table)} l WHERE l.{mine} = {key} ORDER BY 1)"  # noqa: S608
            f" AS {quote(many.name)}"
        )
    pk: Any = model._meta.pk
    wanted = ", ".join(found[key] for key in order or keys(model))
    sorting = f"m.{quote(pk.column)}" + (' COLLATE "C"' if isinstance(pk, CharField | TextField) else "")
    conditions = [f"NOT m.{quote(pk.column)}::text = ANY(%s)"] if without else []
    if model is StoredFile:  # what jobs made, such as earlier exports, is no content of the workspace
        made = quote(Job._meta.db_table)
        conditions.append(f"NOT EXISTS (SELECT FROM {made} j WHERE j.file_id = m.id)")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = f"SELECT {wanted} FROM {quote(model._meta.db_table)} m{where} ORDER BY {sorting}"  # noqa: S608
    return f"SELECT row_to_json(r)::text AS line FROM ({rows}) r"  # noqa: S608 - names of our models


def _column(field: Field, quote: Any) -> str:
    """A column under its attribute's name; exact numbers as text, because readers of JSON round them."""
    column = f"m.{quote(str(field.column))}"
    return (
        f"{column}::text AS {quote(field.attname)}"
        if isinstance(field, DecimalField)
        else f"{column} AS {quote(field.attname)}"
    )
