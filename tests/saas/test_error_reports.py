"""What leaves the house when something breaks: enough to find the fault, nothing about people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from saas import application, error_reports
from tenants.models import Tenant

CUSTOMER = "Ada Lovelace"


class Mailbag(Transport):
    """Keeps the reports that would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(dict(event))


def broken(*_arguments: object) -> bytes:
    """Fails with a person's name in a local variable; reports quote the lines around, so no secret stands here."""
    customer = CUSTOMER
    raise RuntimeError(f"no page for {len(customer)}")


@pytest.fixture
def reports(settings: Any) -> Iterator[list[dict[str, Any]]]:
    settings.SENTRY_DSN = "https://key@sentry.example/1"
    bag = Mailbag()
    error_reports.start(bag)
    yield bag.events
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_a_failing_request_is_reported_with_its_workspace_and_nothing_about_people(
    workspace: Tenant, reports: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants.identity.models import User

    monkeypatch.setattr(application, "get_token", broken)
    monkeypatch.setattr(application, "error_response", broken)
    client = Client(headers={"host": "acme.localhost"})
    client.force_login(User.objects.get(email="owner@acme.example"))
    session = client.cookies["kontor_session"].value
    # Through the WSGI application itself: there the reports learn address, headers and cookies.
    environ = RequestFactory().get(
        "/accounts?q=ada@lovelace.example",
        headers={
            "Host": "acme.localhost",
            "Authorization": "Bearer secret-token",
            "Cookie": f"kontor_session={session}",
            "X-Forwarded-For": "203.0.113.77",
            "X-Request-ID": "req-12345678",
        },
    )
    statuses: list[str] = []
    request_started.disconnect(close_old_connections)  # it would end the transaction of the test
    try:
        list(WSGIHandler()(environ.environ, lambda status, _headers, *_: statuses.append(status)))
    finally:
        request_started.connect(close_old_connections)
    assert statuses[0].startswith("500")
    (event,) = reports
    assert event["tags"]["tenant"] == str(workspace.pk)
    assert event["tags"]["schema"] == workspace.schema_name
    assert event["tags"]["request_id"] == "req-12345678"
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["request"]["url"].endswith("acme.localhost/accounts")
    text = json.dumps(event, default=str)
    for secret in ("lovelace", "Ada", "secret-token", "203.0.113.77", "owner@acme.example", session):
        assert secret not in text, secret


def test_a_refusal_is_no_report(reports: list[dict[str, Any]], workspace: Tenant) -> None:
    assert Client(headers={"host": "acme.localhost"}).get("/api/nothing").status_code == 404
    assert reports == []


def test_without_an_address_nothing_is_connected(settings: Any) -> None:
    settings.SENTRY_DSN = ""
    error_reports.start(Mailbag())
    assert not sentry_sdk.get_client().is_active()
