"""Ids of another workspace are as absent as ids that never existed, on every route of the OpenAPI document (SAAS T1, T2)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.declaration import declared
from crm_core.records import service
from crm_core.security.actor import actor_for
from tenants.context import activate
from tests.api_client import ApiClient, host_of, person
from tests.conformance.values import minimal

# Routes whose answer to an unknown id is a job of their own test (they take the id of a body, not of the path).
METHODS = ("get", "post", "patch", "put", "delete")


@pytest.fixture
def two(workspace: Any, other_workspace: Any) -> dict[str, Any]:
    """Administrators of both workspaces and one record of every object in the second."""
    _ada, api = person(workspace, "ada@example.com", "system_administrator")
    bea, other_api = person(other_workspace, "bea@example.com", "system_administrator")
    ids: dict[str, str] = {}
    with activate(other_workspace):
        registry.forget()
        actor = actor_for(bea.pk)
        for name, entity in declared().items():
            if entity.creatable:
                ids[name] = str(
                    service.create(registry.get(name), minimal(registry.get(name), actor, 1), actor).id
                )
    registry.forget()
    return {"api": api, "other": other_api, "ids": ids}


def _without_request_id(answer: Any) -> Any:
    return {k: v for k, v in answer.items() if k != "request_id"} if isinstance(answer, dict) else answer


def _same(api: ApiClient, method: str, path: str, foreign: str, body: Any) -> tuple[Any, Any]:
    random_id = str(uuid.uuid4())
    answers = []
    for identifier in (foreign, random_id):
        status, answer = api.call(method.upper(), path.replace("{id}", identifier), body)
        text = repr(_without_request_id(answer)).replace(identifier, "ID")
        answers.append((status, text))
    return answers[0], answers[1]


def test_every_route_with_an_id_of_another_workspace(two: dict[str, Any]) -> None:
    api, ids = two["api"], two["ids"]
    _status, document = api.get("/openapi.json")
    by_plural = {e.plural: n for n, e in declared().items()}
    tried = 0
    for path, operations in document["paths"].items():
        if "{id}" not in path:
            continue
        plural = path.split("/")[1]
        foreign = ids.get(by_plural.get(plural, ""), next(iter(ids.values())))
        for method in METHODS:
            if method in operations:
                theirs, random_answer = _same(
                    api, method, path, foreign, {} if method not in ("get", "delete") else None
                )
                assert theirs == random_answer, (method, path)
                assert 400 <= theirs[0] < 500, (method, path, theirs)
                tried += 1
    assert tried > 150
    for name, identifier in ids.items():
        assert two["other"].get(f"/{registry_plural(name)}/{identifier}")[0] == 200, (
            f"{name} was changed from outside"
        )


def registry_plural(name: str) -> str:
    return declared()[name].plural


def test_every_reference_to_another_workspace_is_refused(two: dict[str, Any], workspace: Any) -> None:
    api, ids = two["api"], two["ids"]
    for name, entity in declared().items():
        if not entity.creatable:
            continue
        before = api.get(f"/{entity.plural}?count=exact")[1]["count"]
        for attribute in entity.attributes.values():
            if attribute.read_only or attribute.type.name not in ("lookup", "customer", "owner", "regarding"):
                continue
            target = "user" if attribute.type.name == "owner" else (attribute.targets or ("account",))[0]
            answers = []
            for identifier in (ids[target], str(uuid.uuid4())):
                body = {attribute.name: {"object": target, "id": identifier}}
                status, answer = api.post(f"/{entity.plural}", body)
                errors = answer["details"].get("errors") or [answer]
                mine = sorted((e["code"], e["field"]) for e in errors if e["field"] == attribute.name)
                answers.append((status, answer["code"], mine))
            assert answers[0] == answers[1] and answers[0][0] in (403, 409, 422), (
                name,
                attribute.name,
                answers,
            )
        assert api.get(f"/{entity.plural}?count=exact")[1]["count"] == before


def test_lists_search_and_duplicates_show_only_own(two: dict[str, Any]) -> None:
    api, ids = two["api"], two["ids"]
    for name in ids:
        plural = registry_plural(name)
        rows = api.get(f"/{plural}?limit=100")[1]["rows"]
        assert ids[name] not in {r["id"] for r in rows}
        status, answer = api.post(
            f"/{plural}/query", {"filter": {"attribute": declared()[name].primary, "operator": "not_empty"}}
        )
        assert status == 200 and ids[name] not in {r["id"] for r in answer["rows"]}
        bulk = api.post(f"/{plural}/bulk/preview", {"operation": "edit", "ids": [ids[name]]})[1]
        assert bulk.get("selected", 0) == 0
    hits = [r["id"] for g in api.get("/search?q=name")[1]["groups"] for r in g["rows"]]
    assert not set(hits) & set(ids.values())


def test_tokens_and_hosts_do_not_mix(two: dict[str, Any], other_workspace: Any) -> None:
    crossed = ApiClient(host_of(other_workspace))
    crossed.headers = two["api"].headers
    for path in (
        "/session",
        "/accounts",
        f"/accounts/{two['ids']['account']}",
        "/openapi.json",
        "/jobs",
        "/search?q=ab",
    ):
        assert crossed.get(path)[0] == 401, path
