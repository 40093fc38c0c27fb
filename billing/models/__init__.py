"""The catalogue a visitor chooses from, in schema public only."""

from billing.models.feature import Feature, PlanFeature
from billing.models.plan import Plan, PlanPrice, PlanVersion

__all__ = ["Feature", "Plan", "PlanFeature", "PlanPrice", "PlanVersion"]
