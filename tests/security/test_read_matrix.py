"""Object × depth × channel: whoever asks by whichever way sees exactly the rows the oracle counts (PLT-40, SAAS Z1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.records import service
from crm_core.records.service import linking
from tests.conformance.values import minimal
from tests.security.channels import ALWAYS, WHERE_KNOWN
from tests.security.world import DEPTHS, World

pytestmark = pytest.mark.slow
#: One relationship goes through the same code for every object; these are of each kind.
LINKED = ("opportunity", "contact", "lead", "task", "note", "product")


def test_every_channel_shows_exactly_the_rows_of_the_depth(world: World, entity: Entity) -> None:
    reach = {
        name: channel(world, entity, world.admin_api) & world.ids
        for name, channel in (ALWAYS | WHERE_KNOWN).items()
    }
    assert {n for n in ALWAYS if reach[n] != world.ids} == set()
    for depth, name in enumerate(DEPTHS):
        world.grant(entity, every=depth)
        for channel_name, channel in (ALWAYS | WHERE_KNOWN).items():
            visible = world.expected(entity, {"read": depth}, "read")
            if channel_name == "export":  # taking away is a right of its own, which shares do not carry
                visible = world.expected(entity, {"read": depth, "export": depth}, "read", "export")
            seen = channel(world, entity, world.viewer_api) & world.ids
            assert seen == visible & reach[channel_name], (entity.name, name, channel_name)


@pytest.mark.about.with_args(lambda entity: entity.name in LINKED and entity.has_owner)
def test_managers_read_what_belongs_to_their_people_and_no_more(world: World, entity: Entity) -> None:
    reach = {
        name: channel(world, entity, world.admin_api) & world.ids
        for name, channel in (ALWAYS | WHERE_KNOWN).items()
    }
    for levels, depth in ((1, 1), (0, 1)):
        world.manage(levels)
        world.grant(entity, every=depth)
        for channel_name, channel in (ALWAYS | WHERE_KNOWN).items():
            asked = ("read", "export") if channel_name == "export" else ("read",)
            visible = world.expected(entity, dict.fromkeys(asked, depth), *asked)
            seen = channel(world, entity, world.viewer_api) & world.ids
            assert seen == visible & reach[channel_name], (entity.name, levels, DEPTHS[depth], channel_name)
    world.manage(2)
    world.grant(entity, every=1)
    theirs = next(row for row in world.rows if row.owner == world.people["stranger"] and not row.shares)
    status, told = world.viewer_api.get(f"/{entity.plural}/{theirs.id}/access")
    assert status == 200 and told["rights"] == ["read"]
    assert [(r["kind"], r["of"]["name"]) for r in told["reasons"]] == [("manager", "Sven Stranger")]
    before = entity.model.objects.filter(pk=theirs.id).values().get()
    for act in (
        world.viewer_api.patch(f"/{entity.plural}/{theirs.id}", {entity.primary: "Mine"}),
        world.viewer_api.delete(f"/{entity.plural}/{theirs.id}"),
    ):
        assert act[0] == 403, act
    assert entity.model.objects.filter(pk=theirs.id).values().get() == before


@pytest.mark.about.with_args(lambda entity: entity.deletable)
def test_the_recycle_bin_needs_reading_and_deleting(world: World, entity: Entity) -> None:
    entity.model.objects.filter(pk__in=world.ids).update(deleted_at=timezone.now())
    for read, delete in ((5, 0), (5, 1), (5, 3), (1, 5), (4, 2), (3, 4), (0, 5), (5, 5)):
        world.grant(entity, read=read, delete=delete)
        status, body = world.viewer_api.get(f"/recycle_bin?object={entity.name}&limit=500")
        shown: Any = {r["id"] for r in body["rows"]} & world.ids if status == 200 else set()
        expected = world.expected(entity, {"read": read, "delete": delete}, "read", "delete")
        assert shown == expected, (DEPTHS[read], DEPTHS[delete])
        assert ALWAYS["record"](world, entity, world.viewer_api) == set()
        hidden = sorted(world.ids - expected)
        if hidden:
            status, _body = world.viewer_api.post(
                "/recycle_bin/restore", {"object": entity.name, "id": hidden[0]}
            )
            assert status in (403, 404)
            assert entity.model.objects.filter(pk=hidden[0], deleted_at=None).count() == 0


@pytest.mark.about.with_args(lambda entity: entity.has("export"))
def test_export_needs_its_own_privilege(world: World, entity: Entity) -> None:
    for read, taken in ((5, 0), (5, 1), (5, 3), (1, 5), (3, 4), (4, 2)):
        world.grant(entity, read=read, export=taken)
        shown = WHERE_KNOWN["export"](world, entity, world.viewer_api) & world.ids
        assert shown == world.expected(entity, {"read": read, "export": taken}, "read", "export")


@pytest.mark.about.with_args(lambda entity: entity.name in LINKED)
def test_many_to_many_lists_show_exactly_the_rows_of_the_depth(world: World, entity: Entity) -> None:
    definition = {"label": "Advisers", "target": entity.name, "reverse_label": "Advises"}
    name = publishing.add_change("relationship", "create", "account", None, definition, None).name
    publishing.publish(None, "Ada")
    account = registry.get("account")
    nord = service.create(account, minimal(account, world.admin, 1), world.admin).id
    relation = next(r for r in registry.get("account").relationships if r.name == name)
    linking.link(account, nord, relation, [row.id for row in world.rows], world.admin)
    for channel in ("linked list", "linked condition"):
        assert WHERE_KNOWN[channel](world, entity, world.admin_api) == world.ids
        for depth in range(len(DEPTHS)):
            world.grant(entity, every=depth)
            expected = world.expected(entity, {"read": depth}, "read")
            assert WHERE_KNOWN[channel](world, entity, world.viewer_api) == expected, (channel, DEPTHS[depth])
