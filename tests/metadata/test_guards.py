"""What must never happen when a workspace is adapted (PEERS.md §4.4): each row of the table that concerns definitions."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.metadata import workspace as unit_of_work
from crm_core.metadata.customization import publishing
from crm_core.metadata.document import entity_json
from crm_core.metadata.entity import Entity
from crm_core.metadata.models import Publication
from crm_core.records import service
from crm_core.security.actor import Actor
from crm_core.security.services import seed_security
from tenants.context import activate
from tests.api_client import ApiClient, person

# Modes that keep other people from writing or reading: everything above ROW EXCLUSIVE.
HEAVY = (
    "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
CYCLES = 2_000


def columns() -> list[tuple[Any, ...]]:
    """Every column and index of the workspace's tables, as the catalogue describes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attisdropped"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'i') ORDER BY 1, 2"
        )
        return cursor.fetchall()


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def test_two_thousand_fields_come_and_go_and_the_tables_stay(admin: Actor) -> None:
    before = columns()
    account = registry.get("account")
    record = service.create(account, {"name": "Acme"}, admin)
    for cycle in range(CYCLES // 100):
        names = []
        for number in range(100):
            definition = {"label": f"Field {number}", "type": "text"}
            body = {"label": definition["label"], **definition}
            names.append(str(publishing.add_change("attribute", "create", "account", None, body, admin.user_id).name)
                         if cycle == 0 else _drafted(f"c_f{cycle}_{number}", body, admin))  # fmt: skip
        publish(admin)
        service.update(registry.get("account"), record.id, dict.fromkeys(names[:5], "x" * 50), admin)
        service.update(registry.get("account"), record.id, dict.fromkeys(names[:5]), admin)
        for name in names:
            _deleted(name, admin)
        publish(admin)
    assert columns() == before
    assert registry.get("account").custom_attributes == ()
    assert account.model.objects.get(pk=record.id).custom == {}, "the row is as small as at the start"


def _drafted(name: str, definition: dict[str, Any], admin: Actor) -> str:
    """A draft row written directly: checking each of 2,000 against the whole draft would only cost time."""
    from crm_core.metadata.models import DraftChange

    DraftChange.objects.create(
        kind="attribute",
        operation="create",
        object="account",
        name=name,
        definition=definition,
        created_by=admin.user_id,
    )
    return name


def _deleted(name: str, admin: Actor) -> None:
    from crm_core.metadata.models import DraftChange

    DraftChange.objects.create(
        kind="attribute", operation="delete", object="account", name=name, created_by=admin.user_id
    )


def drafts(boat: Entity, admin: Actor) -> None:
    """One change of every kind."""
    length = next(a.name for a in boat.custom_attributes if str(a.label) == "Length")
    form = {
        "tabs": [{"label": "All", "sections": [{"label": "", "columns": 2, "attributes": ["name", length]}]}]
    }
    for kind, operation, name, definition in (
        ("attribute", "create", None, {"label": "Draught", "type": "dec"}),
        ("attribute", "update", length, {"label": "Length over all", "required": True}),
        ("form", "update", "main", form),
        ("view", "create", None, {"label": "Long", "columns": ["name", length], "order": [length]}),
    ):
        publishing.add_change(kind, operation, "c_boat", name, definition, admin.user_id)


@pytest.mark.real_commit
def test_no_publish_takes_a_heavy_lock_while_somebody_reads(workspace: Any) -> None:
    admin, boat = _committed_boat()
    for number in range(20):
        service.create(boat, {"name": f"Boat {number}"}, admin)
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with activate(workspace), transaction.atomic():
            list(registry.get("c_boat").model.objects.values_list("pk"))
            reading.set()
            done.wait(30)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(30)
    try:
        with transaction.atomic():
            drafts(boat, admin)
            publish(admin)
            held = _locks()
        publishing.roll_back(1, admin.user_id, admin.name)
    finally:
        done.set()
        reader.join()
    assert held, "a publish holds locks until it commits"
    assert [lock for lock in held if lock[1] in HEAVY] == []


def _locks() -> list[tuple[str, str]]:
    """(table, mode) of the relation locks this transaction holds in the workspace's schema."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE l.pid = pg_backend_pid() AND l.granted AND n.nspname = current_schema()"
        )
        return cursor.fetchall()


def _committed_boat() -> tuple[Actor, Entity]:
    from crm_core.security.actor import actor_for
    from crm_core.security.services import create_system_user

    seed_security("Acme", currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
    registry.forget()
    user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    admin = actor_for(user.pk, "screen")
    assert admin is not None
    publishing.add_change("object", "create", None, None, {"label": "Boat"}, admin.user_id)
    definition = {"label": "Length", "type": "dec", "precision": 2}
    publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
    publish(admin)
    return admin, registry.get("c_boat")


@pytest.mark.real_commit
def test_two_workers_never_disagree(workspace: Any) -> None:
    """One worker publishes and rolls back, another asks all the time: no answer mixes two versions."""
    admin, _boat = _committed_boat()
    stop = threading.Event()
    wrong: list[str] = []
    seen: set[int] = set()

    def ask() -> None:
        with activate(workspace):
            while not stop.is_set():
                with transaction.atomic():
                    _begin()
                    version = _published_version()
                    current = registry.current()
                    labels = {str(a.label) for a in current.entities["c_boat"].custom_attributes}
                    seen.add(current.version)
                    if current.version < version:
                        wrong.append(f"served {current.version} after {version} was committed")
                    if labels != _labels(current.version):
                        wrong.append(f"version {current.version} served {labels}")
        connection.close()

    workers = [threading.Thread(target=ask) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        for number in range(6):
            definition = {"label": f"Field {number}", "type": "text"}
            publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
            publish(admin)
        publishing.roll_back(1, admin.user_id, admin.name)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert wrong == []
    _begin()
    assert {str(a.label) for a in registry.get("c_boat").custom_attributes} == {"Length"}


def _begin() -> None:
    unit_of_work.begin()


def _published_version() -> int:
    return Publication.objects.order_by("-version").values_list("version", flat=True).first() or 0


def _labels(version: int) -> set[str]:
    body = Publication.objects.get(version=version).body
    return {row["label"] for row in body["attributes"]["c_boat"]}


def test_compiling_is_pure(boat: Entity, admin: Actor) -> None:
    from crm_core.metadata.customization.overlay import compile_entities

    drafts(boat, admin)
    publish(admin)
    body = publishing.published()[1]
    first, second = (compile_entities(body)[0] for _ in range(2))
    for name, entity in first.items():
        assert entity_json(entity, []) == entity_json(second[name], []), name


# definitions nobody would write by hand ------------------------------------------------------------------------------
NAMES = st.sampled_from(
    ["name", "account", "c_boat", "created_at", "length", "main", "active", "all", "", "x" * 70, "é\x00"]
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**40), st.floats(), st.text(max_size=8), NAMES)
KEYS = st.sampled_from([
    "label", "labels", "type", "options", "tabs", "sections", "attributes", "columns", "header", "related", "filter", "order",
    "default", "layout", "when", "then", "action", "attribute", "operator", "value", "and", "or", "not", "min", "max", "targets",
    "name", "width", "board_attribute", "quick_create", "precision", "required", "features", "expression", "format", "message",
])  # fmt: skip
TREES = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(KEYS, part, max_size=5), max_leaves=20
)
FUZZED = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def test_fuzzed_definitions_never_break_the_server(workspace: Any, boat: Entity, admin: Actor) -> None:
    """Every answer to a nonsense definition is a refusal with a code; what is accepted compiles and can be shown."""
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    accepted = _fuzz(api)
    status, answer = api.post("/customization/publish")
    assert status in (200, 409), answer
    for name in ("c_boat", "account"):
        assert api.get(f"/metadata/objects/{name}")[0] == 200
    assert accepted >= 0


def _fuzz(api: ApiClient) -> int:
    accepted = 0

    @given(
        kind=st.sampled_from([*publishing.KINDS, "nothing"]),
        operation=st.sampled_from([*publishing.OPERATIONS, "explode"]),
        object_name=st.one_of(st.none(), st.sampled_from(["c_boat", "account"]), NAMES),
        name=st.one_of(st.none(), NAMES),
        definition=st.one_of(st.dictionaries(KEYS, TREES, max_size=8), TREES),
    )
    @FUZZED
    def send(kind: str, operation: str, object_name: Any, name: Any, definition: Any) -> None:
        nonlocal accepted
        body = {
            "kind": kind,
            "operation": operation,
            "object": object_name,
            "name": name,
            "definition": definition,
        }
        status, answer = api.post("/customization/changes", body)
        assert status < 500, (body, answer)
        assert status == 201 or {"code", "message", "field", "details"} <= set(answer), (body, answer)
        accepted += status == 201
        assert api.get("/customization/impact")[0] == 200, body
        if status == 201 and operation != "delete":
            assert api.delete(f"/customization/changes/{answer['id']}")[0] == 204

    send()
    return accepted


def test_a_damaged_body_still_compiles_or_is_refused(boat: Entity, admin: Actor) -> None:
    """Documents that name what is gone are shown without it: a broken layout never takes the workspace down."""
    body = dict(publishing.published()[1])
    body["forms"] = {"c_boat": {"main": {"tabs": [{"label": "A", "sections": [{"label": "", "columns": 2, "attributes": ["gone"]}]}],
                                         "header": ["gone"], "related": ["gone"], "quick_create": ["gone"]}}}  # fmt: skip
    body["views"] = {
        "c_boat": {"c_x": {"label": "X", "columns": [{"name": "gone"}], "order": [], "filter": None}}
    }
    with registry.trying(body) as tried:
        entity = tried.entities["c_boat"]
        document = entity_json(entity, [])
        assert entity.quick_create and document["forms"]["main"]["header"] == []
        assert next(v for v in document["views"] if v["key"] == "c_x")["broken"] == ["gone"]
