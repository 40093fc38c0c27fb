"""The measured workspace: ten custom attributes per object, and a salesperson who sees what her unit owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

SLUG = "bench"
HOST = f"{SLUG}.localhost"
PASSWORD = "correct horse battery staple"
EMAIL = "rita@bench.example"
CUSTOM = (
    {"label": "Bench segment", "type": "pick", "options": [{"label": x} for x in "ABCDEFGH"]},
    {"label": "Bench score", "type": "int"},
    {"label": "Bench code", "type": "text"},
    {"label": "Bench region", "type": "text"},
    {"label": "Bench volume", "type": "dec", "precision": 2},
    {"label": "Bench budget", "type": "money"},
    {"label": "Bench since", "type": "date"},
    {"label": "Bench visited", "type": "datetime"},
    {"label": "Bench key customer", "type": "bool"},
    {"label": "Bench remark", "type": "memo"},
)
CUSTOM_VALUES = (
    2,
    17,
    "K-1",
    "North",
    "12.50",
    "1000.00",
    "2026-03-01",
    "2026-03-01T09:30:00Z",
    True,
    "Text",
)


@dataclass(frozen=True)
class Measured:
    """What the measurement needs to know of the workspace."""

    schema: str
    token: str
    custom: dict[str, tuple[str, ...]]


def prepare(counts: dict[str, int]) -> Measured:
    """The seeded workspace, made on the first call for this database and found afterwards."""
    from tests.bench.seeding import seed

    tenant = _tenant()
    from crm_core.metadata import registry
    from crm_core.search.indexing import index_filters
    from tenants.context import activate

    with activate(tenant):
        registry.forget()
        made = not _is_seeded(counts)
        if made:
            with transaction.atomic():
                _publish()
                registry.forget()
                _salespeople()
                registry.forget()
                seed(counts)
        with transaction.atomic():
            custom = {
                name: tuple(a.name for a in registry.get(name).custom_attributes)
                for name in ("contact", "account", "opportunity")
            }
            token = _token()
            _views(custom["contact"][0])
    if made:
        with activate(tenant), connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    with activate(tenant):
        index_filters()  # what the daily sweep does
    return Measured(tenant.schema_name, token, custom)


def _tenant() -> Any:
    from tenants import provisioning
    from tenants.context import activate_public
    from tenants.models import Tenant

    wish = provisioning.request_workspace(
        {"slug": SLUG, "name": "Bench", "owner_email": "owner@bench.example", "state": "active"},
        key=f"bench:{SLUG}",
    )
    provisioning.provision(wish.pk, build_if_empty=True)
    with activate_public():
        return Tenant.objects.get(domains__slug=SLUG)


def _is_seeded(counts: dict[str, int]) -> bool:
    from crm_core.customers.models import Contact
    from crm_core.security.models import SystemUser

    if not SystemUser.objects.filter(email=EMAIL).exists():
        return False
    found = Contact.objects.filter(source_system="bench").count()
    if found != counts["contact"]:
        raise SystemExit(f"This data folder holds {found} contacts; use another folder for another scale.")
    return True


def _views(segment: str) -> None:
    """Rita keeps the two filters of operation c as views, as people do with what they need again."""
    from crm_core.search.models import SavedView
    from crm_core.security.models import SystemUser

    rita = SystemUser.objects.get(email=EMAIL)
    for name, attribute, value in (
        ("In Hamburg", "address1_city", "Hamburg"),
        ("Segment C", segment, 3),
    ):
        tree = {"attribute": attribute, "operator": "eq", "value": value}
        SavedView.objects.get_or_create(
            object="contact", name=name, owner_id=rita.pk, defaults={"filter": tree}
        )


def _publish() -> None:
    from crm_core.metadata.customization import publishing

    for name in ("contact", "account", "opportunity"):
        for definition in CUSTOM:
            publishing.add_change("attribute", "create", name, None, definition, None)
    publishing.publish(None, "Bench")


def _salespeople() -> None:
    """Rita and nine colleagues of her unit own nine tenths of the records, a stranger's unit the rest."""
    from crm_core.metadata.record import new_id
    from crm_core.security.models import BusinessUnit
    from crm_core.security.services import create_system_user
    from tenants.identity.models import User

    root = BusinessUnit.objects.get(parent=None)
    units = [
        BusinessUnit.objects.create(id=new_id(), name=name, parent=root, search_text=name.lower())
        for name in ("Bench sales", "Bench elsewhere")
    ]
    login = User.objects.create_user(EMAIL, PASSWORD, full_name="Rita Rep")
    create_system_user(
        "Rita Rep", EMAIL, login_id=login.pk, roles=["salesperson"], business_unit_id=units[0].pk
    )
    for n in range(9):
        create_system_user(
            f"Colleague {n}", f"c{n}@bench.example", roles=["salesperson"], business_unit_id=units[0].pk
        )
    create_system_user(
        "Stranger", "stranger@bench.example", roles=["salesperson"], business_unit_id=units[1].pk
    )


def _token() -> str:
    from tenants.identity.models import User
    from tenants.identity.tokens import create_api_token

    login = User.objects.get(email=EMAIL)
    return create_api_token(login, "bench")[1]
