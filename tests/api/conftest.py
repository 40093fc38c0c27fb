"""Somebody who signs in with a password he knows."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.identity.models import ApiToken, User
from tests.api_client import person

OLD = "harbour-lantern-42"


@pytest.fixture
def ada(workspace: Any) -> User:
    person(workspace, "ada@example.com", "salesperson", name="Ada")
    user = User.objects.get(email="ada@example.com")
    ApiToken.objects.filter(user=user).delete()
    user.set_password(OLD)
    user.save()
    return user
