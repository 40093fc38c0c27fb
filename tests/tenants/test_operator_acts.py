"""What operators do to workspaces: with reason, audit and notice (ASP-30)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tenants import entitlements, hosts, jobs, slugs
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity import tokens
from tenants.identity.models import Session, User
from tenants.lifecycle import holding, notices
from tenants.models import Domain, OperatorAudit, OwnerNotice, Provisioning, Tenant, TenantState
from tenants.operator.models import Approval
from tests.tenants import operators
from tests.tenants.operators import PASSWORD, REASON, act, again, is_in, signed_in_member


@pytest.fixture(autouse=True)
def _fresh_hosts(database):
    hosts.forget()
    yield
    hosts.forget()


@pytest.fixture
def operator(database) -> Client:
    return operators.signed_in()


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
