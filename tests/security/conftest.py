"""The counted company, once for each object."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.declaration import declared
from crm_core.metadata.entity import Entity
from tests.security.world import World, build, populate

OBJECTS = [*sorted(n for n, e in declared().items() if not e.internal), "c_boat"]
BOAT = (
    {"label": "Berth", "type": "pick", "options": [{"label": "A"}, {"label": "B"}]},
    {"label": "Call sign", "type": "text", "searchable": True},
    {"label": "Price", "type": "money"},
    {"label": "Owner company", "type": "lookup", "targets": ["account"]},
)


@pytest.fixture
def company(workspace: Any) -> World:
    """People, units and teams without records."""
    return build(workspace)


@pytest.fixture
def entity(company: World, request: pytest.FixtureRequest) -> Entity:
    """The object under test; the custom one is published first."""
    if request.param == "c_boat":
        publishing.add_change("object", "create", None, None, {"label": "Boat"}, company.admin.user_id)
        for definition in BOAT:
            publishing.add_change("attribute", "create", "c_boat", None, definition, company.admin.user_id)
        publishing.publish(company.admin.user_id, company.admin.name)
    return registry.get(request.param)


@pytest.fixture
def world(company: World, entity: Entity) -> World:
    """The company with one record of the object for each way of owning and sharing it."""
    populate(company, entity)
    return company


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every object, or those a test says it is about: `pytest.mark.about.with_args(lambda entity: …)`."""
    if "entity" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("about")
    names = [n for n in OBJECTS if marker is None or n == "c_boat" or marker.args[0](declared()[n])]
    assert len(names) > 5, "a matrix over hardly any object proves nothing"
    metafunc.parametrize("entity", names, indirect=True, ids=names)
