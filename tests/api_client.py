"""A small JSON client of one workspace's API, signed in by a bearer token."""

from __future__ import annotations

from typing import Any

from django.test import Client

from crm_core.metadata import registry
from crm_core.security.models import SystemUser
from crm_core.security.services import create_system_user
from tenants.context import activate
from tenants.identity.models import User
from tenants.identity.tokens import create_api_token


class ApiClient:
    """Calls `/api/v1` of a workspace as one person; answers are (status, JSON)."""

    def __init__(self, host: str, token: str | None = None):
        self.host = host
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        extra = {f"HTTP_{k.upper()}": v for k, v in headers.items()}
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            _json(body) if body is not None else b"",
            content_type="application/json",
            HTTP_HOST=self.host,
            **self.headers,
            **extra,
        )
        self.last = response
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return response.status_code, response.json() if is_json and response.content else None

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> tuple[int, Any]:
        return self.call("DELETE", path, **headers)


def _json(body: Any) -> bytes | str:
    import json

    return body if isinstance(body, (bytes, str)) else json.dumps(body)


def person(
    tenant: Any, email: str, *roles: str, name: str | None = None, unit: Any = None
) -> tuple[SystemUser, ApiClient]:
    """A new person of `tenant` with these roles, and a client acting as that person."""
    with activate(tenant):
        registry.forget()
        login = User.objects.create_user(
            email, "correct horse battery staple", full_name=name or email.split("@")[0]
        )
        user = create_system_user(
            name or email.split("@")[0], email, login_id=login.pk, roles=roles, business_unit_id=unit
        )
        _token, secret = create_api_token(login, "test")
    return user, ApiClient(host_of(tenant), secret)


def host_of(tenant: Any) -> str:
    """The workspace's own host name."""
    from tenants.context import activate_public

    with activate_public():
        return str(tenant.domains.filter(is_primary=True).values_list("domain", flat=True).first())
