"""The whole contract of reading and writing, for every object (EXAMPLES 3.11)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError, Forbidden, NotFound, ValidationFailed, VersionMismatch
from crm_core.metadata.types.base import FilterContext
from crm_core.metadata.types.temporal import COUNTED, RELATIVE
from crm_core.records import bulk, service, timeline
from crm_core.records.models import AuditEntry, OutboxEvent
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.board import board
from crm_core.records.query.grouping import GROUPABLE
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth
from tests.conformance.conftest import limited
from tests.conformance.values import full, minimal, value_for

# Values that rules decide, whatever was sent (SAL-2.5, SAL-3 revenue mode).
RULED = {
    "lead": {"rating", "score"},
    "opportunity": {"estimated_revenue", "probability", "forecast_category"},
}

MINE = ("me", "my_reports", "my_teams", "my_unit", "my_unit_and_below")


def owned_by(entity: Entity, owner: Actor, admin: Actor, n: int) -> uuid.UUID:
    """A record of `owner`; objects that follow their parent's owner are assigned afterwards."""
    made = service.create(entity, {**minimal(entity, admin, n), "owner": str(owner.user_id)}, admin).id
    if Query(entity, admin).one(made, ["owner"])["owner"]["id"] != str(owner.user_id):
        service.assign(entity, made, str(owner.user_id), admin)
    return made


def make(entity: Entity, actor: Actor, n: int = 1) -> uuid.UUID:
    return service.create(entity, minimal(entity, actor, n), actor).id


def test_minimal_and_full_records_read_back(entity: Entity, admin: Actor) -> None:
    make(entity, admin)
    values = full(entity, admin, 2)
    made = service.create(entity, values, admin).id
    row = Query(entity, admin).one(made)
    assert row["version"] == 1 and (entity.name == "note" or not entity.state(row["state"]).closed)
    for name, value in values.items():
        attribute = entity.attributes[name]
        if attribute.type.name in ("lookup", "customer", "regarding", "owner"):
            assert row[name] is not None, name
            continue
        stored = attribute.type.parse(attribute, value)
        if name in RULED.get(entity.name, ()):
            continue
        if attribute.type.name == "memo" and attribute.format == "rich":
            assert row[name]
            continue
        assert row[name] == attribute.type.to_json(attribute, stored), name
    assert AuditEntry.objects.filter(record_id=made, operation="create").count() == 1
    assert OutboxEvent.objects.filter(record_id=made, topic=f"{entity.name}.created").count() == 1


def test_missing_wrong_and_unknown_values_write_nothing(entity: Entity, admin: Actor) -> None:
    before = Query(entity, admin).count("exact")
    required = [a for a in entity.attributes.values() if a.required and not a.read_only]
    if required:
        with pytest.raises(ValidationFailed):
            service.create(entity, {}, admin)
    for name in ("nonsense", "owner__password", "created_by"):
        with pytest.raises(CrmError) as refused:
            service.create(entity, {**minimal(entity, admin), name: "x"}, admin)
        assert refused.value.status in (400, 422)
    for attribute in entity.attributes.values():
        if attribute.read_only or attribute.type.name in ("state",):
            continue
        for wrong in ({"a": 1}, [["x"]], "\x00", 10**30, object):
            raw: Any = 1.5e308 if wrong is object else wrong
            if attribute.type.name == "float" and isinstance(raw, (int, float)):
                continue
            try:
                service.create(entity, {**minimal(entity, admin), attribute.name: raw}, admin)
            except CrmError as refused:
                assert 400 <= refused.status < 500, attribute.name
            else:
                pytest.fail(f"{attribute.name} accepted {raw!r}")
    rows = Query(entity, admin).count("exact")
    assert rows == before or entity.name == "account"  # minimal() may create the account others refer to


def test_every_operator_answers_for_every_attribute(entity: Entity, admin: Actor) -> None:
    made = make(entity, admin, 3)
    state = Query(entity, admin).one(made, ["state"])["state"]
    for attribute in entity.attributes.values():
        for operator in attribute.type.operators_for(attribute):
            tree = {"attribute": attribute.name, "operator": operator}
            if (value := operand(attribute, operator, admin)) is not None:
                tree["value"] = value
            ids = Query(entity, admin).filter(tree).ids()
            negated = Query(entity, admin).filter({"not": tree}).ids()
            assert not set(ids) & set(negated), tree
    assert made in Query(entity, admin).filter({"attribute": "state", "operator": "eq", "value": state}).ids()


