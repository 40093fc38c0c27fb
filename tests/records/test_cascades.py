"""What acts on a record do to the records that hang on it (PLT-20, CUS-12, CUS-13, AC-05, AC-26)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from crm_core.metadata import registry, workspace
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, NotFound
from crm_core.records import bulk, cascade_jobs, jobs, notices, outbox, reassigning, service, sharing_rules
from crm_core.records.models import AuditEntry, Job, OutboxEvent
from crm_core.records.query import Query
from crm_core.records.service import cascading
from crm_core.security import actor as actors
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role, Share
from crm_core.security.services import create_system_user
from tests.records import workspace_state
from tests.sales_people import everything, make, refers


def behave(child: str, attribute: str, admin: Actor, **definition: Any) -> None:
    """Publish a behaviour of one relationship."""
    publishing.add_change("behaviour", "update", child, attribute, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)


def person(name: str, role: str = "sales_vp") -> Actor:
    user = create_system_user(name, f"{name.split()[0].lower()}@example.com", roles=[role])
    found = actor_for(user.pk, "screen")
    assert found is not None
    return found


def owner_of(object_name: str, record_id: uuid.UUID) -> uuid.UUID:
    return registry.get(object_name).model.objects.values_list("owner_id", flat=True).get(pk=record_id)


def account(name: str, actor: Actor, **values: Any) -> uuid.UUID:
    return make("account", actor, name=name, **values)


def deal(topic: str, account_id: uuid.UUID, actor: Actor, **values: Any) -> uuid.UUID:
    return make("opportunity", actor, topic=topic, customer=refers("account", account_id), **values)


def assign(object_name: str, record_id: uuid.UUID, to: Actor, actor: Actor) -> Any:
    return service.run_action(
        registry.get(object_name), "assign", record_id, {"owner": str(to.user_id)}, actor
    )


def finish(job_id: uuid.UUID) -> Job:
    while jobs.run_next_step(job_id):
        pass
    return Job.objects.get(pk=job_id)


def seller(seeded: Any) -> Role:
    """AC-05: reads and writes what is his own only."""
    own = dict.fromkeys(("create", "read", "write", "append", "append_to", "assign", "share"), 1)
    return Role.objects.create(name="Own only", privileges={"*": own})


def test_assigning_reaches_open_opportunities_and_their_lines(seeded: Any, admin: Actor) -> None:
    """AC-05: X is assigned to Carl with cascade all to 2 open opportunities; then Anna gets 404."""
    role = str(seller(seeded).pk)
    anna, carl = person("Anna", role), person("Carl", role)
    x = account("X", anna)
    one, two = deal("One", x, anna), deal("Two", x, anna)
    line = make(
        "opportunity_product", anna, name="Hull", opportunity=refers("opportunity", one), quantity="1"
    )
    _written, result = assign("account", x, carl, anna)
    assert [owner_of("account", x), owner_of("opportunity", one), owner_of("opportunity", two)] == [
        carl.user_id
    ] * 3
    assert owner_of("opportunity_product", line) == carl.user_id
    assert result == {"assigned": {"opportunities": 2, "opportunity_products": 1}, "left": {}}
    for name, record_id in (("account", x), ("opportunity", one), ("opportunity", two)):
        with pytest.raises(NotFound):
            Query(registry.get(name), actor_for(anna.user_id)).one(record_id)
    assert Share.objects.count() == 0


@pytest.mark.parametrize(
    ("scope", "expected"),
    [("all", "ABCD"), ("active", "ABC"), ("same_owner", "AD"), ("none", "")],
)
def test_scopes_of_an_assignment(scope: str, expected: str, seeded: Any, admin: Actor) -> None:
    """A and D belong to the account's owner, B and C to others; D is closed."""
    anna, carl, dora = person("Anna"), person("Carl"), person("Dora")
    behave("opportunity", "customer", admin, assign=scope, reparent="none")
    x = account("X", anna)
    deals = {
        "A": deal("A", x, anna),
        "B": deal("B", x, dora),
        "C": deal("C", x, admin),
        "D": deal("D", x, anna),
    }
    service.run_action(registry.get("opportunity"), "lose", deals["D"], {}, anna)
    assign("account", x, carl, admin)
    assert "".join(t for t, i in deals.items() if owner_of("opportunity", i) == carl.user_id) == expected


