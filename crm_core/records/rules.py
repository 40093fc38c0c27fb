"""Running the rules an entity declares, and after them those a customizer made."""

from __future__ import annotations

from crm_core.metadata.rules import rule
from crm_core.records.business_rules import enforce
from crm_core.records.change import Change

__all__ = ["rule", "run_rules"]


def run_rules(change: Change, moment: str) -> None:
    """Run the rules of `change.entity` for `moment`, in declared order."""
    for function in change.entity.rules:
        if moment not in function.on:
            continue
        if (
            function.attributes
            and moment in ("update", "after_update")
            and not any(map(change.changed, function.attributes))
        ):
            continue
        function(change)
    if moment in ("create", "update") and change.entity.business_rules:
        enforce(change)