def operand(attribute: Any, operator: str, actor: Actor) -> Any:
    """A value `operator` can work with."""
    if operator in ("empty", "not_empty", *MINE, *RELATIVE):
        return None
    if operator in COUNTED:
        return 7
    kind = attribute.type.name
    if kind in ("lookup", "customer", "regarding", "owner", "parties", "file"):
        one: Any = str(uuid.uuid4())
    elif kind == "state":
        one = "open"
    elif kind == "status_reason":
        one = attribute.options[0].value
    elif operator in ("on", "on_or_before", "on_or_after"):
        one = "2026-03-01"
    elif kind == "multi":
        one = attribute.options[0].value
    else:
        one = value_for(attribute, actor)
    if operator == "between":
        return [one, one]
    return [one] if operator in ("in", "not_in", "has_any", "has_all", "has_none") else one


def test_every_sortable_attribute_pages_through_all_rows(entity: Entity, admin: Actor) -> None:
    for n in range(5):
        service.create(entity, full(entity, admin, n + 1) if n % 2 else minimal(entity, admin, n + 1), admin)
    everything = set(Query(entity, admin).ids())
    for attribute in entity.attributes.values():
        if not attribute.sortable or attribute.type.name in ("memo", "multi", "parties", "file"):
            continue
        for direction in ("", "-"):
            seen: list[str] = []
            cursor = None
            while True:
                page = (
                    Query(entity, admin)
                    .order([direction + attribute.name])
                    .page([attribute.name], limit=2, cursor=cursor)
                )
                seen += [r["id"] for r in page.rows]
                cursor = page.next
                if cursor is None:
                    break
            assert sorted(seen) == sorted(map(str, everything)), (attribute.name, direction)


def test_groups_open_exactly_their_records(entity: Entity, admin: Actor) -> None:
    for n in range(4):
        service.create(entity, full(entity, admin, n + 1), admin)
    for attribute in entity.attributes.values():
        if attribute.type.name not in GROUPABLE or (attribute.custom and attribute.type.name == "lookup"):
            continue
        answer = aggregate(Query(entity, admin), [{"attribute": attribute.name}], [{"fn": "count"}])
        assert sum(g["values"][0] for g in answer["groups"]) == answer["totals"][0], attribute.name
        for group in answer["groups"]:
            assert (
                Query(entity, admin).filter(group["filter"]).count("exact")["value"] == group["values"][0]
            ), (attribute.name, group)


def test_boards_count_what_they_show(entity: Entity, admin: Actor) -> None:
    for n in range(3):
        service.create(entity, full(entity, admin, n + 1), admin)
    for attribute in [a for a in entity.attributes.values() if a.type.name == "pick"][:3]:
        columns = board(Query(entity, admin), attribute.name, [entity.primary], limit=10)
        assert (
            sum(c["count"] for c in columns)
            == sum(len(c["rows"]) for c in columns)
            == Query(entity, admin).count()["value"]
        )


def test_update_checks_the_version(entity: Entity, admin: Actor) -> None:
    made = make(entity, admin)
    name = next(
        n
        for n, a in entity.attributes.items()
        if a.type.name in ("text", "memo") and not a.read_only and n != "currency"
    )
    new = value_for(entity.attributes[name], admin, 7)
    assert service.update(entity, made, {name: new}, admin, version=1).version == 2
    with pytest.raises(VersionMismatch):
        service.update(entity, made, {name: value_for(entity.attributes[name], admin, 8)}, admin, version=1)
    row = Query(entity, admin).one(made)
    assert (row[name], row["version"]) == (new, 2)
    items = timeline.read(entity, made, admin)["items"]
    assert [i["kind"] for i in items if i["kind"] in ("change", "created")] == ["change", "created"]


