"""The sales objects as data sheets."""

from crm_core.activities.services import contact_dates  # noqa: F401
from crm_core.sales import option_lists  # noqa: F401  (the lists must be there before the objects that use them)
from crm_core.sales.entities import (  # noqa: F401
    competitor,
    opportunity,
    opportunity_close,
    opportunity_product,
    product,
)
