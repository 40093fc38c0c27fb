"""Who else has a record open: bound to the workspace, silent without Redis (PEERS 5.7)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.records import presence, service
from tests.security.world import World


@pytest.fixture
def opened(company: World, redis_server: str, settings: Any) -> str:
    settings.REDIS_URL = redis_server
    company.grant(registry.get("account"), every=5)
    return str(service.create(registry.get("account"), {"name": "Shared"}, company.admin).id)


def test_people_see_each_other_and_leave(company: World, opened: str) -> None:
    path = f"/accounts/{opened}/presence"
    assert company.admin_api.post(path, {})[1] == {"people": []}
    seen = company.viewer_api.post(path, {"editing": True})[1]["people"]
    assert [(p["name"], p["editing"]) for p in seen] == [("Ada Admin", False)]
    seen = company.admin_api.post(path, {})[1]["people"]
    assert [(p["name"], p["editing"]) for p in seen] == [("Vera Viewer", True)]
    assert company.viewer_api.delete(path)[0] == 204
    assert company.admin_api.post(path, {})[1] == {"people": []}


def test_keys_name_the_workspace(company: World, opened: str, workspace: Any) -> None:
    company.admin_api.post(f"/accounts/{opened}/presence", {})
    client = presence._client(presence.settings.REDIS_URL)
    keys = client.keys(f"presence:*:account:{opened}")
    assert keys == [f"presence:{workspace.schema_name}:account:{opened}"]
    assert 0 < client.ttl(keys[0]) <= 60


def test_who_may_not_read_it_learns_nothing(company: World, opened: str) -> None:
    company.admin_api.post(f"/accounts/{opened}/presence", {})
    company.grant(registry.get("account"), every=1)
    assert company.viewer_api.post(f"/accounts/{opened}/presence", {})[0] == 404


def test_without_redis_nobody_is_shown(company: World, opened: str, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert company.admin_api.post(f"/accounts/{opened}/presence", {}) == (200, {"people": []})
    assert company.admin_api.delete(f"/accounts/{opened}/presence")[0] == 204
