"""The operators' console shows what is rented and is shown to nobody else (ASP-30)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.test import Client

from tenants import hosts
from tenants.context import activate_public
from tenants.models import (
    Backup,
    OperatorAudit,
    Provisioning,
    SchemaMigrationRun,
    Tenant,
    TenantMigration,
    TenantState,
)
from tests.tenants import operators

PAGES = [
    "/",
    "/platform/",
    "/platform/waves/start/",
    "/announcements/",
    "/announcements/new/",
    "/health/",
    "/tenants/{pk}/",
    "/tenants.csv",
    "/create/",
    "/approvals/",
    "/audit/",
    "/operators/",
    "/account/",
    "/tenants/{pk}/acts/tenant.delete/",
]


@pytest.fixture(autouse=True)
def _fresh_hosts():
    hosts.forget()


@pytest.fixture
def operator(database) -> Client:
    return operators.signed_in()


@pytest.mark.parametrize("page", PAGES)
def test_visitors_are_sent_to_sign_in(other_workspace, page):
    path = page.format(pk=other_workspace.pk)
    answer = Client(headers={"host": "ops.localhost"}).get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=/")
    assert other_workspace.name.encode() not in answer.content


@pytest.mark.parametrize("host", ["acme.localhost", "localhost", "www.localhost"])
@pytest.mark.parametrize("path", ["/platform/", "/operator/", "/tenants/"])
def test_console_is_on_no_other_host(workspace, host, path):
    answer = Client(headers={"host": host}).get(path)
    assert b"Migration level" not in answer.content and b"Globex" not in answer.content


def test_list_shows_tenants_with_state_plan_and_users(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(usage={"users": 17}, state=TenantState.SUSPENDED)
    page = operator.get("/").content.decode()
    for shown in ("Acme Ltd", "Globex GmbH", "globex", "17", "Suspended"):
        assert shown in page
    assert other_workspace.schema_name not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=glob", True), ("q=GLOBEX", True), ("q=nothing", False), ("state=active", True), ("state=deleted", False),
        ("q=%25", False), ("state=%27", True), ("q=" + "x" * 5000, False), ("page=99", True), ("page=x", True),
    ],
)  # fmt: skip
def test_list_is_searched_and_filtered(operator, other_workspace, query, found):
    answer = operator.get("/?" + query)
    assert answer.status_code == 200
    assert (b"Globex GmbH" in answer.content) is found


def test_tenant_page(operator, other_workspace):
    page = operator.get(f"/tenants/{other_workspace.pk}/").content.decode()
    for shown in (
        "Globex GmbH",
        "globex.localhost",
        "up to date",
        "Taken from the stock",
        "Owner&#x27;s account made",
    ):
        assert shown in page
    assert operator.get("/tenants/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_platform_page_shows_stock_sign_ups_and_waves(operator, other_workspace):
    Provisioning.objects.create(
        idempotency_key="k", slug="stuckone", state="failed", error="seed: boom", attempts=5
    )
    run = SchemaMigrationRun.objects.create(
        target="x", state="stopped", message="Stopped after 1 of 1 failed."
    )
    TenantMigration.objects.create(
        run=run, tenant=other_workspace, wave=0, state="failed", error="relation is odd"
    )
    page = operator.get("/platform/").content.decode()
    for shown in ("stuckone", "seed: boom", "Stopped after 1 of 1", "Ready workspaces"):
        assert shown in page
    assert f"/platform/waves/{run.pk}/?state=failed" in page
    assert "relation is odd" in operator.get(f"/platform/waves/{run.pk}/?state=failed").content.decode()


def test_texts_of_tenants_are_escaped(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(name="<script>alert(1)</script>")
    for path in ("/", f"/tenants/{other_workspace.pk}/"):
        assert b"<script>alert" not in operator.get(path).content


def test_audit_of_operators_cannot_be_changed(database):
    with activate_public():
        row = OperatorAudit.objects.create(operator_email="op@example.com", act="suspend", reason="abuse")
        for change in (
            lambda: OperatorAudit.objects.filter(pk=row.pk).update(reason="none"),
            lambda: OperatorAudit.objects.filter(pk=row.pk).delete(),
        ):
            with pytest.raises((InternalError, ProgrammingError), match="append-only"), transaction.atomic():
                change()
        with (
            pytest.raises((InternalError, ProgrammingError), match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE tenants_operator_audit")
        assert OperatorAudit.objects.get(pk=row.pk).reason == "abuse"


def test_list_shows_seats_and_whatever_is_nearest_to_full(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(
        usage={"users": 3, "meters": {"users": 3, "emails_per_day": 41, "storage_bytes": 900, "unheard_of": 10**9}},
        entitlements={"limits": {"users": 4, "emails_per_day": 50, "storage_bytes": 1000, "statement_ms": None}},
    )  # fmt: skip
    page = operator.get("/?q=globex").content.decode()
    assert "/ 4" in page and "90 %" in page and "<small>Storage</small>" in page
    row = operator.get("/tenants.csv?q=globex").content.decode().splitlines()[1]
    assert ",3,4,Storage,90," in row


def test_list_is_filtered_by_plan(operator, other_workspace):
    Tenant.objects.update(plan_code="professional")
    Tenant.objects.filter(pk=other_workspace.pk).update(plan_code="starter")
    page = operator.get("/?plan=starter").content
    assert b"Globex GmbH" in page and b"Acme Ltd" not in page
    assert b"Globex GmbH" not in operator.get("/?plan=%27nothing").content


def test_list_marks_no_workspace_whose_paid_seats_are_all_used(operator, other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(
        usage={"users": 3, "meters": {"users": 3, "records": 5}}, entitlements={"limits": {"users": 3}}
    )
    page = operator.get("/?q=globex").content.decode()
    assert "100 %" not in page and "/ 3" in page


def test_clones_and_restored_backups_are_marked_and_no_new_trials(operator, other_workspace):
    from saas.console import figures

    since = other_workspace.created_at
    Tenant.objects.filter(pk=other_workspace.pk).update(state=TenantState.TRIALING, trial_ends_at=since)
    before = figures._new_trials(), figures._trials(), figures._by_week()
    for flag, words in (("clone", "Clone"), ("restored", "Restored backup")):
        Tenant.objects.create(
            schema_name=f"t_{flag}", name=f"A {flag}", state=TenantState.TRIALING, trial_ends_at=since, flags=[flag],
            owner_email="o@example.com",
        )  # fmt: skip
        assert f'<span class="badge">{words}</span>' in operator.get("/").content.decode()
    assert (figures._new_trials(), figures._trials(), figures._by_week()) == before


def test_what_waits_for_a_second_operator_is_named_as_on_its_button(operator, other_workspace):
    answer = operator.post(
        f"/tenants/{other_workspace.pk}/acts/tenant.delete/",
        {"name": "globex", "reason": "Asked for in writing"},
    )
    assert answer.status_code == 302, answer.content.decode()
    page = operators.facts(operator.get(f"/tenants/{other_workspace.pk}/").content)
    assert "Waiting for a second operator: Delete, asked for by op@example.com" in page
    assert "Waiting for a second operator: tenant.delete" not in page


def test_no_requests_are_said_so(operator):
    assert "no requests" in operator.get("/health/").content.decode()


def test_who_approves_reads_what_he_approves(operator, other_workspace):
    backup = Backup.objects.create(
        tenant=other_workspace, kind="daily", path="x", size=1, checksum="x", rows=953, files=0,
        expires_at=other_workspace.created_at,
    )  # fmt: skip
    operator.post(
        f"/tenants/{other_workspace.pk}/acts/tenant.restore_in_place/",
        {"source": str(backup.pk), "reason": "Asked for in writing"},
    )
    page = operators.facts(operator.get("/approvals/").content)
    assert f"{backup.created_at:%Y-%m-%d %H:%M} UTC" in page and "953 rows" in page
    assert str(backup.pk) not in page


def test_a_refused_page_says_so_in_words(database):
    answer = operators.signed_in("looks@example.com", "read_only").get("/create/")
    page = answer.content.decode()
    assert answer.status_code == 403 and "Your role does not allow this, and nothing was changed." in page
    assert "Go to the start page" in page and "<h1>Not allowed</h1>" in page
