"""Which Django apps live in the public schema and which in every workspace."""

from __future__ import annotations

from saas.environment import REPOSITORY


def _delivered(*names: str) -> list[str]:
    """The apps among `names` whose `apps.py` is in the tree, in the order given."""
    return [name for name in names if (REPOSITORY / name.replace(".", "/") / "apps.py").exists()]


# contenttypes and identity are the only two on both sides (ARCHITECTURE.md §5): operators are users of
# the public schema, workspace users of their own.
SHARED_APPS = [
    "django_tenants",
    *_delivered(
        "tenants",
        "tenants.operator",
        "tenants.identity",
        "billing",
        "billing.providers.builtin",
        "onboarding",
    ),
    "django.contrib.contenttypes",
]

TENANT_APPS = [
    "django.contrib.contenttypes",
    *_delivered(
        "tenants.identity",
        "tenants.receipts",
        "crm_core.metadata",
        "crm_core.security",
        "crm_core.records",
        "crm_core.search",
        "crm_core.exchange",
        "crm_core.reports",
        "crm_core.automation",
        "crm_core.customers",
        "crm_core.activities",
        "crm_core.sales",
        "crm_core.marketing",
    ),
]

# Apps without tables. django.contrib.auth stands in neither list above, so the router never creates its
# tables: record access does not use Django permissions, only its hashers and backends are used.
TABLELESS_APPS = ["django.contrib.auth", "django.contrib.staticfiles", "saas"]

INSTALLED_APPS = list(dict.fromkeys([*SHARED_APPS, *TENANT_APPS, *TABLELESS_APPS]))

TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_NAME = "public"
AUTH_USER_MODEL = "identity.User" if "tenants.identity" in INSTALLED_APPS else "auth.User"
