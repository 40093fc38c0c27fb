"""Components a managed solution does not let change (PLT-12): refused wherever somebody could, until it is uninstalled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm_core.exchange.models import Solution
from crm_core.exchange.solutions import installing, solutions
from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.errors import CrmError, Malformed
from crm_core.metadata.models import DraftChange
from crm_core.records import administering, securing, service
from crm_core.records.duplicates import editing
from crm_core.records.models import DuplicateRule
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from crm_core.security.models import FieldSecurityProfile, Role
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
def locked(admin: Actor, names: dict[str, str], other_workspace: Any) -> Any:
    """Another workspace with a managed solution, all of it locked."""
    package = packed(admin, [{**c, "locked": True} for c in everything()], managed=True)
    with activate(other_workspace):
        there = seeded_admin("Globex")
        installing.install(package, [], there)
        yield there


def refused(act: Callable[..., Any], *given: Any) -> CrmError:
    before = state()
    with pytest.raises(CrmError) as raised:
        act(*given)
    assert raised.value.code == "solution.locked", raised.value.message
    assert state() == before
    return raised.value


def test_nothing_locked_is_changed(locked: Actor, names: dict[str, str]) -> None:
    length = names["Length"]
    for kind, operation, object_name, name, definition in (
        ("attribute", "update", "c_boat", length, {"label": "Ours"}),
        ("attribute", "delete", "c_boat", length, {}),
        ("object", "update", None, "c_boat", {"label": "Ours"}),
        ("object", "delete", None, "c_boat", {}),
        ("view", "delete", "c_boat", names["view"], {}),
    ):
        error = refused(draft, locked, kind, operation, object_name, name, definition)
        assert error.details["components"][0]["solution"] == Solution.objects.get().label
    assert not DraftChange.objects.exists()
    refused(publishing.roll_back, 0, locked.user_id, locked.name)
    role = Role.objects.get(name="Harbour master")
    nothing = {"privileges": {"c_boat": {"read": "none"}}}
    refused(administering.change_privileges, role.pk, nothing, locked)
    refused(service.update, registry.get("role"), role.pk, {"name": "Ours"}, locked)
    refused(service.delete, registry.get("role"), role.pk, locked)
    for profile in FieldSecurityProfile.objects.all():
        refused(securing.change_profile, profile.pk, {"name": "Ours"}, locked)
        refused(securing.delete_profile, profile.pk, locked)
    for rule in DuplicateRule.objects.filter(base_object="c_boat", key=None):
        refused(editing.unpublish, rule.pk, locked)


def test_beside_it_everything_stays_possible(locked: Actor, names: dict[str, str]) -> None:
    draft(locked, "attribute", "create", "c_boat", None, {"label": "Home port", "type": "text"})
    draft(locked, "attribute", "create", "account", None, {"label": "Quay", "type": "text"})
    publishing.publish(locked.user_id, locked.name)
    for name, label in (("c_boat", "Home port"), ("account", "Quay")):
        assert label in {str(a.label) for a in registry.get(name).custom_attributes}
    made = service.create(registry.get("c_boat"), {"name": "Jolle", names["Length"]: "3.5"}, locked).id
    assert Query(registry.get("c_boat"), locked).one(made)[names["Length"]] == "3.50"
    assert Role.objects.filter(pk=service.create(registry.get("role"), {"name": "Pilot"}, locked).id).exists()


def test_a_change_drafted_before_is_not_published_after(
    admin: Actor,
    names: dict[str, str],
    other_workspace: Any,
) -> None:
    components = everything()
    open_package = packed(admin, components, managed=True)
    content = content_of(open_package)
    with activate(other_workspace):
        there = seeded_admin("Globex")
        installing.install(open_package, [], there)
        draft(there, "attribute", "update", "c_boat", names["Length"], {"label": "Ours"})
        for row in content["components"]:
            row["locked"] = row["name"] == names["Length"]
        installing.install(
            repacked({**content, "solution": {**content["solution"], "version": "1.1"}}), [], there
        )
        assert "solution.locked" in {p["code"] for p in publishing.impact()["problems"]}
        before = state()
        with pytest.raises(CrmError):
            publishing.publish(there.user_id, there.name)
        assert state() == before


def test_its_own_next_version_and_uninstalling_are_free(
    admin: Actor,
    names: dict[str, str],
    other_workspace: Any,
) -> None:
    content = content_of(packed(admin, [{**c, "locked": True} for c in everything()], managed=True))
    with activate(other_workspace):
        there = seeded_admin("Globex")
        before = state()
        installing.install(repacked(content), [], there)
        for row in content["components"]:
            if row["name"] == names["Length"]:
                row["definition"]["label"] = "Length over all"
        newer = installing.install(
            repacked({**content, "solution": {**content["solution"], "version": "2.0"}}), [], there
        )
        assert str(registry.get("c_boat").attributes[names["Length"]].label) == "Length over all"
        # somebody else's solution may not
        other = {**content, "solution": {**content["solution"], "name": "other", "label": "Other"}}
        for row in other["components"]:
            if row["name"] == names["Length"]:
                row["definition"]["label"] = "Theirs"
        key = {"kind": "attribute", "object": "c_boat", "name": names["Length"], "decision": "replace"}
        with pytest.raises(CrmError) as conflict:
            installing.install(repacked(other), [key], there)
        assert [c["code"] for c in conflict.value.details["conflicts"]] == ["solution.locked"]
        installing.roll_back(newer.pk, there)
        assert str(registry.get("c_boat").attributes[names["Length"]].label) == "Length"
        installing.uninstall(Solution.objects.get().pk, there)
        assert {k: v for k, v in state()[0][1].items() if v} == before[0][1] and state()[1:] == before[1:]


def test_an_unmanaged_solution_locks_nothing(
    admin: Actor, names: dict[str, str], other_workspace: Any
) -> None:
    package = packed(admin, [{**c, "locked": True} for c in everything()])
    with activate(other_workspace):
        there = seeded_admin("Globex")
        installing.install(package, [], there)
        draft(there, "attribute", "update", "c_boat", names["Length"], {"label": "Ours"})
        publishing.publish(there.user_id, there.name)
        assert str(registry.get("c_boat").attributes[names["Length"]].label) == "Ours"


def test_the_declaration_is_part_of_the_solution(admin: Actor, names: dict[str, str]) -> None:
    key = {"kind": "attribute", "object": "c_boat", "name": names["Length"]}
    row = solutions.create(
        {"label": "Boats", "components": [{**key, "locked": True}, {**key, "name": names["Lies at"]}]}, admin
    )
    assert {c["name"]: c["locked"] for c in solutions.solution_json(row, {})["components"]} == {
        names["Length"]: True, names["Lies at"]: False,
    }  # fmt: skip
    for wrong in ({**key, "locked": "yes"}, {**key, "locked": 1}, {**key, "more": True}):
        with pytest.raises(Malformed):
            solutions.create({"label": "Other", "components": [wrong]}, admin)
