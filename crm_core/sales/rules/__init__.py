"""Business rules of opportunities and their lines."""

from crm_core.sales.rules.lines import (
    line_amounts_are_calculated,
    line_follows_opportunity,
    line_is_described,
    line_quantity_and_product,
    opportunity_totals_follow,
)
from crm_core.sales.rules.opportunity import (
    closed_on_import,
    competitor_record_follows,
    probability_from_stage,
    revenue_from_lines,
    topic_from_what_is_known,
    weighted_revenue,
)

__all__ = [
    "closed_on_import",
    "competitor_record_follows",
    "line_amounts_are_calculated",
    "line_follows_opportunity",
    "line_is_described",
    "line_quantity_and_product",
    "opportunity_totals_follow",
    "probability_from_stage",
    "revenue_from_lines",
    "topic_from_what_is_known",
    "weighted_revenue",
]
