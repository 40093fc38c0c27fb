"""The import itself: one transaction that empties what provisioning made, reads everything in, and compares (ASP-40.4).

All of it or nothing. Before it may stay, every table is read back and its checksum compared with the archive's.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from crm_core.exchange.arriving import customization, emptiness, people, staging
from crm_core.exchange.arriving.opening import Archive
from crm_core.exchange.arriving.refusals import ArchiveRefused, bad_row
from crm_core.exchange.arriving.rows import Derived, Reader
from crm_core.exchange.exporting import exact_tables
from crm_core.exchange.exporting.archive import LOGINS
from crm_core.metadata import registry, workspace
from crm_core.metadata.models import Currency, NumberCounter, Organization, Publication
from crm_core.records import duplicates
from crm_core.records.duplicates.rules import deliver
from crm_core.records.models import DuplicateRule, MatchCode, StoredFile
from crm_core.records.service.copying import copy_in
from crm_core.search.models import RecentRecord
from crm_core.security.actor import Actor
from crm_core.security.models import BusinessUnit, Principal, Role, RoleAssignment, SystemUser
from crm_core.security.services.seeding import prepare_stock

BATCH = 1_000
PORTION = 10_000  # lines of a table that are in memory at once
#: What an empty workspace has; the archive's rows take its place.
_REPLACED = (RecentRecord, MatchCode, DuplicateRule, RoleAssignment, Role, SystemUser, Principal, BusinessUnit,
             Currency, NumberCounter)  # fmt: skip


@dataclass
class Loaded:
    """What the import did: the comparison, row by row, and who the importing administrator is from now on."""

    compared: list[dict[str, Any]] = field(default_factory=list)
    person: uuid.UUID | None = None
    was_known: bool = False


def expected(archive: Archive) -> dict[str, type[Model]]:
    """The exact tables of this archive, in order. Raises ArchiveRefused for missing and unknown ones."""
    found = exact_tables.tables(audit=archive.head["audit"])
    for name in (*found, LOGINS):
        listed = archive.entries.get(name)
        if listed is None or listed.exact != (name != LOGINS):
            raise ArchiveRefused("missing_entry", f"{name} is missing.", entry=name)
    for name, listed in archive.entries.items():
        if listed.exact and name not in found:
            raise ArchiveRefused("unknown_table", f"This version does not know {name}.", entry=name)
    return found


def load(archive: Archive, actor: Actor) -> Loaded:
    """Read the archive into the workspace, inside the caller's transaction.

    Raises ArchiveRefused, and what `emptiness.require` raises; the caller's transaction must be left by the error.
    """
    Organization.objects.select_for_update().get(pk=1)
    emptiness.require(actor)
    found = expected(archive)
    me = people.Importer.of(actor)
    _clear()
    kept = {name: set(model._default_manager.values_list("pk", flat=True)) for name, model in found.items()}
    kept[exact_tables.ORGANIZATION] = set()  # that row is given the archive's values
    orders: dict[str, list[str]] = {}
    with staging.table():
        for name, model in found.items():
            orders[name] = _load(archive, name, model)
            if model is Publication:
                customization.take_over(archive)
            elif model is DuplicateRule:
                workspace.bump("security_version")
                kept[name] |= _added(
                    DuplicateRule, deliver
                )  # rules this version delivers and the archive's did not
    staging.check_references({n: m for n, m in found.items() if n not in (exact_tables.ORGANIZATION,)})
    _check_files(archive)
    kept["data/security.role.jsonl"] |= _added(Role, prepare_stock)
    loaded = Loaded()
    loaded.person, loaded.was_known, added = me.settle(archive)
    for entry, keys in added.items():
        kept[entry] |= keys
    loaded.compared = _compared(archive, found, orders, kept)
    # a rule whose codes were still being computed: they are complete now
    DuplicateRule.objects.filter(state="publishing").update(state="published")
    workspace.bump("security_version")
    return loaded


def try_out(archive: Archive, actor: Actor) -> Loaded:
    """What `load` would do; nothing of it stays. Raises what it raises."""
    found: Loaded | None = None
    try:
        with transaction.atomic():
            found = load(archive, actor)
            raise _Undone
    except _Undone:
        assert found is not None
        return found
    finally:  # what was compiled from rows that are gone must not be taken for a later import's
        registry.forget()


class _Undone(Exception):
    """Takes the trial back."""


def _clear() -> None:
    """Without the models' cascades: what refers to these rows is replaced in the same transaction."""
    with connection.cursor() as cursor:
        for model in _REPLACED:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - our models


