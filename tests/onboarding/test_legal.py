"""A legal text that changes is accepted anew by each workspace that accepted the former one (SAAS.md §4.2 Legal)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from onboarding import legal as texts
from onboarding.models import LegalAcceptance
from onboarding.services import legal
from tenants.context import activate_public
from tenants.models import OwnerNotice, Tenant
from tests.api_client import person


@pytest.fixture
def changed(workspace: Tenant, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """The workspace accepted the terms of November; since December there are others."""
    newer = replace(texts.DOCUMENTS["terms"], versions=("2026-12-01", "2026-11-01"))
    monkeypatch.setitem(texts.DOCUMENTS, "terms", newer)
    with activate_public():
        for document in ("terms", "privacy"):
            LegalAcceptance.objects.create(
                tenant_id=workspace.pk, document=document, version="2026-11-01", language="en",
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
