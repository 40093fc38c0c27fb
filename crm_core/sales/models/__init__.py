from crm_core.sales.models.competitor import Competitor
from crm_core.sales.models.opportunity import Opportunity
from crm_core.sales.models.opportunity_close import OpportunityClose
from crm_core.sales.models.opportunity_product import OpportunityProduct
from crm_core.sales.models.opportunity_rollup import OpportunityRollup
from crm_core.sales.models.product import Product

__all__ = [
    "Competitor",
    "Opportunity",
    "OpportunityClose",
    "OpportunityProduct",
    "OpportunityRollup",
    "Product",
]
