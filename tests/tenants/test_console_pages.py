"""The console's frame: grouped pages, only what one may open, the current one marked (ASP-30)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import provisioning
from tenants.entitlements import TRIAL_FEATURES, TRIAL_LIMITS
from tenants.models import Operation, OperatorAudit, Tenant
from tenants.operator import audit, audit_words, navigation, plan_names, wording
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


def test_every_page_of_the_navigation_opens_in_the_frame(operator):
    pages = re.findall(r'href="([^"]+)"', _rail(operator.get("/")))
    assert len(pages) > 10
    for path in (path for path in pages if path != "/mailbox/"):
        answer = operator.get(path)
        assert answer.status_code == 200, path
        assert f'href="{path}" aria-current="page"' in _rail(answer), path


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
    beside, menu = re.findall(r'<div class="acts">(.*?)<details(.*?)</details>', page, flags=re.S)[0]
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


# audit --------------------------------------------------------------------------------------------------------------


def _audit(client, query: str = "") -> str:
    return operators.facts(client.get(f"/audit/{query}").content)


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        ({"before": {"name": "Acme", "flags": []}, "name": "Acme Ltd", "flags": []}, ["Name: Acme → Acme Ltd"]),
        ({"before": 60, "requests_per_minute": None}, ["Requests per minute: 60 → –"]),
        ({"before": "read_only", "role": "operator", "operator": "a@b.example"},
         ["Role: read_only → operator", "Operator: a@b.example"]),
        ({"before": {"title": "A"}, "after": {"title": "B"}, "announcement": "x"}, ["Title: A → B", "Announcement: x"]),
        ({"before": 7}, ["Before: 7"]), ({"sure": True, "list": ["a", "b"], "at": None}, ["Sure: yes", "List: a, b"]),
        ({}, []), ({"due_at": "2026-11-23T01:19:17.84+00:00"}, ["Due: 2026-11-23 01:19 UTC"]),
        ({"audience": {"plans": ["gold"], "states": []}}, ["Audience: Plans: gold; States: –"]),
    ],
)  # fmt: skip
def test_the_audit_tells_what_was_and_what_is(details, shown):
    assert [str(fact) for fact in audit_words.facts(OperatorAudit(act="x", details=details))] == shown


def test_the_audit_is_filtered_by_operator_act_time_and_words(operator, other_workspace):
    audit.record("a@ops.example", "tenant.suspend", other_workspace, reason="Does not pay")
    audit.record("b@ops.example", "tenant.delete.requested", other_workspace, reason="Asked for in writing")
    operators.signed_in("b@ops.example")
    today = timezone.now().date()
    for query, seen in (
        ("", {"Does not pay", "Asked for in writing"}),
        ("?act=tenant.delete", {"Asked for in writing"}),  # with what was asked for of it
        ("?operator=b@ops.example", {"Asked for in writing"}),
        ("?q=does+not", {"Does not pay"}),
        ("?q=globex", {"Does not pay", "Asked for in writing"}),
        (f"?q={other_workspace.pk}&act=tenant.suspend", {"Does not pay"}),
        (f"?since={today}&until={today}", {"Does not pay", "Asked for in writing"}),
        (f"?until={today - timedelta(days=1)}", set()),
    ):
        page = _audit(operator, query)
        assert {words for words in ("Does not pay", "Asked for in writing") if words in page} == seen, query
    assert "Delete · asked for" in _audit(operator)


@pytest.mark.parametrize("query", ["?since=yesterday", "?operator=nobody", "?page=x", "?q=" + "x" * 500])
def test_a_filter_that_makes_no_sense_breaks_nothing(operator, query):
    assert operator.get(f"/audit/{query}").status_code == 200


# list ---------------------------------------------------------------------------------------------------------------


def test_the_list_counts_and_filters_by_the_state_a_workspace_acts_as(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(state="trialing", held_from=timezone.now())
    page = " ".join(operators.facts(operator.get("/?state=suspended").content).split())
    assert "Globex GmbH" in page and "Suspended 1" in page and "Trial 1" not in page
    assert "Globex GmbH" not in operators.facts(operator.get("/?state=trialing").content)
    Tenant.objects.filter(pk=other_workspace.pk).update(deletion_due_at=timezone.now() + timedelta(days=30))
    assert "Globex GmbH" in operators.facts(operator.get("/?state=deleted").content)
    assert "Globex GmbH" not in operators.facts(operator.get("/?state=suspended").content)


def test_what_nobody_asked_for_is_by_the_schedule(operator, other_workspace):
    Operation.objects.create(kind="back_up", tenant=other_workspace, requested_by="schedule")
    assert "<td>Schedule</td>" in operator.get("/operations/").content.decode()
    german = operator.get("/operations/", headers={"accept-language": "de"}).content.decode()
    assert "<td>Zeitplan</td>" in german and "<td>schedule</td>" not in german
