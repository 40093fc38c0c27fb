"""Operators enter a workspace by consent only, on record, and are out on time (ASP-30 Support access, T20)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from crm_core.security.models import SystemUser
from crm_core.security.services import create_system_user
from crm_core.security.services.people import administrators
from tenants import hosts, support
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import OneTimeToken, User
from tenants.models import OperatorAudit, SupportEvent, SupportGrant, Tenant
from tenants.operator.models import Role
from tests.tenants import operators

HOST = "globex.localhost"


@pytest.fixture(autouse=True)
def _fresh_hosts(database):
    hosts.forget()


@pytest.fixture
def operator() -> Client:
    return operators.signed_in(role=Role.SUPPORT)


def consent(tenant: Tenant, hours: int = 4, **values: object) -> SupportGrant:
    return support.grant(tenant, hours, by="owner@globex.example", **values)


def entered(operator: Client, tenant: Tenant) -> Client:
    answer = operator.post(f"/tenants/{tenant.pk}/enter/")
    assert answer.status_code == 302, answer.content.decode()
    inside = Client(headers={"host": HOST})
    assert inside.get(urlsplit(answer["Location"]).path)["Location"] == "/"
    return inside


def acts(tenant: Tenant) -> list[str]:
    return [row.act for row in reversed(support.events(tenant))]


def test_without_consent_there_is_no_way_in(operator, other_workspace):
    assert operator.post(f"/tenants/{other_workspace.pk}/enter/").status_code == 403
    with activate(other_workspace):
        assert not User.objects.filter(email=support.LOGIN).exists() and not OneTimeToken.objects.exists()
    with activate_public():
        assert not SupportEvent.objects.exists()
        assert OperatorAudit.objects.get(act="support.refused").tenant_id == other_workspace.pk


def test_with_consent_he_sees_and_every_request_is_on_both_records(operator, other_workspace):
    grant = consent(other_workspace, note="The board is empty")
    inside = entered(operator, other_workspace)
    session = inside.get("/api/v1/session").json()
    assert session["support"]["operator"] == "op@example.com" and session["support"]["may_write"] is False
    assert session["workspace"]["read_only"] == "support.read_only"
    assert inside.get("/api/v1/accounts").status_code == 200
    rows = support.events(other_workspace)
    assert {(row.method, row.path, row.status) for row in rows if row.act == "request"} >= {
        ("GET", "/api/v1/accounts", 200)
    }
    assert acts(other_workspace)[:2] == ["link", "entered"]
    with activate_public():
        row = OperatorAudit.objects.get(act="support.entered")
    assert row.tenant_id == other_workspace.pk and row.details["grant"] == str(grant.pk)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/accounts", {"name": "Evil"}),
        (
            "post",
            "/api/v1/batch",
            {"operations": [{"method": "POST", "path": "/accounts", "body": {"name": "Evil"}}]},
        ),
        ("patch", "/api/v1/session", {"language": "de"}),
        ("post", "/api/v1/support_access", {"hours": 72}),
        ("get", "/api/v1/support_access", None),
        ("post", "/api/v1/invitations", {"email": "evil@example.com", "role": "system_administrator"}),
        ("get", "/billing/", None),
        ("post", "/password/forgot/", {}),
    ],
)
def test_looking_is_all_a_looking_consent_allows(operator, other_workspace, method, path, body):
    from crm_core.customers.models import Account
    from tenants.identity.models import Invitation

    before = consent(other_workspace)
    inside = entered(operator, other_workspace)
    inside.headers = {}
    token = inside.get("/api/v1/session").json()["csrf_token"]
    send = {"data": body, "content_type": "application/json"} if body is not None else {}
    answer = getattr(inside, method)(path, headers={"x-csrftoken": token}, **send)
    # A batch answers per operation.
    refused = answer.json()["results"][0]["status"] if path.endswith("/batch") else answer.status_code
    assert refused == 403, answer.content[:300]
    with activate(other_workspace):
        assert not Account.objects.exists() and not Invitation.objects.exists()
    assert support.open_grant(other_workspace).expires_at == before.expires_at


def test_a_consent_with_changes_allows_records_but_never_access_or_money(operator, other_workspace):
    consent(other_workspace, may_write=True)
    inside = entered(operator, other_workspace)
    made = inside.post("/api/v1/accounts", {"name": "Fixed by support"}, content_type="application/json")
    assert made.status_code == 201, made.content[:300]
    for path in (
        "/api/v1/support_access",
        "/api/v1/invitations",
        "/api/v1/me/tokens",
        "/api/v1/oauth_applications",
    ):
        assert inside.post(path, {"hours": 72}, content_type="application/json").status_code == 403
    for path in ("/billing/", "/oauth/authorize"):
        assert inside.get(path).status_code == 403


def test_the_link_works_once_and_only_for_a_minute(operator, other_workspace):
    consent(other_workspace)
    path = urlsplit(operator.post(f"/tenants/{other_workspace.pk}/enter/")["Location"]).path
    assert Client(headers={"host": "acme.localhost"}).get(path).status_code == 410, "nowhere else"
    assert Client(headers={"host": HOST}).get(path).status_code == 302
    assert Client(headers={"host": HOST}).get(path).status_code == 410
    late = urlsplit(operator.post(f"/tenants/{other_workspace.pk}/enter/")["Location"]).path
    with time_machine.travel(timezone.now() + timedelta(seconds=70), tick=False):
        assert Client(headers={"host": HOST}).get(late).status_code == 410
    assert Client(headers={"host": HOST}).get("/support/enter/evil:token:x/").status_code == 410


def test_revoking_puts_him_out_at_once(operator, other_workspace):
    consent(other_workspace)
    inside = entered(operator, other_workspace)
    assert support.revoke_grant(other_workspace, by="owner@globex.example")
    assert inside.get("/api/v1/session").status_code in (401, 403)
    with activate(other_workspace):
        assert not User.objects.get(email=support.LOGIN).is_active
    assert operator.post(f"/tenants/{other_workspace.pk}/enter/").status_code == 403


def test_time_puts_him_out_mid_session(operator, other_workspace):
    consent(other_workspace, hours=1)
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=False):
        inside = entered(operators.signed_in("second@example.com"), other_workspace)
    assert operator is not None
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        answer = inside.get("/api/v1/accounts")
        assert answer.status_code in (401, 403)
        assert inside.get("/api/v1/accounts").status_code == 401
        assert support.end_expired() == 1
        assert support.end_expired() == 0
    with activate_public():
        assert SupportGrant.objects.get().revoked_by == "time"


def test_a_new_consent_does_not_revive_an_old_session(operator, other_workspace):
    consent(other_workspace)
    inside = entered(operator, other_workspace)
    consent(other_workspace, may_write=True)
    assert inside.get("/api/v1/accounts").status_code == 403
    assert "ended" in acts(other_workspace)


def test_leaving_is_recorded(operator, other_workspace):
    consent(other_workspace)
    inside = entered(operator, other_workspace)
    assert inside.get("/support/leave/").status_code == 405
    assert inside.post("/support/leave/").status_code == 204
    assert inside.get("/api/v1/session").status_code == 401
    assert "left" in acts(other_workspace)


def test_the_support_login_takes_no_seat_has_no_password_and_is_no_administrator(operator, other_workspace):
    from billing.services.seats import active_users

    with activate(other_workspace):
        before = administrators()
    seats = active_users(other_workspace)
    consent(other_workspace)
    entered(operator, other_workspace)
    assert active_users(other_workspace) == seats
    with activate(other_workspace):
        assert administrators() == before
    for password in ("", "!", "support"):
        answer = Client(headers={"host": HOST}).post(
            "/login/", {"email": support.LOGIN, "password": password}
        )
        assert answer.status_code in (422, 429)


@pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
def test_other_roles_do_not_enter(other_workspace, role):
    consent(other_workspace)
    assert operators.signed_in(role=role).post(f"/tenants/{other_workspace.pk}/enter/").status_code == 403


@pytest.mark.parametrize("hours", [0, -1, 73, 10**9, True, 1.5])
def test_hours_are_bounded(other_workspace, hours):
    with pytest.raises(TenantRefusal, match=r"support\.hours"):
        consent(other_workspace, hours=hours)
    assert support.open_grant(other_workspace) is None


# the administrator's side ---------------------------------------------------------------------------------------------


def member(tenant: Tenant, *roles: str) -> Client:
    with activate(tenant):
        login = User.objects.create_user("pat@example.com", operators.PASSWORD)
        create_system_user("Pat", "pat@example.com", login_id=login.pk, roles=roles)
    client = Client(headers={"host": HOST})
    assert (
        client.post("/login/", {"email": "pat@example.com", "password": operators.PASSWORD}).status_code
        == 302
    )
    return client


def test_an_administrator_gives_sees_and_takes_back(other_workspace):
    client = member(other_workspace, "system_administrator")
    assert client.get("/api/v1/support_access").json()["grant"] is None
    made = client.post(
        "/api/v1/support_access", {"hours": 4, "note": "Look at imports"}, content_type="application/json"
    )
    assert made.status_code == 201
    grant = made.json()["grant"]
    assert (
        grant["granted_by"] == "pat@example.com"
        and grant["may_write"] is False
        and grant["note"] == "Look at imports"
    )
    inside = entered(operators.signed_in(role=Role.SUPPORT), other_workspace)
    inside.get("/api/v1/accounts")
    seen = client.get("/api/v1/support_access").json()["events"]
    assert seen[0]["path"] == "/api/v1/accounts" and seen[0]["operator"] == "op@example.com"
    assert client.delete("/api/v1/support_access").json()["grant"] is None
    assert inside.get("/api/v1/session").status_code in (401, 403)


@pytest.mark.parametrize(
    "body", [{}, {"hours": 0}, {"hours": 100}, {"hours": "4"}, {"hours": 4, "may_write": "yes"}, {"hours": 4, "note": "x" * 501}, {"hours": 4, "evil": 1}]
)  # fmt: skip
def test_bad_consent_is_refused(other_workspace, body):
    client = member(other_workspace, "system_administrator")
    assert client.post("/api/v1/support_access", body, content_type="application/json").status_code in (
        400,
        422,
    )
    assert support.open_grant(other_workspace) is None


def test_only_administrators_consent(other_workspace):
    client = member(other_workspace, "salesperson")
    assert client.get("/api/v1/support_access").status_code == 403
    assert (
        client.post("/api/v1/support_access", {"hours": 4}, content_type="application/json").status_code
        == 403
    )
    assert support.open_grant(other_workspace) is None
    with activate(other_workspace):
        assert SystemUser.objects.filter(email="pat@example.com").exists()
