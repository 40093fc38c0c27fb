"""Where custom values lie must bear what people put there (PEERS.md §4.4): wide records, many links, two writers at once."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm_core.exchange.exporting import exports
from crm_core.metadata import registry
from crm_core.metadata import workspace as unit_of_work
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.metadata.models import DraftChange
from crm_core.records import files, service
from crm_core.records.models import Job
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tenants.context import activate
from tests.metadata.test_guards import _committed_boat

WIDE = 300
LINKS = 10


def drafted(object_name: str, definitions: dict[str, dict[str, Any]], admin: Actor) -> None:
    """Fields written into the draft directly: checking each against the whole draft would only cost time."""
    DraftChange.objects.bulk_create([
        DraftChange(kind="attribute", operation="create", object=object_name, name=name, definition=definition)
        for name, definition in definitions.items()
    ])  # fmt: skip
    publishing.publish(admin.user_id, admin.name)


def test_three_hundred_full_fields_are_saved_listed_exported_and_merged(admin: Actor) -> None:
    kinds: tuple[tuple[dict[str, Any], Any], ...] = (
        ({"type": "text", "max_length": 4000}, "ü" * 4000),
        ({"type": "memo"}, "x" * 20_000),
        ({"type": "dec", "precision": 10}, "12345.0123456789"),
        ({"type": "int"}, 2**31 - 1),
        ({"type": "date"}, "9998-12-31"),
        ({"type": "multi", "options": [{"value": n, "label": str(n), "color": "gray"} for n in range(1, 101)]}, list(range(1, 101))),
    )  # fmt: skip
    definitions = {f"c_w{n}_aaaa": {"label": f"Wide {n}", **kinds[n % len(kinds)][0]} for n in range(WIDE)}
    values = {name: kinds[n % len(kinds)][1] for n, name in enumerate(definitions)}
    drafted("account", definitions, admin)
    account = registry.get("account")
    full = service.create(account, {"name": "Wide", **values}, admin).id
    bare = service.create(account, {"name": "Narrow"}, admin).id
    assert len(account.model.objects.get(pk=full).custom) == WIDE
    row = Query(account, admin).one(full, ["name", *definitions])
    assert {name: row[name] for name in definitions} == values
    listed = {
        r["name"]: r
        for r in Query(account, admin).page(["name", *definitions], limit=10, most_fields=WIDE + 1).rows
    }
    assert listed["Wide"]["c_w0_aaaa"] == values["c_w0_aaaa"] and listed["Narrow"]["c_w0_aaaa"] is None
    wanted = {"attribute": "name", "operator": "eq", "value": "Wide"}
    fields = ["name", *definitions][:100]  # as many as one file has
    job = exports.start(account, {"format": "csv", "filter": wanted, "fields": fields}, admin)
    content = files.path_of(Job.objects.select_related("file").get(pk=job.pk).file).read_bytes()
    csv.field_size_limit(200_000)
    (exported,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert exported["Wide 0"] == values["c_w0_aaaa"] and len(exported["Wide 1"]) == 20_000
    service.merge(account, bare, full, admin)
    assert account.model.objects.get(pk=bare).custom == account.model.objects.get(pk=full).custom


def test_a_list_of_ten_links_asks_no_more_for_more_rows(boat: Entity, admin: Actor) -> None:
    names = [f"c_l{n}_aaaa" for n in range(LINKS)]
    link = {"type": "lookup", "targets": ["c_boat"], "on_delete": "remove_link"}
    drafted("c_boat", {name: {"label": name, **link} for name in names}, admin)
    entity = registry.get("c_boat")
    target = service.create(entity, {"name": "Mother"}, admin).id

    def statements() -> int:
        query = Query(entity, admin)
        with CaptureQueriesContext(connection) as captured:
            rows = query.page(["name", *names], limit=100).rows
        assert all(r[names[0]]["name"] == "Mother" for r in rows if r["name"] != "Mother")
        return len(captured)

    made = [{"name": f"Boat {n}", **dict.fromkeys(names, str(target))} for n in range(40)]
    assert all(r.error is None for r in service.create_many(entity, made[:1], admin))
    statements()
    few = statements()
    assert all(r.error is None for r in service.create_many(entity, made[1:], admin))
    assert statements() == few


def test_customizing_leads_to_no_migration(boat: Entity, admin: Actor) -> None:
    """The most customised workspace changes no model: nothing made here can leak into a migration."""
    drafted("account", {"c_x_aaaa": {"label": "X", "type": "text"}}, admin)
    registry.get("c_boat")
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.real_commit
def test_two_writers_of_different_fields_keep_both(workspace: Any) -> None:
    admin, _boat = _committed_boat()
    for label in ("Left", "Right"):
        definition = {"label": label, "type": "text"}
        publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    entity = registry.get("c_boat")
    left, right = (
        next(a.name for a in entity.custom_attributes if str(a.label) == w) for w in ("Left", "Right")
    )
    record = service.create(entity, {"name": "Jolle"}, admin)
    together = threading.Barrier(2)
    outcomes: dict[str, Any] = {}

    def write(key: str, values: dict[str, Any], version: int | None) -> None:
        with activate(workspace):
            unit_of_work.begin()
            together.wait(10)
            try:
                with transaction.atomic():
                    outcomes[key] = service.update(
                        registry.get("c_boat"), record.id, values, admin, version=version
                    )
            except CrmError as error:
                outcomes[key] = error
        connection.close()

    def both(*writes: tuple[str, dict[str, Any], int | None]) -> None:
        threads = [threading.Thread(target=write, args=each) for each in writes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both(("left", {left: "L"}, None), ("right", {right: "R"}, None))
    row = Query(entity, admin).one(record.id, [left, right])
    assert (row[left], row[right]) == ("L", "R"), outcomes
    # the same field, both having read the same version: one is refused and learns of it
    both(("left", {left: "mine"}, row["version"]), ("right", {left: "theirs"}, row["version"]))
    refused = [o for o in outcomes.values() if isinstance(o, CrmError)]
    assert [e.code for e in refused] == ["record.version_mismatch"]
    assert Query(entity, admin).one(record.id, [left])[left] in ("mine", "theirs")
