"""The operators' audit in words: what an act is called, and what it changed from what to what (ASP-30 Audit)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.models import OperatorAudit
from tenants.operator import registry, wording

Words = Any  # a text, translated or lazily so

#: What operators do beside the acts of a workspace's page and those on the installation, which have their own names.
ACTS: dict[str, Words] = {
    "announcement.changed": gettext_lazy("Announcement changed"),
    "announcement.ended": gettext_lazy("Announcement ended"),
    "announcement.mailed": gettext_lazy("Announcement sent by mail"),
    "announcement.published": gettext_lazy("Announcement published"),
    "announcement.updated": gettext_lazy("Announcement updated"),
    "backlog.retried": gettext_lazy("Failed work tried again"),
    "books.exported": gettext_lazy("Bookkeeping exported"),
    "coupon.created": gettext_lazy("Coupon created"),
    "coupon.withdrawn": gettext_lazy("Coupon withdrawn"),
    "domain.lost": gettext_lazy("Own domain lost"),
    "domain.primary": gettext_lazy("Own domain made the main address"),
    "domain.removed": gettext_lazy("Own domain removed"),
    "domain.verified": gettext_lazy("Own domain proven"),
    "operation.retried": gettext_lazy("Operation tried again"),
    "operator.code_refused": gettext_lazy("Code refused"),
    "operator.created": gettext_lazy("Operator added"),
    "operator.disabled": gettext_lazy("Operator switched off"),
    "operator.enabled": gettext_lazy("Operator switched on"),
    "operator.locked": gettext_lazy("Sign-in locked"),
    "operator.recovery_codes_renewed": gettext_lazy("Recovery codes renewed"),
    "operator.role_changed": gettext_lazy("Role changed"),
    "operator.second_factor_reset": gettext_lazy("Second factor reset"),
    "operator.second_factor_set_up": gettext_lazy("Second factor set up"),
    "operator.signed_in": gettext_lazy("Signed in"),
    "plan.draft_discarded": gettext_lazy("Plan draft discarded"),
    "plan.draft_saved": gettext_lazy("Plan draft saved"),
    "plan.made": gettext_lazy("Private plan made"),
    "plan.offered": gettext_lazy("Plan offered to others"),
    "pool.refilled": gettext_lazy("Stock filled"),
    "pool.target": gettext_lazy("Stock target set"),
    "provisioning.retried": gettext_lazy("Sign-up tried again"),
    "sub_processor.ended": gettext_lazy("Sub-processor ended"),
    "sub_processor.named": gettext_lazy("Sub-processor named"),
    "support.entered": gettext_lazy("Workspace entered"),
    "support.refused": gettext_lazy("Entering refused"),
    "tenant.imported": gettext_lazy("Package imported"),
    "tenant.package_downloaded": gettext_lazy("Package downloaded"),
    "tenant.requested": gettext_lazy("Workspace created"),
    "tenants.exported": gettext_lazy("List of workspaces exported"),
    "wave.called_off": gettext_lazy("Wave called off"),
    "wave.paused": gettext_lazy("Wave paused"),
    "wave.resumed": gettext_lazy("Wave resumed"),
    "wave.retried": gettext_lazy("Wave: workspace tried again"),
    "wave.started": gettext_lazy("Wave started"),
    "webhook.replayed": gettext_lazy("Webhook replayed"),
}
#: What became of an act that takes two.
_DECISIONS: dict[str, Words] = {
    "requested": gettext_lazy("asked for"),
    "approved": gettext_lazy("approved"),
    "refused": gettext_lazy("turned down"),
    "withdrawn": gettext_lazy("withdrawn"),
    "expired": gettext_lazy("expired"),
}
_KEYS: dict[str, Words] = {
    "address": gettext_lazy("Address"),
    "amount": gettext_lazy("Amount"),
    "approved_by": gettext_lazy("Approved by"),
    "buyers": gettext_lazy("Workspaces"),
    "code": gettext_lazy("Code"),
    "domain": gettext_lazy("Address"),
    "due_at": gettext_lazy("Due"),
    "event": gettext_lazy("Event"),
    "feature": gettext_lazy("Limit or feature"),
    "flags": gettext_lazy("Flags"),
    "from": gettext_lazy("From"),
    "how": gettext_lazy("How"),
    "invoice": gettext_lazy("Invoice"),
    "month": gettext_lazy("Month"),
    "name": gettext_lazy("Name"),
    "operator": gettext_lazy("Operator"),
    "plan": gettext_lazy("Plan"),
    "query": gettext_lazy("Search"),
    "region_note": gettext_lazy("Note on the region"),
    "requested_by": gettext_lazy("Asked for by"),
    "requests_per_minute": gettext_lazy("Requests per minute"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "sessions": gettext_lazy("Sessions"),
    "size": gettext_lazy("Size"),
    "slug": gettext_lazy("Sub-domain"),
    "state": gettext_lazy("State"),
    "until": gettext_lazy("Until"),
    "value": gettext_lazy("Value"),
    "version": gettext_lazy("Version"),
    "whom": gettext_lazy("Offered to"),
}
#: Where an act notes one thing as it was before: which of its facts it became.
_BECAME = ("domain", "role", "size", "requests_per_minute", "until", "value")
_OWN = ("before", "after")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True)
class Fact:
    """One line of what an act did; ``before`` is None where nothing was there to change."""

    label: str
    after: str
    before: str | None = None

    def __str__(self) -> str:
        return (
            f"{self.label}: {self.after}"
            if self.before is None
            else f"{self.label}: {self.before} → {self.after}"
        )


def act_words(act: str) -> str:
    """What the act is called; empty for one that nobody names."""
    if known := ACTS.get(act) or registry.act_label(act):
        return str(known)
    name, _dot, decision = act.rpartition(".")
    label = registry.act_label(name)
    return f"{label} · {_DECISIONS[decision]}" if label and decision in _DECISIONS else ""


def named_acts() -> list[tuple[str, str]]:
    """(act, what it is called) of all that can be looked for, by name."""
    known = {**ACTS, **registry.act_labels()}
    return sorted(((act, str(words)) for act, words in known.items()), key=lambda pair: pair[1].casefold())


def facts(row: OperatorAudit) -> list[Fact]:
    """What is kept with the act beside its reason: changed values as what they were and what they are."""
    details, before = row.details, row.details.get("before")
    after = details["after"] if isinstance(details.get("after"), dict) else details
    found = []
    was: dict[str, Any] = before if isinstance(before, dict) else {}
    if "before" in details and not isinstance(before, dict):
        became = next((key for key in _BECAME if key in details), None)
        was = {became: before} if became else {}
        if became is None:
            found.append(Fact(_("Before"), _text(before)))
    for key, value in after.items():
        if key in _OWN:
            continue
        if key not in was:
            if _is_empty(value):  # nothing was there and nothing is
                continue
            found.append(Fact(_label(key), _text(value)))
        elif was[key] != value:
            found.append(Fact(_label(key), _text(value), _text(was[key])))
    if after is not details:
        found += [Fact(_label(key), _text(value)) for key, value in details.items() if key not in _OWN]
    return found


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _label(key: str) -> str:
    return str(_KEYS.get(key) or wording.plain(key))


def _text(value: Any) -> str:
    match value:
        case _ if _is_empty(value):
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case list() if all(isinstance(item, str) for item in value):
            return ", ".join(value)
        case dict():
            return "; ".join(f"{_label(key)}: {_text(inner)}" for key, inner in value.items())
        case list():
            return json.dumps(value, ensure_ascii=False)
        case str() if _MOMENT.match(value) and (moment := parse_datetime(value)) is not None:
            return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return str(value)
