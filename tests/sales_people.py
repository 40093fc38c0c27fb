"""People of a sales department for tests of the business modules."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.records import service
from crm_core.records.models import AuditEntry, OutboxEvent
from crm_core.records.query import Query
from crm_core.security.actor import Actor, actor_for
from crm_core.security.services import create_system_user


@pytest.fixture
def rep(seeded: Any) -> Actor:
    """A salesperson."""
    return _person("Rita Rep", "rita@example.com", "salesperson")


@pytest.fixture
def manager(seeded: Any) -> Actor:
    """A sales manager: may reopen activities."""
    return _person("Max Manager", "max@example.com", "sales_manager")


def _person(name: str, email: str, role: str) -> Actor:
    user = create_system_user(name, email, roles=[role])
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


def make(object_name: str, actor: Actor, /, **values: Any) -> uuid.UUID:
    """Create a record and return its id."""
    return service.create(registry.get(object_name), values, actor).id


def read(object_name: str, record_id: Any, actor: Actor) -> dict[str, Any]:
    """The whole record as the API shows it."""
    return Query(registry.get(object_name), actor).one(record_id)


def change(object_name: str, record_id: Any, actor: Actor, /, **values: Any) -> Any:
    return service.update(registry.get(object_name), record_id, values, actor)


def act(object_name: str, name: str, record_id: Any, actor: Actor, /, **values: Any) -> tuple[Any, Any]:
    """Run an action; returns what was written and the action's result."""
    return service.run_action(registry.get(object_name), name, record_id, values, actor)


def refers(object_name: str, record_id: Any) -> dict[str, str]:
    """A reference as it is sent."""
    return {"object": object_name, "id": str(record_id)}


def everything() -> Mapping[str, Any]:
    """What must be equal before and after a refused write: rows per object with their versions, audit, events."""
    rows = {
        entity.name: sorted(
            map(str, entity.model.objects.values_list("pk", "version", "state", "deleted_at", "custom"))
        )
        for entity in registry.all()
    }
    return {**rows, "audit": AuditEntry.objects.count(), "events": OutboxEvent.objects.count()}
