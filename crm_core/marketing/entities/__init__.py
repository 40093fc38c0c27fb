"""The objects of marketing as data sheets."""

from crm_core.marketing import option_lists  # noqa: F401  (the lists must be there before the objects that use them)
from crm_core.marketing.entities import marketing_list  # noqa: F401
