from crm_core.exchange.models.imports import Import, ImportKey, ImportMap, ImportOutcome, ImportRow
from crm_core.exchange.models.personal import PersonalRequest, RetentionRule
from crm_core.exchange.models.solutions import Solution, SolutionImport

__all__ = [
    "Import",
    "ImportKey",
    "ImportMap",
    "ImportOutcome",
    "ImportRow",
    "PersonalRequest",
    "RetentionRule",
    "Solution",
    "SolutionImport",
]
