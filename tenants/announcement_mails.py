"""Announcements by mail: to the administrators of the workspaces they are for, each once (ASP-30 Announcements).

Asking writes one row per workspace; a worker opens the workspace, finds its administrators and writes their mails, and
sends them in portions, so that sign-up mails and notices never wait behind thousands of these. They are the provider's
own: no workspace's allowance of e-mails is counted.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tenants import addresses, announcements, jobs, mail_choice
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.lifecycle import notices
from tenants.models import Announcement, AnnouncementCopy, OwnerNotice, Tenant
from tenants.operator import audit

logger = logging.getLogger(__name__)

KIND = "announcement"
#: Mails one task sends before it goes to the end of the queue.
PORTION = 20


@dataclass(frozen=True)
class Reach:
    """Whom sending now would reach: workspaces that have no copy yet, their administrators as counted last, and how
    many workspaces have theirs."""

    workspaces: int
    administrators: int
    done: int


@dataclass(frozen=True)
class Progress:
    """What became of the mails: workspaces waiting, and mails by their fate."""

    workspaces: int
    waiting_workspaces: int
    left_out: int
    mails: int
    sent: int
    failed: int
    opted_out: int


def can_opt_out(row: Announcement) -> bool:
    """Whether somebody may do without it: information yes, maintenance and incidents no."""
    return row.kind == Announcement.Kind.INFO


def reach(row: Announcement) -> Reach:
    """Whom :func:`send` would reach now."""
    fresh, done = _fresh(row)
    counted = (tenant.usage.get("administrators", 1) for tenant in fresh)
    return Reach(len(fresh), sum(int(n) for n in counted), done)


def _fresh(row: Announcement) -> tuple[list[Tenant], int]:
    with activate_public():
        known = set(row.copies.values_list("tenant_id", flat=True))
    meant = announcements.tenants_of(row.audience)
    return [tenant for tenant in meant if tenant.pk not in known], len(known)


def send(row: Announcement, by: str) -> int:
    """Have the announcement mailed to every workspace it is for and that has not got it. Returns how many.

    Two operators at once, or one twice, send nothing twice. Raises TenantRefusal 409 ``announcement.over``.
    """
    with activate_public(), transaction.atomic():
        locked = Announcement.objects.select_for_update().get(pk=row.pk)
        if locked.state() == "over":
            raise TenantRefusal("announcement.over", _("It is over: nobody is told by mail any more."), status=409)  # fmt: skip
        fresh, _done = _fresh(locked)
        AnnouncementCopy.objects.bulk_create(
            [AnnouncementCopy(announcement=locked, tenant=tenant) for tenant in fresh]
        )
        if fresh:
            audit.record(by, "announcement.mailed", announcement=str(locked.pk), workspaces=len(fresh))
            jobs.wake(write_and_send)
    return len(fresh)


@shared_task(base=jobs.PublicTask, name="tenants.mail_announcements")
def write_and_send() -> None:
    """A portion of what waits; then to the end of the queue when there is more."""
    if work(PORTION):
        jobs.wake(write_and_send)


def resume() -> None:
    """Sweep: wake the worker when something waits whose wake-up was lost or whose mail failed a while ago."""
    if _waiting_copies() or notices.waiting(announcements=True):
        jobs.wake(write_and_send)


def work(most: int) -> bool:
    """Write the mails of up to ``most`` workspaces and send as many. Whether there is more to do now."""
    copies = _waiting_copies()
    for pk in copies[:most]:
        _write(pk)
    mails = notices.waiting(announcements=True)
    for pk in mails[:most]:
        notices.deliver(pk)
    return len(copies) > most or len(mails) > most


def _waiting_copies() -> list[UUID]:
    with activate_public():
        waiting = AnnouncementCopy.objects.filter(state=AnnouncementCopy.State.WAITING)
        return list(waiting.order_by("created_at", "id").values_list("pk", flat=True)[:500])


def _write(pk: UUID) -> None:
    """The mails of one workspace, together with its row; one that breaks keeps no other from its mails."""
    with activate_public(), transaction.atomic():
        waiting = AnnouncementCopy.objects.select_for_update(skip_locked=True, of=("self",))
        copy = (
            waiting.select_related("announcement", "tenant")
            .filter(pk=pk, state=AnnouncementCopy.State.WAITING)
            .first()
        )
        if copy is None:
            return
        copy.state = AnnouncementCopy.State.LEFT_OUT
        if copy.announcement.state() != "over" and copy.tenant.is_reachable:
            try:
                with transaction.atomic():
                    copy.mails, copy.opted_out = _write_mails(copy.announcement, copy.tenant)
                copy.state = AnnouncementCopy.State.WRITTEN
            except Exception as error:
                logger.exception("Announcement %s not written for %s", copy.announcement_id, copy.tenant_id)
                copy.error = f"{type(error).__name__}: {error}"[:300]
        copy.save(update_fields=["state", "mails", "opted_out", "error"])


def _write_mails(row: Announcement, tenant: Tenant) -> tuple[int, int]:
    with activate(tenant):
        # The columns every level has: a workspace that waits for its migration is told of just that.
        people = User.objects.filter(is_admin=True, is_active=True, is_operator=False)
        found = list(people.order_by("email").values_list("email", "language"))
    unwanted = mail_choice.opted_out(tenant) if can_opt_out(row) else set()
    OwnerNotice.objects.bulk_create(
        [
            OwnerNotice(tenant=tenant, announcement=row, kind=KIND, to=email, subject=subject, body=body)
            for email, language in found
            if email not in unwanted
            for subject, body in [text(row, tenant, language or tenant.language, email)]
        ],
        ignore_conflicts=True,
    )
    refused = sum(email in unwanted for email, _language in found)
    return len(found) - refused, refused


def text(row: Announcement, tenant: Tenant, language: str, email: str | None) -> tuple[str, str]:
    """(subject, body) as an administrator of the workspace reads them in ``language``.

    Without ``email`` as a preview shows them: the link that ends such mails is worth something to its reader alone.
    """
    link = (
        mail_choice.link(tenant, email) if email else f"{addresses.workspace_url(tenant, '/mail-choice/')}…"
    )
    with translation.override(language):
        context: dict[str, Any] = {
            "title": row.title(language),
            "text": row.text(language),
            "from": notices.shown_time(row.work_starts_at, tenant) if row.work_starts_at else "",
            "until": notices.shown_time(row.work_ends_at, tenant) if row.work_ends_at else "",
            "status_url": addresses.public_url("/status/") if row.on_status_page else "",
            "choice_url": link if can_opt_out(row) else "",
            "workspace_name": tenant.name,
            "product_name": settings.PRODUCT_NAME,
        }
        body = render_to_string("tenants/notices/announcement.txt", context).strip()
    return " ".join(row.title(language).split())[:200], body


def progress(row: Announcement) -> Progress:
    """How far the mails are; all zero when nobody asked for them."""
    with activate_public():
        waiting = Q(state=AnnouncementCopy.State.WAITING)
        copies = row.copies.aggregate(
            all=Count("pk"), waiting=Count("pk", filter=waiting), opted_out=Sum("opted_out"),
            left_out=Count("pk", filter=Q(state=AnnouncementCopy.State.LEFT_OUT)),
        )  # fmt: skip
        given_up = Q(sent_at=None, attempts__gte=notices.MAX_ATTEMPTS)
        mails = row.notices.aggregate(
            all=Count("pk"), sent=Count("pk", filter=Q(sent_at__isnull=False)),
            failed=Count("pk", filter=given_up),
        )  # fmt: skip
    return Progress(
        copies["all"], copies["waiting"], copies["left_out"], mails["all"], mails["sent"], mails["failed"],
        copies["opted_out"] or 0,
    )  # fmt: skip
