"""Business rules of accounts, contacts, leads and their addresses."""

from crm_core.customers.rules.addresses import (
    address_follows_block,
    address_has_a_name,
    address_is_only_default,
    address_number_from_parent,
    address_owner_from_parent,
    addresses_follow_owner,
    block_follows_address,
    built_in_addresses_exist,
    builtin_address_stays,
    merged_addresses_are_numbered_once,
    restored_address_has_its_own_number,
)
from crm_core.customers.rules.hierarchy import account_hierarchy, contact_hierarchy
from crm_core.customers.rules.leads import lead_needs_a_name, rating_from_score
from crm_core.customers.rules.merging import merged_dates_are_joined
from crm_core.customers.rules.names import full_name_from_parts
from crm_core.customers.rules.primary_contact import primary_contact_joins_account

__all__ = [
    "account_hierarchy",
    "address_follows_block",
    "address_has_a_name",
    "address_is_only_default",
    "address_number_from_parent",
    "address_owner_from_parent",
    "addresses_follow_owner",
    "block_follows_address",
    "built_in_addresses_exist",
    "builtin_address_stays",
    "contact_hierarchy",
    "full_name_from_parts",
    "lead_needs_a_name",
    "merged_addresses_are_numbered_once",
    "merged_dates_are_joined",
    "primary_contact_joins_account",
    "rating_from_score",
    "restored_address_has_its_own_number",
]
