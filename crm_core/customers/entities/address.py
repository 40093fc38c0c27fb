"""Customer address (CUS-3)."""

from django.utils.translation import gettext_lazy as _

from crm_core.customers import rules
from crm_core.customers.models import CustomerAddress
from crm_core.customers.services.addresses import ADDRESS_DERIVED
from crm_core.metadata import types
from crm_core.metadata.cascade import PARENTAL
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Attribute, Form, Section, View

COLUMNS = ("name", "parent", "address_type", "line1", "postal_code", "city", "country", "is_default")
PARENT = Attribute(
    "parent", _("Belongs to"), types.get("customer"),
    columns={"account": "account", "contact": "contact", "lead": "lead"}, targets=("account", "contact", "lead"),
    required=True, create_only=True, on_delete="cascade", cascade=PARENTAL, reverse_name="addresses",
    reverse_label=_("More addresses"),
)  # fmt: skip

CUSTOMER_ADDRESS = declare(
    CustomerAddress,
    name="customer_address",
    plural="customer_addresses",
    label=_("Address"),
    label_plural=_("Addresses"),
    description=_("Further addresses of accounts, contacts and leads."),
    group="customers",
    icon="map-pin",
    in_navigation=False,
    color="cyan",
    primary="name",
    features=frozenset({"import", "export", "audit", "bulk", "quick_create"}),
    facts=("line1", "city"),
    extra=(PARENT,),
    part_of_person=True,
    quick_create=("parent", "address_type", "name", "line1", "postal_code", "city", "country"),
    form=Form(
        (
            Section(_("Address"), ("parent", "address_number", "address_type", "is_default", "name", "line1", "line2", "line3",
                                   "postal_code", "city", "state_or_province", "county", "country")),
            Section(_("Delivery"), ("contact_name", "phone", "fax", "shipping_method", "freight_terms")),
            Section(_("Place"), ("latitude", "longitude", "utc_offset")),
        ),
        header=("parent", "address_type", "city"),
    ),
    views=(View(_("All addresses"), COLUMNS, default=True, key="all"),),
    derived={"name": ("line1", "city"), **ADDRESS_DERIVED},
    rules=(
        rules.address_number_from_parent, rules.address_owner_from_parent, rules.address_has_a_name,
        rules.built_in_addresses_exist, rules.block_follows_address, rules.address_is_only_default,
        rules.builtin_address_stays, rules.restored_address_has_its_own_number,
    ),
)  # fmt: skip
