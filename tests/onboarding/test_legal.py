"""A legal text that changes is accepted anew by each workspace that accepted the former one (SAAS.md §4.2 Legal)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from onboarding import legal as texts
from onboarding.models import LegalAcceptance, SubProcessor
from onboarding.services import legal, subprocessors
from tenants.context import activate, activate_public
from tenants.identity.models import User
from tenants.models import OwnerNotice, Tenant
from tenants.operator.models import Role
from tests.api_client import host_of, person
from tests.tenants import operators


def signed_in(tenant: Tenant, email: str, *, is_admin: bool = False) -> Client:
    """A browser in which a new person of the workspace has signed in."""
    with activate(tenant):
        User.objects.create_user(email, "correct horse battery staple", full_name="X", is_admin=is_admin)
    client = Client(SERVER_NAME=host_of(tenant))
    client.post("/login/", {"email": email, "password": "correct horse battery staple"})
    return client


@pytest.fixture
def changed(workspace: Tenant, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """The workspace accepted the terms of November; since December there are others."""
    newer = replace(texts.DOCUMENTS["terms"], versions=("2026-12-01", "2026-11-01"))
    monkeypatch.setitem(texts.DOCUMENTS, "terms", newer)
    with activate_public():
        for document, version in (("terms", "2026-11-01"), ("privacy", "2026-11-01"), ("dpa", "2026-11-22")):
            LegalAcceptance.objects.create(
                tenant_id=workspace.pk, document=document, version=version, language="en",
                email="ada@example.com", accepted_at=timezone.now(),
            )  # fmt: skip
    return workspace


def test_an_administrator_accepts_for_the_workspace(changed: Tenant) -> None:
    admin = person(changed, "ada@example.com", "system_administrator")[1]
    rep = person(changed, "rep@example.com", "salesperson")[1]
    rows = admin.get("/legal")[1]["rows"]
    assert [(row["document"], row["accepted"], row["version"]) for row in rows] == [
        ("terms", "2026-11-01", "2026-12-01")
    ]
    assert rows[0]["url"].endswith("/legal/terms/2026-12-01/")
    sent = {"document": "terms", "version": "2026-12-01"}
    assert rep.get("/legal")[0] == 403 and rep.post("/legal/actions/accept", sent)[0] == 403
    assert (
        admin.post("/legal/actions/accept", {**sent, "version": "2026-11-01"})[1]["code"] == "legal.outdated"
    )
    for bad in (
        {**sent, "document": "wishes"},
        {**sent, "version": "2026-13-01"},
        {"document": "terms"},
        {**sent, "x": 1},
    ):
        assert admin.post("/legal/actions/accept", bad)[0] in (400, 422)
    assert admin.get("/legal")[1]["rows"] == rows, "refusals accept nothing"
    assert admin.post("/legal/actions/accept", sent) == (200, {"rows": []})
    assert admin.post("/legal/actions/accept", sent)[0] == 200, "twice is once"
    with activate_public():
        kept = LegalAcceptance.objects.get(tenant_id=changed.pk, version="2026-12-01")
    assert kept.email == "ada@example.com" and kept.ip


def test_who_accepted_nothing_or_the_newest_is_not_asked(changed: Tenant, other_workspace: Tenant) -> None:
    assert [row.document.code for row in legal.due(changed)] == ["terms"]
    assert legal.due(other_workspace) == []
    with activate_public():
        LegalAcceptance.objects.filter(tenant_id=changed.pk).update(version="2026-12-01")
    assert legal.due(changed) == []


def test_owners_are_told_once(changed: Tenant, monkeypatch: Any) -> None:
    newer = replace(texts.DOCUMENTS["terms"], versions=("2026-11-15", "2026-11-01"))
    monkeypatch.setitem(texts.DOCUMENTS, "terms", newer)
    with activate_public():
        Tenant.objects.filter(pk=changed.pk).update(owner_email="ada@alpha.test")
        assert legal.tell_owners() == 1 and legal.tell_owners() == 0
        mail = OwnerNotice.objects.get(kind="legal_changed")
    assert mail.to == "ada@alpha.test" and "/legal/terms/2026-11-15/" in mail.body


def test_a_text_that_is_new_is_asked_for_as_well(changed: Tenant) -> None:
    with activate_public():
        LegalAcceptance.objects.filter(tenant_id=changed.pk, document="dpa").delete()
    assert [(row.document.code, row.accepted) for row in legal.due(changed)] == [
        ("terms", "2026-11-01"),
        ("dpa", ""),
    ]
    with activate_public():
        found = {document.code: (done, waiting) for document, done, waiting in legal.acceptances()}
    assert found == {"terms": (0, 1), "dpa": (0, 1), "privacy": (1, 0)}


def test_the_contract_is_shown_accepted_and_filed_away(changed: Tenant) -> None:
    with activate_public():
        LegalAcceptance.objects.filter(tenant_id=changed.pk, document="dpa").delete()
    admin = signed_in(changed, "ada@example.com", is_admin=True)
    rep = signed_in(changed, "rep@example.com")
    assert (
        rep.get("/billing/contract/").status_code == rep.get("/billing/contract/dpa.pdf").status_code == 403
    )
    page = admin.get("/billing/contract/").content.decode()
    assert "Data processing agreement" in page and "Not yet" in page and "You accepted 2026-11-01" in page
    before = admin.get("/billing/contract/dpa.pdf")
    assert before["Content-Type"] == "application/pdf" and before.content.startswith(b"%PDF")
    assert 'filename="dpa-2026-11-22.pdf"' in before["Content-Disposition"]
    assert (
        'filename="terms-2026-11-01.pdf"' in admin.get("/billing/contract/terms.pdf")["Content-Disposition"]
    )
    assert admin.get("/billing/contract/wishes.pdf").status_code == 404
    sent = {"document": "dpa", "version": "2026-11-22"}
    assert rep.post("/billing/contract/", sent).status_code == 403
    assert admin.post("/billing/contract/", {**sent, "version": "1999-01-01"}).status_code == 422
    assert [row.document.code for row in legal.due(changed)] == ["terms", "dpa"]
    assert admin.post("/billing/contract/", sent).status_code == 302
    assert [row.document.code for row in legal.due(changed)] == ["terms"]


def test_sub_processors_are_a_list_with_days_and_owners_are_told_once(workspace: Tenant) -> None:
    console, site = operators.signed_in(), Client(SERVER_NAME="localhost")
    assert "We have named no sub-processors" in site.get("/legal/subprocessors/").content.decode()
    today = timezone.localdate()
    wish = {
        "name": "Rechenzentrum Nord", "purpose_en": "Runs the servers", "purpose_de": "Betreibt die Server",
        "location": "Hamburg, Germany", "starts_on": today.isoformat(),
    }  # fmt: skip
    for bad in (
        {"name": ""},
        {"purpose_en": ""},
        {"starts_on": "2001-01-01"},
        {"starts_on": "x"},
        {"location": ""},
    ):
        assert console.post("/legal/", {**wish, **bad}).status_code == 422
    reader = operators.signed_in("reader@example.com", Role.READ_ONLY)
    assert reader.get("/legal/").status_code == 200 and reader.post("/legal/", wish).status_code == 403
    with activate_public():
        assert not SubProcessor.objects.exists()
    assert console.post("/legal/", wish).status_code == 302
    assert console.post("/legal/", {**wish, "name": "rechenzentrum nord"}).status_code == 409
    shown = site.get("/legal/subprocessors/", headers={"accept-language": "de"}).content.decode()
    assert "Betreibt die Server" in shown and f"Zuletzt geändert am {today}" in shown
    with activate_public():
        row = SubProcessor.objects.get()
        Tenant.objects.filter(pk=workspace.pk).update(owner_email="ada@alpha.test")
        assert subprocessors.tell_owners() == 0, "several changes are told in one mail"
        SubProcessor.objects.update(changed_at=timezone.now() + timedelta(hours=2))
        with time_machine.travel(timezone.now() + timedelta(hours=4), tick=False):
            assert subprocessors.tell_owners() >= 1 and subprocessors.tell_owners() == 0
        mail = OwnerNotice.objects.get(kind="sub_processors_changed", tenant=workspace)
    assert "/legal/subprocessors/" in mail.body
    ended = {"ends_on": (today - timedelta(days=1)).isoformat()}
    assert console.post(f"/legal/sub-processors/{row.pk}/end/", ended).status_code == 422
    assert reader.post(f"/legal/sub-processors/{row.pk}/end/", {"ends_on": today}).status_code == 403
    assert console.post(f"/legal/sub-processors/{row.pk}/end/", {"ends_on": today}).status_code == 302
    assert console.post(f"/legal/sub-processors/{row.pk}/end/", {"ends_on": today}).status_code == 409
    assert f"until {today}" in site.get("/legal/subprocessors/").content.decode()
