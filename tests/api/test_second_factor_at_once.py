"""One code in many hands at the same moment signs one in, and a crowd guesses no more than one (SAAS.md A5)."""

from __future__ import annotations

import time
from typing import Any

import pyotp
import pytest
from django.test import Client

from tenants.context import activate
from tenants.identity.models import LoginThrottle, User
from tenants.identity.second_factor import codes
from tenants.models import Tenant
from tests.threads import at_once

PASSWORD = "harbour-lantern-42"


@pytest.mark.real_commit
def test_a_code_signs_in_once_and_a_crowd_is_locked_out(committed_database: None, time_machine: Any) -> None:
    time_machine.move_to("2026-11-23T10:00:10Z", tick=False)
    tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        pat = User.objects.create_user("pat@example.com", PASSWORD)
        secret = codes.begin(pat)
        made = codes.confirm(pat, pyotp.TOTP(secret).at(int(time.time()) - 30))
    assert made is not None

    def browser() -> Client:
        client = Client(headers={"host": "acme.localhost"})
        answer = client.post("/login/", {"email": "pat@example.com", "password": PASSWORD})
        assert answer["Location"] == "/login/code/"
        return client

    def shown(code: str, count: int) -> list[int]:
        waiting = [browser() for _ in range(count)]
        return sorted(
            at_once([lambda: waiting.pop().post("/login/code/", {"code": code}).status_code] * count)
        )

    # three wrong tries are free, so four may try the same right code at the same moment
    assert shown(made[0], 3) == [302, 422, 422]
    with activate(tenant):
        LoginThrottle.objects.all().delete()
        assert codes.recovery_codes_left(pat) == 9
    assert shown(pyotp.TOTP(secret).at(int(time.time())), 3) == [302, 422, 422]
    with activate(tenant):
        LoginThrottle.objects.all().delete()
    assert shown("000000", 8) == [422] * 4 + [429] * 4, "counted before they are looked at"
