from crm_core.exchange.models.imports import Import, ImportKey, ImportMap, ImportOutcome, ImportRow

__all__ = ["Import", "ImportKey", "ImportMap", "ImportOutcome", "ImportRow"]