def _added(model: type[Model], act: Any) -> set[Any]:
    before = set(model._default_manager.values_list("pk", flat=True))
    act()
    return set(model._default_manager.values_list("pk", flat=True)) - before


def _load(archive: Archive, entry: str, model: type[Model]) -> list[str]:
    """One table; returns the keys of its lines. Raises ArchiveRefused."""
    reader = Reader(entry, model)
    lines = enumerate(archive.lines(entry), start=1)
    count = 0
    while portion := [(number, line, reader.line(number, line)) for number, line in islice(lines, PORTION)]:
        staging.stage(entry, portion)
        if model is Organization:
            _take_settings(entry, reader.keys, len(portion))
        else:
            staging.insert(entry, model, reader.keys, sorted(portion[0][2]), portion[0][0], portion[-1][0])
        _write_derived(entry, reader.taken())
        count = portion[-1][0]
    if count != archive.entries[entry].rows:
        raise ArchiveRefused(
            "wrong_rows", f"{entry} has {count} rows and not as many as it says.", entry=entry
        )
    if model is Organization and not count:
        raise ArchiveRefused("bad_row", "The settings are missing.", entry=entry)
    return reader.keys or exact_tables.keys(model)


def _write_derived(entry: str, derived: Derived) -> None:
    """References, unique values and match codes of the records that were read."""
    copy_in(derived.links)
    try:
        with transaction.atomic():
            copy_in(derived.uniques)
    except DatabaseError as error:
        raise bad_row(entry, 0, "two records have the same value where it must be unique") from error
    by_object: dict[str, list[Any]] = {}
    entities = {entity.name: entity for entity, _record in derived.records}
    for entity, record in derived.records:
        by_object.setdefault(entity.name, []).append(record)
    for name, records in by_object.items():
        for start in range(0, len(records), BATCH):
            duplicates.add_many(entities[name], records[start : start + BATCH])


def _take_settings(entry: str, keys: list[str], count: int) -> None:
    """The settings row stays, others may be waiting for its lock; its values become the archive's."""
    if count != 1:
        raise ArchiveRefused("bad_row", "There is exactly one row of settings.", entry=entry)
    staging.update_only_row(entry, Organization, [key for key in keys if key != "id"])
    workspace.begin()


def _check_files(archive: Archive) -> None:
    """Every content belongs to a file that is listed. Raises ArchiveRefused."""
    known = {str(pk) for pk in StoredFile.objects.values_list("pk", flat=True)}
    for identifier, name in archive.file_entries.items():
        if identifier not in known:
            raise ArchiveRefused("unknown_file", f"{name} belongs to no file.", entry=name)


def _compared(
    archive: Archive, found: dict[str, type[Model]], orders: dict[str, list[str]], kept: dict[str, set[Any]]
) -> list[dict[str, Any]]:
    """Every table as it is here now beside what the archive says. Raises ArchiveRefused `archive.not_equal`."""
    rows = []
    for name, model in found.items():
        listed = archive.entries[name]
        here = exact_tables.summary(model, kept[name], orders[name])
        equal = (here.rows, here.sha256) == (listed.rows, listed.sha256)
        rows.append({
            "entry": name, "object": emptiness.object_of(model, name), "rows": listed.rows, "here": here.rows,
            "sha256": here.sha256, "equal": equal,
        })  # fmt: skip
    unequal = [str(row["entry"]) for row in rows if not row["equal"]]
    if unequal:
        raise ArchiveRefused(
            "not_equal",
            f"{unequal[0]} would not be here as it is in the archive.",
            entry=unequal[0],
            entries=unequal,
        )
    return rows
