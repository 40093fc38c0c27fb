"""One secret in two hands at the same moment: exactly one gets tokens, and they end (SAAS.md A9)."""

from __future__ import annotations

import pytest

from tenants.context import activate
from tenants.identity.models import OAuthToken, User
from tenants.models import Tenant
from tests.api_client import person
from tests.oauth.program import Program
from tests.threads import at_once


@pytest.mark.real_commit
def test_a_code_and_a_refresh_token_are_exchanged_once(committed_database: None) -> None:
    tenant = Tenant.objects.get(domains__slug="acme")
    with activate(tenant):
        person(tenant, "ada@example.com", "system_administrator")
        ada = User.objects.get(email="ada@example.com")
    program = Program(tenant, ada)
    code, calm = program.code(), program.tokens()

    answers = at_once([lambda: program.exchange(code)] * 4)
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400]
    (won,) = [a.json() for a in answers if a.status_code == 200]
    assert not program.works(won["access_token"]), "shown again, so it is in two hands"
    assert program.refresh(won["refresh_token"]).status_code == 400

    answers = at_once([lambda: program.refresh(calm["refresh_token"])] * 4)
    assert sorted(a.status_code for a in answers) == [200, 400, 400, 400]
    (won,) = [a.json() for a in answers if a.status_code == 200]
    assert not program.works(won["access_token"]) and not program.works(calm["access_token"])
    with activate(tenant):
        assert OAuthToken.objects.filter(kind="access").count() == 3
