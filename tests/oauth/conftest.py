"""Somebody who lets programs in, and a program that asks."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.identity.models import User
from tests.api_client import person
from tests.oauth.program import Program


@pytest.fixture
def ada(workspace: Any) -> User:
    person(workspace, "ada@example.com", "system_administrator", name="Ada Admin")
    return User.objects.get(email="ada@example.com")


@pytest.fixture
def program(workspace: Any, ada: User) -> Program:
    return Program(workspace, ada)
