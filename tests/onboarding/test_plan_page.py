"""The page behind "Plan and billing": real seats and storage, for administrators only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from crm_core.security.services import create_system_user
from tenants.context import activate
from tenants.identity.models import User
from tests.api_client import host_of

PASSWORD = "correct horse battery staple"


def signed_in(tenant: Any, email: str, role: str) -> Client:
    with activate(tenant):
        login = User.objects.create_user(email, PASSWORD, full_name="Ada")
        create_system_user("Ada", email, login_id=login.pk, roles=[role])
    client = Client(SERVER_NAME=host_of(tenant))
    client.post("/login/", {"email": email, "password": PASSWORD, "username": email})
    return client


def test_administrator_sees_seats_and_prices(workspace: Any) -> None:
    answer = signed_in(workspace, "ada@example.com", "system_administrator").get("/billing/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "2 / 25" in text  # the owner and Ada
    assert text.count("<li>") >= 3


@pytest.mark.parametrize("role", ["salesperson"])
def test_others_are_told_whom_to_ask(workspace: Any, role: str) -> None:
    answer = signed_in(workspace, "eve@example.com", role).get("/billing/")
    assert answer.status_code == 403 and b"<meter" not in answer.content


def test_strangers_sign_in_first(workspace: Any) -> None:
    answer = Client(SERVER_NAME=host_of(workspace)).get("/billing/")
    assert answer.status_code == 302 and answer["Location"].startswith("/login/?next=/billing/")
