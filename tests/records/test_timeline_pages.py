"""A record's timeline against a plain reckoning from all rows: what is shown, in which order, page by page (CUS-7)."""

from __future__ import annotations

import copy
import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records import service, timeline
from crm_core.records.models import AuditEntry
from crm_core.records.timeline_activities import MAX_OPEN, MOST_HEADS
from crm_core.records.timeline_changes import moment_json
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role
from crm_core.security.services import create_system_user
from tests.conformance.values import minimal
from tests.sales_people import make, refers

KINDS = ("task", "phone_call", "email", "visit", "appointment", "note")
START = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


@dataclass
class World:
    """An account, an opportunity of it the salesperson sees and one he does not, and activities of all of them."""

    admin: Actor
    seller: Actor
    account: uuid.UUID
    opportunities: tuple[uuid.UUID, uuid.UUID]
    templates: dict[str, Any] = field(default_factory=dict)

    def regarded(self, actor: Actor) -> set[uuid.UUID]:
        return {self.account, *(self.opportunities if actor is self.admin else self.opportunities[:1])}

    def add(self, kind: str, rows: Sequence[dict[str, Any]]) -> None:
        """Rows of an activity object that differ from its template by these values."""
        made = []
        for values in rows:
            row = copy.copy(self.templates[kind])
            row._state = copy.copy(row._state)
            row._state.adding = True
            for name, value in {"pk": uuid.uuid4(), "owner_id": self.seller.user_id, **values}.items():
                setattr(row, name, value)
            made.append(row)
        registry.get(kind).model.objects.bulk_create(made)


@pytest.fixture
def world(admin: Actor) -> World:
    own = dict.fromkeys(("create", "read", "write", "append", "append_to"), 1)
    role = Role.objects.create(name="Seller", privileges={"*": own, "account": {**own, "read": 5}})
    seller = actor_for(create_system_user("Sam", "sam@example.com", roles=[str(role.pk)]).pk, "screen")
    assert seller is not None
    account = make("account", admin, name="Nord")
    his, other = (
        make("opportunity", admin, topic=name, customer=refers("account", account), owner=str(owner))
        for name, owner in (("His", seller.user_id), ("Other", admin.user_id))
    )
    found = World(admin, seller, account, (his, other))
    for kind in KINDS:
        entity = registry.get(kind)
        values = {**minimal(entity, admin), "regarding": refers("account", account)}
        row = entity.model.objects.get(pk=service.create(entity, values, admin).id)
        entity.model.objects.filter(pk=row.pk).delete()
        found.templates[kind] = row
    return found


