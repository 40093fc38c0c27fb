"""Marketing lists: their members, the same filter everywhere, lists made of lists, undo (MKT-1, MKT-70.3)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.api.records import _linkable
from crm_core.marketing.services import members
from crm_core.metadata import field_security, registry, workspace
from crm_core.metadata.customization import publishing
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, Malformed
from crm_core.metadata.models import Organization
from crm_core.records import jobs, service, timeline
from crm_core.records.models import AuditEntry, Job, RelatedPair
from crm_core.records.query import Query
from crm_core.records.service import merging
from crm_core.search import views
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role
from crm_core.security.services import create_system_user
from tests.sales_people import act, change, make, read

ACCOUNTS, CONTACTS, LEADS = 1, 2, 3
STATIC, DYNAMIC = 1, 2


def new_list(actor: Actor, of: int = ACCOUNTS, **values: Any) -> uuid.UUID:
    return make("marketing_list", actor, **{"name": "Fair", "member_type": of, **values})


def segment(actor: Actor, tree: Any, of: int = ACCOUNTS, **values: Any) -> uuid.UUID:
    return new_list(actor, of, kind=DYNAMIC, filter=tree, **values)


def accounts(actor: Actor, *names: str, **values: Any) -> list[uuid.UUID]:
    return [make("account", actor, name=name, **values) for name in names]


def add(list_id: uuid.UUID, ids: list[uuid.UUID], actor: Actor) -> Any:
    return act("marketing_list", "add_members", list_id, actor, ids=[str(i) for i in ids])[1]


def in_list(*ids: uuid.UUID) -> dict[str, Any]:
    return {"attribute": "member_of", "operator": "in", "value": [str(i) for i in ids]}


def found(tree: Any, actor: Actor, object_name: str = "account") -> set[uuid.UUID]:
    return set(Query(registry.get(object_name), actor).filter(tree).ids())


def of(list_id: uuid.UUID, actor: Actor, object_name: str = "account") -> set[uuid.UUID]:
    return found(in_list(list_id), actor, object_name)


def named(text: str) -> dict[str, Any]:
    return {"attribute": "name", "operator": "contains", "value": text}


def undo(job_id: str, actor: Actor) -> Job:
    job = jobs.control(uuid.UUID(job_id), "undo", actor)
    return jobs.run_inline(job, actor)


def refusal(error: type[CrmError], code: str) -> Any:
    return pytest.raises(error, check=lambda e: e.code == code)


def person(name: str, **depths: int) -> Actor:
    """Reads and writes everything; `depths` name the exceptions as object__privilege."""
    rights = ("create", "read", "write", "append", "append_to", "delete")
    privileges: dict[str, dict[str, int]] = {"*": dict.fromkeys(rights, 5)}
    for path, depth in depths.items():
        object_name, privilege = path.rsplit("__", 1)
        privileges.setdefault(object_name, dict.fromkeys(rights, 5))[privilege] = depth
    role = Role.objects.create(name=name, privileges=privileges)
    user = create_system_user(name, f"{name.lower()}@example.com", roles=[str(role.pk)])
    actor = actor_for(user.pk, "screen")
    assert actor is not None
    return actor


# members ---------------------------------------------------------------------------------------------------------------
def test_members_are_added_once_and_taken_off(admin: Actor) -> None:
    one, two, three = accounts(admin, "A", "B", "C")
    fair = new_list(admin)
    assert add(fair, [one, two], admin) | {"job_id": ""} == {
        "added": 2,
        "ignored": 0,
        "job_id": "",
        "running": False,
    }
    again = add(fair, [two, three], admin)
    assert (again["added"], again["ignored"]) == (1, 1)
    assert of(fair, admin) == {one, two, three}
    assert read("marketing_list", fair, admin)["member_count"] == 3
    _written, gone = act("marketing_list", "remove_members", fair, admin, ids=[str(one)])
    assert (gone["removed"], gone["ignored"]) == (1, 0)
    assert of(fair, admin) == {two, three}
    told = timeline.read(registry.get("account"), one, admin)["items"]
    made = [c for entry in told for c in entry["changes"] or [] if c["attribute"] == "marketing_lists"]
    assert {(c["new"] or c["old"])["name"] for c in made} == {"Fair"} and len(made) == 2


def test_only_records_of_the_lists_type_become_members(admin: Actor) -> None:
    fair, mia = new_list(admin), make("contact", admin, last_name="Mia")
    with refusal(Invalid, "list.wrong_type"):
        add(fair, [mia], admin)
    with refusal(Invalid, "list.wrong_type"):
        act("marketing_list", "add_members", fair, admin, ids=[{"object": "lead", "id": str(mia)}])
    with refusal(Invalid, "lookup.does_not_exist"):
        add(fair, [uuid.uuid4()], admin)
    assert not RelatedPair.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("values", "state", "code"),
    [
        ({"locked": True}, "active", "list.locked"),
        ({}, "inactive", "list.inactive"),
        ({"kind": DYNAMIC}, "active", "list.dynamic"),
    ],
)
def test_lists_that_do_not_change_refuse(admin: Actor, values: Any, state: str, code: str) -> None:
    (one,) = accounts(admin, "A")
    fair = new_list(admin, **values)
    if state == "inactive":
        act("marketing_list", "deactivate", fair, admin)
    for name, asked in (
        ("add_members", {"ids": [str(one)]}), ("remove_members", {"ids": [str(one)]}),
        ("add_by_query", {"filter": named("A")}), ("remove_by_query", {"all": True}), ("evaluate", {"filter": named("A")}),
    ):  # fmt: skip
        with refusal(Conflict, code):
            act("marketing_list", name, fair, admin, **asked)
    assert not RelatedPair.objects.exists()


def test_type_and_kind_stay_as_created(admin: Actor) -> None:
    fair = new_list(admin)
    with refusal(Conflict, "list.member_type_fixed"):
        change("marketing_list", fair, admin, member_type=CONTACTS)
    with refusal(Conflict, "list.kind_fixed"):
        change("marketing_list", fair, admin, kind=DYNAMIC)
    row = read("marketing_list", fair, admin)
    assert (row["member_type"], row["kind"], row["version"]) == (ACCOUNTS, STATIC, 1)


def test_members_by_filter_and_what_only_matching_leaves(admin: Actor) -> None:
    alpha, beta, gamma = accounts(admin, "Alpha GmbH", "Beta GmbH", "Gamma Ltd")
    fair = new_list(admin)
    add(fair, [gamma], admin)
    _w, done = act("marketing_list", "add_by_query", fair, admin, all=True)
    assert (done["added"], done["ignored"]) == (2, 1)
    act("marketing_list", "evaluate", fair, admin, filter=named("GmbH"))
    assert of(fair, admin) == {alpha, beta}
    act("marketing_list", "remove_by_query", fair, admin, filter=named("Beta"))
    assert of(fair, admin) == {alpha}
    with refusal(Malformed, "bulk.nothing_selected"):
        act("marketing_list", "add_by_query", fair, admin)
    with refusal(Malformed, "attribute.unknown"):
        act("marketing_list", "evaluate", fair, admin, filter={"attribute": "nope", "operator": "empty"})
    assert of(fair, admin) == {alpha}


def test_a_large_change_runs_step_by_step_and_is_taken_back(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = accounts(admin, *[f"Company {n}" for n in range(7)])
    fair = new_list(admin)
    add(fair, ids[:2], admin)
    monkeypatch.setattr("crm_core.records.bulk.INLINE_LIMIT", 3)
    monkeypatch.setattr(members, "STEP", 2)
    written, done = act("marketing_list", "add_by_query", fair, admin, filter=named("Company"))
    assert done["running"] and of(fair, admin) == set(ids[:2])
    job = jobs.run_inline(Job.objects.get(pk=written.job_id), admin.acting("screen", written.job_id))
    assert (job.state, job.done, job.total, job.result) == (
        "succeeded",
        5,
        5,
        {"succeeded": 5, "ignored": 2, "failed": 0},
    )
    assert of(fair, admin) == set(ids)
    assert undo(done["job_id"], admin).state == "undone"
    assert of(fair, admin) == set(ids[:2])
    seller = person("Seller")
    with refusal(Forbidden, "privilege.missing"):
        act("marketing_list", "add_by_query", fair, seller, filter=named("Company"))


def test_an_undo_puts_members_back_but_not_on_a_locked_list(admin: Actor) -> None:
    one, two = accounts(admin, "A", "B")
    fair = new_list(admin)
    add(fair, [one, two], admin)
    _w, gone = act("marketing_list", "remove_by_query", fair, admin, all=True)
    change("marketing_list", fair, admin, locked=True)
    assert undo(gone["job_id"], admin).failed == 2
    assert of(fair, admin) == set()
    change("marketing_list", fair, admin, locked=False)
    _w, gone = act("marketing_list", "remove_by_query", fair, admin, all=True)
    add(fair, [one, two], admin)
    _w, gone = act("marketing_list", "remove_members", fair, admin, ids=[str(one)])
    undo(gone["job_id"], admin)
    assert of(fair, admin) == {one, two}


# lists made of lists ---------------------------------------------------------------------------------------------------
def test_new_lists_of_two_lists(admin: Actor) -> None:
    one, two, three = accounts(admin, "A GmbH", "B GmbH", "C Ltd")
    fair, gmbh = new_list(admin), segment(admin, named("GmbH"), name="GmbH")
    add(fair, [two, three], admin)
    wanted = {"union": {one, two, three}, "intersection": {two}, "difference": {three}}
    for name, expected in wanted.items():
        _w, done = act("marketing_list", name, fair, admin, other=str(gmbh), name=name)
        made = uuid.UUID(done["marketing_list_id"])
        assert of(made, admin) == expected
        assert read("marketing_list", made, admin)["kind"] == STATIC
    assert (
        read("marketing_list", gmbh, admin)["last_used"] and read("marketing_list", fair, admin)["last_used"]
    )
    with refusal(Invalid, "list.wrong_type"):
        act("marketing_list", "union", fair, admin, other=str(new_list(admin, LEADS)), name="No")
    undo(done["job_id"], admin)
    assert not registry.get("marketing_list").model.objects.filter(pk=made).exists()


def test_a_copy_keeps_whom_the_segment_found(admin: Actor) -> None:
    one, two = accounts(admin, "A GmbH", "B GmbH")
    gmbh = segment(admin, named("GmbH"))
    _w, done = act("marketing_list", "copy_to_static", gmbh, admin, name="Then")
    change("account", one, admin, name="A Ltd")
    assert of(uuid.UUID(done["marketing_list_id"]), admin) == {one, two}
    assert of(gmbh, admin) == {two}
    with refusal(Conflict, "list.static"):
        act("marketing_list", "copy_to_static", uuid.UUID(done["marketing_list_id"]), admin, name="Again")


# dynamic lists ---------------------------------------------------------------------------------------------------------
def test_a_segment_is_asked_with_the_rights_of_who_asks(admin: Actor, rep: Actor) -> None:
    (hers,) = accounts(rep, "Hers GmbH")
    (mine,) = accounts(admin, "Mine GmbH")
    gmbh = segment(admin, named("GmbH"))
    own = person("Own", account__read=1)
    (only,) = accounts(own, "Only GmbH")
    assert of(gmbh, admin) == {hers, mine, only}
    assert of(gmbh, own) == {only}
    me = segment(admin, {"attribute": "owner", "operator": "me"})
    assert of(me, own) == {only} and of(me, admin) == {mine}


def test_segments_combine_and_do_not_go_in_circles(admin: Actor) -> None:
    one, two, three = accounts(admin, "A GmbH", "B GmbH", "C Ltd")
    gmbh, a = segment(admin, named("GmbH")), segment(admin, named("A "))
    both = segment(admin, {"and": [in_list(gmbh), {"not": in_list(a)}]})
    assert of(both, admin) == {two}
    assert found({"attribute": "member_of", "operator": "not_in", "value": [str(both)]}, admin) == {
        one,
        three,
    }
    for tree in (in_list(both), in_list(gmbh)):
        with refusal(Conflict, "list.circle"):
            change("marketing_list", gmbh, admin, filter={"not": tree})
    # two people at once could make one all the same: asking says so
    registry.get("marketing_list").model.objects.filter(pk=gmbh).update(filter=in_list(both))
    with refusal(Conflict, "list.circle"):
        of(both, admin)


def test_a_filter_is_checked_like_every_other_one(admin: Actor) -> None:
    with refusal(Malformed, "attribute.unknown"):
        segment(admin, {"attribute": "nope", "operator": "empty"})
    with refusal(Malformed, "attribute.unknown"):
        segment(admin, {"attribute": "last_name", "operator": "not_empty"})
    with refusal(Malformed, "list.unknown"):
        segment(admin, in_list(uuid.uuid4()))
    with refusal(Malformed, "list.unknown"):
        segment(admin, in_list(new_list(admin, CONTACTS)))
    with refusal(Invalid, "list.static_filter"):
        new_list(admin, filter=named("A"))
    assert segment(admin, {"attribute": "last_name", "operator": "not_empty"}, CONTACTS)
    assert of(segment(admin, None), admin) == set()


def test_a_segment_whose_field_is_gone_has_no_members_and_not_never_widens_it(admin: Actor) -> None:
    accounts(admin, "A", "B")
    definition = {"type": "text", "label": "Grade", "max_length": 20}
    made = publishing.add_change("attribute", "create", "account", None, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    tree = {"attribute": made.name, "operator": "empty"}
    graded = segment(admin, tree, name="Graded")
    outer = segment(admin, {"not": in_list(graded)})
    view = views.create(
        {"object": "account", "name": "Not graded", "filter": {"not": in_list(graded)}}, admin
    )
    assert len(of(graded, admin)) == 2 and view["broken"] == []
    publishing.add_change("attribute", "delete", "account", made.name, {}, admin.user_id)
    uses = [u for row in publishing.impact()["changes"] for u in row["used_in"]]
    assert {"kind": "list", "object": "account", "name": "Graded", "blocking": False} in uses
    publishing.publish(admin.user_id, admin.name)
    for asked in (in_list(graded), {"not": in_list(graded)}, in_list(outer), {"not": in_list(outer)}):
        with refusal(Malformed, "list.broken"):
            found(asked, admin)
    account = registry.get("account")
    assert views.find(account, view["id"], admin)["broken"] == ["member_of"]
    with refusal(Malformed, "list.broken"):
        act("marketing_list", "copy_to_static", graded, admin, name="Copy")
    assert not registry.get("marketing_list").model.objects.filter(name="Copy").exists()


def test_what_is_hidden_is_told_by_no_list(admin: Actor) -> None:
    (one,) = accounts(admin, "A", credit_limit="9000.00")
    rich = segment(admin, {"attribute": "credit_limit", "operator": "gt", "value": "5000"})
    secret, blind = new_list(admin, name="Secret"), person("Blind", marketing_list__read=1)
    add(secret, [one], admin)
    assert read("account", one, blind)["id"] == str(one)
    for tree in (in_list(secret), {"not": in_list(secret)}, in_list(uuid.uuid4())):
        with refusal(Malformed, "list.unknown"):
            found(tree, blind)
    assert all(
        not item["changes"] for item in timeline.read(registry.get("account"), one, blind)["items"]
        if item["title"] == "link"
    )  # fmt: skip
    row = Organization.objects.get()
    row.settings = {**row.settings, field_security.SETTING: {"account.credit_limit": True}}
    row.save()
    workspace.begin()
    reader = person("Reader")
    for tree in (in_list(rich), {"not": in_list(rich)}, in_list(segment(admin, in_list(rich)))):
        with refusal(Forbidden, "field.secured"):
            found(tree, reader)
    assert of(rich, admin) == {one}
    row = read("marketing_list", rich, reader)
    assert row["member_count"] is None and "member_count" in row["masked"]


def test_a_dynamic_list_says_how_many_it_finds_for_who_opens_it(admin: Actor) -> None:
    """Opened, it counts whom the condition finds; rows of lists say nothing, at the price of one statement however many."""
    sheet = registry.get("marketing_list")
    one, _two, _three = accounts(admin, "A GmbH", "B GmbH", "C Ltd")
    own = person("Own", account__read=1)
    (theirs,) = accounts(own, "D GmbH")
    fair = segment(admin, named("GmbH"))
    nested = segment(admin, {"and": [in_list(fair), {"not": named("A")}]})
    empty, nobody = segment(admin, None), segment(admin, named("Nobody"))
    for actor in (admin, own, person("None", account__read=0)):
        for of_list in (fair, nested, empty, nobody):
            counted = read("marketing_list", of_list, actor)["member_count"]
            assert counted == service.whole(sheet, of_list, actor)["member_count"]
            assert counted == (len(of(of_list, actor)) if actor.depth(registry.get("account"), "read") else 0)
    assert [read("marketing_list", fair, a)["member_count"] for a in (admin, own)] == [3, 1]
    assert of(fair, own) == {theirs}
    chosen = new_list(admin)
    add(chosen, [one], admin)

    def rows() -> tuple[dict[str, Any], int]:
        with CaptureQueriesContext(connection) as asked:
            page = Query(sheet, admin).page(["member_count"], limit=100)
        return {r["id"]: r["member_count"] for r in page.rows}, len(asked)

    before, statements = rows()
    assert before == {**dict.fromkeys(map(str, (fair, nested, empty, nobody))), str(chosen): 1}
    for _n in range(5):
        segment(admin, in_list(fair))
    assert rows()[1] == statements
    sheet.model.objects.filter(pk=fair).update(filter={"attribute": "gone", "operator": "empty"})
    for of_list in (fair, nested):
        row = read("marketing_list", of_list, admin)
        assert row["member_count"] is None and row["masked"] == []


# what happens to members -----------------------------------------------------------------------------------------------
def test_members_follow_merge_bin_and_purge(admin: Actor) -> None:
    one, two, three = accounts(admin, "A", "B", "C")
    fair, both = new_list(admin), new_list(admin)
    add(fair, [one, three], admin)
    add(both, [one, two], admin)
    account = registry.get("account")
    written, _moved = merging.merge(account, two, one, admin)
    assert of(fair, admin) == {two, three} and of(both, admin) == {two}
    undo(str(written.job_id), admin)
    assert of(fair, admin) == {one, three} and of(both, admin) == {one, two}
    service.delete(account, three, admin)
    assert of(fair, admin) == {one} and read("marketing_list", fair, admin)["member_count"] == 1
    service.restore(account, three, admin)
    assert of(fair, admin) == {one, three}
    service.delete(account, three, admin)
    service.purge(account, three, admin)
    assert RelatedPair.objects.filter(first_id=fair).count() == 1
    service.delete(registry.get("marketing_list"), fair, admin)
    with refusal(Malformed, "list.unknown"):
        of(fair, admin)
    service.restore(registry.get("marketing_list"), fair, admin)
    assert of(fair, admin) == {one}


def test_members_come_and_go_by_the_lists_actions_alone(admin: Actor) -> None:
    with refusal(Conflict, "relationship.by_action"):
        _linkable(registry.get("account"), "marketing_lists")
    (one,) = accounts(admin, "A")
    fair = new_list(admin)
    add(fair, [one], admin)
    assert found({"related": "marketing_lists", "filter": named("Fair")}, admin) == {one}
    reader = person("Reader", marketing_list__write=0)
    with refusal(Forbidden, "privilege.missing"):
        add(fair, [one], reader)
    assert AuditEntry.objects.filter(operation="link", record_id=one).count() == 1
