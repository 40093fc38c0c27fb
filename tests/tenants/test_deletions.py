"""Deleting a workspace takes two operators and thirty days, and leaves a signed proof and nothing else (ASP-30)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tenants import hosts, slugs
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.lifecycle import certificate, deletion, notices
from tenants.models import Deletion, OperatorAudit, OwnerNotice, Provisioning, Tenant, TenantState
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Role
from tenants.operator.services import approvals, performing
from tests.tenants import operators
from tests.tenants.operators import REASON, act, again, signed_in_member
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _fresh_hosts(database):
    hosts.forget()
    yield
    hosts.forget()


@pytest.fixture
def operator(database) -> Client:
    return operators.signed_in()


# four eyes ----------------------------------------------------------------------------------------------------------


def asked_for_deletion(tenant: Tenant) -> Approval:
    client = operators.signed_in()
    assert act(client, tenant, "delete", name="globex") == 302
    return Approval.objects.get(tenant=tenant)


def test_deleting_asks_for_the_name(operator, other_workspace):
    assert act(operator, other_workspace, "delete", name="acme") == 422
    assert not Approval.objects.exists()


def test_asking_deletes_nothing(other_workspace):
    asked_for_deletion(other_workspace)
    assert again(other_workspace).deletion_due_at is None and not Deletion.objects.exists()


def test_nobody_approves_his_own_request(other_workspace):
    request = asked_for_deletion(other_workspace)
    with pytest.raises(Refused, match=r"approval\.same_person"):
        performing.approve(request.requested_by, request.pk)
    request.refresh_from_db()
    assert request.state == Approval.State.PENDING and not Deletion.objects.exists()
    with pytest.raises(IntegrityError, match="approval_takes_two"), transaction.atomic():
        Approval.objects.filter(pk=request.pk).update(state="approved", decided_by=request.requested_by)


def test_own_request_over_http_is_403_and_changes_nothing(operator, other_workspace):
    act(operator, other_workspace, "delete", name="globex")
    request = Approval.objects.get()
    assert operator.post(f"/approvals/{request.pk}/approve/").status_code == 403
    assert not Deletion.objects.exists()


def test_a_second_operator_approves_and_the_workspace_closes(other_workspace):
    member = signed_in_member(other_workspace)
    request = asked_for_deletion(other_workspace)
    second = operators.signed_in("second@example.com")
    assert second.post(f"/approvals/{request.pk}/approve/").status_code == 302
    made = Deletion.objects.get()
    assert (made.requested_by, made.approved_by) == ("op@example.com", "second@example.com")
    assert timedelta(days=29, hours=23) < made.due_at - timezone.now() <= timedelta(days=30)
    assert member.get("/login/").status_code == 404, "its address answers nothing any more"
    assert second.post(f"/approvals/{request.pk}/approve/").status_code == 409, "once is enough"
    assert OwnerNotice.objects.filter(kind="deletion_scheduled").count() == 1
    row = OperatorAudit.objects.get(act="tenant.delete")
    assert row.operator_email == "second@example.com" and row.details["requested_by"] == "op@example.com"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.BILLING, Role.READ_ONLY])
def test_other_roles_cannot_approve(other_workspace, role):
    request = asked_for_deletion(other_workspace)
    assert (
        operators.signed_in("other@example.com", role).post(f"/approvals/{request.pk}/approve/").status_code
        == 403
    )
    assert not Deletion.objects.exists()


def test_a_request_expires(other_workspace):
    request = asked_for_deletion(other_workspace)
    second, _secret = operators.make("second@example.com")
    with time_machine.travel(timezone.now() + approvals.LIFETIME, tick=False):
        with pytest.raises(Refused, match=r"approval\.not_pending"):
            performing.approve(second, request.pk)
        assert approvals.expire() == 1
    assert not Deletion.objects.exists()


def test_turned_down_is_not_done_and_can_be_asked_again(other_workspace):
    request = asked_for_deletion(other_workspace)
    second = operators.signed_in("second@example.com")
    assert second.post(f"/approvals/{request.pk}/refuse/").status_code == 302
    request.refresh_from_db()
    assert request.state == Approval.State.REFUSED
    assert act(second, other_workspace, "delete", name="globex") == 302
    assert Approval.objects.filter(state=Approval.State.PENDING).count() == 1


@pytest.mark.real_commit
def test_two_approvers_at_once_delete_once(other_workspace):
    with activate_public():
        first, _a = operators.make("first@example.com")
        others = [operators.make(f"second{number}@example.com")[0] for number in range(4)]
        request = approvals.request(first, "tenant.delete", other_workspace, {}, REASON)

    def approve(who) -> str:
        try:
            with activate_public():
                performing.approve(who, request.pk)
        except Refused as error:
            return error.code
        return "done"

    results = at_once([partial(approve, who) for who in others])
    assert sorted(results) == ["approval.not_pending"] * 3 + ["done"]
    with activate_public():
        assert Deletion.objects.count() == 1
        assert OperatorAudit.objects.filter(act="tenant.delete").count() == 1


# destruction ----------------------------------------------------------------------------------------------------------


def scheduled(tenant: Tenant) -> Deletion:
    with activate_public():
        return deletion.schedule(tenant, REASON, requested_by="a@example.com", approved_by="b@example.com")


def test_a_deletion_is_called_off_and_everything_is_as_before(operator, other_workspace):
    scheduled(other_workspace)
    assert act(operator, other_workspace, "recover") == 302
    found = again(other_workspace)
    assert found.deletion_due_at is None and found.is_reachable
    assert Deletion.objects.get().state == Deletion.State.RECOVERED
    assert OwnerNotice.objects.filter(kind="deletion_called_off").exists()
    assert act(operator, other_workspace, "recover") == 409


def test_nothing_is_destroyed_before_its_time(other_workspace):
    row = scheduled(other_workspace)
    assert deletion.due() == []
    with pytest.raises(deletion.NotDeletable):
        deletion.destroy(row)
    with activate(again(other_workspace)):
        assert User.objects.exists()


def test_destroying_leaves_a_signed_proof_and_nothing_else(operator, workspace, other_workspace, mailoutbox):
    schema = other_workspace.schema_name
    folder = Path(settings.MEDIA_ROOT) / schema
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "contract.pdf").write_bytes(b"secret")
    neighbour = Path(settings.MEDIA_ROOT) / workspace.schema_name
    neighbour.mkdir(parents=True, exist_ok=True)
    (neighbour / "kept.txt").write_bytes(b"kept")
    with activate(workspace):
        before = User.objects.count()
    row = scheduled(other_workspace)
    with time_machine.travel(row.due_at + timedelta(minutes=1), tick=False), activate_public():
        assert [found.pk for found in deletion.due()] == [row.pk]
        told = deletion.destroy(row)
        assert deletion.due() == []
        notices.deliver_due()
    assert told["proof"] == {
        "schema_absent": True,
        "file_folder_absent": True,
        "backup_folder_absent": True,
    }
    assert told["before"]["tables"] > 50 and told["before"]["files"] == 1
    assert told["name"] == "Globex GmbH" and told["addresses"] == ["globex.localhost"]
    with activate_public(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [schema])
        assert cursor.fetchone() == (None,)
        row.refresh_from_db()
        assert certificate.is_genuine(row)
        name, content, kind = mailoutbox[-1].attachments[0]
        assert (name, kind) == (f"deletion-{row.pk}.pdf", "application/pdf") and content.startswith(b"%PDF")
        assert operator.get(f"/certificates/{row.pk}/?format=pdf").content.startswith(b"%PDF")
        page = operator.get(f"/certificates/{row.pk}/").content.decode()
        assert "signature verified" in page and "Database schema" in page and row.signature in page
        row.certificate["reason"] = "another"
        assert not certificate.is_genuine(row)
        found = Tenant.objects.get(pk=other_workspace.pk)
        assert (found.state, found.owner_email, found.usage) == (TenantState.DELETED, "", {})
        assert Provisioning.objects.get(tenant=found).request_data == {}
    assert not folder.exists() and (neighbour / "kept.txt").read_bytes() == b"kept"
    with activate(workspace):
        assert User.objects.count() == before
    hosts.forget()
    assert Client(headers={"host": "globex.localhost"}).get("/login/").status_code == 404
    with pytest.raises(TenantRefusal, match=r"tenant\.name_taken"):
        slugs.check_name("globex")
    page = operator.get(f"/certificates/{row.pk}/")
    assert page.status_code == 200 and b"signature verified" in page.content
    assert operator.get(f"/certificates/{row.pk}/?format=json").json()["signature"] == row.signature
    assert operator.get(f"/tenants/{other_workspace.pk}/").status_code == 200
    assert operator.get("/").status_code == 200


def test_destroying_goes_on_after_a_kill_at_any_step(other_workspace, monkeypatch):
    row = scheduled(other_workspace)
    steps = ("_remove_folder", "_remove_cache", "_remove_backups", "_finish")
    with time_machine.travel(row.due_at + timedelta(minutes=1), tick=False), activate_public():
        for name in steps:
            with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
                broken.setattr(deletion, name, lambda *_a: (_ for _ in ()).throw(KeyboardInterrupt))
                deletion.destroy(Deletion.objects.get(pk=row.pk))
            assert [found.pk for found in deletion.due()] == [row.pk]
        certificate = deletion.destroy(Deletion.objects.get(pk=row.pk))
    assert certificate["before"]["tables"] > 50, "what was there is counted before the first step"
