"""Rules of leads (CUS-4, SAL-2.5)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm_core.customers.option_lists import COLD, HOT, WARM
from crm_core.metadata import workspace
from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change

WARM_FROM, HOT_FROM = 35, 70


@rule(on=("create", "update"), attributes=("last_name", "company_name"))
def lead_needs_a_name(change: Change) -> None:
    """A lead has the name of a person or of a company."""
    if not change.get("last_name") and not change.get("company_name"):
        raise Invalid("lead.name_required", _("A lead needs a last name or a company."), field="last_name")


def rating_of(score: int, warm_from: int = WARM_FROM, hot_from: int = HOT_FROM) -> int:
    """Rating of a score 0-100: cold below `warm_from`, hot from `hot_from` on (SAL-2.5)."""
    if score >= hot_from:
        return HOT
    return WARM if score >= warm_from else COLD


@rule(on=("create", "update"), attributes=("score",))
def rating_from_score(change: Change) -> None:
    """The score sets the rating, unless somebody sets the rating in the same write."""
    score = change.get("score")
    if score is None or change.changed("rating"):
        return
    thresholds = workspace.current().settings.get("lead_rating_thresholds") or {}
    change.set("rating", rating_of(score, thresholds.get("warm", WARM_FROM), thresholds.get("hot", HOT_FROM)))
