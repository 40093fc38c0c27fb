"""Secured values and every way a person could learn one: what is asked with each of two values in place, and answered alike."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache
from django.db import transaction

from crm_core.metadata import field_security, registry, workspace
from crm_core.metadata.collecting import collector
from crm_core.metadata.entity import Attribute, Entity
from crm_core.records import jobs, service
from crm_core.security.depth import PRIVILEGES
from crm_core.security.models import Role
from tests.api_client import ApiClient
from tests.conformance.values import minimal, value_for
from tests.security.world import ORGANISATION, World

Answers = dict[str, Any]
CAPABILITIES = [
    "bulk",
    "export_sensitive",
    "view_audit",
    "personal_data",
    "manage_users",
    "edit_others_notes",
]
#: what differs between two runs of the same question: new ids, moments, signed addresses
_PASSING = {
    "url",
    "at",
    "modified_at",
    "created_at",
    "done_at",
    "next",
    "job",
    "signature",
    "generated_at",
    "size",
    "request_id",
}


def hideable(entity: Entity) -> list[Attribute]:
    """Attributes of the object that can be secured."""
    known = registry.current().entities
    return [a for a in entity.attributes.values() if field_security.can_be_secured(entity, a, known)]


def typed(world: World, attribute: Attribute, number: int) -> Any:
    """A value for an attribute people fill in: a record for lookups, else whatever its type has."""
    if attribute.type.name == "file":
        return world.once(("file", number), lambda: _file(world, number))
    if attribute.type.name == "lookup":
        if attribute.targets == ("user",):
            return str(world.admin.user_id if number % 2 else world.viewer_id)
        return world.once(
            (attribute.targets[0], number), lambda: _target(world, attribute.targets[0], number)
        )
    if attribute.type.name == "parties":
        return [{"role": "to", "address": f"party{number}@example.com", "name": f"Party {number}"}]
    if attribute.type.name == "multi" and not attribute.options:
        return None
    return value_for(attribute, world.admin, number)


def _file(world: World, number: int) -> dict[str, str]:
    from crm_core.records import files

    stored = files.store(f"hidden{number}.txt", [b"plan"], "text/plain", world.admin.user_id)
    return {"object": "file", "id": str(stored.pk)}


def _target(world: World, name: str, number: int) -> dict[str, str]:
    target = registry.get(name)
    values = minimal(target, world.admin, 500 + number)
    return {"object": name, "id": str(service.create(target, values, world.admin).id)}


def secure(world: World, *paths: str) -> None:
    body = {"attributes": dict.fromkeys(paths, True)}
    status, answer = world.admin_api.call("PUT", "/field_security/attributes", body)
    assert status == 200, answer
    privileges = {"*": dict.fromkeys(PRIVILEGES, ORGANISATION)}
    for entity in registry.all():
        if entity.custom:
            privileges[entity.name] = dict.fromkeys(PRIVILEGES, ORGANISATION)
    Role.objects.filter(pk=world.role.pk).update(privileges=privileges, capabilities=CAPABILITIES)
    workspace.bump("security_version")


class Undone(Exception):
    """Takes everything back that was done to ask."""


def with_values(
    world: World, entity: Entity, record: Any, values: dict[str, Any], ask: Callable[[], Answers]
) -> Answers:
    """What `ask` finds while the record has these values; nothing of it stays."""
    answers: Answers = {}
    try:
        with transaction.atomic():
            service.update(entity, record, values, world.admin)
            answers = plain(ask())
            raise Undone
    except Undone:
        cache.clear()
    return answers


def plain(answer: Any) -> Any:
    """An answer without what differs by chance: new ids of entries, moments, signed addresses."""
    if isinstance(answer, dict):
        passing = _PASSING | (
            {"id"} if "operation" in answer or answer.get("kind") in ("change", "created") else set()
        )
        return {k: plain(v) for k, v in answer.items() if k not in passing}
    return [plain(part) for part in answer] if isinstance(answer, (list, tuple)) else answer


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two answers say something else, and what."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}[{index}]")
    elif one != other:
        yield f"{path}: {str(one)[:200]} | {str(other)[:200]}"


def questions(
    world: World, entity: Entity, record: str, hidden: list[Attribute], guesses: list[dict[str, Any]]
) -> Iterator[tuple[str, Any]]:
    """(channel, answer) of everything the viewer can ask about a record whose `hidden` attributes have one of `guesses`."""
    api, plural, me = world.viewer_api, entity.plural, f"/{entity.plural}/{record}"
    names = [a.name for a in hidden][:90]
    one = {"attribute": "id", "operator": "eq", "value": record}
    for what in (
        "?include=timeline,related",
        "/timeline?limit=100",
        "/access",
        "/access/people",
        "/shares",
        "/personal",
    ):
        yield f"record{what}", api.get(me + what)
    yield "list", api.post(f"/{plural}/query", {"fields": names, "filter": one, "count": "exact"})
    yield "metadata", api.get(f"/metadata/objects/{entity.name}")
    yield "audit", api.get(f"/audit?record={record}")
    yield "audit file", _file_of(api, api.post("/audit/export", {"record": record})[1])
    for number, guess in enumerate(guesses):
        found_by = [n for n in guess if entity.attributes[n].searchable or entity.attributes[n].body]
        for name in found_by[:4]:
            word = str(guess[name]).split()[0].replace("+", "%2B")
            yield f"search {number} {name}", api.get(f"/search?q={word}")
            yield f"find {number} {name}", api.post(f"/{plural}/query", {"q": str(guess[name])})
        shown = {n: v for n, v in guess.items() if not isinstance(v, dict)}
        yield f"duplicates {number}", api.post(f"/{plural}/duplicates", {"values": shown})
    yield "board", [
        api.post(f"/{plural}/board", {"attribute": a.name, "fields": names, "filter": one})
        for a in entity.attributes.values() if a.type.name in ("pick", "status_reason")
    ]  # fmt: skip
    if entity.calendar:
        days = {"from": "2026-01-01", "to": "2026-12-31", "fields": names, "filter": one}
        yield "calendar", api.post(f"/{plural}/calendar", days)
    if entity.has("export"):
        for kind in ("csv", "xlsx"):
            body = {"fields": [entity.primary, *names], "filter": one, "format": kind}
            yield f"export {kind}", _file_of(api, (api.post(f"/{plural}/export", body)[1] or {}).get("job"))
    yield "stale write", api.patch(me, {}, if_match="1")
    yield "bulk", api.post(f"/{plural}/bulk/preview", {"operation": "edit", "ids": [record], "values": {}})
    yield "batch", api.post("/batch", {"operations": [{"method": "GET", "path": me}]})
    yield (
        "recent",
        (api.post("/search/opened", {"object": entity.name, "id": record}), api.get("/search/recent")),
    )
    if collector(entity.name) is not None:
        yield "lists", list(_segments(world, entity, hidden, guesses))
    if entity.person is not None:
        yield "personal file", _personal_file(world, api.post(f"{me}/personal/export", {})[1]["job"]["id"])
    yield from _around(world, entity, record, guesses)


def _segments(
    world: World, entity: Entity, hidden: list[Attribute], guesses: list[dict[str, Any]]
) -> Iterator[Any]:
    """Lists an administrator made of hidden values, asked for by somebody else: who is on them, who is not, how many."""
    sheet = registry.get("marketing_list")
    assert sheet.collects is not None
    of = next(value for value, name in sheet.collects.objects.items() if name == entity.name)
    for attribute in hidden[::7]:
        value = guesses[0].get(attribute.name)
        if "eq" not in attribute.type.operators_for(attribute) or value is None or isinstance(value, dict):
            continue
        tree = {"attribute": attribute.name, "operator": "eq", "value": value}
        values = {"name": "Hidden", "member_type": of, "kind": 2, "filter": tree}
        made = str(service.create(sheet, values, world.admin).id)
        for operator in ("in", "not_in"):
            asked = {"attribute": "member_of", "operator": operator, "value": [made]}
            status, answer = world.viewer_api.post(
                f"/{entity.plural}/query", {"filter": asked, "count": "exact"}
            )
            yield status, answer["code"] if status >= 400 else answer
        yield world.viewer_api.get(f"/marketing_lists/{made}")[1].get("member_count")


def _around(
    world: World, entity: Entity, record: str, guesses: list[dict[str, Any]]
) -> Iterator[tuple[str, Any]]:
    """What records tell that the hidden references point to, and what follows references."""
    api = world.viewer_api
    for guess in guesses:
        for name, value in guess.items():
            attribute = entity.attributes[name]
            if attribute.type.name != "lookup" or not isinstance(value, dict):
                continue
            target = registry.get(value["object"])
            there = f"/{target.plural}/{value['id']}"
            yield f"{name} from there", api.get(f"{there}?include=related,timeline")
            yield f"{name} doomed", _doomed(api, there)
            yield (
                f"{name} path",
                api.post(
                    f"/{entity.plural}/query",
                    {
                        "fields": [f"{name}.{target.primary}"],
                        "filter": {"attribute": "id", "operator": "eq", "value": record},
                    },
                ),
            )
            path = {"attribute": f"{name}.{target.primary}", "operator": "not_empty"}
            yield f"{name} condition", api.post(f"/{entity.plural}/query", {"filter": path})
            yield (
                f"{name} order",
                api.post(f"/{entity.plural}/query", {"order": [f"{name}.{target.primary}"]}),
            )
            for relation in target.relationships:
                if relation.object != entity.name:
                    continue
                yield f"{relation.name} list", api.get(f"{there}/{relation.name}")
                for tree in ({}, {"count": {"operator": "ge", "value": 1}}):
                    condition = {"related": relation.name, **tree}
                    yield (
                        f"{relation.name} related",
                        api.post(f"/{target.plural}/query", {"filter": condition, "count": "exact"}),
                    )


def _personal_file(world: World, job_id: str) -> Any:
    """What is handed out to a person, collected as the worker does."""
    while jobs.run_next_step(job_id):
        pass
    return _file_of(world.viewer_api, world.viewer_api.get(f"/jobs/{job_id}")[1])


def _doomed(api: ApiClient, path: str) -> Any:
    """What deleting says of what hangs on a record, taken back again."""
    found: Any = None
    try:
        with transaction.atomic():
            found = api.delete(path)
            raise Undone
    except Undone:
        return found


def _file_of(api: ApiClient, answered: Any) -> Any:
    """The text of the file an answer holds."""
    stored = (answered or {}).get("file")
    if not stored:
        return answered
    response = api.client.get(stored["url"], HTTP_HOST=api.host, **api.headers)
    content = b"".join(response.streaming_content)
    if content[:2] != b"PK":
        return [row[1:] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        wanted = [
            n for n in sorted(archive.namelist()) if n.endswith((".json", "sheet1.xml", "sharedStrings.xml"))
        ]
        texts = {n: archive.read(n).decode() for n in wanted}
    return [json.loads(text) if n.endswith(".json") else text for n, text in texts.items()]
