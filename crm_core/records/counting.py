"""How many records a workspace has and what it uses, over all its objects (ASP-1 Usage record, ASP-30 Figures)."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from crm_core.metadata import plan_limits, registry
from crm_core.metadata.customization import publishing
from crm_core.records.models import Job

#: Objects people made share one table; the provider does not learn what they called them.
CUSTOM = plan_limits.CUSTOM_OBJECTS
LATELY = timedelta(days=30)


def records_stored() -> int:
    """Records that are not in the recycle bin, of every object people see, in one statement."""
    return sum(_by_object().values())


def custom_objects() -> int:
    """Own objects that are published: what the plan's limit counts (ASP-1)."""
    return plan_limits.objects_in(publishing.published()[1])


def features_used() -> dict[str, int]:
    """What of the product is in use: records by object, and long work of the last 30 days by kind (`job:import_run`)."""
    jobs = Job.objects.filter(created_at__gt=timezone.now() - LATELY).values_list("kind")
    by_kind = jobs.annotate(number=Count("pk")).order_by()
    objects = {name: count for name, count in _by_object().items() if count}
    return {**objects, **{f"job:{kind}": number for kind, number in by_kind}}


def _by_object() -> dict[str, int]:
    tables = {
        entity.model._meta.db_table: CUSTOM if entity.custom else entity.name
        for entity in registry.all()
        if not entity.internal and any(f.name == "deleted_at" for f in entity.model._meta.concrete_fields)
    }
    one = "SELECT '{0}' AS t, count(*) AS n FROM \"{0}\" WHERE deleted_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(table) for table in sorted(tables)))
        return {tables[table]: int(count) for table, count in cursor.fetchall()}
