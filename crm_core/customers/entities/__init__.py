"""The customer objects as data sheets."""

from crm_core.customers import option_lists  # noqa: F401  (the lists must be there before the objects that use them)
from crm_core.customers.entities import account, address, contact, lead  # noqa: F401
