"""Writing rows: authorise, validate, rules, save, audit, event — the one door for every channel (ARCHITECTURE 1.2)."""

from crm_core.records.service.actions import allowed_actions, run_action
from crm_core.records.service.assigning import assign
from crm_core.records.service.deleting import delete, restore
from crm_core.records.service.destroying import purge
from crm_core.records.service.many import RowResult, create_many, delete_many, update_many
from crm_core.records.service.merging import merge
from crm_core.records.service.sharing import share, unshare
from crm_core.records.service.whole import reading_whole, whole
from crm_core.records.service.writing import Written, create, update

__all__ = [
    "RowResult",
    "Written",
    "allowed_actions",
    "assign",
    "create",
    "create_many",
    "delete",
    "delete_many",
    "merge",
    "purge",
    "reading_whole",
    "restore",
    "run_action",
    "share",
    "unshare",
    "update",
    "update_many",
    "whole",
]