def test_delete_goes_to_the_bin_and_comes_back(entity: Entity, admin: Actor) -> None:
    made = make(entity, admin)
    if entity.name == "business_unit":  # only a disabled unit goes
        service.run_action(entity, "deactivate", made, {}, admin)
    before = Query(entity, admin).one(made)
    if not entity.deletable:
        with pytest.raises(CrmError):
            service.delete(entity, made, admin)
        return
    service.delete(entity, made, admin)
    with pytest.raises(NotFound):
        Query(entity, admin).one(made)
    assert Query(entity, admin, deleted=True).exists()
    service.restore(entity, made, admin)
    after = Query(entity, admin).one(made)
    same = set(before) - {"version", "modified_at", "modified_by"}
    assert {k: after[k] for k in same} == {k: before[k] for k in same}


def test_nobody_without_privilege_gets_anything(entity: Entity, admin: Actor) -> None:
    made = make(entity, admin)
    stranger = limited(entity, Depth.NONE)
    with pytest.raises(Forbidden):
        Query(entity, stranger)
    with pytest.raises((Forbidden, NotFound)):
        service.update(entity, made, {entity.primary: "x"}, stranger)
    with pytest.raises((Forbidden, NotFound)):
        service.delete(entity, made, stranger)
    with pytest.raises(Forbidden):
        service.create(entity, minimal(entity, admin, 2), stranger)
    assert Query(entity, admin).one(made)["version"] == 1


def test_own_depth_sees_only_own_records(entity: Entity, admin: Actor) -> None:
    if not entity.has_owner:
        pytest.skip("not owned by users: access is all or none")
    theirs = make(entity, admin)
    lea = limited(entity, Depth.OWN)
    owned = owned_by(entity, lea, admin, 2)
    assert Query(entity, lea).ids() == [owned]
    with pytest.raises(NotFound):
        Query(entity, lea).one(theirs)
    with pytest.raises(NotFound):
        service.update(entity, theirs, {entity.primary: "x"}, lea)
    with pytest.raises(NotFound):
        service.assign(entity, theirs, str(lea.user_id), lea)
    with pytest.raises(NotFound):
        service.delete(entity, theirs, lea)
    selected = bulk.preview(
        entity, {"operation": "assign", "ids": [str(theirs), str(owned)], "owner": str(lea.user_id)}, lea
    )
    assert (selected["selected"], selected["allowed"]) == (1, 1)
    assert Query(entity, admin).one(theirs)["version"] == 1


def test_unit_depth_sees_the_unit(entity: Entity, admin: Actor) -> None:
    if not entity.has_owner:
        pytest.skip("not owned by users: access is all or none")
    from crm_core.security.models import BusinessUnit

    other = BusinessUnit.objects.create(name="South", parent=BusinessUnit.objects.get(parent=None))
    north, south = limited(entity, Depth.UNIT, "Nora"), limited(entity, Depth.UNIT, "Sven", other.pk)
    below = limited(entity, Depth.UNIT_AND_CHILDREN, "Uwe")
    first = owned_by(entity, north, admin, 1)
    second = owned_by(entity, south, admin, 2)
    assert first in Query(entity, north).ids() and second not in Query(entity, north).ids()
    assert Query(entity, south).ids() == [second]
    assert {first, second} <= set(Query(entity, below).ids())


def test_share_gives_and_takes_access(entity: Entity, admin: Actor) -> None:
    if not entity.has_owner:
        pytest.skip("not owned by users: access is all or none")
    from crm_core.security.actor import actor_for

    made = make(entity, admin)
    lea = limited(entity, Depth.OWN)
    service.share(entity, made, lea.user_id, ["read"], admin)
    lea = actor_for(lea.user_id)
    assert Query(entity, lea).ids() == [made]
    with pytest.raises(Forbidden):
        service.update(entity, made, {entity.primary: "x"}, lea)
    service.unshare(entity, made, lea.user_id, admin)
    lea = actor_for(lea.user_id)
    assert Query(entity, lea).ids() == []


def test_filter_context_is_complete() -> None:
    assert set(FilterContext.__dataclass_fields__) >= {
        "now",
        "time_zone",
        "user_id",
        "team_ids",
        "unit_id",
    }
