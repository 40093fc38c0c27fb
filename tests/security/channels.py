"""Every way records reach a person, each as a function from a client to the ids it shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.collecting import collector
from crm_core.metadata.entity import Entity
from crm_core.records import service
from crm_core.records.models import RelatedPair
from crm_core.search.models import RecentRecord
from crm_core.security.models import SystemUser
from tests.api_client import ApiClient
from tests.security.world import World

Channel = Callable[[World, Entity, ApiClient], set[str]]
REFUSED = (403, 404)


def _rows(answer: tuple[int, Any]) -> list[dict[str, Any]]:
    status, body = answer
    if status in REFUSED:
        return []
    assert status == 200, body
    return body["rows"]


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {r["id"] for r in rows}


def record(world: World, entity: Entity, api: ApiClient) -> set[str]:
    return {i for i in world.ids if api.get(f"/{entity.plural}/{i}")[0] == 200}


def listing(world: World, entity: Entity, api: ApiClient) -> set[str]:
    status, body = api.get(f"/{entity.plural}?fields={entity.primary}&limit=1000&count=exact")
    if status in REFUSED:
        return set()
    assert body["count"]["value"] == len(body["rows"])
    return _ids(body["rows"])


def pages(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """The list page by page, sorted by name."""
    found: set[str] = set()
    cursor = None
    while True:
        body = {"fields": [entity.primary], "limit": 4, "order": [entity.primary], "cursor": cursor}
        status, answer = api.post(f"/{entity.plural}/query", {k: v for k, v in body.items() if v})
        if status in REFUSED:
            return set()
        found |= _ids(answer["rows"])
        cursor = answer["next"]
        if cursor is None:
            return found


def selection(world: World, entity: Entity, api: ApiClient) -> set[str]:
    tree = {"attribute": "id", "operator": "in", "value": sorted(world.ids)}
    return _ids(_rows(api.post(f"/{entity.plural}/query", {"filter": tree, "limit": 1000})))


def quick_find(world: World, entity: Entity, api: ApiClient) -> set[str]:
    word = _common_word(world, entity)
    return _ids(_rows(api.post(f"/{entity.plural}/query", {"q": word, "limit": 1000})))


def global_search(world: World, entity: Entity, api: ApiClient) -> set[str]:
    status, body = api.get(f"/search?q={_common_word(world, entity)}&objects={entity.name}&limit=50")
    assert status == 200, body
    return {r["id"] for g in body["groups"] for r in g["rows"] if g["object"] == entity.name}


def _common_word(world: World, entity: Entity) -> str:
    """A word in the search text of all rows."""
    return world.once("word", lambda: _find_common_word(world, entity))


def _find_common_word(world: World, entity: Entity) -> str:
    texts = [
        set(t.split())
        for t in entity.model.objects.filter(pk__in=world.ids).values_list("search_text", flat=True)
    ]
    return max(sorted(set.intersection(*texts)), key=len, default="zzzz")


def recent(world: World, entity: Entity, api: ApiClient) -> set[str]:
    me = _who(world, api)
    RecentRecord.objects.filter(user_id=me).delete()
    RecentRecord.objects.bulk_create(
        [RecentRecord(user_id=me, record_id=i, object=entity.name) for i in world.ids]
    )
    return _ids(_rows(api.get("/search/recent")))


def board(world: World, entity: Entity, api: ApiClient) -> set[str]:
    name = next((a.name for a in entity.attributes.values() if a.type.name == "pick"), "status_reason")
    if name not in entity.attributes:
        return set()
    body = {"attribute": name, "fields": [entity.primary], "limit": 1000, "filter": {"and": []}}
    status, answer = api.post(f"/{entity.plural}/board", body)
    if status in REFUSED:
        return set()
    assert status == 200, answer
    rows = [r for c in answer["columns"] for r in c["rows"]]
    assert sum(c["count"] for c in answer["columns"]) == len(rows)
    return _ids(rows)


def groups(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """The groups of a chart, each opened."""
    name = "owner" if entity.has_owner else "state"
    status, answer = api.post(f"/{entity.plural}/aggregate", {"group": [{"attribute": name}]})
    if status in REFUSED:
        return set()
    found: set[str] = set()
    for group in answer["groups"]:
        rows = _rows(api.post(f"/{entity.plural}/query", {"filter": group["filter"], "limit": 1000}))
        assert len(rows) == group["values"][0], group
        found |= _ids(rows)
    return found


def figure(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """A number tile: the rows it counts one by one."""
    found = set()
    for identifier in world.ids:
        tree = {"attribute": "id", "operator": "eq", "value": identifier}
        status, answer = api.post(f"/{entity.plural}/aggregate", {"filter": tree})
        if status not in REFUSED and answer["totals"] == [1]:
            found.add(identifier)
    return found


def export(world: World, entity: Entity, api: ApiClient) -> set[str]:
    if not entity.has("export"):
        return set()
    body = {"fields": [entity.primary], "format": "csv", "with_ids": True}
    status, answer = api.post(f"/{entity.plural}/export", body)
    if status in REFUSED:
        return set()
    assert status < 300, answer
    response = api.client.get(answer["job"]["file"]["url"], HTTP_HOST=api.host, **api.headers)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    dialect = csv.Sniffer().sniff(text.split("\n")[0], ",;\t")
    return {cell for row in csv.reader(io.StringIO(text), dialect) for cell in row}


def duplicate_check(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """What the warning while typing shows for the values of each row."""
    found: set[str] = set()
    names = {n for rule in entity.duplicates for n in rule}
    for identifier in world.ids if names else ():
        row = _as_admin(world, entity, identifier)
        status, answer = api.post(f"/{entity.plural}/duplicates", {"values": {n: row.get(n) for n in names}})
        if status not in REFUSED:
            found |= {m["id"] for m in answer["matches"]}
    return found


def related_list(world: World, entity: Entity, api: ApiClient) -> set[str]:
    found: set[str] = set()
    for parent, plural, names in _parents(world, entity):
        for name in names:
            found |= _ids(_rows(api.get(f"/{plural}/{parent}/{name}?limit=1000")))
    return found


def related_cards(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """The cards beside a record, with their counts."""
    found: set[str] = set()
    for parent, plural, names in _parents(world, entity):
        status, body = api.get(f"/{plural}/{parent}?include=related")
        assert status == 200, body
        for name in names:
            if (card := body["related"].get(name)) is not None:
                assert card["count"] == len(card["rows"]) or len(card["rows"]) == 5
                found |= _ids(card["rows"])
    return found


def related_condition(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Conditions on related records: a parent is found through a child only when the child may be seen."""
    found: set[str] = set()
    for parent, plural, names in _parents(world, entity):
        children = {str(i) for i in world.ids if parent in _parents_of(entity, i)}
        for name in names:
            for child in children:
                inner = {"related": name, "filter": {"attribute": "id", "operator": "eq", "value": child}}
                tree = {"and": [{"attribute": "id", "operator": "eq", "value": parent}, inner]}
                if _rows(api.post(f"/{plural}/query", {"filter": tree})):
                    found.add(child)
    return found


