from crm_core.records.models.custom import CustomRecord, RecordLink, RelatedPair, RollUpState, UniqueValue
from crm_core.records.models.duplicates import DuplicatePair, DuplicateRule, DuplicateScan, MatchCode
from crm_core.records.models.erased import ErasedAddress
from crm_core.records.models.files import StoredFile
from crm_core.records.models.job import Job, JobFailure
from crm_core.records.models.journal import AuditEntry, IdempotencyRecord, OutboxEvent

__all__ = [
    "AuditEntry",
    "CustomRecord",
    "DuplicatePair",
    "DuplicateRule",
    "DuplicateScan",
    "ErasedAddress",
    "IdempotencyRecord",
    "Job",
    "JobFailure",
    "MatchCode",
    "OutboxEvent",
    "RecordLink",
    "RelatedPair",
    "RollUpState",
    "StoredFile",
    "UniqueValue",
]