def test_children_one_may_not_assign_stay_and_are_counted(seeded: Any, admin: Actor) -> None:
    """Rights of the acting person hold per child; what he cannot read is not even counted."""
    anna, carl, dora = (
        person("Anna", "salesperson"),
        person("Carl", "salesperson"),
        person("Dora", "salesperson"),
    )
    x = account("X", anna)
    mine, theirs = deal("Mine", x, anna), deal("Theirs", x, dora)
    written, result = assign("account", x, carl, anna)
    assert owner_of("opportunity", mine) == carl.user_id and owner_of("opportunity", theirs) == dora.user_id
    assert result == {"assigned": {"opportunities": 1}, "left": {"opportunities": 1}}
    assert [w["code"] for w in written.warnings] == ["assign.children_left"]
    role = str(seller(seeded).pk)
    eve = person("Eve", role)
    y = account("Y", eve)
    hidden = deal("Hidden", y, admin)
    Share.objects.all().delete()
    actors.forget()
    _written, result = assign("account", y, carl, eve)
    assert result is None or result == {"assigned": {}, "left": {}}
    assert owner_of("opportunity", hidden) == admin.user_id


def test_a_plain_update_of_the_owner_cascades_too(seeded: Any, admin: Actor) -> None:
    carl = person("Carl")
    x = account("X", admin)
    one = deal("One", x, admin)
    service.update(registry.get("account"), x, {"owner": str(carl.user_id)}, admin)
    assert owner_of("opportunity", one) == carl.user_id


def test_undo_of_a_mass_assign_brings_children_back(seeded: Any, admin: Actor) -> None:
    anna, carl = person("Anna"), person("Carl")
    accounts = [account(f"X{n}", anna) for n in range(3)]
    for x in accounts:
        line_of = deal("Deal", x, anna)
        make(
            "opportunity_product", anna, name="Hull", opportunity=refers("opportunity", line_of), quantity="2"
        )
    before = workspace_state.state()
    job = bulk.start(
        registry.get("account"),
        {"operation": "assign", "ids": [str(i) for i in accounts], "owner": str(carl.user_id)},
        admin,
    )
    assert job.result == {"succeeded": 3, "failed": 0, "followed": 6}
    assert set(registry.get("opportunity").model.objects.values_list("owner_id", flat=True)) == {carl.user_id}
    jobs.control(job.pk, "undo", admin)
    assert finish(job.pk).state == "undone"
    assert workspace_state.differences(before, workspace_state.state()) == []


def test_reassign_all_takes_the_children_along_and_back(seeded: Any, admin: Actor) -> None:
    anna, carl, dora = person("Anna"), person("Carl"), person("Dora")
    x = account("X", anna)
    deal("Hers", x, anna)
    other = deal("Dora's on it", x, dora)
    before = workspace_state.state()
    job = reassigning.reassign_all(anna.user_id, str(carl.user_id), admin)
    assert (job.state, owner_of("opportunity", other)) == (
        "succeeded",
        carl.user_id,
    ) and job.done == job.total
    assert not registry.get("opportunity").model.objects.filter(owner_id=anna.user_id).exists()
    jobs.control(job.pk, "undo", admin)
    assert finish(job.pk).state == "undone"
    assert workspace_state.differences(before, workspace_state.state()) == []


def test_many_children_are_assigned_by_a_job(seeded: Any, admin: Actor, monkeypatch: Any) -> None:
    """Over the limit: the record at once, what follows batch by batch with progress, one undo for all of it."""
    monkeypatch.setattr(cascading, "INLINE", 4)
    monkeypatch.setattr(cascade_jobs, "STEP", 2)
    anna, carl = person("Anna"), person("Carl")
    x = account("X", anna)
    deals = [deal(f"D{n}", x, anna) for n in range(5)]
    before = workspace_state.state()
    written, _result = assign("account", x, carl, admin)
    assert owner_of("account", x) == carl.user_id and {owner_of("opportunity", d) for d in deals} == {
        anna.user_id
    }
    job = Job.objects.get(pk=written.job_id)
    assert (job.kind, job.total, job.done, job.state) == ("cascade", 5, 0, "queued")
    assert jobs.run_next_step(job.pk)
    job.refresh_from_db()
    assert (job.done, sum(owner_of("opportunity", d) == carl.user_id for d in deals)) == (2, 2)
    job = finish(job.pk)
    assert (job.state, job.result) == ("succeeded", {"succeeded": 5, "left": 0})
    jobs.control(job.pk, "undo", admin)
    assert finish(job.pk).state == "undone"
    assert workspace_state.differences(before, workspace_state.state()) == []


