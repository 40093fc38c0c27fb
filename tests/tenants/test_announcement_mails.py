"""Announcements by mail: to the administrators they are for, once, and never against a workspace's allowance (ASP-30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tenants import announcement_mails, hosts, mail_choice, metering
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import Announcement, AnnouncementCopy, OperatorAudit, OwnerNotice, Tenant
from tenants.operator.models import Role
from tests.tenants import operators
from tests.tenants.test_announcements import made
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _fresh(database: None) -> None:
    hosts.forget()


@pytest.fixture
def first(database: None) -> Tenant:
    """The other of the two workspaces; none of them is active."""
    return Tenant.objects.get(domains__slug="acme")


def people(tenant: Tenant, *found: tuple[str, dict[str, Any]]) -> None:
    with activate(tenant):
        for email, values in found:
            User.objects.create_user(email, None, **values)


def send(row: Announcement) -> list[str]:
    """Ask for it and let the worker do everything; who got a mail."""
    mail.outbox.clear()
    announcement_mails.send(row, "op@example.com")
    while announcement_mails.work(2):
        pass
    return sorted(address for message in mail.outbox for address in message.to)


def test_every_active_administrator_of_the_chosen_workspaces_and_nobody_else(
    first: Tenant, other_workspace: Tenant
) -> None:
    Tenant.objects.filter(pk=other_workspace.pk).update(plan_code="starter", region="us")
    people(
        other_workspace,
        ("boss@globex.example", {"is_admin": True, "language": "de"}),
        ("rep@globex.example", {}),
        ("gone@globex.example", {"is_admin": True, "is_active": False}),
        ("support@provider.invalid", {"is_admin": True, "is_operator": True}),
    )
    row = made(kind="maintenance", audience={"plans": ["starter"], "regions": ["us"]})
    assert send(row) == ["boss@globex.example", "owner@globex.example"]
    by_address = {message.to[0]: message for message in mail.outbox}
    assert by_address["boss@globex.example"].subject == "Wartung am Sonntag"
    assert "Eine Stunde lang" in by_address["boss@globex.example"].body
    assert by_address["owner@globex.example"].subject == "Maintenance on Sunday"
    progress = announcement_mails.progress(row)
    assert (progress.workspaces, progress.mails, progress.sent, progress.waiting_workspaces) == (1, 2, 2, 0)


def test_asking_again_sends_nothing_and_a_wider_audience_reaches_the_new_ones_only(
    first: Tenant, other_workspace: Tenant
) -> None:
    Tenant.objects.filter(pk=other_workspace.pk).update(region="us")
    row = made(audience={"regions": ["us"]})
    assert send(row) == ["owner@globex.example"]
    assert send(row) == []
    row.audience = {}
    row.save()
    assert announcement_mails.reach(row).done == 1
    assert send(row) == ["owner@acme.example"]
    audits = OperatorAudit.objects.filter(act="announcement.mailed").order_by("at")
    assert [entry.details["workspaces"] for entry in audits] == [1, 1]


@pytest.mark.real_commit
def test_two_operators_at_once_send_once(first: Tenant) -> None:
    with activate_public():
        row = made()
    found = at_once([lambda: announcement_mails.send(row, "op@example.com")] * 2)
    with activate_public():
        assert sorted(found) == [0, 2]
        assert AnnouncementCopy.objects.filter(announcement=row).count() == 2


def test_who_wants_none_gets_maintenance_all_the_same(other_workspace: Tenant) -> None:
    Tenant.objects.filter(pk=other_workspace.pk).update(region="us")
    only = {"audience": {"regions": ["us"]}}
    mail_choice.choose(other_workspace, "owner@globex.example", wanted=False)
    news = made(**only)
    assert send(news) == []
    assert announcement_mails.progress(news).opted_out == 1
    assert send(made(kind="maintenance", **only)) == ["owner@globex.example"]
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers
    mail_choice.choose(other_workspace, "owner@globex.example", wanted=True)
    assert send(made(**only)) == ["owner@globex.example"]


def test_one_click_in_the_mail_program_ends_them_and_looking_does_not(other_workspace: Tenant) -> None:
    Tenant.objects.filter(pk=other_workspace.pk).update(region="us")
    send(made(audience={"regions": ["us"]}))
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert path in mail.outbox[0].body
    client = Client(headers={"host": "globex.localhost"}, enforce_csrf_checks=True)
    assert client.get(path).status_code == 200
    assert mail_choice.is_wanted(other_workspace, "owner@globex.example")
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not mail_choice.is_wanted(other_workspace, "owner@globex.example")
    assert client.post(path, {"wanted": "yes"}).status_code == 200
    assert mail_choice.is_wanted(other_workspace, "owner@globex.example")


def test_the_link_is_worth_nothing_elsewhere_or_altered(other_workspace: Tenant) -> None:
    with activate_public():
        path = "/" + mail_choice.link(other_workspace, "owner@globex.example").split("/", 3)[3]
    assert Client(headers={"host": "acme.localhost"}).post(path).status_code == 404
    assert Client(headers={"host": "ops.localhost"}).post(path).status_code == 404
    assert Client(headers={"host": "globex.localhost"}).post(path[:-3] + "x/").status_code == 404
    assert mail_choice.is_wanted(other_workspace, "owner@globex.example")


def test_no_allowance_is_used_and_a_full_one_stops_nothing(
    other_workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise TenantRefusal("quota.email", "full", status=402)

    monkeypatch.setattr(metering, "take", refused)
    Tenant.objects.filter(pk=other_workspace.pk).update(region="us")
    assert send(made(audience={"regions": ["us"]})) == ["owner@globex.example"]


def test_a_failing_mail_server_is_tried_again_and_sends_once(
    other_workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail.backends import locmem

    Tenant.objects.filter(pk=other_workspace.pk).update(region="us")
    row = made(audience={"regions": ["us"]})

    def down(*_: Any) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr(locmem.EmailBackend, "send_messages", down)
        assert send(row) == []
    assert announcement_mails.work(5) is False  # its time has not come
    OwnerNotice.objects.update(next_try_at=timezone.now())
    announcement_mails.work(5)
    announcement_mails.work(5)
    assert [message.to for message in mail.outbox] == [["owner@globex.example"]]


def test_a_workspace_that_breaks_keeps_no_other_from_its_mails(
    first: Tenant, other_workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = announcement_mails._write_mails

    def breaks(row: Announcement, tenant: Tenant) -> tuple[int, int]:
        if tenant.pk == first.pk:
            raise RuntimeError("its schema is broken")
        return whole(row, tenant)

    monkeypatch.setattr(announcement_mails, "_write_mails", breaks)
    row = made()
    assert send(row) == ["owner@globex.example"]
    assert announcement_mails.progress(row).left_out == 1


def test_what_is_over_is_not_sent_any_more(first: Tenant) -> None:
    row = made(ends_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(TenantRefusal) as refused:
        announcement_mails.send(row, "op@example.com")
    assert refused.value.code == "announcement.over"
    assert not AnnouncementCopy.objects.exists()


def test_the_console_shows_mail_and_count_before_anything_is_sent(first: Tenant) -> None:
    row = made(kind="maintenance", audience={"regions": [first.region]})
    client = operators.signed_in()
    address = f"/announcements/{row.pk}/mail/"
    page = client.get(address)
    text = operators.facts(page.content)
    assert page.status_code == 200 and "Wartung am Sonntag" in text and "Send to" in text
    assert mail_choice.link(first, first.owner_email) not in text
    assert not AnnouncementCopy.objects.exists()
    assert client.post(address).status_code == 302
    assert AnnouncementCopy.objects.filter(announcement=row).exists()
    while announcement_mails.work(5):
        pass
    assert "mails" in operators.facts(client.get(f"/announcements/{row.pk}/").content)


def test_an_operator_who_may_not_announce_mails_nobody(first: Tenant) -> None:
    row = made()
    client = operators.signed_in("reader@example.com", Role.READ_ONLY)
    assert client.get(f"/announcements/{row.pk}/mail/").status_code == 403
    assert client.post(f"/announcements/{row.pk}/mail/").status_code == 403
    assert not AnnouncementCopy.objects.exists()
