"""The public status page tells what works and what is announced, to everybody and about nobody (ASP-30)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tenants import probes
from tenants.models import Announcement, Provisioning


@pytest.fixture
def visitor(database: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(probes, "queue", lambda: "up")
    cache.clear()
    return Client(headers={"host": "localhost", "accept-language": "en"})


def made(title: str, **values: Any) -> Announcement:
    now = timezone.now()
    usual = {
        "kind": "maintenance",
        "texts": {
            "en": {"title": title, "text": "Words."},
            "de": {"title": f"{title} (de)", "text": "Worte."},
        },
        "on_status_page": True,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=1),
    }
    return Announcement.objects.create(created_by="op@example.com", **{**usual, **values})


def test_it_says_what_is_now_what_comes_and_what_was(visitor: Client) -> None:
    now = timezone.now()
    made("Current work")
    made("Sunday work", work_starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2))
    made("Old trouble", kind="incident", starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2))
    made("Ancient trouble", starts_at=now - timedelta(days=40), ends_at=now - timedelta(days=39))
    made("Only inside", on_status_page=False)
    made("Not yet", starts_at=now + timedelta(hours=1))
    page = visitor.get("/status/").content.decode()
    order = [
        page.index(word)
        for word in ("Maintenance is under way", "Current work", "Sunday work", "Old trouble")
    ]
    assert order == sorted(order)
    for hidden in ("Ancient trouble", "Only inside", "Not yet", "op@example.com"):
        assert hidden not in page
    german = Client(headers={"host": "localhost", "accept-language": "de"}).get("/status/").content.decode()
    assert "Current work (de)" in german and "Wartung läuft" in german


def test_an_incident_outweighs_maintenance(visitor: Client) -> None:
    made("Work")
    made(
        "Trouble", kind="incident", updates=[{"at": timezone.now().isoformat(), "texts": {"en": "Found it."}}]
    )
    page = visitor.get("/status/").content.decode()
    assert "Something does not work as it should" in page and "Found it." in page


def test_it_looks_itself(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "queue", lambda: "down: ConnectionError")
    assert "does not work" in visitor.get("/status/").content.decode()
    monkeypatch.setattr(probes, "queue", lambda: "up")
    assert "does not work" in visitor.get("/status/").content.decode(), (
        "one look serves everybody for a while"
    )
    cache.clear()
    Provisioning.objects.create(idempotency_key="k", slug="stuckone", state="running")
    Provisioning.objects.update(created_at=timezone.now() - timedelta(hours=1))
    page = visitor.get("/status/").content.decode()
    assert "does not work" in page and "stuckone" not in page


def test_it_is_on_the_providers_host_only(workspace: Any) -> None:
    assert b"Everything works" not in Client(headers={"host": "acme.localhost"}).get("/status/").content
