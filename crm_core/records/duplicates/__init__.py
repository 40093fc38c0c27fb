"""Duplicates: rules as data, warning or refusing while writing, the scored work-list over existing records (CUS-10)."""

from crm_core.records.duplicates.codes import add_many, remove, sync
from crm_core.records.duplicates.finding import find, find_raw, refuse

__all__ = ["add_many", "find", "find_raw", "refuse", "remove", "sync"]
