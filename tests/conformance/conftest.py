"""Every registered object and one custom object, each as an administrator and as people with less."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.declaration import declared
from crm_core.metadata.entity import Entity
from crm_core.security import actor as actors
from crm_core.security.actor import Actor, actor_for
from crm_core.security.depth import PRIVILEGES, Depth
from crm_core.security.models import Role
from crm_core.security.services import create_system_user

# objects that only actions create are tested with those actions
OBJECTS = [*sorted(n for n, e in declared().items() if e.creatable), "c_boat"]
BOAT = (
    {"label": "Length", "type": "dec", "precision": 2},
    {"label": "Berth", "type": "pick", "options": [{"label": "A"}, {"label": "B"}, {"label": "C"}]},
    {"label": "Equipment", "type": "multi", "options": [{"label": "Radar"}, {"label": "Sail"}]},
    {"label": "Price", "type": "money"},
    {"label": "Launched", "type": "date"},
    {"label": "Inspected", "type": "datetime"},
    {"label": "Crew", "type": "int", "min": 0, "max": 100},
    {"label": "Draught", "type": "float"},
    {"label": "Watch", "type": "duration"},
    {"label": "Insured", "type": "bool"},
    {"label": "Logbook", "type": "memo"},
    {"label": "Call sign", "type": "text", "searchable": True},
    {"label": "Owner company", "type": "lookup", "targets": ["account"]},
)


@pytest.fixture
def admin(workspace: Any) -> Actor:
    registry.forget()
    actors.forget()
    user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    found = actor_for(user.pk, "screen")
    assert found is not None
    return found


@pytest.fixture
def entity(admin: Actor, request: pytest.FixtureRequest) -> Entity:
    """The object under test; the custom one is published first."""
    if request.param == "c_boat":
        publishing.add_change("object", "create", None, None, {"label": "Boat"}, admin.user_id)
        for definition in BOAT:
            publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
        publishing.publish(admin.user_id, admin.name)
    return registry.get(request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "entity" in metafunc.fixturenames:
        metafunc.parametrize("entity", OBJECTS, indirect=True, ids=OBJECTS)


def limited(entity: Entity, depth: Depth, name: str = "Lea Limited", unit: Any = None) -> Actor:
    """A person whose only role has every privilege on `entity` at `depth`."""
    role = Role.objects.create(name=f"{depth.name} {name}", privileges={entity.name: dict.fromkeys(PRIVILEGES, int(depth))},
                               capabilities=["manage_users"])  # fmt: skip
    user = create_system_user(name, None, roles=[str(role.pk)], business_unit_id=unit)
    found = actor_for(user.pk, "screen")
    assert found is not None
    return found
