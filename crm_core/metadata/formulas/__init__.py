"""The expression language of calculated fields (PLT-3): parsed by ourselves, typed, limited, never evaluated as code."""

from crm_core.metadata.formulas.checking import FUNCTIONS, Kind, checked
from crm_core.metadata.formulas.syntax import FormulaError, Node, parse

__all__ = ["FUNCTIONS", "FormulaError", "Kind", "Node", "checked", "parse"]
