from crm_core.customers.models.account import Account
from crm_core.customers.models.address import CustomerAddress
from crm_core.customers.models.contact import Contact
from crm_core.customers.models.lead import Lead

__all__ = ["Account", "Contact", "CustomerAddress", "Lead"]
