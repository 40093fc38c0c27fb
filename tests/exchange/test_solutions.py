"""Solutions travel between workspaces whole, are previewed, rolled back and uninstalled (PLT-12, AC-26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.exchange.models import Solution, SolutionImport
from crm_core.exchange.solutions import catalogue, installing, solutions
from crm_core.metadata import registry
from crm_core.metadata import workspace as unit_of_work
from crm_core.metadata.customization import publishing
from crm_core.metadata.errors import Conflict, Forbidden, Invalid
from crm_core.records import service
from crm_core.records.models import AuditEntry
from crm_core.records.query import Query
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role, RoleAssignment
from crm_core.security.services import create_system_user
from tenants.context import activate
from tests.exchange.packed_solutions import (
    build,
    content_of,
    draft,
    everything,
    packed,
    repacked,
    seeded_admin,
    state,
)


@pytest.fixture
def names(admin: Actor) -> dict[str, str]:
    return build(admin)


@pytest.fixture
def package(admin: Actor, names: dict[str, str]) -> bytes:
    return packed(admin, everything())


@pytest.fixture
def elsewhere(package: bytes, other_workspace: Any) -> Any:
    """An empty second workspace, active, as its administrator."""
    with activate(other_workspace):
        yield seeded_admin("Globex")


def test_everything_arrives_and_works(elsewhere: Actor, package: bytes, names: dict[str, str]) -> None:
    preview = installing.preview(package, [], elsewhere)
    assert preview["counts"] == {
        "add": len(preview["components"]),
        **dict.fromkeys(("change", "same", "conflict", "keep", "missing", "invalid"), 0),
    }
    kinds = {c["kind"] for c in preview["components"]}
    assert kinds == {"object", "attribute", "option_list", "form", "view", "rule", "behaviour", "reasons", "override", "role", "secured_attribute",
                     "field_security_profile", "duplicate_rule"}  # fmt: skip
    noted = installing.install(package, [], elsewhere)
    assert len(noted.changes) == len(preview["components"])
    boat = registry.get("c_boat")
    assert boat.attributes[names["Insured for"]].secured
    with pytest.raises(Invalid) as refused:  # the rule came along and is in force
        service.create(boat, {"name": "Titanic", names["Length"]: 269}, elsewhere)
    assert refused.value.field == names["Insured for"]
    berth = service.create(registry.get("c_berth"), {"name": "Pier 1"}, elsewhere).id
    service.create(boat, {"name": "Jolle", names["Length"]: 4, names["Lies at"]: str(berth)}, elsewhere)
    row = Query(boat, elsewhere).page([names["Length in feet"], names["Number"]]).rows[0]
    assert row[names["Length in feet"]].startswith("13.12") and row[names["Number"]] == "B-00001"
    role = Role.objects.get(name="Harbour master")
    assert role.privileges["c_boat"]["read"] == 5 and role.capabilities == ["bulk"]
    assert (
        str(role.pk) in publishing.published()[1]["forms"]["c_boat"]
    )  # the form of the role as it is called here
    assert [e.operation for e in AuditEntry.objects.filter(object="solution")] == ["import"]
    again = installing.preview(package, [], elsewhere)
    assert again["counts"]["same"] == len(again["components"])


def test_export_of_what_was_imported_is_the_same_file(elsewhere: Actor, package: bytes) -> None:
    installing.install(package, [], elsewhere)
    assert solutions.export(Solution.objects.get().pk, False, elsewhere)[0] == package


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_choice_with_what_it_needs_arrives_equal(
    admin: Actor, names: dict[str, str], workspace: Any, other_workspace: Any, data: st.DataObject
) -> None:
    with transaction.atomic():
        unit_of_work.begin()
        found = {tuple(c[k] or "" for k in ("kind", "object", "name")): c for c in catalogue.described()}
        own = [key for key in found if not key[2].startswith("@")]
        chosen = set(data.draw(st.lists(st.sampled_from(own), min_size=1, unique=True)))
        waiting = list(chosen)
        while waiting:
            for need in found[waiting.pop()]["needs"]:
                key = tuple(need[k] or "" for k in ("kind", "object", "name"))
                if key not in chosen:
                    chosen.add(key)
                    waiting.append(key)
        picked = [{k: found[key][k] for k in ("kind", "object", "name")} for key in chosen]
        package = packed(admin, picked)
        with activate(other_workspace):
            there = seeded_admin("Globex")
            before = state()
            noted = installing.install(package, [], there)
            assert solutions.export(Solution.objects.get().pk, False, there)[0] == package
            installing.roll_back(noted.pk, there)
            assert state()[0][1] == before[0][1] and state()[1:] == before[1:]
        transaction.set_rollback(True)
    registry.forget()
    unit_of_work.begin()


def test_a_roll_back_restores_byte_for_byte(elsewhere: Actor, package: bytes) -> None:
    draft(elsewhere, "attribute", "create", "account", None, {"label": "Own field", "type": "text"})
    publishing.publish(elsewhere.user_id, elsewhere.name)
    before = state()
    noted = installing.install(package, [], elsewhere)
    assert state() != before
    installing.roll_back(noted.pk, elsewhere)
    assert state()[0][1] == before[0][1] and state()[1:] == before[1:]
    assert not Solution.objects.exists() and "c_boat" not in registry.current().entities
    with pytest.raises(Conflict, match="once"):
        installing.roll_back(noted.pk, elsewhere)


def test_a_roll_back_keeps_what_others_made_since(elsewhere: Actor, package: bytes) -> None:
    before = publishing.published()[1]
    noted = installing.install(package, [], elsewhere)
    later = draft(elsewhere, "attribute", "create", "account", None, {"label": "Own field", "type": "text"})
    publishing.publish(elsewhere.user_id, elsewhere.name)
    installing.roll_back(noted.pk, elsewhere)
    body = publishing.published()[1]
    assert [row["name"] for row in body["attributes"].pop("account")] == [later]
    assert {k: v for k, v in body.items() if v} == before


def test_a_roll_back_is_refused_when_its_parts_were_changed(
    elsewhere: Actor, package: bytes, names: dict[str, str]
) -> None:
    noted = installing.install(package, [], elsewhere)
    draft(elsewhere, "attribute", "update", "c_boat", names["Length"], {"label": "Length over all"})
    publishing.publish(elsewhere.user_id, elsewhere.name)
    before = state()
    with pytest.raises(Conflict) as refused:
        installing.roll_back(noted.pk, elsewhere)
    assert refused.value.code == "solution.changed_since"
    assert [c["name"] for c in refused.value.details["components"]] == [names["Length"]]
    assert state() == before


def test_a_roll_back_is_possible_for_thirty_days(elsewhere: Actor, package: bytes) -> None:
    noted = installing.install(package, [], elsewhere)
    SolutionImport.objects.update(imported_at=noted.imported_at - timedelta(days=31))
    with pytest.raises(Conflict) as refused:
        installing.roll_back(noted.pk, elsewhere)
    assert refused.value.code == "solution.too_late"


def test_what_is_missing_is_named_and_nothing_changes(
    admin: Actor, names: dict[str, str], other_workspace: Any
) -> None:
    package = packed(admin, [{"kind": "view", "object": "c_boat", "name": names["view"]}])
    assert {r["name"] for r in content_of(package)["requires"]} == {
        "c_boat",
        names["Length"],
        names["Lies at"],
    }
    with activate(other_workspace):
        there = seeded_admin("Globex")
        before = state()
        row = installing.preview(package, [], there)["components"][0]
        assert row["outcome"] == "missing" and "c_boat" in row["needs"]
        with pytest.raises(Invalid) as refused:
            installing.install(package, [], there)
        assert refused.value.code == "solution.missing_dependency"
        assert state() == before and not Solution.objects.exists() and not SolutionImport.objects.exists()


def test_conflicts_wait_for_a_decision(elsewhere: Actor, package: bytes, names: dict[str, str]) -> None:
    installing.install(package, [], elsewhere)
    draft(elsewhere, "attribute", "update", "c_boat", names["Length"], {"label": "Ours"})
    publishing.publish(elsewhere.user_id, elsewhere.name)
    content = content_of(package)
    for row in content["components"]:
        if row["name"] == names["Length"]:
            row["definition"]["label"] = "Theirs"
        if row["name"] == names["view"]:
            row["definition"]["label"] = "Very long boats"
    newer = repacked({**content, "solution": {**content["solution"], "version": "1.1"}})
    preview = installing.preview(newer, [], elsewhere)
    assert {c["name"]: c["outcome"] for c in preview["components"] if c["outcome"] != "same"} == {
        names["Length"]: "conflict", names["view"]: "change",
    }  # fmt: skip
    assert preview["solution"]["installed_version"] == "1.0"
    with pytest.raises(Conflict) as refused:
        installing.install(newer, [], elsewhere)
    assert refused.value.code == "solution.conflict"
    key = {"kind": "attribute", "object": "c_boat", "name": names["Length"]}
    installing.install(newer, [{**key, "decision": "keep"}], elsewhere)
    assert str(registry.get("c_boat").attributes[names["Length"]].label) == "Ours"
    installing.install(newer, [{**key, "decision": "replace"}], elsewhere)
    assert str(registry.get("c_boat").attributes[names["Length"]].label) == "Theirs"
    assert Solution.objects.get().version == "1.1"


def test_data_is_never_lost_by_replacing(elsewhere: Actor, package: bytes, names: dict[str, str]) -> None:
    installing.install(package, [], elsewhere)
    content = content_of(package)
    for row in content["components"]:
        if row["name"] == names["Length"]:
            row["definition"]["precision"] = 0
    key = {"kind": "attribute", "object": "c_boat", "name": names["Length"], "decision": "replace"}
    before = state()
    with pytest.raises(Conflict) as refused:
        installing.install(repacked(content), [key], elsewhere)
    assert refused.value.details["conflicts"][0]["code"] == "field.data_loss"
    assert state() == before


def test_a_managed_solution_is_uninstalled_when_nothing_is_lost(
    admin: Actor, names: dict[str, str], other_workspace: Any
) -> None:
    package = packed(admin, everything(), managed=True)
    with activate(other_workspace):
        there = seeded_admin("Globex")
        before = state()
        installing.install(package, [], there)
        row = Solution.objects.get()
        with pytest.raises(Conflict):
            solutions.export(row.pk, False, there)
        boat = service.create(registry.get("c_boat"), {"name": "Jolle"}, there).id
        eve = create_system_user("Eve", "eve@example.com", roles=["salesperson"])
        assigned = RoleAssignment.objects.create(
            role=Role.objects.get(name="Harbour master"), principal_id=eve.pk
        )
        held = state()
        with pytest.raises(Conflict) as refused:
            installing.uninstall(row.pk, there)
        uses = {(u["component"]["name"], u["kind"], u["count"]) for u in refused.value.details["uses"]}
        assert uses == {("c_boat", "records", 1), ("Harbour master", "role_holders", 1)}
        assert state() == held
        service.delete(registry.get("c_boat"), boat, there)
        with pytest.raises(Conflict):  # what lies in the recycle bin can still be restored
            installing.uninstall(row.pk, there)
        service.purge(registry.get("c_boat"), boat, there)
        assigned.delete()
        installing.uninstall(row.pk, there)
        assert {k: v for k, v in state()[0][1].items() if v} == before[0][1] and state()[1:] == before[1:]
        assert not Solution.objects.exists()
        assert [i["can_roll_back"] for i in solutions.listed(there)["imports"]] == [False]


def test_what_was_built_upon_it_keeps_a_managed_solution(
    admin: Actor, names: dict[str, str], other_workspace: Any
) -> None:
    package = packed(admin, everything(), managed=True)
    with activate(other_workspace):
        there = seeded_admin("Globex")
        installing.install(package, [], there)
        draft(there, "attribute", "create", "c_boat", None, {"label": "Home port", "type": "text"})
        publishing.publish(there.user_id, there.name)
        with pytest.raises(Conflict) as refused:
            installing.uninstall(Solution.objects.get().pk, there)
        assert [(u["component"]["name"], u["label"]) for u in refused.value.details["uses"]] == [
            ("c_boat", "Home port")
        ]


def test_rights_take_the_right_to_give_them(elsewhere: Actor, package: bytes) -> None:
    user = create_system_user("Cus Tomizer", "cus@example.com", roles=["system_customizer"])
    customizer = actor_for(user.pk, "screen")
    assert customizer is not None
    before = state()
    with pytest.raises(Forbidden):
        installing.install(package, [], customizer)
    seller = actor_for(create_system_user("Sel", "sel@example.com", roles=["salesperson"]).pk, "screen")
    assert seller is not None
    for act in (lambda: installing.preview(package, [], seller), lambda: solutions.listed(seller)):
        with pytest.raises(Forbidden):
            act()
    assert state() == before