def _linked_from(world: World, entity: Entity) -> list[tuple[str, str, str, str]]:
    """(record linked with a row, its object's address, the name of its list of them, the row)."""
    found = []
    for pair in RelatedPair.objects.all():
        ends = [(pair.first_object, pair.first_id), (pair.second_object, pair.second_id)]
        for (mine, row), (theirs, other) in (ends, reversed(ends)):
            if mine != entity.name or str(row) not in world.ids:
                continue
            names = [
                r.name
                for r in registry.get(theirs).relationships
                if r.link == pair.relationship and r.object == mine
            ]
            found += [(str(other), registry.get(theirs).plural, name, str(row)) for name in names]
    return found


def linked_list(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Many-to-many lists and their cards on the records at the other end."""
    found: set[str] = set()
    for other, plural, name, _row in _linked_from(world, entity):
        status, body = api.get(f"/{plural}/{other}/{name}?limit=1000&count=exact")
        if status in REFUSED:
            continue
        assert body["count"]["value"] == len(body["rows"])
        card = api.get(f"/{plural}/{other}?include=related")[1]["related"][name]
        assert card["count"] == len(body["rows"]) and _ids(card["rows"]) <= _ids(body["rows"])
        found |= _ids(body["rows"])
    return found & world.ids


def linked_condition(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Conditions through a many-to-many relationship."""
    found: set[str] = set()
    for other, plural, name, row in _linked_from(world, entity):
        inner = {"related": name, "filter": {"attribute": "id", "operator": "eq", "value": row}}
        tree = {"and": [{"attribute": "id", "operator": "eq", "value": other}, inner]}
        if _rows(api.post(f"/{plural}/query", {"filter": tree})):
            found.add(row)
    return found


def _everybody(world: World, entity: Entity) -> list[str]:
    """A list the rows were put on, and one whose filter finds them all."""
    sheet = registry.get("marketing_list")
    assert sheet.collects is not None
    of = next(value for value, name in sheet.collects.objects.items() if name == entity.name)
    values = {"name": "Everybody", "member_type": of}
    chosen = str(service.create(sheet, values, world.admin).id)
    service.run_action(sheet, "add_members", chosen, {"ids": sorted(world.ids)}, world.admin)
    tree = {"attribute": "created_at", "operator": "not_empty"}
    return [chosen, str(service.create(sheet, {**values, "kind": 2, "filter": tree}, world.admin).id)]


def members(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Who is on a list, chosen or found by its filter; and how many it says there are."""
    if collector(entity.name) is None:
        return set()
    chosen, found = world.once("everybody", lambda: _everybody(world, entity))
    body = {"fields": [entity.primary], "limit": 1000}
    asked = [
        _ids(_rows(api.post(f"/{entity.plural}/query", {**body, "filter": {"attribute": "member_of", "operator": "in", "value": [i]}})))
        for i in (chosen, found)
    ]  # fmt: skip
    for one, members_of in zip((chosen, found), asked, strict=True):
        status, row = api.get(f"/marketing_lists/{one}")
        assert status == 200 and row["member_count"] == len(members_of)
    assert asked[0] == asked[1] & world.ids
    return asked[0]


def listed_in(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Lists as conditions: only one that may be read can be asked who is on it."""
    if entity.collects is None:
        return set()
    found = set()
    for row in sorted(world.ids):
        target = registry.get(entity.collects.objects[_as_admin(world, entity, row)[entity.collects.of]])
        tree = {"attribute": "member_of", "operator": "in", "value": [row]}
        status, answer = api.post(f"/{target.plural}/query", {"filter": tree})
        assert status == 200 or answer["code"] in ("list.unknown", "privilege.missing"), answer
        found |= {row} if status == 200 else set()
    return found


def timeline(world: World, entity: Entity, api: ApiClient) -> set[str]:
    if not any(a.type.name == "regarding" for a in entity.attributes.values()):
        return set()
    found: set[str] = set()
    for identifier in world.ids:
        regarding = _as_admin(world, entity, identifier).get("regarding")
        if regarding:
            plural = registry.get(regarding["object"]).plural
            status, body = api.get(f"/{plural}/{regarding['id']}/timeline?limit=100")
            assert status == 200, body
            found |= {i["id"] for i in body["items"] + body["open"] if i["object"] == entity.name}
    return found


def calendar(world: World, entity: Entity, api: ApiClient) -> set[str]:
    if not entity.calendar:
        return set()
    status, body = api.post(f"/{entity.plural}/calendar", {"from": "2026-02-23", "to": "2026-04-05"})
    if status in REFUSED:
        return set()
    assert status == 200 and not body["more"], body
    return _ids(body["rows"])


def batch(world: World, entity: Entity, api: ApiClient) -> set[str]:
    ids = sorted(world.ids)
    operations = [{"method": "GET", "path": f"/{entity.plural}/{i}"} for i in ids]
    status, body = api.post("/batch", {"operations": operations})
    assert status == 200, body
    return {i for i, result in zip(ids, body["results"], strict=True) if result["status"] == 200}


def bulk_selection(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """The count before a bulk operation, asked for each row."""
    found = set()
    for identifier in world.ids:
        body = {"operation": "edit", "ids": [identifier], "values": {}}
        status, answer = api.post(f"/{entity.plural}/bulk/preview", body)
        if status not in REFUSED and answer["selected"]:
            found.add(identifier)
    return found


def file_download(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Files, fetched by the addresses a list gives."""
    name = next((a.name for a in entity.attributes.values() if a.type.name == "file"), None)
    if name is None:
        return set()
    found = set()
    for row in _rows(api.get(f"/{entity.plural}?fields={name}&limit=1000")):
        if (
            row[name]
            and api.client.get(row[name]["url"], HTTP_HOST=api.host, **api.headers).status_code == 200
        ):
            found.add(row["id"])
    return found


def explained(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """Where the list of people with access names the person; the client only says whose access is asked for."""
    me = _who(world, api)
    assert SystemUser.objects.filter(pk=me).exists()
    found = set()
    for identifier in world.ids:
        status, body = world.admin_api.get(f"/{entity.plural}/{identifier}/access/people?limit=200")
        assert status == 200 and body["next"] is None, body
        if any(entry["user"]["id"] == me for entry in body["rows"]):
            found.add(identifier)
    return found


def personal_data(world: World, entity: Entity, api: ApiClient) -> set[str]:
    """What is held on a person, asked for each record that is one."""
    if entity.person is None:
        return set()
    return {i for i in world.ids if api.get(f"/{entity.plural}/{i}/personal")[0] == 200}


def _parents_of(entity: Entity, identifier: str) -> set[str]:
    row = entity.model.objects.get(pk=identifier)
    found = set()
    for attribute in entity.attributes.values():
        columns = attribute.columns.values() if attribute.type.name == "customer" else [attribute.column]
        if attribute.type.name in ("lookup", "customer") and not attribute.custom:
            found |= {str(getattr(row, f"{c}_id")) for c in columns if getattr(row, f"{c}_id", None)}
        elif attribute.type.name == "lookup" and row.custom.get(attribute.name):
            found.add(str(row.custom[attribute.name]))
    return found


def _as_admin(world: World, entity: Entity, identifier: str) -> dict[str, Any]:
    """The row as the administrator sees it, read once: no channel changes it."""
    return world.once(identifier, lambda: world.admin_api.get(f"/{entity.plural}/{identifier}")[1])


def _who(world: World, api: ApiClient) -> str:
    return world.once(("who", id(api)), lambda: api.get("/session")[1]["user"]["id"])


def _parents(world: World, entity: Entity) -> list[tuple[str, str, list[str]]]:
    """(parent's id, its object's address, names of its lists of `entity`) of all parents of the rows."""
    return world.once("parents", lambda: _find_parents(world, entity))


def _find_parents(world: World, entity: Entity) -> list[tuple[str, str, list[str]]]:
    found = []
    wanted = set().union(*[_parents_of(entity, i) for i in world.ids])
    for target in registry.all():
        names = [r.name for r in target.relationships if r.object == entity.name]
        if names and target.name != entity.name:
            known = target.model.objects.filter(pk__in=wanted).values_list("pk", flat=True)
            found += [(str(pk), target.plural, names) for pk in known]
    return found


#: channels that must show every row to an administrator; the others only where the object has what they need
ALWAYS: dict[str, Channel] = {
    "record": record, "list": listing, "pages": pages, "selection": selection, "quick find": quick_find,
    "recent": recent, "chart": groups, "figure": figure, "batch": batch, "bulk selection": bulk_selection,
    "explained": explained,
}  # fmt: skip
WHERE_KNOWN: dict[str, Channel] = {
    "global search": global_search, "board": board, "export": export, "duplicate check": duplicate_check,
    "linked list": linked_list, "linked condition": linked_condition,
    "related list": related_list, "related cards": related_cards, "related condition": related_condition,
    "members": members, "listed in": listed_in,
    "timeline": timeline, "calendar": calendar, "file download": file_download,
    "personal data": personal_data,
}  # fmt: skip
