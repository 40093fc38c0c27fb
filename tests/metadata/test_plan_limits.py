"""What the plan has room for is asked wherever definitions grow, and nowhere else (ASP-1, ASP-20.5)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.exchange.models import Solution
from crm_core.exchange.solutions import installing
from crm_core.metadata import field_security, registry
from crm_core.metadata import workspace as unit_of_work
from crm_core.metadata.customization import publishing
from crm_core.metadata.errors import PlanLimit
from crm_core.metadata.models import DraftChange, Publication
from crm_core.records import counting, securing, service
from crm_core.security.actor import Actor
from crm_core.security.models import FieldSecurityProfile
from tenants import usage
from tenants.context import activate
from tests.exchange.packed_solutions import build, everything, packed, seeded_admin


def draft_object(admin: Actor, label: str) -> str:
    return str(publishing.add_change("object", "create", None, None, {"label": label}, admin.user_id).name)


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


@pytest.fixture
def allow(workspace: Any) -> Any:
    """Give the workspace other limits and switches than its plan's."""

    def given(tenant: Any = workspace, **values: int | bool | None) -> None:
        limits = {k: v for k, v in values.items() if not isinstance(v, bool)}
        features = {k: v for k, v in values.items() if isinstance(v, bool)}
        tenant.entitlements = {"limits": limits, "features": features}

    return given


class TestOwnObjects:
    def test_the_last_one_fits_and_the_next_is_refused_when_it_is_drafted(
        self, admin: Actor, allow: Any
    ) -> None:
        allow(custom_objects=2)
        draft_object(admin, "Ship")
        draft_object(admin, "Berth")
        with pytest.raises(PlanLimit) as refused:
            draft_object(admin, "Crane")
        assert (refused.value.status, refused.value.code) == (402, "quota.custom_objects")
        assert refused.value.details["limit"] == 2 and refused.value.details["wanted"] == 3
        assert "2" in refused.value.message
        assert DraftChange.objects.count() == 2
        publish(admin)
        assert counting.custom_objects() == usage.measure_all()["custom_objects"] == 2

    def test_a_draft_from_before_a_smaller_plan_is_not_published_and_not_lost(
        self, admin: Actor, allow: Any
    ) -> None:
        draft_object(admin, "Ship")
        draft_object(admin, "Berth")
        allow(custom_objects=1)
        with pytest.raises(PlanLimit, match="limit of your plan is 1"):
            publish(admin)
        assert DraftChange.objects.count() == 2 and not Publication.objects.exists()
        allow(custom_objects=None)
        publish(admin)
        assert counting.custom_objects() == 2

    def test_what_is_there_is_changed_used_and_deleted_under_any_plan(self, admin: Actor, allow: Any) -> None:
        ship, berth = draft_object(admin, "Ship"), draft_object(admin, "Berth")
        publish(admin)
        allow(custom_objects=0)
        publishing.add_change("object", "update", None, ship, {"label": "Vessel"}, admin.user_id)
        publishing.add_change(
            "attribute", "create", ship, None, {"label": "Length", "type": "int"}, admin.user_id
        )
        publish(admin)
        assert service.create(registry.get(ship), {"name": "Titanic"}, admin).id
        publishing.add_change("object", "delete", None, berth, {}, admin.user_id)
        publish(admin)
        assert counting.custom_objects() == 1

    def test_rolling_back_to_more_objects_is_growing(self, admin: Actor, allow: Any) -> None:
        berth = draft_object(admin, "Berth")
        publish(admin)
        publishing.add_change("object", "delete", None, berth, {}, admin.user_id)
        publish(admin)
        allow(custom_objects=0)
        with pytest.raises(PlanLimit):
            publishing.roll_back(1, admin.user_id, admin.name)
        assert counting.custom_objects() == 0 and Publication.objects.count() == 2
        assert publishing.roll_back(0, admin.user_id, admin.name).version == 3

    def test_a_solution_shows_what_has_no_room_before_it_changes_anything(
        self, admin: Actor, other_workspace: Any, allow: Any
    ) -> None:
        build(admin)
        package = packed(admin, everything())
        with activate(other_workspace):
            elsewhere = seeded_admin("Globex")
            allow(other_workspace, custom_objects=1)
            refused = [
                c
                for c in installing.preview(package, [], elsewhere)["components"]
                if c["outcome"] == "invalid"
            ]
            assert [(c["kind"], c["problem"]["code"]) for c in refused] == [
                ("object", "quota.custom_objects")
            ]
            with pytest.raises(PlanLimit, match="limit of your plan is 1"):
                installing.install(package, [], elsewhere)
            assert not Solution.objects.exists() and counting.custom_objects() == 0
            allow(other_workspace, custom_objects=2)
            installing.install(package, [], elsewhere)
            assert counting.custom_objects() == 2


class TestFieldSecurity:
    def test_without_it_nothing_more_is_secured_and_nothing_opens(self, admin: Actor, allow: Any) -> None:
        securing.secure({"contact.email": True}, admin)
        profile = securing.create_profile(
            {"name": "Insight", "rights": {"contact.email": ["read"]}, "members": []}, admin
        )
        allow(field_security=False)
        for refused in (
            lambda: securing.secure({"contact.fax": True, "contact.email": False}, admin),
            lambda: securing.create_profile({"name": "More", "rights": {}, "members": []}, admin),
        ):
            with pytest.raises(PlanLimit) as error:
                refused()
            assert (error.value.status, error.value.code) == (402, "plan.feature")
        unit_of_work.begin()
        assert registry.get("contact").attributes["email"].secured
        assert not registry.get("contact").attributes["fax"].secured
        assert FieldSecurityProfile.objects.count() == 1
        # said again, opened, given to others and deleted it may be
        securing.secure({"contact.email": True}, admin)
        securing.change_profile(profile["id"], {"members": [{"id": str(admin.user_id)}]}, admin)
        securing.secure({"contact.email": False}, admin)
        securing.delete_profile(profile["id"], admin)
        unit_of_work.begin()
        assert dict(field_security.choices(unit_of_work.current().settings)) == {"contact.email": False}
        assert not FieldSecurityProfile.objects.exists()

    def test_a_solution_says_so_in_its_preview(self, admin: Actor, other_workspace: Any, allow: Any) -> None:
        build(admin)
        package = packed(admin, everything())
        with activate(other_workspace):
            elsewhere = seeded_admin("Globex")
            allow(other_workspace, field_security=False)
            preview = installing.preview(package, [], elsewhere)
            refused = {c["kind"]: c["problem"]["code"] for c in preview["components"] if c["problem"]}
            assert refused == {"secured_attribute": "plan.feature", "field_security_profile": "plan.feature"}