def test_a_batch_that_fails_stops_the_job_and_is_undone_whole(
    seeded: Any, admin: Actor, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cascading, "INLINE", 1)
    monkeypatch.setattr(cascade_jobs, "STEP", 2)
    anna, carl = person("Anna"), person("Carl")
    x = account("X", anna)
    deals = sorted(deal(f"D{n}", x, anna) for n in range(5))
    written, _result = assign("account", x, carl, admin)
    from crm_core.records.service import assigning

    whole = assigning.finish_update

    def refusing(change: Any, **options: Any) -> None:
        if change.record.pk == deals[3]:
            raise Invalid("test.refused", "Not this one.")
        whole(change, **options)

    monkeypatch.setattr(assigning, "finish_update", refusing)
    job = finish(written.job_id)
    assert (job.state, job.error, job.done) == ("failed", "Not this one.", 2)
    assert [owner_of("opportunity", d) == carl.user_id for d in deals] == [True, True, False, False, False]
    monkeypatch.setattr(assigning, "finish_update", whole)
    jobs.control(job.pk, "retry", admin)
    assert finish(job.pk).state == "succeeded" and {owner_of("opportunity", d) for d in deals} == {
        carl.user_id
    }


def test_a_bulk_operation_is_not_undone_while_children_are_treated(
    seeded: Any, admin: Actor, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cascading, "INLINE", 1)
    carl = person("Carl")
    x = account("X", admin)
    for n in range(2):
        deal(f"D{n}", x, admin)
    before = workspace_state.state()
    job = bulk.start(
        registry.get("account"), {"operation": "assign", "ids": [str(x)], "owner": str(carl.user_id)}, admin
    )
    with pytest.raises(Conflict) as refused:
        jobs.control(job.pk, "undo", admin)
    assert refused.value.code == "job.not_possible"
    following = Job.objects.get(params__group=str(job.pk))
    assert finish(following.pk).state == "succeeded"
    assert set(registry.get("opportunity").model.objects.values_list("owner_id", flat=True)) == {carl.user_id}
    jobs.control(job.pk, "undo", admin)
    assert finish(job.pk).state == "undone"
    assert workspace_state.differences(before, workspace_state.state()) == []


def test_deleting_many_is_a_job_and_comes_back_from_the_bin(
    seeded: Any, admin: Actor, monkeypatch: Any
) -> None:
    from crm_core.records.service import deleting

    monkeypatch.setattr(deleting, "MAX_CASCADE", 3)
    monkeypatch.setattr(cascade_jobs, "STEP", 2)
    x = account("X", admin)
    contact = make("contact", admin, last_name="Nord", parent_customer=refers("account", x))
    deals = [deal(f"D{n}", x, admin) for n in range(4)]
    before = workspace_state.state()
    opportunity, accounts = registry.get("opportunity"), registry.get("account")
    job = cascade_jobs.delete_or_start(accounts, x, admin)
    assert job is not None and (job.total, Query(opportunity, admin).count("exact")["value"]) == (5, 4)
    assert finish(job.pk).state == "succeeded"
    assert Query(opportunity, admin).count("exact")["value"] == 0 and not Query(accounts, admin).ids()
    assert Query(registry.get("contact"), admin).one(contact)["parent_customer"] is None
    service.restore(accounts, x, admin)
    assert sorted(Query(opportunity, admin).ids()) == sorted(deals)
    assert workspace_state.differences(before, workspace_state.state()) == []


def boats(boat: Entity, admin: Actor, **lookup: Any) -> str:
    """AC-26: the boat gets an owner, a customer; returns the name of that reference."""
    definition = {"label": "Customer", "type": "lookup", "targets": ["account"], **lookup}
    publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    return next(a.name for a in registry.get("c_boat").attributes.values() if str(a.label) == "Customer")


def test_a_boat_protects_its_account_until_the_link_may_be_removed(boat: Entity, admin: Actor) -> None:
    """AC-26: 409 record.restrict_delete; after switching to remove link the account goes and the boat has no owner."""
    owner = boats(boat, admin, on_delete="restrict")
    x = account("X", admin)
    made = make("c_boat", admin, name="Swan", **{owner: str(x)})
    before = everything()
    with pytest.raises(Conflict) as refused:
        service.delete(registry.get("account"), x, admin)
    assert (refused.value.code, refused.value.details) == ("record.restrict_delete", {"c_boats": 1})
    assert everything() == before
    behave("c_boat", owner, admin, delete="remove_link")
    assert registry.get("c_boat").attributes[owner].behaviour == "referential"
    service.delete(registry.get("account"), x, admin)
    assert Query(registry.get("c_boat"), admin).one(made)[owner] is None
    publishing.roll_back(1, admin.user_id, admin.name)
    publishing.roll_back(2, admin.user_id, admin.name)
    assert registry.get("c_boat").attributes[owner].behaviour == "referential_restrict"


