"""Requests nobody can mean end in a 4xx with a stable code, on every kind of host."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from saas.bad_input import BadInputMiddleware


def _passes(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("reached")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/accounts?q=%00",
        "/api/v1/accounts?q=%ff%fe",
        "/api/v1/%00",
        "/api/v1/x?%c3%28=1",
        "/api/v1/x?a=%ED%A0%80",
    ],
)
def test_text_the_database_cannot_store_is_refused(path: str) -> None:
    response = BadInputMiddleware(_passes)(RequestFactory().get(path))
    assert response.status_code == 400
    assert json.loads(response.content)["code"] == "request.bad_encoding"


@pytest.mark.parametrize("path", ["/api/v1/accounts?q=M%C3%BCller+%26+S%C3%B6hne", "/ä/ö?name=日本"])
def test_real_text_passes(path: str) -> None:
    assert BadInputMiddleware(_passes)(RequestFactory().get(path)).content == b"reached"


@pytest.mark.parametrize(
    ("content_type", "limit"),
    [("application/json", "KONTOR_MAX_BODY"), ("multipart/form-data; boundary=x", "KONTOR_MAX_UPLOAD")],
)
def test_bodies_above_the_limit_are_refused(content_type: str, limit: str) -> None:
    size = getattr(settings, limit)
    for length, status in ((size, 200), (size + 1, 413)):
        request = RequestFactory().post("/api/v1/x", data=b"", content_type=content_type)
        request.META["CONTENT_LENGTH"] = str(length)
        request.content_type = content_type
        assert BadInputMiddleware(_passes)(request).status_code == status


def test_a_value_only_the_database_refuses_is_400_and_other_faults_are_not() -> None:
    middleware = BadInputMiddleware(_passes)
    request = RequestFactory().get("/api/v1/accounts")
    response = middleware.process_exception(request, DataError("numeric field overflow"))
    assert response is not None
    assert response.status_code == 400
    assert json.loads(response.content)["code"] == "request.invalid_value"
    assert middleware.process_exception(request, ZeroDivisionError()) is None


@pytest.mark.parametrize(
    "host",
    [
        "nobody.localhost",
        "acme.localhost.evil.example",
        "acme.localhost:99999",
        "a b",
        "[::1",
        "acme_localhost",
        "",
    ],
)
def test_host_header_games_end_in_404(workspace: object, host: str) -> None:
    assert Client().get("/", headers={"host": host}).status_code == 404
