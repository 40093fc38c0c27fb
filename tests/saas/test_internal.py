"""The internal port: certificates on demand and metrics; on every other port they do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants import hosts
from tenants.context import activate_public
from tenants.models import Domain, PoolSchema, Tenant, TenantState

PORT = "9100"


class InternalClient(Client):
    """Asks the way Caddy and Prometheus do: by the internal port, from a private network."""

    def generic(self, *args: Any, **extra: Any) -> Any:
        return super().generic(*args, **{"SERVER_PORT": PORT, "REMOTE_ADDR": "172.18.0.5", **extra})


@pytest.fixture
def internal(settings: Any, database: None) -> Iterator[Client]:
    settings.KONTOR_INTERNAL_PORT = int(PORT)
    hosts.forget()  # what another test rolled back is still in this process's cache
    yield InternalClient(headers={"host": f"web:{PORT}"})
    hosts.forget()


def ask(client: Client, host: str) -> tuple[int, bytes]:
    response = client.get("/internal/certificate", {"domain": host})
    return response.status_code, response.content


def set_state(slug: str, **values: Any) -> None:
    with activate_public():
        tenant = Tenant.objects.get(domains__slug=slug)
        for name, value in values.items():
            setattr(tenant, name, value)
        tenant.save()


def test_a_known_host_may_have_a_certificate_and_an_unknown_one_not(internal: Client) -> None:
    with activate_public():
        tenant = Tenant.objects.get(domains__slug="acme")
        Domain.objects.create(tenant=tenant, domain="crm.acme.example", is_primary=False)
    assert ask(internal, "acme.localhost")[0] == 200
    assert ask(internal, "CRM.acme.example")[0] == 200
    unknown = ask(internal, "nobody.example")
    assert unknown[0] == 404
    for odd in (
        "",
        "localhost",
        "ops.localhost",
        "acme.localhost:443",
        "a b",
        "acme.localhost'--",
        "ä.example",
    ):
        assert ask(internal, odd) == unknown, odd


@pytest.mark.parametrize(
    "values",
    [
        {"state": TenantState.DELETED},
        {"state": TenantState.FAILED},
        {"deletion_due_at": timezone.now() + timedelta(days=30)},
    ],
    ids=["deleted", "failed", "deletion scheduled"],
)
def test_out_of_service_is_told_like_unknown(internal: Client, values: dict[str, Any]) -> None:
    assert ask(internal, "acme.localhost")[0] == 200
    set_state("acme", **values)
    assert ask(internal, "acme.localhost") == ask(internal, "nobody.example")


@pytest.mark.parametrize(
    "values",
    [{"state": TenantState.SUSPENDED}, {"held_from": timezone.now() - timedelta(days=1)}],
    ids=["suspended", "held"],
)
def test_a_suspended_workspace_keeps_its_certificate_to_pay_and_export(
    internal: Client, values: dict[str, Any]
) -> None:
    set_state("acme", **values)
    assert ask(internal, "acme.localhost")[0] == 200


def test_an_address_that_was_given_up_counts_while_it_redirects(internal: Client) -> None:
    with activate_public():
        tenant = Tenant.objects.get(domains__slug="acme")
        old = Domain(tenant=tenant, domain="old.example", is_primary=False)
        old.tombstone_until = timezone.now() + timedelta(days=1)
        old.save()
        assert ask(internal, "old.example")[0] == 200
        old.tombstone_until = timezone.now() - timedelta(days=1)
        old.save()
    assert ask(internal, "old.example")[0] == 404


@pytest.mark.parametrize("path", ["/metrics", "/internal/certificate?domain=acme.localhost"])
@pytest.mark.parametrize(
    "host", ["acme.localhost", "localhost", "ops.localhost", "web:9100", "unknown.example"]
)
def test_the_internal_paths_do_not_exist_on_the_public_port(
    settings: Any, database: None, host: str, path: str
) -> None:
    for port in (0, int(PORT)):
        settings.KONTOR_INTERNAL_PORT = port
        response = Client(headers={"host": host, "X-Forwarded-Port": PORT}).get(path)
        assert response.status_code == 404
        assert b"kontor_" not in response.content and b"Yes" not in response.content


def test_foreign_networks_and_other_paths_are_refused_on_the_internal_port(internal: Client) -> None:
    assert internal.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    forged = internal.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": "127.0.0.1"})
    assert forged.status_code == 404
    assert internal.get("/metrics", REMOTE_ADDR="").status_code == 404
    assert internal.post("/metrics").status_code == 404
    assert internal.get("/login/", headers={"host": "acme.localhost"}).status_code == 404


def series(text: str, name: str) -> dict[str, float]:
    """The samples of one metric, by their labels as written."""
    lines = [line for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_metrics_count_by_route_and_name_no_workspace(
    internal: Client, workspace: Tenant, redis_server: str
) -> None:
    key = 'kontor_requests_total{area="workspace",method="GET",route="login/",status="2xx"}'
    before = series(internal.get("/metrics").content.decode(), "kontor_requests_total").get(key, 0)
    client = Client(headers={"host": "acme.localhost"})
    assert client.get("/login/").status_code == 200
    client.get("/api/v1/secret-customer-name/K-4711-Z")
    client.generic("BREW", "/login/")
    with activate_public():
        ready = PoolSchema.objects.filter(state="ready").count()
        PoolSchema.objects.create(level="x", state="ready")
        Tenant.objects.filter(pk=workspace.pk).update(usage={"outbox_oldest_seconds": 42.5})
    text = internal.get("/metrics").content.decode()
    assert series(text, "kontor_requests_total")[key] == before + 1
    assert series(text, "kontor_pool_ready") == {"kontor_pool_ready": ready + 1}
    assert series(text, "kontor_outbox_oldest_seconds") == {"kontor_outbox_oldest_seconds": 42.5}
    assert set(series(text, "kontor_queue_length")) == {
        f'kontor_queue_length{{queue="{name}"}}' for name in ("work", "small", "jobs", "operations")
    }
    assert set(series(text, "kontor_up").values()) == {1.0}
    assert 'state="failed"' in text and 'method="other"' in text
    for secret in (
        "secret-customer-name",
        "K-4711-Z",
        "BREW",
        "acme",
        str(workspace.pk),
        workspace.schema_name,
    ):
        assert secret not in text


def test_metrics_answer_while_the_queue_is_away(internal: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = internal.get("/metrics").content.decode()
    assert series(text, "kontor_up") == {'kontor_up{service="queue"}': 0, 'kontor_up{service="database"}': 1}
    assert series(text, "kontor_queue_length") == {}
    assert series(text, "kontor_pool_ready")


def test_each_workspace_counts_its_own_outbox(workspace: Tenant) -> None:
    from crm_core.records.models import OutboxEvent
    from tenants import usage

    OutboxEvent.objects.all().delete()
    assert usage.push()["outbox_oldest_seconds"] == 0.0
    hour_ago = timezone.now() - timedelta(hours=1)
    OutboxEvent.objects.create(topic="t", object="account", created_at=hour_ago)
    OutboxEvent.objects.create(
        topic="t", object="account", created_at=hour_ago - timedelta(days=9), dead=True
    )
    measured = usage.push()["outbox_oldest_seconds"]
    assert isinstance(measured, float) and 3600 <= measured < 3700
