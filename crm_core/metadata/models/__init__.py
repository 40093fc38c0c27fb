from crm_core.metadata.models.customization import DraftChange, Publication
from crm_core.metadata.models.organization import Currency, NumberCounter, Organization

__all__ = ["Currency", "DraftChange", "NumberCounter", "Organization", "Publication"]
