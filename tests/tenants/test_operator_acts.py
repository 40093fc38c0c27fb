"""What operators do to workspaces: with reason, audit and notice; deleting takes two (ASP-30)."""

from __future__ import annotations

import csv
import io
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tenants import entitlements, hosts, jobs, slugs
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity import tokens
from tenants.identity.models import Session, User
from tenants.lifecycle import certificate, deletion, holding, notices
from tenants.models import Deletion, Domain, OperatorAudit, OwnerNotice, Provisioning, Tenant, TenantState
from tenants.operator.errors import Refused
from tenants.operator.models import Approval, Role
from tenants.operator.services import approvals, performing
from tests.tenants import operators
from tests.tenants.operators import PASSWORD

REASON = "asked for by phone, ticket 4711"


@pytest.fixture(autouse=True)
def _fresh_hosts(database):
    hosts.forget()
    yield
    hosts.forget()


@pytest.fixture
def operator(database) -> Client:
    return operators.signed_in()


def act(client: Client, tenant: Tenant, name: str, /, **values: object) -> int:
    values = {"reason": REASON, **values}
    return client.post(f"/tenants/{tenant.pk}/acts/tenant.{name}/", values).status_code


def again(tenant: Tenant) -> Tenant:
    with activate_public():
        return Tenant.objects.get(pk=tenant.pk)


def signed_in_member(tenant: Tenant, *, admin: bool = False) -> Client:
    with activate(tenant):
        User.objects.create_user(f"pat{int(admin)}@example.com", PASSWORD, is_admin=admin)
        host = "globex.localhost"
    client = Client(headers={"host": host})
    answer = client.post("/login/", {"email": f"pat{int(admin)}@example.com", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/login/").status_code == 302


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("edit", {"name": "New name", "region_note": "", "flags": ""}),
        ("suspend", {}),
        ("rename", {"slug": "fresh-name"}),
        ("throttle", {"requests_per_minute": "100"}),
        ("delete", {"name": "globex"}),
    ],
)
@pytest.mark.parametrize("reason", ["", "  ", "abc", "x" * 501])
def test_nothing_happens_without_a_reason(operator, other_workspace, name, values, reason):
    before = Tenant.objects.filter(pk=other_workspace.pk).values().get()
    audited = OperatorAudit.objects.count()
    assert act(operator, other_workspace, name, **values, reason=reason) == 422
    assert Tenant.objects.filter(pk=other_workspace.pk).values().get() == before
    assert OperatorAudit.objects.count() == audited and not Approval.objects.exists()


def test_edit_is_audited_with_what_was_before(operator, other_workspace):
    assert (
        act(
            operator,
            other_workspace,
            "edit",
            name="Globex AG",
            region_note="EU only",
            flags="Beta, watch, beta",
        )
        == 302
    )
    found = again(other_workspace)
    assert (found.name, found.region_note, found.flags) == ("Globex AG", "EU only", ["beta", "watch"])
    row = OperatorAudit.objects.get(act="tenant.edit")
    assert row.operator_email == "op@example.com" and row.tenant_id == found.pk and row.reason == REASON
    assert row.details["before"]["name"] == "Globex GmbH"
    assert b"Globex AG" in operator.get("/?q=watch").content, "flags are searched"


def test_rename_keeps_a_redirect_for_ninety_days(operator, other_workspace):
    assert act(operator, other_workspace, "rename", slug="Initech") == 302
    answer = Client(headers={"host": "globex.localhost"}).get("/login/?next=/contacts")
    assert answer.status_code == 302 and answer["Location"].startswith("http://initech.localhost")
    assert Client(headers={"host": "initech.localhost"}).get("/login/").status_code == 200
    with pytest.raises(TenantRefusal, match=r"tenant\.name_taken"):
        slugs.check_name("globex")
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        hosts.forget()
        assert Client(headers={"host": "globex.localhost"}).get("/login/").status_code == 404
        assert slugs.check_name("globex") == "globex"
    mail = OwnerNotice.objects.get(kind="renamed")
    assert "initech.localhost" in mail.body and mail.to == "owner@globex.example"


