"""Delivered duplicate rules in new workspaces: written when the schema is built, named when somebody takes it."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from crm_core.metadata.declaration import declared
from crm_core.records.duplicates import rules
from crm_core.records.models import DuplicateRule
from tenants.context import activate, assert_workspace
from tenants.models import Tenant


def stock_version() -> str:
    """Changes whenever `rules.deliver` would write something else into an empty workspace."""
    return repr(
        [
            (name, e.duplicates, e.duplicates_elsewhere, sorted(e.duplicate_operators.items()))
            for name, e in sorted(declared().items())
        ]
    )


def call_in_own_language(tenant: Tenant, _request_data: dict[str, Any]) -> None:
    """Provisioning step: the rules in stock have English names; give them those of the workspace's language.

    Control data is active when it is called. Repeatable: the workspace belongs to nobody yet.
    """
    if tenant.language.partition("-")[0] == "en":
        return
    with activate(tenant), translation.override(tenant.language):
        assert_workspace()
        names = {key: rule.name for key, rule in rules.declared_rules()}
        rows = list(DuplicateRule.objects.filter(key__in=names))
        changed = [row for row in rows if row.name != names[row.key]]
        for row in changed:
            row.name = names[row.key]
        if changed:
            DuplicateRule.objects.bulk_update(changed, ["name"])