def test_one_parental_relationship_per_child(boat: Entity, admin: Actor) -> None:
    owner = boats(boat, admin)
    behave("c_boat", owner, admin, kind="parental")
    mother = next(a.name for a in boat.attributes.values() if str(a.label) == "Mother ship")
    before = publishing.draft_body()
    with pytest.raises(Conflict) as refused:
        publishing.add_change("behaviour", "update", "c_boat", mother, {"kind": "parental"}, admin.user_id)
    assert refused.value.code == "relationship.second_parental" and publishing.draft_body() == before
    publishing.add_change("behaviour", "update", "c_boat", owner, {"kind": "referential"}, admin.user_id)
    publishing.add_change("behaviour", "update", "c_boat", mother, {"kind": "parental"}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    assert registry.get("c_boat").attributes[mother].behaviour == "parental"
    with pytest.raises(Conflict) as refused:
        publishing.add_change(
            "behaviour", "update", "opportunity", "contact", {"kind": "parental"}, admin.user_id
        )
    assert refused.value.code == "relationship.second_parental"


@pytest.mark.parametrize(
    ("child", "attribute", "definition", "code"),
    [
        ("opportunity_product", "opportunity", {"kind": "referential"}, "relationship.fixed"),
        ("account", "originating_lead", {"delete": "restrict"}, "relationship.fixed"),
        ("opportunity", "customer", {"delete": "remove_link"}, "relationship.required_link"),
        ("product", "supplier", {"assign": "all"}, "relationship.not_owned"),
        ("account", "owner", {"assign": "all"}, "relationship.unknown"),
        ("account", "name", {"assign": "all"}, "relationship.unknown"),
        ("contact", "parent_customer", {"assign": "some"}, "metadata.choice"),
        ("contact", "parent_customer", {"delete": ["all"]}, "metadata.choice"),
        ("contact", "parent_customer", {"kind": "parental", "assign": "none"}, "relationship.kind"),
        ("contact", "parent_customer", {"kind": {}}, "relationship.kind"),
        ("contact", "parent_customer", {"merge": "none"}, "metadata.unknown_key"),
    ],
)
def test_behaviours_that_cannot_work_are_refused(
    child: str, attribute: str, definition: dict[str, Any], code: str, seeded: Any, admin: Actor
) -> None:
    before = publishing.draft_body()
    with pytest.raises((Conflict, Invalid, NotFound)) as refused:
        publishing.add_change("behaviour", "update", child, attribute, definition, admin.user_id)
    assert refused.value.code == code and publishing.draft_body() == before


def test_a_share_reaches_children_and_is_taken_back_with_them(seeded: Any, admin: Actor) -> None:
    """CUS-13 Cascade: rights one lacks on a child are not given; what was shared by itself stays shared."""
    role = str(seller(seeded).pk)
    anna, carl = person("Anna", role), person("Carl", role)
    x = account("X", anna)
    hers, own_share = deal("Hers", x, anna), deal("Shared by itself", x, anna)
    opportunity = registry.get("opportunity")
    service.share(opportunity, own_share, carl.user_id, ["read"], anna)
    service.share(registry.get("account"), x, carl.user_id, ["read", "write"], anna)
    assert sorted(Query(opportunity, actor_for(carl.user_id)).ids()) == sorted([hers, own_share])
    service.update(opportunity, hers, {"topic": "By Carl"}, actor_for(carl.user_id))
    later = deal("Made later", x, anna)
    service.unshare(registry.get("account"), x, carl.user_id, anna)
    assert Query(opportunity, actor_for(carl.user_id)).ids() == [own_share]
    with pytest.raises(NotFound):
        Query(opportunity, actor_for(carl.user_id)).one(later)
    noted = AuditEntry.objects.filter(record_id=hers, operation__in=("share", "unshare"))
    assert sorted(noted.values_list("operation", flat=True)) == ["share", "unshare"]


def test_the_owner_of_a_new_parent_has_access_to_the_child(seeded: Any, admin: Actor) -> None:
    """PLT-20 Reparent: to the new parent's owner, and no longer to the former one's."""
    role = str(seller(seeded).pk)
    anna, carl, dora = person("Anna", role), person("Carl", role), person("Dora", role)
    x, y = account("X", anna), account("Y", carl)
    opportunity = registry.get("opportunity")
    behave("opportunity", "customer", admin, assign="none")
    one = deal("One", x, admin)

    def sees(who: Actor) -> bool:
        return one in Query(registry.get("opportunity"), actor_for(who.user_id)).ids()

    assert (sees(anna), sees(carl)) == (True, False)
    service.update(opportunity, one, {"customer": refers("account", y)}, admin)
    assert (sees(anna), sees(carl)) == (False, True)
    service.update(registry.get("account"), y, {"owner": str(dora.user_id)}, admin)
    assert (sees(carl), sees(dora)) == (False, True)
    assign("opportunity", one, dora, admin)
    assert Share.objects.count() == 0
    assign("opportunity", one, anna, admin)
    assert Share.objects.filter(inherited_as="owner", principal_id=dora.user_id).count() == 1


def test_many_created_at_once_are_seen_by_the_parents_owner(seeded: Any, admin: Actor) -> None:
    anna = person("Anna", str(seller(seeded).pk))
    x = account("X", anna)
    rows = [{"topic": f"D{n}", "customer": refers("account", x)} for n in range(3)]
    service.create_many(registry.get("opportunity"), rows, admin)
    assert len(Query(registry.get("opportunity"), actor_for(anna.user_id)).ids()) == 3


def test_a_former_owner_keeps_access_where_the_workspace_wants_it(seeded: Any, admin: Actor) -> None:
    """CUS-12 Old owner: off as delivered; on, parent and children stay in his reach, and an undo takes it away again."""
    role = str(seller(seeded).pk)
    anna, carl = person("Anna", role), person("Carl", role)
    x = account("X", anna)
    one = deal("One", x, anna)
    assert sharing_rules.read(admin) == {"share_with_previous_owner": False, "manager_depth": 0}
    sharing_rules.change({"share_with_previous_owner": True}, admin)
    assert AuditEntry.objects.filter(operation="settings").count() == 1
    before = workspace_state.state()
    job = bulk.start(
        registry.get("account"), {"operation": "assign", "ids": [str(x)], "owner": str(carl.user_id)}, admin
    )
    me = actor_for(anna.user_id)
    assert me is not None and Query(registry.get("account"), me).ids() == [x]
    service.update(registry.get("opportunity"), one, {"topic": "Still mine to work on"}, me)
    service.update(registry.get("opportunity"), one, {"topic": "One"}, me)
    jobs.control(job.pk, "undo", admin)
    assert finish(job.pk).state == "undone"
    assert workspace_state.differences(before, workspace_state.state()) == []


def test_who_gets_a_record_is_told_once(seeded: Any, admin: Actor, monkeypatch: Any) -> None:
    """CUS-12 Events: one mail per act in the person's language, none to oneself, none where it is not wanted."""
    from tenants.identity.models import User

    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr(
        notices, "_outlets", [lambda to, lang, said: sent.append((to, lang, said["subject"]))]
    )
    carl = person("Carl")
    from crm_core.security.models import SystemUser

    login = User.objects.create_user("carl@kontor.test", "correct horse battery staple")
    SystemUser.objects.filter(pk=carl.user_id).update(
        login_id=login.pk, email="carl@kontor.test", language="de"
    )
    OutboxEvent.objects.all().delete()
    x = account("Nord AG", admin)
    deal("One", x, admin)
    assign("account", x, carl, admin)
    outbox.deliver_due()
    assert sent == [("carl@kontor.test", "de", "Firma wurde Ihnen zugewiesen: Nord AG")]
    many = [account(f"Y{n}", admin) for n in range(2)]
    request = {"operation": "assign", "ids": [str(i) for i in many], "owner": str(carl.user_id)}
    bulk.start(registry.get("account"), request, admin)
    outbox.deliver_due()
    assert [subject for _to, _lang, subject in sent[1:]] == ["2 Datensätze wurden Ihnen zugewiesen"]
    SystemUser.objects.filter(pk=carl.user_id).update(preferences={"mail_on_assignment": False})
    assign("account", account("Z", admin), carl, admin)
    assign("account", account("Own", admin), admin, admin)
    outbox.deliver_due()
    assert len(sent) == 2 and not OutboxEvent.objects.exists()


def test_settings_refuse_the_unknown(seeded: Any, admin: Actor) -> None:
    from crm_core.metadata.errors import Forbidden, Malformed

    for wrong in (
        {"other": True},
        {"share_with_previous_owner": "yes"},
        *({"manager_depth": levels} for levels in (-1, 11, True, 1.0, "1", None, [])),
    ):
        with pytest.raises(Malformed):
            sharing_rules.change(wrong, admin)
    with pytest.raises(Forbidden):
        sharing_rules.change({"share_with_previous_owner": True}, person("Rita", "salesperson"))
    keeper = replace(person("Kim"), capabilities=frozenset({"manage_users"}))
    with pytest.raises(Forbidden):  # what others may read is for those who manage roles
        sharing_rules.change({"manager_depth": 1}, keeper)
    assert workspace.current().manager_depth == 0
    assert workspace.current().settings.get("share_with_previous_owner") is None