def test_rename_back_takes_the_own_tombstone(operator, other_workspace):
    for slug in ("initech", "globex"):
        assert act(operator, other_workspace, "rename", slug=slug) == 302
    assert Domain.objects.get(tenant=other_workspace, is_primary=True).slug == "globex"
    assert Domain.objects.get(slug="initech").tombstone_until is not None


@pytest.mark.parametrize(
    ("slug", "status"), [("acme", 422), ("admin", 422), ("a", 422), ("x--y", 422), ("ads'; --", 422)]
)
def test_bad_new_names_are_refused(operator, other_workspace, slug, status):
    assert act(operator, other_workspace, "rename", slug=slug) == status
    assert Domain.objects.get(tenant=other_workspace).slug == "globex"
    assert not OwnerNotice.objects.exists()


def test_suspend_ends_sessions_tokens_and_jobs_and_resume_gives_all_back(operator, other_workspace):
    member = signed_in_member(other_workspace)
    with activate(other_workspace):
        _row, secret = tokens.create_api_token(User.objects.get(email="pat0@example.com"), "script")
    assert is_in(member)
    assert act(operator, other_workspace, "suspend") == 302
    assert not is_in(member), "the session ends with the act"
    found = again(other_workspace)
    assert entitlements.effective_state(found) == TenantState.SUSPENDED
    assert found.state == TenantState.ACTIVE, "what billing knows is untouched"
    with activate(found):
        assert tokens.authenticate_bearer(f"Bearer {secret}") is None
    task = jobs.WorkspaceTask()
    assert found.acting_state not in task.allowed_states
    again_in = Client(headers={"host": "globex.localhost"})
    assert again_in.post("/login/", {"email": "pat0@example.com", "password": PASSWORD}).status_code == 423
    assert is_in(signed_in_member(found, admin=True)), "administrators come in to export"
    mail = OwnerNotice.objects.get(kind="suspended")
    assert REASON in mail.body and mail.to == "owner@globex.example"
    assert act(operator, other_workspace, "resume") == 302
    found = again(other_workspace)
    with activate(found):
        assert tokens.authenticate_bearer(f"Bearer {secret}") is not None
    assert again_in.post("/login/", {"email": "pat0@example.com", "password": PASSWORD}).status_code == 302


def test_a_dated_suspension_begins_when_it_says(operator, other_workspace):
    member = signed_in_member(other_workspace)
    at = timezone.now() + timedelta(hours=2)
    assert act(operator, other_workspace, "suspend", at=at.strftime("%Y-%m-%dT%H:%M")) == 302
    assert is_in(member) and not again(other_workspace).is_held
    assert holding.end_sessions_of_held() == 0
    with time_machine.travel(at + timedelta(minutes=1), tick=False), activate_public():
        assert again(other_workspace).is_held
        assert holding.end_sessions_of_held() == 1
    with activate(other_workspace):
        assert not Session.objects.exists()


def test_sign_everybody_out(operator, other_workspace):
    member = signed_in_member(other_workspace)
    assert act(operator, other_workspace, "sign_out") == 302
    assert not is_in(member)
    assert OperatorAudit.objects.get(act="tenant.sign_out").details["sessions"] == 1


def test_throttle_answers_429_to_one_workspace_only(operator, workspace, other_workspace):
    assert act(operator, other_workspace, "throttle", requests_per_minute="10") == 302
    hosts.forget()
    loud, quiet = Client(headers={"host": "globex.localhost"}), Client(headers={"host": "acme.localhost"})
    # counted by calendar minute: the clock stands still in one that no other test has requests in
    with time_machine.travel((timezone.now() + timedelta(days=1)).replace(second=50), tick=False):
        statuses = [loud.get("/login/").status_code for _ in range(12)]
        assert statuses == [200] * 10 + [429] * 2
        answer = loud.get("/api/v1/session")
        assert answer.status_code == 429 and answer.json()["code"] == "tenant.too_many_requests"
        assert 1 <= int(answer["Retry-After"]) <= 10
        assert quiet.get("/login/").status_code == 200


