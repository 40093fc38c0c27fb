"""Delivered option lists of the customer objects. A value never changes its meaning; workspaces relabel and extend."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.declaration import numbered, option_list
from crm_core.metadata.entity import Option

HOT, WARM, COLD = 1, 2, 3

option_list(
    "rating",
    (
        Option(HOT, pgettext_lazy("rating", "Hot"), "red"),
        Option(WARM, pgettext_lazy("rating", "Warm"), "orange"),
        Option(COLD, pgettext_lazy("rating", "Cold"), "blue"),
    ),
    fixed=True,
)
option_list(
    "relationship_type",
    numbered(
        _("Competitor"), _("Consultant"), _("Customer"), _("Investor"), _("Partner"), _("Influencer"), _("Press"),
        _("Prospect"), _("Reseller"), _("Supplier"), _("Vendor"), _("Manufacturer"), _("Other"),
        colors=("red", "violet", "green", "teal", "indigo", "cyan", "pink", "yellow", "blue", "orange", "lime", "gray", "gray"),
    ),
)  # fmt: skip
option_list("account_category", numbered(_("Preferred customer"), _("Standard"), colors=("green", "gray")))
option_list(
    "company_size",
    numbered(
        _("1–9 employees"), _("10–49 employees"), _("50–249 employees"), _("250–999 employees"),
        _("1,000 employees or more"),
    ),
)  # fmt: skip
option_list(
    "ownership",
    numbered(pgettext_lazy("company", "Public"), _("Private"), _("Subsidiary"), _("State-owned"), _("Other")),
)
option_list(
    "industry",
    numbered(
        _("Medical"), _("Retail"), _("Technology"), _("Software"), _("Finance"), _("Entertainment"), _("Marketing"),
        _("Telecommunications"), _("Employment"), _("Services"), _("Agriculture"), _("Automotive"), _("Chemicals"),
        _("Construction"), _("Consulting"), _("Consumer goods"), _("Education"), _("Energy"), _("Food and beverages"),
        _("Government"), _("Hospitality"), _("Insurance"), _("Legal services"), _("Manufacturing"), _("Media"),
        _("Non-profit"), _("Pharmaceuticals"), _("Real estate"), _("Transport and logistics"), _("Utilities"),
        _("Wholesale"), _("Other"),
        colors=("red", "orange", "blue", "indigo", "green", "pink", "violet", "cyan", "yellow", "teal", "lime", "gray"),
    ),
)  # fmt: skip
option_list(
    "lead_source",
    numbered(
        _("Advertisement"), _("Employee referral"), _("External referral"), pgettext_lazy("source", "Partner"),
        _("Public relations"), _("Seminar"), _("Trade show"), _("Web"), _("Word of mouth"),
        pgettext_lazy("source", "Phone"), pgettext_lazy("source", "Fax"), pgettext_lazy("source", "Visit"), _("Other"),
    ),
)  # fmt: skip
option_list(
    "contact_method",
    numbered(
        pgettext_lazy("contact method", "Any"), pgettext_lazy("contact method", "E-mail"),
        pgettext_lazy("contact method", "Phone"), pgettext_lazy("contact method", "Fax"),
        pgettext_lazy("contact method", "Letter"), pgettext_lazy("contact method", "Visit"),
    ),
)  # fmt: skip
option_list(
    "weekday",
    numbered(
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")
    ),
)
option_list("time_of_day", numbered(_("Morning"), _("Afternoon"), _("Evening")))
option_list(
    "payment_terms",
    numbered(
        _("Due on receipt"), _("14 days net"), _("30 days net"), _("2 % 10 days, 30 days net"), _("45 days net"),
        _("60 days net"), _("Prepayment"),
    ),
)  # fmt: skip
option_list(
    "shipping_method",
    numbered(_("Parcel service"), _("Post"), _("Freight forwarder"), _("Own lorry"), _("Will call")),
)
option_list("freight_terms", numbered(_("Free on board"), _("No charge"), _("Customer pays")))
option_list(
    "contact_role",
    numbered(_("Decision maker"), _("Employee"), _("Influencer"), colors=("green", "gray", "violet")),
)
option_list("gender", numbered(_("Female"), _("Male"), _("Non-binary")))
option_list("marital_status", numbered(_("Single"), _("Married"), _("Divorced"), _("Widowed")))
option_list(
    "purchase_timeframe",
    numbered(
        _("Immediately"),
        _("This quarter"),
        _("Next quarter"),
        _("This year"),
        pgettext_lazy("timeframe", "Unknown"),
    ),
)
option_list(
    "address_type",
    numbered(
        _("Bill to"), _("Ship to"), pgettext_lazy("address", "Primary"), pgettext_lazy("address", "Other")
    ),
)
