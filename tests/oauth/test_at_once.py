"""One secret in two hands at the same moment: exactly one gets tokens, and they end (SAAS.md A9)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from tenants.context import activate
from tenants.identity.models import OAuthToken, User
from tenants.models import Tenant
from tests.api_client import person
from tests.oauth.program import Program


def at_once(count: int, act: Any) -> list[Any]:
    """The answers of ``count`` threads that all act at the same time."""
    barrier, answers = threading.Barrier(count), []

    def one() -> None:
        try:
            barrier.wait()
            answers.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.real_commit
def test_a_code_and_a_refresh_token_are_exchanged_once(committed_database: None) -> None:
    tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        person(tenant, "ada@example.com", "system_administrator")
        ada = User.objects.get(email="ada@example.com")
    program = Program(tenant, ada)
    code, calm = program.code(), program.tokens()

    answers = at_once(4, lambda: program.exchange(code))
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400]
    (won,) = [a.json() for a in answers if a.status_code == 200]
    assert not program.works(won["access_token"]), "shown again, so it is in two hands"
    assert program.refresh(won["refresh_token"]).status_code == 400

    answers = at_once(4, lambda: program.refresh(calm["refresh_token"]))
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400]
    (won,) = [a.json() for a in answers if a.status_code == 200]
    assert not program.works(won["access_token"]) and not program.works(calm["access_token"])
    with activate(tenant):
        assert OAuthToken.objects.filter(kind="access").count() == 3
