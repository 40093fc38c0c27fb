"""Many-to-many relationships between any two objects, made without code (PLT-6)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.components import Key, Names, changed_body, components
from crm_core.metadata.entity import Entity, Relationship
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, Malformed, NotFound
from crm_core.records import service, timeline
from crm_core.records.models import AuditEntry, RelatedPair
from crm_core.records.query import Query, related
from crm_core.records.service import linking, merging
from crm_core.search import views
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role
from crm_core.security.services import create_system_user
from tests.api_client import person
from tests.records import workspace_state
from tests.sales_people import everything, make


def define(first: str, second: str, admin: Actor, label: str, reverse: str | None) -> str:
    """Publish a relationship; returns its name on the first object."""
    definition = {"label": label, "target": second, **({"reverse_label": reverse} if reverse else {})}
    change = publishing.add_change("relationship", "create", first, None, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    return str(change.name)


def side(object_name: str, name: str) -> Relationship:
    return next(r for r in registry.get(object_name).relationships if r.name == name)


def listed(entity: Entity, record_id: uuid.UUID, name: str, actor: Actor) -> list[uuid.UUID]:
    return sorted(related.related_query(entity, side(entity.name, name), record_id, actor).ids())


def worker(name: str, **depths: int) -> Actor:
    """Everything at own depth; `depths` name the exceptions as object_privilege."""
    own = dict.fromkeys(("create", "read", "write", "append", "append_to", "delete"), 1)
    privileges: dict[str, dict[str, int]] = {"*": own, "c_boat": dict(own), "account": dict(own)}
    for path, depth in depths.items():
        object_name, privilege = path.rsplit("__", 1)
        privileges[object_name][privilege] = depth
    role = Role.objects.create(name=name, privileges=privileges)
    user = create_system_user(name, f"{name.lower()}@example.com", roles=[str(role.pk)])
    found = actor_for(user.pk, "screen")
    assert found is not None
    return found


def test_a_relationship_is_made_used_found_and_rolled_back(boat: Entity, admin: Actor) -> None:
    version = publishing.published()[0]
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    account, boat = registry.get("account"), registry.get("c_boat")
    back = side("account", name).reverse
    nord, sued = make("account", admin, name="Nord"), make("account", admin, name="Sued")
    swan, hawk = make("c_boat", admin, name="Swan"), make("c_boat", admin, name="Hawk")
    assert linking.link(account, nord, side("account", name), [swan, hawk], admin) == 2
    assert linking.link(account, nord, side("account", name), [swan], admin) == 0
    assert linking.link(boat, swan, side("c_boat", back), [sued], admin) == 1
    assert listed(account, nord, name, admin) == sorted([swan, hawk])
    assert listed(boat, swan, back, admin) == sorted([nord, sued])
    assert related.related_lists(boat, swan, admin)[back]["count"] == 2
    tree = {"related": name, "filter": {"attribute": "name", "operator": "eq", "value": "Hawk"}}
    assert Query(account, admin).filter(tree).ids() == [nord]
    assert Query(account, admin).filter({**tree, "exists": False}).ids() == [sued]
    nested = {"related": back, "filter": tree}
    assert sorted(Query(boat, admin).filter(nested).ids()) == sorted([swan, hawk])
    linking.unlink(boat, hawk, side("c_boat", back), nord, admin)
    assert listed(account, nord, name, admin) == [swan]
    noted = AuditEntry.objects.filter(operation__in=("link", "unlink_records"), record_id__in=(nord, hawk))
    assert noted.count() == 3 + 2  # two links and one taken away there, one of each here
    shown = timeline.read(account, nord, admin, kinds=["change"])["items"]
    assert [(i["title"], i["changes"][0]["label"]) for i in shown if i["changes"]][-1] == (
        "link",
        "Sponsored boats",
    )
    publishing.roll_back(version, admin.user_id, admin.name)
    assert (
        not any(r.link and r.custom for r in registry.get("account").relationships)
        and RelatedPair.objects.count() == 2
    )
    with pytest.raises(Malformed):
        Query(registry.get("account"), admin).filter(tree).ids()
    publishing.roll_back(version + 1, admin.user_id, admin.name)
    assert listed(registry.get("account"), nord, name, admin) == [swan]


@pytest.mark.parametrize("reverse", [None, "Referred by"])
def test_an_object_related_to_itself(reverse: str | None, seeded: Any, admin: Actor) -> None:
    """With one label both records show the same list; with two each its own."""
    name = define("account", "account", admin, "Partners", reverse)
    account = registry.get("account")
    one, two, three = (make("account", admin, name=n) for n in ("One", "Two", "Three"))
    linking.link(account, two, side("account", name), [one, three], admin)
    assert listed(account, two, name, admin) == sorted([one, three])
    back = side("account", name).reverse
    assert listed(account, one, back, admin) == [two]
    if reverse is None:
        assert linking.link(account, one, side("account", name), [two], admin) == 0
    else:
        assert listed(account, one, name, admin) == []
    with pytest.raises(Invalid) as refused:
        linking.link(account, one, side("account", name), [one], admin)
    assert refused.value.code == "relationship.to_itself"
    tree = {"related": name, "filter": {"attribute": "name", "operator": "eq", "value": "Three"}}
    assert Query(account, admin).filter(tree).ids() == [two]


def test_links_in_a_timeline_cost_the_same_however_many(boat: Entity, admin: Actor) -> None:
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    account = registry.get("account")
    nord = make("account", admin, name="Nord")

    def statements() -> tuple[int, list[str]]:
        timeline.read(account, nord, admin)  # the first reading compiles
        with CaptureQueriesContext(connection) as seen:
            items = timeline.read(account, nord, admin)["items"]
        named = [
            change["new"]["name"]
            for item in items
            for change in item["changes"]
            if change["attribute"] == name
        ]
        return len(seen), sorted(named)

    linking.link(account, nord, side("account", name), [make("c_boat", admin, name="Boat 0")], admin)
    one = statements()
    for number in range(1, 6):
        linking.link(
            account, nord, side("account", name), [make("c_boat", admin, name=f"Boat {number}")], admin
        )
    many = statements()
    assert one == (many[0], ["Boat 0"]) and many[1] == [f"Boat {number}" for number in range(6)]


def test_links_need_append_here_and_append_to_there(boat: Entity, admin: Actor) -> None:
    """A denied link changes nothing, and what one may not read is absent: never told apart."""
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    cases = {
        "NoAppend": ({"account__append": 0}, Forbidden),
        "NoAppendTo": ({"c_boat__append_to": 0}, Forbidden),
        "NoRead": ({"c_boat__read": 0}, Invalid),
    }
    for who, (depths, error) in cases.items():
        actor = worker(who, **depths)
        nord = make("account", admin, name="Nord", owner=str(actor.user_id))
        swan = make("c_boat", admin, name="Swan", owner=str(actor.user_id))
        before = everything()
        with pytest.raises(error):
            linking.link(registry.get("account"), nord, side("account", name), [swan], actor)
        assert RelatedPair.objects.count() == 0 and everything() == before
    actor = worker("Both")
    nord = make("account", admin, name="Nord", owner=str(actor.user_id))
    hers, hidden = (
        make("c_boat", admin, name="Hers", owner=str(actor.user_id)),
        make("c_boat", admin, name="Hidden"),
    )
    account = registry.get("account")
    with pytest.raises(Invalid):
        linking.link(account, nord, side("account", name), [hers, hidden], actor)
    linking.link(account, nord, side("account", name), [hers, hidden], admin)
    assert listed(account, nord, name, actor) == [hers]
    assert related.related_lists(account, nord, actor)[name]["count"] == 1
    with pytest.raises(NotFound):
        linking.unlink(account, nord, side("account", name), hidden, actor)
    shown = [c for i in timeline.read(account, nord, actor, kinds=["change"])["items"] for c in i["changes"]]
    assert [c["new"]["name"] for c in shown if c["attribute"] == name] == ["Hers"]
    linking.unlink(account, nord, side("account", name), hers, actor)
    service.run_action(account, "deactivate", nord, {}, admin)
    with pytest.raises(Conflict) as refused:
        linking.link(account, nord, side("account", name), [hers], admin)
    assert refused.value.code == "record.read_only"


def test_links_share_the_fate_of_their_records(boat: Entity, admin: Actor) -> None:
    """Bin and restore, purge, merge with collapsing, unmerge."""
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    partners = define("account", "account", admin, "Partners", None)
    account = registry.get("account")
    relation = side("account", name)
    nord, twin, other = (make("account", admin, name=n) for n in ("Nord", "Nord AG", "Other"))
    swan, hawk = make("c_boat", admin, name="Swan"), make("c_boat", admin, name="Hawk")
    linking.link(account, nord, relation, [swan], admin)
    linking.link(account, twin, relation, [swan, hawk], admin)
    linking.link(account, twin, side("account", partners), [nord, other], admin)
    service.delete(registry.get("c_boat"), hawk, admin)
    assert listed(account, twin, name, admin) == [swan]
    service.restore(registry.get("c_boat"), hawk, admin)
    assert listed(account, twin, name, admin) == sorted([swan, hawk])
    before = workspace_state.state()
    assert merging.preview(account, nord, twin, admin)["moves"]["links"] == 4
    written, moved = service.merge(account, nord, twin, admin)
    assert moved["links"] == 4
    assert listed(account, nord, name, admin) == sorted([swan, hawk])
    assert listed(account, nord, partners, admin) == [other] and RelatedPair.objects.count() == 3
    from crm_core.records import jobs

    jobs.control(written.job_id, "undo", admin)
    while jobs.run_next_step(written.job_id):
        pass
    assert workspace_state.differences(before, workspace_state.state()) == []
    service.delete(account, twin, admin)
    service.purge(account, twin, admin)
    assert sorted(RelatedPair.objects.values_list("first_id", "second_id")) == [(nord, swan)]


@pytest.mark.parametrize(
    ("first", "definition", "code"),
    [
        ("account", {"label": "X", "target": "c_nothing", "reverse_label": "Y"}, "metadata.targets"),
        ("account", {"label": "X", "target": "user", "reverse_label": "Y"}, "metadata.targets"),
        ("user", {"label": "X", "target": "account", "reverse_label": "Y"}, "metadata.targets"),
        ("account", {"label": "", "target": "contact", "reverse_label": "Y"}, "metadata.label"),
        ("account", {"label": "X", "target": "contact"}, "metadata.label"),
        ("account", {"label": "X", "target": ["contact"], "reverse_label": "Y"}, "metadata.targets"),
        (
            "account",
            {"label": "X", "target": "contact", "reverse_label": "Y", "sql": 1},
            "metadata.unknown_key",
        ),
    ],
)
def test_definitions_that_cannot_work(
    first: str, definition: dict, code: str, seeded: Any, admin: Actor
) -> None:
    before = publishing.draft_body()
    with pytest.raises(Invalid) as refused:
        publishing.add_change("relationship", "create", first, None, definition, admin.user_id)
    assert refused.value.code == code and publishing.draft_body() == before


def test_what_a_relationship_joins_is_fixed_and_views_hold_it(boat: Entity, admin: Actor) -> None:
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    with pytest.raises(Conflict) as refused:
        publishing.add_change("relationship", "update", "account", name, {"target": "contact"}, admin.user_id)
    assert refused.value.code == "field.data_loss"
    publishing.add_change("relationship", "update", "account", name, {"label": "Ships"}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    assert str(side("account", name).label) == "Ships"
    body = {"object": "account", "name": "Sponsors only", "columns": [{"name": "name"}], "filter": {"related": name},
            "order": ["name"], "layout": "table", "shared_with": "everyone"}  # fmt: skip
    saved = views.create(body, admin)
    publishing.add_change("relationship", "delete", "account", name, {}, admin.user_id)
    with pytest.raises(Conflict) as refused:
        publishing.publish(admin.user_id, admin.name)
    assert refused.value.code == "metadata.dependencies"
    from crm_core.metadata.models import DraftChange
    from crm_core.search.models import SavedView

    DraftChange.objects.all().delete()
    publishing.add_change("object", "delete", None, "c_boat", {}, admin.user_id)
    assert any(u["kind"] == "relationship" for c in publishing.impact()["changes"] for u in c["used_in"])
    DraftChange.objects.all().delete()
    SavedView.objects.filter(pk=saved["id"]).update(is_shared=False)
    publishing.add_change("relationship", "delete", "account", name, {}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    assert views.find(registry.get("account"), saved["id"], admin)["broken"] == [name]


def test_over_http_and_in_the_document(workspace: Any) -> None:
    user, api = person(workspace, "ada@example.com", "system_administrator", name="Ada")
    admin = actor_for(user.pk, "api")
    assert admin is not None
    name = define("account", "contact", admin, "Advisers", "Advises")
    nord = api.post("/accounts", {"name": "Nord"})[1]["id"]
    ida = api.post("/contacts", {"last_name": "Ida"})[1]["id"]
    paths = api.get("/openapi.json")[1]["paths"]
    assert set(paths[f"/accounts/{{id}}/{name}"]) == {"parameters", "get", "post"}
    assert set(paths[f"/contacts/{{id}}/{name}_reverse/{{other_id}}"]) == {"parameters", "delete"}
    shown = [r for r in api.get("/metadata/objects/account")[1]["relationships"] if r["name"] == name]
    assert [(r["kind"], r["object"], r["reverse"]) for r in shown] == [
        ("many_to_many", "contact", f"{name}_reverse")
    ]
    assert api.post(f"/accounts/{nord}/{name}", {"ids": [ida]}) == (200, {"added": 1})
    assert api.post(f"/accounts/{nord}/{name}", {"ids": [ida]}) == (200, {"added": 0})
    assert [r["id"] for r in api.get(f"/contacts/{ida}/{name}_reverse")[1]["rows"]] == [nord]
    for body, status in (
        ({}, 400),
        ({"ids": ["x"]}, 400),
        ({"ids": []}, 400),
        ({"ids": [str(uuid.uuid4())]}, 422),
    ):
        assert api.post(f"/accounts/{nord}/{name}", body)[0] == status
    assert api.post(f"/accounts/{nord}/contacts", {"ids": [ida]})[1]["code"] == "relationship.one_to_many"
    assert api.delete(f"/accounts/{nord}/{name}/{ida}")[0] == 204
    assert api.delete(f"/accounts/{nord}/{name}/{ida}")[1]["code"] == "relationship.not_linked"
    rows = api.get(f"/audit?record={nord}")[1]["rows"]
    assert [r["operation"] for r in rows][:2] == ["unlink_records", "link"]
    assert rows[1]["changes"][0]["label"] == "Advisers" and rows[1]["changes"][0]["new"]["name"] == "Ida"


def test_a_relationship_travels_with_what_asks_for_it(boat: Entity, admin: Actor) -> None:
    """A view whose filter asks for a list of the relationship, from either end, needs it and both its objects."""
    name = define("account", "c_boat", admin, "Sponsored boats", "Sponsors")
    found = components(publishing.published()[1])
    names = Names(found)
    relationship = Key("relationship", "account", name)
    for asked in (name, side("account", name).reverse):
        needed, unknown = names.behind(Key("view", "account", "v"), {"filter": {"related": asked}})
        assert needed == {relationship} and unknown == set()
    assert names.behind(relationship, found[relationship]) == ({Key("object", "", "c_boat")}, set())
    carried = changed_body(
        {"objects": publishing.published()[1]["objects"]}, {relationship: found[relationship]}
    )
    assert carried["relationships"] == {"account": {name: found[relationship]}}
