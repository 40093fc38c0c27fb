from crm_core.marketing.models.marketing_list import MarketingList

__all__ = ["MarketingList"]
