"""A seeded workspace, an administrator and a custom object with every kind of attribute."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.security.actor import Actor, actor_for
from crm_core.security.services import create_system_user, seed_security
from tests.sales_people import manager, rep  # noqa: F401


@pytest.fixture
def seeded(workspace: Any) -> Any:
    seed_security("Acme", currency="EUR", language="en", country="DE", time_zone="Europe/Berlin")
    registry.forget()
    return workspace


@pytest.fixture
def admin(seeded: Any) -> Actor:
    user = create_system_user("Ada Admin", "ada@example.com", roles=["system_administrator"])
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


@pytest.fixture
def boat(admin: Actor) -> Any:
    """The published custom object Boat of AC-26."""
    publishing.add_change("object", "create", None, None, {"label": "Boat"}, admin.user_id)
    for definition in (
        {"label": "Length", "type": "dec", "precision": 2},
        {"label": "Berth", "type": "pick", "options": [{"label": "A"}, {"label": "B"}, {"label": "C"}]},
        {"label": "Price", "type": "money"},
        {"label": "Launched", "type": "date"},
        {"label": "Skipper", "type": "lookup", "targets": ["user"]},
        {"label": "Call sign", "type": "text", "searchable": True, "unique": True},
        {"label": "Mother ship", "type": "lookup", "targets": ["c_boat"], "on_delete": "restrict"},
    ):
        publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    return registry.get("c_boat")
