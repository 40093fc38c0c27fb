"""The demo workspace: made once, finished when interrupted, left alone afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crm_core.metadata import registry
from crm_core.records.query.query import Query
from crm_core.security.actor import actor_for_login, system_actor
from onboarding import demo
from onboarding.models import OutgoingMail
from onboarding.services import sample_data
from tenants.context import activate
from tenants.identity.models import User
from tenants.models import Tenant
from tests.onboarding.conftest import PASSWORD


@pytest.fixture
def tenant(stock: Callable[..., None]) -> Tenant:
    Tenant.objects.filter(domains__slug=demo.SLUG).delete()
    stock()
    return demo.ensure_demo(PASSWORD)


def test_three_people_share_the_sample_data(tenant: Tenant) -> None:
    with activate(tenant):
        logins = {user.email: user for user in User.objects.all()}
        assert len(logins) == 3 and all(user.check_password(PASSWORD) for user in logins.values())
        assert [user.email for user in logins.values() if user.is_admin] == [demo.ADMINISTRATOR.email]
        page = Query(registry.get("opportunity"), system_actor()).page(["owner"], limit=1000)
        owners = {row["owner"]["name"] for row in page.rows}
        assert owners == {"Dana Nord", "Milan Weber", "Sofia Lind"}
        sofia = actor_for_login(logins["sofia@nordwind.example"].pk, "screen")
        assert sofia is not None and not sofia.is_administrator
    assert not OutgoingMail.objects.exists()


def test_a_second_start_leaves_it_as_it_is(tenant: Tenant) -> None:
    with activate(tenant):
        admin = User.objects.get(email=demo.ADMINISTRATOR.email)
        sample_data.remove(actor_for_login(admin.pk, "screen"))
    assert demo.ensure_demo("another password") == tenant
    with activate(tenant):
        assert not sample_data.is_present()
        assert User.objects.get(email=demo.ADMINISTRATOR.email).check_password(PASSWORD)


def test_an_interrupted_start_is_finished(
    stock: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock()

    def fails(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(sample_data, "create", fails)
    with pytest.raises(RuntimeError):
        demo.ensure_demo(PASSWORD)
    monkeypatch.undo()
    tenant = demo.ensure_demo(PASSWORD)
    with activate(tenant):
        assert User.objects.count() == 3 and sample_data.is_present()
