"""Request ids, security headers, health paths and the page of the application."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from saas.middleware import RequestIdMiddleware, SecurityHeadersMiddleware, content_security_policy


def test_a_well_formed_request_id_is_kept_and_any_other_replaced() -> None:
    middleware = RequestIdMiddleware(lambda _request: HttpResponse())
    kept = middleware(RequestFactory().get("/", headers={"X-Request-ID": "proxy-12345678"}))
    assert kept["X-Request-ID"] == "proxy-12345678"
    for evil in ("short", "a" * 65, "line\nbreak-12345", "<script>alert(1)</script>"):
        answer = middleware(RequestFactory().get("/", headers={"X-Request-ID": evil}))
        assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-ID"])


def test_policy_allows_no_foreign_script_and_no_framing() -> None:
    policy = dict(part.split(" ", 1) for part in content_security_policy().split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert "'unsafe" not in policy["default-src"]


def test_a_view_may_set_its_own_policy() -> None:
    def framed(_request: object) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "frame-ancestors *"})

    response = SecurityHeadersMiddleware(framed)(RequestFactory().get("/"))
    assert response["Content-Security-Policy"] == "frame-ancestors *"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "acme.localhost", "unknown.example"])
def test_health_answers_on_every_host(database: None, host: str) -> None:
    assert Client().get("/livez", headers={"host": host}).json() == {"status": "up"}
    ready = Client().get("/readyz", headers={"host": host})
    assert ready.status_code == 200
    assert ready.json()["database"] == "up"


def test_application_page_sends_strangers_to_log_in(workspace: object) -> None:
    response = Client().get("/accounts/list?view=my", headers={"host": "acme.localhost"})
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/accounts/list%3Fview%3Dmy"


def test_application_page_for_signed_in_people(workspace: object, tmp_path, settings) -> None:
    from tenants.identity.models import User

    settings.FRONTEND_DIST = tmp_path
    client = Client(headers={"host": "acme.localhost"})
    client.force_login(User.objects.get(email="owner@acme.example"))
    assert client.get("/accounts").status_code == 503
    (tmp_path / "index.html").write_text("<!doctype html><title>app</title>")
    response = client.get("/accounts")
    assert response.status_code == 200
    assert b"<title>app</title>" in response.content
    assert response["Cache-Control"] == "no-store"
    assert settings.CSRF_COOKIE_NAME in response.cookies
    assert client.post("/accounts").status_code == 405
    assert client.get("/static/none.js").status_code == 404


def test_unknown_api_path_is_json(workspace: object) -> None:
    response = Client().get("/api/nothing", headers={"host": "acme.localhost"})
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_cookies_belong_to_one_host_only() -> None:
    assert getattr(settings, "SESSION_COOKIE_DOMAIN", None) is None
    assert getattr(settings, "CSRF_COOKIE_DOMAIN", None) is None
    assert settings.SESSION_COOKIE_HTTPONLY


def test_error_reports_name_the_workspace_and_carry_no_personal_data() -> None:
    from saas.error_reports import enrich

    request = {
        "url": "http://acme.localhost/",
        "cookies": "s=1",
        "data": {"name": "Ada"},
        "query_string": "q=Ada",
    }
    event = enrich({"request": request}, {})
    assert event["request"] == {"url": "http://acme.localhost/"}
    assert "schema" in event["tags"]