def any_rows(world: World, kind: str, number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Rows with few different moments, so that many are equal, and with much missing."""

    def moment() -> dt.datetime:
        return START + dt.timedelta(hours=chance.randrange(12))

    entity = registry.get(kind)
    for n in range(number):
        yield {
            "created_at": moment(),
            "owner_id": chance.choice([world.seller.user_id, world.seller.user_id, world.admin.user_id]),
            "created_by_id": chance.choice([world.seller.user_id, world.admin.user_id, None]),
            "regarding_id": chance.choice([world.account, *world.opportunities, uuid.uuid4()]),
            "deleted_at": moment() if chance.random() < 0.1 else None,
            entity.primary_column: f"{kind} {n}",
        } | _plan(entity, chance, moment)


def _plan(entity: Entity, chance: random.Random, moment: Callable[[], dt.datetime]) -> dict[str, Any]:
    if not entity.is_activity:
        return {"body": chance.choice(["", None, "x" * 5000])}
    names = ("scheduled_start", "scheduled_end", "actual_end")
    dates = {name: moment() if chance.random() < 0.6 else None for name in names}
    return {"state": chance.choice(entity.states).value, **dates}


def reckoned(world: World, actor: Actor, kinds: Sequence[str] = ()) -> tuple[list[Any], list[Any]]:
    """(open, everything that happened, newest first) as plainly as can be said."""
    still_open, happened = [], []
    for entity in registry.all():
        if entity.name not in (kinds or KINDS):
            continue
        rows = [
            row
            for row in entity.model.objects.select_related("created_by").filter(deleted_at=None)
            if row.regarding_id in world.regarded(actor)
            and (actor is world.admin or row.owner_id == actor.user_id)
        ]
        states = [s.value for s in entity.states if not s.closed] if entity.is_activity else []
        mine = [r for r in rows if r.state in states]
        mine.sort(key=lambda r: (r.scheduled_end is None, r.scheduled_end or START, r.pk))
        still_open += [_item(entity, r, r.created_at) for r in mine[:MAX_OPEN]]
        for row in (r for r in rows if r.state not in states):
            dates = [getattr(row, n, None) for n in ("actual_end", "scheduled_start")]
            happened.append(_item(entity, row, next(filter(None, dates), row.created_at)))
    still_open.sort(key=lambda i: (i["due"] is None, i["due"] or i["at"]))
    return still_open[:MAX_OPEN], sorted(happened, key=lambda i: (i["at"], i["id"]), reverse=True)


def _item(entity: Entity, row: Any, at: dt.datetime) -> dict[str, Any]:
    body = row.description if entity.is_activity else row.body
    return {
        "kind": entity.name,
        "object": entity.name,
        "id": str(row.pk),
        "at": moment_json(at),
        "title": getattr(row, entity.primary_column),
        "body": (body or "")[:4000],
        "state": row.state,
        "due": moment_json(getattr(row, "scheduled_end", None)),
        "version": row.version,
        "actor": {"id": str(row.created_by_id), "name": row.created_by.name} if row.created_by_id else None,
        "regarding": {"object": "account", "id": str(row.regarding_id), "name": row.regarding_name},
        # only notes that happened are asked for their file
        **({"attachment": None} if entity.name == "note" else {}),
    }


def assert_agrees(world: World, actor: Actor, limit: int, kinds: Sequence[str] = ()) -> None:
    """The first page with its changes, and all pages of activities together."""
    account = registry.get("account")
    still_open, happened = reckoned(world, actor, kinds)
    told = timeline.read(account, world.account, actor, limit=limit, kinds=[*kinds] or None)
    assert told["open"] == still_open
    changes = [] if kinds else [(moment_json(a.at), str(a.pk)) for a in AuditEntry.objects.filter(record_id=world.account)]  # fmt: skip
    every = sorted([*((i["at"], i["id"]) for i in happened), *changes], reverse=True)
    assert [(i["at"], i["id"]) for i in told["items"]] == every[:limit]
    assert (told["next"] is not None) == (len(every) > limit)
    of_activities = [*kinds] or [*KINDS]
    pages, cursor = [], None
    while not pages or cursor:
        page = timeline.read(account, world.account, actor, limit=limit, kinds=of_activities, cursor=cursor)
        assert page["open"] == ([] if pages else still_open)
        pages.append(page["items"])
        cursor = page["next"]
    assert [item for page in pages for item in page] == happened
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.parametrize("seed", range(4))
def test_any_timeline_is_as_reckoned(world: World, seed: int) -> None:
    chance = random.Random(seed)
    for kind in KINDS:
        world.add(kind, [*any_rows(world, kind, chance.choice([0, 1, 6, 40]), chance)])
    for actor in (world.admin, world.seller):
        for limit in (1, 7, 30):
            assert_agrees(world, actor, limit)
        assert_agrees(world, actor, 5, ("task", "note"))


@pytest.mark.parametrize(
    "number", [MAX_OPEN - 1, MAX_OPEN, MAX_OPEN + 1, MOST_HEADS - 40, MOST_HEADS - 39, MOST_HEADS]
)
def test_many_open_ones_hide_no_closed_one(world: World, number: int) -> None:
    chance = random.Random(number)
    hours = [dt.timedelta(hours=chance.randrange(9)) for _ in range(number)]
    due = [None if n % 4 == 0 else START + hour for n, hour in enumerate(hours)]
    world.add("task", [{"state": "open", "scheduled_end": d, "created_at": START} for d in due])
    closed = [{"state": "completed", "actual_end": START + dt.timedelta(hours=n // 3)} for n in range(40)]
    world.add("task", closed)
    world.add("phone_call", [{**row, "owner_id": world.admin.user_id} for row in closed[:5]])
    world.add("note", [{"created_at": START + dt.timedelta(hours=n)} for n in range(4)])
    for actor in (world.admin, world.seller):
        for limit in (1, 10, 100):
            assert_agrees(world, actor, limit)


def test_many_rows_of_two_objects_beside_few_of_others(world: World) -> None:
    chance = random.Random(3)
    for kind, number in (("task", 4 * MOST_HEADS), ("note", 3 * MOST_HEADS), ("email", 20), ("visit", 20)):
        world.add(kind, [*any_rows(world, kind, number, chance)])
    for actor in (world.admin, world.seller):
        for limit in (3, 50):
            assert_agrees(world, actor, limit)
        assert_agrees(world, actor, 50, ("note",))


def test_an_empty_timeline_and_one_of_changes_only(world: World) -> None:
    account = registry.get("account")
    assert timeline.read(account, world.account, world.seller, kinds=["task"]) == {
        "open": [],
        "items": [],
        "next": None,
    }
    told = timeline.read(account, world.account, world.seller)
    assert [i["kind"] for i in told["items"]] == ["created"] and told["open"] == []
    world.add("task", [{"state": "open"}])
    only = timeline.read(account, world.account, world.seller, kinds=["created"])
    assert only == told


@pytest.mark.parametrize("limit", [0, 101, True, "5"])
def test_an_unusable_limit_is_refused(world: World, limit: Any) -> None:
    with pytest.raises(Malformed):
        timeline.read(registry.get("account"), world.account, world.admin, limit=limit)


def test_a_timeline_costs_the_same_however_long(world: World) -> None:
    chance, asked = random.Random(7), []
    for _step in range(2):
        for kind in ("task", "email", "visit"):
            world.add(kind, [*any_rows(world, kind, 12, chance)])
        timeline.read(registry.get("account"), world.account, world.admin)  # the first reading compiles
        with CaptureQueriesContext(connection) as captured:
            timeline.read(registry.get("account"), world.account, world.admin)
        asked.append(len(captured))
    assert asked == [4, 4]  # whose activities, what decides their order, their columns; changes


def test_an_account_shows_what_happened_with_its_people_but_not_with_its_daughters(world: World) -> None:
    account = refers("account", world.account)
    person = make("contact", world.admin, last_name="Weber", parent_customer=account)
    below = make("contact", world.admin, last_name="Berger", parent_customer=refers("contact", person))
    daughter = make("account", world.admin, name="Nord Ost", parent_account=account)
    for number, regarding in enumerate((world.account, person, below, daughter)):
        world.add(
            "phone_call", [{"regarding_id": regarding, "subject": f"call {number}", "state": "completed"}]
        )

    def shown(name: str, record: uuid.UUID) -> set[str]:
        items = timeline.read(registry.get(name), record, world.admin, kinds=["phone_call"])["items"]
        return {item["title"] for item in items}

    assert shown("account", world.account) == {"call 0", "call 1"}
    assert shown("contact", person) == {"call 1"}
    assert shown("account", daughter) == {"call 3"}
