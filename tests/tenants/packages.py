"""Workspaces with awkward content, and what must come out of a copy of them."""

from __future__ import annotations

import random
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from tenants.backup import loading
from tenants.context import activate, activate_public
from tenants.identity.models import LoginThrottle, User
from tenants.lifecycle import operations
from tenants.models import Backup, Operation, Tenant

Kind = Operation.Kind
# Only of the moment: left out of packages, so a copy has none of their rows.
PASSING = {
    "identity_session", "identity_one_time_token", "identity_login_throttle", "identity_mail", "receipts_task_receipt",
    "records_outboxevent", "records_idempotencyrecord",
}  # fmt: skip


def filled(tenant: Tenant) -> None:
    """Awkward texts in rows, and files, among them an empty one and one in a folder."""
    with activate(tenant):
        for number, name in enumerate(
            ["tab\there", "line\nbreak", "back\\slash", "\\N", "", "Ünïcödé 漢字 🎉", "'; DROP"]
        ):
            User.objects.create_user(f"user{number}@example.com", full_name=name)
        LoginThrottle.objects.create(key="x", first_failure_at=timezone.now())
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    (folder / "sub").mkdir(parents=True)
    (folder / "empty").write_bytes(b"")
    (folder / "sub" / "noise.bin").write_bytes(random.Random(7).randbytes(3 << 20))


def content(tenant: Tenant) -> dict[str, tuple[int, str]]:
    found = loading.fingerprint(tenant.schema_name)
    return {table: facts for table, facts in found.items() if table not in PASSING}


def files(tenant: Tenant) -> dict[str, bytes]:
    folder = Path(settings.MEDIA_ROOT) / tenant.schema_name
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def operate(kind: str, tenant: Tenant | None, **values: object) -> Operation:
    row = operations.start(kind, tenant, "op@example.com", **values)
    operations.run(row.pk)
    with activate_public():
        row.refresh_from_db()
    assert row.state == Operation.State.DONE, row.error
    return row


def backed_up(tenant: Tenant) -> Backup:
    row = operate(Kind.BACK_UP, tenant)
    with activate_public():
        return Backup.objects.get(pk=row.result["backup"])


def by_slug(slug: str) -> Tenant:
    with activate_public():
        return Tenant.objects.get(domains__slug=slug)
