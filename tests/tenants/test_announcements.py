"""Announcements reach whom they are for, in his language, and nobody else (ASP-30 Announcements)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants import announcements, hosts
from tenants.context import activate_public
from tenants.models import Announcement, OperatorAudit, Tenant
from tenants.operator.models import Role
from tests.api_client import person
from tests.tenants import operators

TEXTS = {
    "en": {"title": "Maintenance on Sunday", "text": "Nothing can be saved for an hour."},
    "de": {"title": "Wartung am Sonntag", "text": "Eine Stunde lang kann nichts gespeichert werden."},
}


@pytest.fixture(autouse=True)
def _fresh_hosts(database: None) -> None:
    hosts.forget()


def hours(count: float) -> Any:
    return timezone.now() + timedelta(hours=count)


def made(**values: Any) -> Announcement:
    usual = {"kind": "info", "texts": TEXTS, "starts_at": hours(-1), "ends_at": hours(1)}
    with activate_public():
        return Announcement.objects.create(created_by="op@example.com", **{**usual, **values})


def posted(**values: Any) -> dict[str, Any]:
    """A form as the browser sends it."""
    usual = {
        "kind": "maintenance",
        "recipients": "everybody",
        "title_en": "Back soon",
        "text_en": "We move house.",
        "starts_at": f"{hours(-1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{hours(3):%Y-%m-%dT%H:%M}",
    }
    return {**usual, **values}


def seen(tenant: Tenant, administrator: bool = True) -> list[str]:
    return [row.title("en") for row in announcements.for_workspace(tenant, administrator=administrator)]


@pytest.mark.parametrize(
    ("audience", "is_for"),
    [
        ({}, True),
        ({"plans": ["professional"]}, True),
        ({"plans": ["starter"]}, False),
        ({"states": ["active", "trialing"]}, True),
        ({"states": ["suspended"]}, False),
        ({"regions": ["eu"]}, True),
        ({"regions": ["us"]}, False),
        ({"levels": ["current"]}, True),
        ({"levels": ["behind"]}, False),
        ({"plans": ["professional"], "states": ["suspended"]}, False),
        ({"plans": []}, True),
    ],
)
def test_audience(other_workspace: Tenant, audience: dict[str, list[str]], is_for: bool) -> None:
    other_workspace.plan_code = "professional"
    other_workspace.save()
    made(audience=audience)
    assert bool(seen(other_workspace)) is is_for


def test_a_held_workspace_counts_as_what_it_acts_as(other_workspace: Tenant) -> None:
    other_workspace.held_from = hours(-1)
    other_workspace.save()
    made(audience={"states": ["suspended"]})
    assert seen(other_workspace) == ["Maintenance on Sunday"]


def test_shown_in_its_time_only_and_the_worst_first(other_workspace: Tenant) -> None:
    made(starts_at=hours(1), ends_at=hours(2))
    made(starts_at=hours(-2), ends_at=hours(-1))
    made(ended_at=hours(-0.5))
    assert seen(other_workspace) == []
    for kind in ("info", "incident", "maintenance"):
        made(kind=kind, texts={"en": {"title": kind, "text": "x"}})
    assert seen(other_workspace) == ["incident", "maintenance", "info"]


def test_each_reads_his_language_and_only_what_is_for_him(workspace: Tenant) -> None:
    made(recipients="administrators", texts={"en": {"title": "For admins", "text": "x"}})
    made(
        updates=[{"at": hours(0).isoformat(), "texts": {"en": "Done.", "de": "Fertig."}}], on_status_page=True
    )
    ada, admin = person(workspace, "ada@example.com", "system_administrator")
    _rep, rep = person(workspace, "rep@example.com", "salesperson")
    ada.language = "de"
    ada.save()
    status, body = admin.get("/announcements")
    assert status == 200
    assert [row["title"] for row in body["rows"]] == ["Wartung am Sonntag", "For admins"]
    assert body["rows"][0]["update"]["text"] == "Fertig."
    assert body["rows"][0]["status_url"].endswith("/status/")
    assert [row["title"] for row in rep.get("/announcements")[1]["rows"]] == ["Maintenance on Sunday"]
    assert Client(headers={"host": "acme.localhost"}).get("/api/v1/announcements").status_code == 401


def test_written_previewed_published_updated_and_ended(other_workspace: Tenant) -> None:
    client = operators.signed_in()
    assert client.get("/announcements/").status_code == 200
    assert client.get("/announcements/new/").status_code == 200
    looked = client.post("/announcements/new/", {**posted(plans=["starter"]), "preview": "1"})
    assert looked.status_code == 200 and "Reaches 0 of" in operators.facts(looked.content)
    assert not Announcement.objects.exists(), "a preview publishes nothing"
    assert client.post("/announcements/new/", {**posted(), "save": "1"}).status_code == 302
    row = Announcement.objects.get()
    assert seen(other_workspace) == ["Back soon"] and row.created_by == "op@example.com"
    page = client.get(f"/announcements/{row.pk}/").content.decode()
    assert "We move house." in page and "2 of 2 workspaces" in page
    assert client.get(f"/announcements/{row.pk}/change/").status_code == 200
    changed = posted(title_de="Gleich zurück", text_de="Wir ziehen um.")
    assert client.post(f"/announcements/{row.pk}/change/", changed).status_code == 302
    assert client.post(f"/announcements/{row.pk}/update/", {"en": "Halfway."}).status_code == 302
    assert client.post(f"/announcements/{row.pk}/update/", {"en": ""}).status_code == 422
    assert client.post(f"/announcements/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.title("de") == "Gleich zurück" and row.told("de")[0][1] == "Halfway."
    assert seen(other_workspace) == []
    acts = OperatorAudit.objects.filter(act__startswith="announcement.").order_by("at")
    assert list(acts.values_list("act", flat=True)) == [
        "announcement.published",
        "announcement.changed",
        "announcement.updated",
        "announcement.ended",
    ]
    assert acts[1].details["before"]["texts"] != acts[1].details["after"]["texts"]


@pytest.mark.parametrize(
    "values",
    [
        {"title_en": ""},
        {"text_en": ""},
        {"title_de": "Nur ein Titel"},
        {"text_sv": "Bara en text"},
        {"kind": "rumour"},
        {"recipients": "nobody"},
        {"plans": ["wishes"]},
        {"states": ["deleted"]},
        {"regions": ["moon"]},
        {"levels": ["future"]},
        {"starts_at": "yesterday"},
        {"ends_at": ""},
        {"ends_at": "2001-01-01T00:00"},
        {"ends_at": "9999-12-31T23:59"},
        {"work_ends_at": f"{hours(1):%Y-%m-%dT%H:%M}"},
        {"work_starts_at": f"{hours(2):%Y-%m-%dT%H:%M}", "work_ends_at": f"{hours(1):%Y-%m-%dT%H:%M}"},
        {"title_en": "x" * 121},
        {"text_en": "x" * 1001},
        {"title_en": "a\0b"},
    ],
)
def test_bad_announcements_are_refused_and_nothing_is_published(
    database: None, values: dict[str, Any]
) -> None:
    answer = operators.signed_in().post("/announcements/new/", posted(**values))
    assert answer.status_code in (400, 422)
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.BILLING, Role.READ_ONLY])
def test_only_who_may_announce_announces(database: None, role: str) -> None:
    row, client = made(), operators.signed_in(role=role)
    assert client.get(f"/announcements/{row.pk}/").status_code == 200
    for path in ("new/", f"{row.pk}/change/", f"{row.pk}/update/", f"{row.pk}/end/"):
        assert client.post(f"/announcements/{path}", posted(en="x")).status_code == 403
    row.refresh_from_db()
    assert Announcement.objects.count() == 1 and row.ended_at is None and row.updates == []


def test_texts_are_escaped_everywhere(other_workspace: Tenant) -> None:
    evil = {"en": {"title": "<script>alert(1)</script>", "text": "<img src=x onerror=alert(1)>"}}
    row = made(texts=evil, on_status_page=True)
    client = operators.signed_in()
    for page in (client.get("/announcements/"), client.get(f"/announcements/{row.pk}/")):
        assert b"<script>alert" not in page.content and b"<img src=x" not in page.content
    public = Client(headers={"host": "localhost"}).get("/status/")
    assert b"<script>alert" not in public.content and b"<img src=x" not in public.content
