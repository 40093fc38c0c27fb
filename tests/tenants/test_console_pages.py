"""The console's frame: grouped pages, only what one may open, the current one marked (ASP-30)."""

from __future__ import annotations

import re

import pytest

from tenants.operator import navigation
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
