"""Reading rows: security filter, field masks, filter language, keyset paging and sums in one place."""

from crm_core.records.query.filters import compile_filter
from crm_core.records.query.query import Page, Query

__all__ = ["Page", "Query", "compile_filter"]
