"""The workspaces of a load run: claimed from the stock, each with records that carry its own name.

Record `n` of every workspace has the same id as record `n` of all others. Should a statement ever run in a
neighbour's schema it finds a row there, and the name in that row gives it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from tests.bench import seeding

#: Attributes of a contact that only its own workspace ever writes, always with the workspace's name in it.
MARKED = ("full_name", "job_title")


@dataclass(frozen=True)
class Workspace:
    """One workspace of the run: how to reach it, and the word all its records carry."""

    slug: str
    host: str
    schema: str
    token: str
    records: int


def prepare(
    names: list[str], records: int, domain: str, is_administrator: Callable[[str], bool]
) -> list[Workspace]:
    """The workspaces `names`, made on the first call for this installation and found afterwards.

    Each has `records` contacts, half as many opportunities and tasks. Its one user who asks is an administrator
    where `is_administrator(name)`, else a salesperson.
    """
    return [_one(name, records, domain, is_administrator(name)) for name in names]


def _one(name: str, records: int, domain: str, is_administrator: bool) -> Workspace:
    from crm_core.customers.models import Contact
    from crm_core.metadata import registry
    from tenants import provisioning
    from tenants.context import activate

    email = f"rita@{name}.example"
    wish = provisioning.request_workspace(
        {"slug": name, "name": name.title(), "owner_email": f"owner@{name}.example", "state": "active",
         "plan_code": "enterprise", "welcome_mail": False},
        key=f"load:{name}",
    )  # fmt: skip
    tenant = provisioning.provision(wish.pk, build_if_empty=True)
    with activate(tenant):
        registry.forget()
        with transaction.atomic():
            if not Contact.objects.filter(full_name__endswith=f" {name} 1").exists():
                _seed(name, _person(email, is_administrator), records)
            token = _token(email)
        found = Contact.objects.filter(source_system="load").count()
    registry.forget()
    if found < records:
        raise SystemExit(f"{name} holds {found} contacts; use another folder for another size.")
    return Workspace(name, f"{name}.{domain}", tenant.schema_name, token, records)


def _person(email: str, is_administrator: bool) -> Any:
    from crm_core.security.actor import actor_for
    from crm_core.security.services import create_system_user
    from tenants.identity.models import User

    login = User.objects.create_user(email, None, full_name="Rita Rep")
    role = "system_administrator" if is_administrator else "salesperson"
    user = create_system_user("Rita Rep", email, login_id=login.pk, roles=[role])
    return actor_for(user.pk)


def _token(email: str) -> str:
    from tenants.identity.models import User
    from tenants.identity.tokens import create_api_token

    return create_api_token(User.objects.get(email=email), "load")[1]


def _seed(name: str, actor: Any, records: int) -> None:
    own = {
        "created_at": "timestamptz '2026-01-01' + g * interval '1 minute'",
        "source_system": "'load'",
    }
    full = f"{seeding.pick(seeding.FIRST, 'g')} || ' {name} ' || g"
    seeding.copies(
        "contact", actor, records, {"first_name": "Ann", "last_name": name, "job_title": name, "email": f"copy@{name}.example"},
        {**own, "last_name": f"'{name} ' || g", "full_name": full, "email": f"'p' || g || '@{name}.example'",
         "address1_city": seeding.pick(seeding.CITY, "g"), "search_text": f"lower({full})"},
    )  # fmt: skip
    topic = f"'Project {name} ' || g"
    contact = {"object": "contact", "id": str(seeding.first("contact"))}
    seeding.copies(
        "opportunity", actor, records // 2, {"topic": name, "customer": contact, "estimated_revenue": "100.00"},
        {**own, "topic": topic, "stage": "1 + g % 4", "estimated_revenue": "100 + g % 900",
         "estimated_revenue_base": "100 + g % 900", "customer_contact_id": seeding.key("contact", f"1 + g % {records}"),
         "estimated_close_date": "date '2026-01-15' + (g % 360)", "search_text": f"lower({topic})"},
    )  # fmt: skip
    subject = f"'Call {name} ' || g"
    seeding.copies(
        "task", actor, records // 2, {"subject": name, "regarding": contact},
        {**own, "subject": subject, "search_text": f"lower({subject})",
         "regarding_id": seeding.key("contact", f"1 + g % {records}")},
    )  # fmt: skip


def strangers(workspaces: list[Workspace]) -> dict[str, int]:
    """How many contacts of each workspace carry another word than its own; empty when all is well.

    The end of the run: whatever was written into a neighbour's schema is found here.
    """
    return {w.slug: count for w, count in _counted(workspaces) if count}


def _counted(workspaces: list[Workspace]) -> Iterator[tuple[Workspace, int]]:
    wrong = " or ".join(f"coalesce({name}, '') not like %s and {name} is not null" for name in MARKED)
    for one in workspaces:
        with connection.cursor() as cursor:
            cursor.execute(
                f'select count(*) from "{one.schema}".customers_contact where {wrong}',
                [f"%{one.slug}%"] * len(MARKED),
            )
            yield one, cursor.fetchone()[0]
