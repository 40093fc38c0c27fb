"""Figures for Prometheus: what this host's web processes did, and what waits in the control data.

No label names a workspace: thousands of them times routes would be millions of series. Logs carry the
tenant of each request; the operator console has figures per workspace.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from billing.models import ProviderEvent
from tenants import pool, queues
from tenants.context import activate_public
from tenants.models import PoolSchema, Tenant

Handler = Callable[[HttpRequest], HttpResponse]

_log = structlog.get_logger("saas.metrics")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_AREAS = {
    settings.PUBLIC_SCHEMA_URLCONF: "public",
    settings.OPERATOR_URLCONF: "operator",
    settings.ROOT_URLCONF: "workspace",
}

REQUESTS = Counter(
    "kontor_requests_total", "Requests answered.", ("area", "route", "method", "status"), registry=REGISTRY
)
DURATION = Histogram(
    "kontor_request_seconds",
    "How long answers took.",
    ("area", "route"),
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
    registry=REGISTRY,
)


class MetricsMiddleware:
    """Counts each request by area, route template, method and status class, and how long it took."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        area = _AREAS.get(getattr(request, "urlconf", None) or "", "none")
        match = request.resolver_match
        # The template, never the path: paths carry keys of records, and anybody can invent new ones.
        route = "unmatched" if match is None else (match.route or "/")
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(area, route, method, f"{response.status_code // 100}xx").inc()
        DURATION.labels(area, route).observe(time.perf_counter() - started)
        return response


class Waiting(Collector):
    """What waits at this moment, read from Redis and the control data when Prometheus asks."""

    def collect(self) -> Iterator[Metric]:
        """Yields each group it can read; a group whose service is away is left out, and its `up` is 0."""
        up = GaugeMetricFamily("kontor_up", "Whether the service answers.", labels=("service",))
        for service, read, away in (
            ("queue", _queues, redis.RedisError),
            ("database", _control_data, DatabaseError),
        ):
            try:
                found = list(read())
            except away as error:
                _log.warning("metrics_left_out", service=service, error=type(error).__name__)
                found = []
            up.add_metric((service,), 1 if found else 0)
            yield from found
        yield up


def _queues() -> Iterator[Metric]:
    gauge = GaugeMetricFamily("kontor_queue_length", "Wake-ups waiting.", labels=("queue",))
    for length in queues.lengths():
        gauge.add_metric((length.name,), length.waiting)
    yield gauge


def _control_data() -> Iterator[Metric]:
    with activate_public(), transaction.atomic():
        events = GaugeMetricFamily("kontor_webhook_events", "Events by state.", labels=("state",))
        counts = dict(ProviderEvent.objects.order_by().values_list("state").annotate(Count("pk")))
        for state in ProviderEvent.State.values:
            events.add_metric((state,), counts.get(state, 0))
        yield events
        waiting = ProviderEvent.objects.filter(state=ProviderEvent.State.RECEIVED)
        oldest = waiting.aggregate(at=Min("received_at"))["at"]
        age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("kontor_webhook_oldest_seconds", "Age of the oldest waiting event.", age)
        ready = PoolSchema.objects.filter(state=PoolSchema.State.READY).count()
        yield GaugeMetricFamily("kontor_pool_ready", "Ready workspaces in stock.", ready)
        yield GaugeMetricFamily("kontor_pool_target", "Wanted stock.", pool.target_size())
        states = GaugeMetricFamily("kontor_tenants", "Tenants by state.", labels=("state",))
        for state, count in (
            Tenant.objects.filter(parent=None).order_by().values_list("state").annotate(Count("pk"))
        ):
            states.add_metric((state,), count)
        yield states
        yield _outbox()


def _outbox() -> Metric:
    """The worst outbox of all workspaces, as each counted itself last (every ten minutes)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max((usage->>'outbox_oldest_seconds')::float), 0) from tenants_tenant"
            " where deleted_at is null"
        )
        lag = cursor.fetchone()[0]
    return GaugeMetricFamily("kontor_outbox_oldest_seconds", "Age of the oldest undelivered event.", lag)


def answer(_request: HttpRequest) -> HttpResponse:
    """The exposition of all processes of this host (PROMETHEUS_MULTIPROC_DIR), else of this one."""
    registry = CollectorRegistry()
    registry.register(Waiting())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        body = generate_latest(registry)
    else:
        body = generate_latest(registry) + generate_latest(REGISTRY)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