def test_notices_are_sent_once_and_retried(operator, other_workspace, mailoutbox, monkeypatch):
    act(operator, other_workspace, "suspend")
    row = OwnerNotice.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr(notices, "_message", lambda _row: (_ for _ in ()).throw(OSError("no route")))
        assert notices.deliver_due() == 0
    row.refresh_from_db()
    assert row.attempts == 1 and "no route" in row.error and row.sent_at is None
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert (notices.deliver_due(), notices.deliver_due()) == (1, 0)
    assert [mail.to for mail in mailoutbox] == [["owner@globex.example"]]


def test_german_owners_read_german(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(language="de")
    act(operator, other_workspace, "suspend")
    assert "gesperrt" in OwnerNotice.objects.get().subject


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
    results: list[str] = []
    start = threading.Barrier(len(others))

    def approve(who) -> None:
        start.wait()
        try:
            with activate_public():
                performing.approve(who, request.pk)
            results.append("done")
        except Refused as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=(who,)) for who in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["approval.not_pending"] * 3 + ["done"]
    with activate_public():
        assert Deletion.objects.count() == 1
        assert OperatorAudit.objects.filter(act="tenant.delete").count() == 1


# deletion -----------------------------------------------------------------------------------------------------------


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


# list and creation ---------------------------------------------------------------------------------------------------


def test_csv_has_every_tenant_and_no_formula(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(name='=HYPERLINK("http://evil")')
    answer = operator.get("/tenants.csv?q=globex")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 and rows[0]["Name"] == '\'=HYPERLINK("http://evil")'
    assert rows[0]["Address"] == "globex" and rows[0]["Owner"] == "owner@globex.example"
    assert OperatorAudit.objects.get(act="tenants.exported").details["rows"] == 1


def test_an_operator_creates_a_workspace(operator):
    form = {
        "name": "Hooli", "slug": "hooli", "owner_name": "Gavin", "owner_email": "gavin@hooli.example", "country": "DE",
        "language": "de", "currency": "EUR", "time_zone": "Europe/Berlin", "plan_code": "professional",
        "trial_days": "60", "reason": REASON,
    }  # fmt: skip
    assert operator.post("/create/", form).status_code == 302
    wish = Provisioning.objects.get(slug="hooli")
    assert wish.request_data["trial_days"] == 60
    assert OperatorAudit.objects.get(act="tenant.requested").details["slug"] == "hooli"
    for field, value in (
        ("slug", "acme"),
        ("plan_code", "nope"),
        ("time_zone", "Mars/Phobos"),
        ("country", "Germany"),
        ("reason", ""),
    ):
        bad = operator.post("/create/", {**form, "slug": "hooli2", field: value})
        assert bad.status_code == 422, field
        page = bad.content.decode()
        assert 'value="Gavin"' in page and page.count('class="error"') == 1, field  # nothing typed is lost
    assert not Provisioning.objects.filter(slug="hooli2").exists()


def test_what_is_left_out_of_a_new_workspace_is_as_usual_in_its_country(operator):
    form = {
        "name": "Hooli", "slug": "hooli", "owner_name": "Gavin", "owner_email": "gavin@hooli.example", "country": "CH",
        "plan_code": "starter", "trial_days": "14", "reason": REASON,
    }  # fmt: skip
    page = operator.get("/create/").content.decode()
    assert '<option value="CH">Switzerland</option>' in page
    assert "Professional · 30.00 EUR per user and month" in page
    assert operator.post("/create/", form).status_code == 302
    data = Provisioning.objects.get(slug="hooli").request_data
    assert (data["currency"], data["language"], data["time_zone"]) == ("CHF", "de", "Europe/Zurich")
