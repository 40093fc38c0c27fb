"""Marketing list (MKT-1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import OwnedRecord, WithMoney


class MarketingList(WithMoney, OwnedRecord):
    """Accounts, contacts or leads one wants to reach together: chosen one by one, or whoever a filter finds.

    The members of static lists are rows of `RelatedPair`, as all links of records; dynamic lists keep nobody.
    """

    name = fields.Text(160, label=_("List name"), required=True, searchable=True)
    purpose = fields.Text(300, label=_("Purpose"), searchable=True)
    source = fields.Text(160, label=_("Source"), searchable=True)
    cost = fields.Money(label=_("Cost"), min=0)
    member_type = fields.Pick(
        "list_member_type", label=_("Members are"), required=True, create_only=True, system=True,
        fixed="list.member_type_fixed", help=_("Stays as it was created."),
    )  # fmt: skip
    kind = fields.Pick(
        "list_kind", label=_("Kind"), default=1, create_only=True, system=True, fixed="list.kind_fixed",
        help=_("Members of a static list are chosen, those of a dynamic one are found by its filter whenever it is used."),
    )  # fmt: skip
    filter = fields.Json(
        "filter", label=_("Filter"), importable=False, sortable=False,
        help=_("Whom a dynamic list finds; everybody sees those of them he may see."),
    )  # fmt: skip
    locked = fields.Bool(label=_("Locked"), help=_("Members of a locked list cannot be added or removed."))
    last_used = fields.DateTime(label=_("Last used"), read_only=True, importable=False)
    # always empty: counted while reading, so that everybody reads how many he may see
    member_count = fields.Int(
        label=_("Members"), read_only=True, importable=False, counts_members=True,
        help=_("Members you may see. Those of a dynamic list are counted when it is opened; where lists are listed, sorted and filtered, they are not."),
    )  # fmt: skip
    description = fields.Memo(20_000, label=_("Description"))

    class Meta(OwnedRecord.Meta):
        indexes = (
            *OwnedRecord.Meta.indexes,
            models.Index("owner", condition=Q(deleted_at=None), name="marketinglist_owner"),
        )
