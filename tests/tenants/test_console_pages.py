"""The console's frame: grouped pages, only what one may open, the current one marked (ASP-30)."""

from __future__ import annotations

import re

import pytest

from tenants import provisioning
from tenants.entitlements import TRIAL_FEATURES, TRIAL_LIMITS
from tenants.models import Tenant
from tenants.operator import navigation, plan_names, wording
from tenants.operator.models import Approval
from tests.tenants import operators


def _rail(answer) -> str:
    """The first navigation of a page; the second is the same one as a phone's menu."""
    return re.findall(r"<nav[^>]*>(.*?)</nav>", answer.content.decode(), flags=re.S)[0]


@pytest.fixture
def operator(database):
    return operators.signed_in()


def test_pages_stand_in_groups_and_the_current_one_is_marked(operator):
    rail = _rail(operator.get("/coupons/"))
    headings = re.findall(r"<h2>(.*?)</h2>", rail)
    assert headings == ["Billing", "Customers", "Installation"]
    billing = rail.split("<h2>Billing</h2>")[1].split("<h2>")[0]
    assert re.findall(r"<span>(.*?)</span>", billing) == [
        "Invoices",
        "Coupons",
        "Bookkeeping",
        "Plans",
        "Webhooks",
    ]
    assert re.findall(r'href="([^"]+)" aria-current="page"', rail) == ["/coupons/"]


@pytest.mark.parametrize(
    ("path", "name"), [("/platform/", "Stock and migrations"), ("/account/", "Your account")]
)
def test_a_phones_menu_names_the_current_page(operator, path, name):
    page = operator.get(path).content.decode()
    assert f'<details class="menu"><summary><span>{name}</span>' in page


def test_who_may_not_open_a_page_is_not_led_there(database):
    rail = _rail(operators.signed_in("looks@example.com", "read_only").get("/"))
    for kept in ("Invoices", "Audit"):
        assert f"<span>{kept}</span>" in rail
    for hidden in ("Coupons", "Bookkeeping", "Operators"):
        assert f"<span>{hidden}</span>" not in rail


def test_the_mailbox_is_there_only_where_mails_are_kept(operator, settings):
    settings.EMAIL_BACKEND = "onboarding.mailbox.backend.MailboxBackend"
    assert "/mailbox/" in _rail(operator.get("/"))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "/mailbox/" not in _rail(operator.get("/"))


def test_what_waits_for_approval_is_counted(operator, other_workspace):
    assert 'class="count"' not in _rail(operator.get("/"))
    operator.post(
        f"/tenants/{other_workspace.pk}/acts/tenant.delete/",
        {"name": "globex", "reason": "Asked for in writing"},
    )
    assert Approval.objects.filter(state=Approval.State.PENDING).count() == 1
    assert '<span class="count">1</span>' in _rail(operator.get("/"))


def test_a_page_needs_a_group_there_is():
    with pytest.raises(ValueError, match="no group"):
        navigation.register_section(navigation.Section("x", "X", "operator:tenants", "nowhere"))
    assert navigation.label_of("x") == ""


def test_everything_an_installation_knows_by_keys_has_a_name():
    assert list(TRIAL_LIMITS) and set(wording.LIMITS) == set(TRIAL_LIMITS)
    assert set(wording.FEATURES) == set(TRIAL_FEATURES)
    assert set(provisioning.step_names()) <= set(wording.STEPS)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("users", 1200, "1,200"), ("users", None, "unlimited"), ("storage_bytes", 5 * 1024**3, "5.0\xa0GB"),
        ("statement_ms", 15_000, "15 s"), ("statement_ms", None, "as the installation"),
        ("audit_retention_days", 365, "365 days"),
    ],
)  # fmt: skip
def test_limits_have_units(key, value, shown):
    assert wording.limit_value(key, value) == shown


def test_a_workspace_shows_its_plans_name_and_its_limits_in_words(operator, other_workspace, monkeypatch):
    Tenant.objects.filter(pk=other_workspace.pk).update(
        plan_code="gold", entitlements={"limits": {"storage_bytes": 3 * 1024**3}}
    )
    monkeypatch.setattr(
        plan_names, "_source", [lambda: [plan_names.PlanName("gold", "Golden", is_sold=False)]]
    )
    for path in ("/", f"/tenants/{other_workspace.pk}/"):
        page = operator.get(path).content.decode()
        assert "Golden" in page and ">gold<" not in page
    assert '<dt>Storage</dt><dd class="num">3.0\xa0GB</dd>' in page
    assert "Germany" in page


def test_acts_stand_in_a_menu_but_for_the_usual_ones(operator, other_workspace):
    page = operator.get(f"/tenants/{other_workspace.pk}/").content.decode()
    beside, menu = re.search(r'<div class="acts">(.*?)<details(.*?)</details>', page, flags=re.S).groups()
    assert re.findall(r">([^<]+)</a>", beside) == ["Edit", "Back up"]
    headings = re.findall(r"<h2>(.*?)</h2>", menu)
    assert headings == ["Workspace", "Subscription", "Data", "Danger"]
    danger = menu.split("<h2>Danger</h2>")[1]
    assert "/acts/tenant.delete/" in danger and "/acts/tenant.clone/" not in danger


def test_a_suspended_workspace_is_resumed_without_opening_a_menu(operator, other_workspace):
    operator.post(
        f"/tenants/{other_workspace.pk}/acts/tenant.suspend/", {"at": "", "reason": "Asked for in writing"}
    )
    page = operator.get(f"/tenants/{other_workspace.pk}/").content.decode()
    assert "/acts/tenant.resume/" in page.split("<details")[1].split('<div class="acts">')[1]
