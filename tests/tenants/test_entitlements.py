"""What a tenant may do follows from its state, its snapshot and the clock (ASP-20)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tenants import entitlements
from tenants.errors import TenantRefusal
from tenants.models import Tenant, TenantState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def tenant(state: str = "active", **values) -> Tenant:
    return Tenant(name="x", schema_name="t_x", state=state, **values)


@pytest.mark.parametrize(
    ("state", "trial_ended_days_ago", "code"),
    [
        ("trialing", -1, None),
        ("trialing", 0, "tenant.read_only"),
        ("trialing", 14, "tenant.read_only"),
        ("trialing", 15, "tenant.suspended"),
        ("expired", 1, "tenant.read_only"),
        ("expired", 14.99, "tenant.read_only"),
        ("expired", 15, "tenant.suspended"),
        ("expired", None, "tenant.suspended"),
        ("active", 400, None),
        ("past_due", 400, None),
        ("suspended", 0, "tenant.suspended"),
        ("canceled", 0, "tenant.suspended"),
        ("deleted", 0, "tenant.suspended"),
        ("provisioning", 0, "tenant.suspended"),
    ],
)
def test_writing_by_state_and_clock(state, trial_ended_days_ago, code):
    ends = None if trial_ended_days_ago is None else NOW - timedelta(days=trial_ended_days_ago)
    assert entitlements.write_refusal(tenant(state, trial_ends_at=ends), NOW) == code


def test_every_state_has_an_answer():
    for state in TenantState.values:
        assert entitlements.write_refusal(tenant(state), NOW) in {
            None,
            "tenant.read_only",
            "tenant.suspended",
        }


def test_refusal_is_a_423_with_the_state():
    with pytest.raises(TenantRefusal) as refusal:
        entitlements.require_writable(tenant("suspended"))
    assert (refusal.value.status, refusal.value.code) == (423, "tenant.suspended")
    assert refusal.value.details == {"state": "suspended"}
    entitlements.require_writable(tenant("active"))


def test_snapshot_wins_over_trial_defaults():
    plain = tenant()
    assert entitlements.limit(plain, "users") == 25
    assert entitlements.allows(plain, "field_security")
    paid = tenant(
        entitlements={"limits": {"users": 3, "storage_bytes": None}, "features": {"field_security": False}}
    )
    assert entitlements.limit(paid, "users") == 3
    assert entitlements.limit(paid, "storage_bytes") is None
    assert entitlements.limit(paid, "custom_objects") == 20
    assert not entitlements.allows(paid, "field_security")


def test_unknown_names_are_mistakes():
    with pytest.raises(KeyError):
        entitlements.limit(tenant(), "userz")
    with pytest.raises(KeyError):
        entitlements.allows(tenant(), "featurez")


@pytest.mark.parametrize(
    ("key", "wanted", "code"),
    [
        ("users", 3, None), ("users", 4, "plan.seats"), ("storage_bytes", 10**15, None),
        ("emails_per_day", 101, "quota.email"), ("custom_objects", 21, "quota.custom_objects"),
    ],
)  # fmt: skip
def test_room(key, wanted, code):
    paid = tenant(entitlements={"limits": {"users": 3, "storage_bytes": None}})
    if code is None:
        entitlements.require_room(paid, key, wanted)
        return
    with pytest.raises(TenantRefusal) as refusal:
        entitlements.require_room(paid, key, wanted)
    assert (refusal.value.code, refusal.value.status) == (code, 402)


def test_feature():
    without = tenant(entitlements={"features": {"custom_domain": False}})
    with pytest.raises(TenantRefusal, match=r"plan\.feature"):
        entitlements.require_feature(without, "custom_domain")
    entitlements.require_feature(tenant(), "custom_domain")


#: Where each of them is asked for; what is missing here is sold and changes nothing.
ASKED_FOR = {
    "users", "read_only_users", "storage_bytes", "file_bytes", "api_calls_per_day", "emails_per_day", "custom_objects",
    "invitations_per_day", "sandboxes", "statement_ms", "audit_retention_days", "field_security", "custom_domain",
}  # fmt: skip


def test_no_limit_or_switch_is_offered_that_nothing_asks_for():
    offered = {*entitlements.TRIAL_LIMITS, *entitlements.TRIAL_FEATURES}
    assert offered == ASKED_FOR
    root = Path(entitlements.__file__).parents[1]
    places = [
        p for room in ("tenants", "crm_core", "onboarding", "saas") for p in (root / room).rglob("*.py")
    ]
    told = ("entitlements.py", "wording.py")
    texts = [p.read_text() for p in places if p.name not in told and "migrations" not in p.parts]
    assert [name for name in offered if not any(f'"{name}"' in text for text in texts)] == []
