"""Invitations and the checklist in the workspace's HTTP interface (deploy/docs/api.md, People and settings)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone, translation

from billing.providers.interface import Preview
from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Forbidden, Invalid, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.security.models import BusinessUnit, Role, SystemUser
from onboarding.services import checklist, invitation_seats, invitations, legal, sample_data
from tenants.context import current_tenant
from tenants.identity.clients import client_address
from tenants.identity.models import Invitation


def _text(body: dict[str, Any], key: str, longest: int, *, required: bool = False) -> str:
    """A string of the body. Raises Invalid `value.required`, `value.wrong_type` or `value.too_long`."""
    value = body.get(key)
    if value is None or value == "":
        if required:
            raise Invalid("value.required", "A value is required.", field=key)
        return ""
    if not isinstance(value, str):
        raise Invalid("value.wrong_type", "Text is expected.", field=key)
    if len(value) > longest:
        raise Invalid("value.too_long", f"At most {longest} characters.", field=key)
    if not value.isprintable():
        raise Invalid("value.invalid", "Line breaks and control characters are not allowed.", field=key)
    return value


class InvitationList(Endpoint):
    """`GET` newest first, at most 500; `POST {email, name?, role, business_unit?, licence?}` → 201."""

    def get(self, request: Any) -> HttpResponse:
        self.actor.require(invitations.MANAGE)
        rows = list(Invitation.objects.order_by("-created_at")[:500])
        return self.answer({"rows": _documents(rows)})

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"email", "name", "role", "business_unit", "licence"})
        unit = body.get("business_unit")
        unit_id = as_uuid(unit) if unit is not None else None
        if unit is not None and unit_id is None:
            raise Invalid("business_unit.unknown", "There is no such business unit.", field="business_unit")
        made = invitations.invite(
            self.actor,
            _text(body, "email", 254, required=True),
            _text(body, "role", 60, required=True),
            name=_text(body, "name", 160),
            business_unit=unit_id,
            licence=_text(body, "licence", 12) or "full",
        )
        return self.answer(_documents([made])[0], 201)


class InvitationQuote(Endpoint):
    """`GET /invitations/quote?licence=&count=`: are there seats, and what would the missing ones cost. Writes nothing."""

    parameters = frozenset({"licence", "count"})

    def get(self, request: Any) -> HttpResponse:
        raw = request.GET.get("count", "1")
        count = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 4 else 0
        return self.answer(
            _quote(invitation_seats.quote(self.actor, request.GET.get("licence", "full"), count))
        )


class InvitationSeats(Endpoint):
    """`POST /invitations/actions/buy_seats {licence, count, seats_before, total_minor, key?}` → `{seats, total_minor}`."""

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"licence", "count", "seats_before", "total_minor", "key"})
        seats, paid = invitation_seats.buy(
            self.actor,
            _text(body, "licence", 12, required=True),
            _whole(body, "count"),
            seats_before=_whole(body, "seats_before"),
            total_minor=_whole(body, "total_minor"),
            key=_text(body, "key", 60),
        )
        return self.answer({"seats": seats, "total_minor": paid})


def _whole(body: dict[str, Any], key: str) -> int:
    """A whole number of the body, not negative. Raises Invalid `value.required`, `value.wrong_type`."""
    value = body.get(key)
    if value is None:
        raise Invalid("value.required", "A value is required.", field=key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise Invalid("value.wrong_type", "A whole number is expected.", field=key)
    return value


def _quote(found: invitation_seats.Quote) -> dict[str, Any]:
    change, refusal = found.change, found.refusal
    return {
        "licence": found.licence,
        "count": found.count,
        "used": found.used,
        "invited": found.invited,
        "limit": found.limit,
        "needed": found.needed,
        "seats_before": found.seats_before,
        "seats_after": found.seats_after,
        "renews_at": _instant(found.renews_at),
        "now": _preview(change.now) if change and change.now else None,
        "renewal": _preview(change.renewal) if change else None,
        "refusal": {"code": refusal.code, "message": str(refusal.message)} if refusal else None,
    }


def _preview(found: Preview) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "net_minor": found.net_minor,
        "tax_minor": found.tax_minor,
        "total_minor": found.total_minor,
        "tax_rate": str(found.tax_rate),
        "lines": [{"text": line.text, "net_minor": line.net_minor} for line in found.lines],
    }


class InvitationAction(Endpoint):
    """`POST /invitations/{id}/actions/resend|revoke` → the invitation."""

    def post(self, request: Any, invitation_id: str, action: str) -> HttpResponse:
        self.body(set())
        run = {"resend": invitations.resend, "revoke": invitations.revoke}.get(action)
        if run is None:
            raise NotFound("action.unknown", "There is no such action.")
        return self.answer(_documents([run(self.actor, self.identifier(invitation_id))])[0])


def _documents(rows: list[Invitation]) -> list[dict[str, Any]]:
    keys = {row.role for row in rows}
    by_key = {role.key: role for role in Role.objects.filter(key__in=keys)}
    ids = [found for key in keys - set(by_key) if (found := as_uuid(key))]
    by_key |= {str(role.pk): role for role in Role.objects.filter(pk__in=ids)}
    units = BusinessUnit.objects.in_bulk([row.business_unit for row in rows if row.business_unit])
    people = SystemUser.objects.in_bulk([row.person for row in rows if row.person])
    return [
        _document(row, by_key.get(row.role), units.get(row.business_unit), people.get(row.person))
        for row in rows
    ]


def _document(
    row: Invitation, role: Role | None, unit: BusinessUnit | None, person: SystemUser | None
) -> dict[str, Any]:
    now = timezone.now()
    state = "expired" if row.state == Invitation.State.PENDING and row.expires_at <= now else row.state
    return {
        "id": str(row.pk),
        "email": row.email,
        "name": row.full_name or None,
        "role": {"object": "role", "id": str(role.pk), "name": role.name} if role else None,
        "business_unit": {"object": "business_unit", "id": str(unit.pk), "name": unit.name} if unit else None,
        "user": {"object": "user", "id": str(person.pk), "name": person.full_name} if person else None,
        "licence": row.licence,
        "state": state,
        "created_at": _instant(row.created_at),
        "expires_at": _instant(row.expires_at),
        "accepted_at": _instant(row.accepted_at),
        "invited_by": {"object": "user", "id": str(row.invited_by), "name": row.invited_by_name}
        if row.invited_by
        else None,
        "mails_sent": row.mails_sent,
    }


def _instant(value: Any) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


class LegalTexts(Endpoint):
    """`GET /legal`: texts that changed since the workspace accepted them; for administrators."""

    def get(self, request: Any) -> HttpResponse:
        _require_administrator(self)
        return self.answer(_legal())


class LegalAcceptances(Endpoint):
    """`POST /legal/actions/accept {document, version}`; also in a workspace that takes no changes."""

    reads = True

    def post(self, request: Any) -> HttpResponse:
        _require_administrator(self)
        body = self.body({"document", "version"})
        legal.accept(
            current_tenant(),
            _text(body, "document", 16, required=True),
            _text(body, "version", 16, required=True),
            email=self.actor.email or "",
            language=translation.get_language() or "en",
            ip=client_address(request._request),
        )
        return self.answer(_legal())


def _require_administrator(endpoint: Endpoint) -> None:
    if not endpoint.actor.is_administrator:
        raise Forbidden("privilege.missing", "Only administrators can do this.")


def _legal() -> dict[str, Any]:
    rows = legal.due(current_tenant())
    return {
        "rows": [
            {
                "document": row.document.code,
                "title": str(row.document.title),
                "version": row.document.current,
                "accepted": row.accepted,
                "url": row.url,
            }
            for row in rows
        ]
    }


class Checklist(Endpoint):
    """`GET /onboarding`: the first steps, ticked by facts in the data (PEERS.md §5.1)."""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(checklist.document(self.actor, current_tenant()))


class ChecklistAction(Endpoint):
    """`POST /onboarding/actions/dismiss|show|remove_sample_data`."""

    def post(self, request: Any, action: str) -> HttpResponse:
        self.body(set())
        if action in ("dismiss", "show"):
            checklist.set_dismissed(self.actor, action == "dismiss")
            return self.answer(checklist.document(self.actor, current_tenant()))
        if action == "remove_sample_data":
            return self.answer(sample_data.remove(self.actor))
        raise NotFound("action.unknown", "There is no such action.")
