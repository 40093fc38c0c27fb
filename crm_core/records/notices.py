"""Telling a person that a colleague gave him records: one mail for one act, however many records follow (CUS-12 Events).

Delivered by the outbox, so that a mail leaves only for what was committed. The words are ours, who sends is hung in
(`register_outlet`). Whoever does not want them sets the preference `mail_on_assignment` to false. Teams get no mail.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_core.metadata import registry
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import outbox
from crm_core.records.models import Job, OutboxEvent
from crm_core.records.query.filters import base_rows
from crm_core.security.actor import actor_for
from crm_core.security.models import Principal, SystemUser
from tenants.addresses import workspace_url
from tenants.context import current_tenant

Outlet = Callable[[str, str, dict[str, Any]], Any]
PREFERENCE = "mail_on_assignment"
MANY = "notice.assigned"
_outlets: list[Outlet] = []


def register_outlet(outlet: Outlet) -> None:
    """Who sends: called with address, language and `{"subject", "paragraphs", "label", "url"}`."""
    _outlets[:] = [outlet]


def note_assigned(job: Job, owner_id: uuid.UUID, count: int) -> None:
    """A job gave `count` records to an owner: he is told once, when this is committed."""
    if count:
        OutboxEvent(
            topic=MANY, object=job.object or "", payload={
                "owner": str(owner_id), "count": count, "actor": str(job.created_by or ""),
            },
        ).save(force_insert=True)  # fmt: skip


def receive(event: OutboxEvent) -> None:
    """Subscriber of the outbox."""
    payload = event.payload
    if event.topic == MANY:
        owner = as_uuid(payload["owner"])
        if owner is not None:
            _tell_of_many(owner, payload["count"], event.object, payload["actor"])
        return
    if "owner" not in payload.get("changed", ()) or payload.get("cascaded") or payload.get("job"):
        return
    if event.topic.endswith((".assigned", ".updated")) and event.record_id is not None:
        _tell_of_one(event.object, event.record_id, payload["actor"])


def _tell_of_one(object_name: str, record_id: uuid.UUID, by: str) -> None:
    entity = registry.current().entities.get(object_name)
    row = base_rows(entity, None).filter(pk=record_id).first() if entity is not None else None
    person = _recipient(getattr(row, "owner_id", None), by)
    if entity is None or row is None or person is None:
        return
    reader = actor_for(person.pk)
    if reader is None or not base_rows(entity, reader).filter(pk=record_id).exists():
        return
    name = getattr(row, entity.primary_attribute.column or "") or ""
    with translation.override(_language(person)):
        values = {"who": _name_of(by), "object": str(entity.label), "name": name}
        subject = _("%(object)s assigned to you: %(name)s") % values
        text = _("%(who)s assigned the %(object)s “%(name)s” to you.") % values
        _send(person, subject, text, _("Open it"), f"/{entity.plural}/{record_id}")


def _tell_of_many(owner_id: uuid.UUID, count: int, object_name: str, by: str) -> None:
    person = _recipient(owner_id, by)
    entity = registry.current().entities.get(object_name)
    if person is None:
        return
    with translation.override(_language(person)):
        values = {"who": _name_of(by), "count": count}
        subject = (
            ngettext("%(count)s record assigned to you", "%(count)s records assigned to you", count) % values
        )
        text = ngettext(
            "%(who)s assigned %(count)s record to you.", "%(who)s assigned %(count)s records to you.", count
        ) % values  # fmt: skip
        _send(person, subject, text, _("Open the workspace"), f"/{entity.plural}" if entity else "/")


def _recipient(owner_id: uuid.UUID | None, by: str) -> SystemUser | None:
    """The person to tell: active, reachable, not the one who did it, and not one who wants no such mails."""
    if owner_id is None or str(owner_id) == by:
        return None
    person = SystemUser.objects.filter(pk=owner_id, state="active", deleted_at=None).first()
    if person is None or not person.email or person.login_id is None:
        return None
    return None if person.preferences.get(PREFERENCE) is False else person


def _language(person: SystemUser) -> str:
    return person.language or current_tenant().language


def _name_of(principal_id: str) -> str:
    identifier = as_uuid(principal_id)
    name = (
        Principal.objects.filter(pk=identifier).values_list("name", flat=True).first() if identifier else None
    )
    return name or str(settings.PRODUCT_NAME)


def _send(person: SystemUser, subject: str, text: str, label: str, path: str) -> None:
    tenant = current_tenant()
    if settings.EMAIL_URL and str(person.email).endswith(".example"):
        return  # addresses below .example belong to nobody
    why = _("You get this mail because records were given to you. Your profile's settings turn it off.")
    context = {
        "subject": subject,
        "paragraphs": [text, why],
        "label": label,
        "url": workspace_url(tenant, path),
    }
    for outlet in _outlets:
        outlet(str(person.email), _language(person), context)


def register() -> None:
    """Called once when the app is ready."""
    outbox.subscribe("", receive)
