"""Business rules without code (PLT-10): one definition, evaluated here for every write and in the browser for live forms.

The two implementations answer the same table of cases, `frontend/src/metadata/businessRules.cases.json`.
"""

from crm_core.metadata.business_rules.conditions import OPERATORS, holds
from crm_core.metadata.business_rules.evaluating import Effects, evaluate

__all__ = ["OPERATORS", "Effects", "evaluate", "holds"]
