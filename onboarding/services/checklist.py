"""The first steps of a workspace, ticked by facts in its data and not by clicks (PEERS.md §5.1, ASP-10.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.exchange.models import Import
from crm_core.metadata import registry, workspace
from crm_core.records.query.query import Query
from crm_core.search.models import SavedView
from crm_core.security.actor import Actor, system_actor
from crm_core.security.models import SystemUser
from onboarding.services import invitations, sample_data
from tenants.identity.models import Invitation
from tenants.models import Tenant

_PREFERENCE = "checklist_dismissed"


@dataclass(frozen=True)
class Step:
    """One line of the list. `capability` is what a person needs to be able to do it; others do not see it."""

    key: str
    label: Any
    help: Any
    url: str
    is_done: Callable[[], bool]
    capability: str = ""


def _own(*names: str) -> bool:
    """Whether somebody made a record of one of these objects himself."""
    known = [registry.get(name) for name in names if name in registry.current().entities]
    return any(Query(entity, system_actor()).where(Q(is_sample=False)).exists() for entity in known)


STEPS = (
    Step(
        "import",
        _("Bring your customers in"),
        _("Import a spreadsheet; every step can be checked first and undone afterwards."),
        "/import",
        lambda: Import.objects.filter(state="done").exists(),
    ),
    Step(
        "opportunity",
        _("Create your first opportunity"),
        _("A possible sale with customer, amount and expected date."),
        "/opportunities?create=opportunity",
        lambda: _own("opportunity"),
    ),
    Step(
        "activity",
        _("Plan the next step with a customer"),
        _("A task, call or appointment; it appears in My work when it is due."),
        "/?create=task",
        lambda: _own("task", "phone_call", "appointment"),
    ),
    Step(
        "invite",
        _("Invite a colleague"),
        _("By e-mail, with a role; she chooses her own password."),
        "/settings/people",
        lambda: Invitation.objects.exists() or invitations.active_users() > 1,
        invitations.MANAGE,
    ),
    Step(
        "adapt",
        _("Adapt it to your company"),
        _("Add a field of your own or rename the stages, then publish."),
        "/settings/objects",
        lambda: workspace.current().metadata_version > 0,
        "customize",
    ),
    Step(
        "view",
        _("Save a list the way you need it"),
        _("Choose filter, columns and order, and save them as a view."),
        "/accounts",
        lambda: SavedView.objects.exists(),
    ),
)


def document(actor: Actor, tenant: Tenant) -> dict[str, Any]:
    """`{"items": [{key, label, help, url, done}], "dismissed", "sample_data"}` for this person."""
    steps = [step for step in STEPS if not step.capability or actor.can(step.capability)]
    return {
        "items": [
            {
                "key": step.key,
                "label": str(step.label),
                "help": str(step.help),
                "url": step.url,
                "done": step.is_done(),
            }
            for step in steps
        ],
        "dismissed": bool(_preferences(actor).get(_PREFERENCE)),
        "sample_data": sample_data.is_present(),
    }


def _preferences(actor: Actor) -> dict[str, Any]:
    found = SystemUser.objects.filter(pk=actor.user_id).values_list("preferences", flat=True).first()
    return found or {}


def set_dismissed(actor: Actor, dismissed: bool) -> None:
    """Hide the list for this person, or bring it back; other preferences stay as they are."""
    user = SystemUser.objects.select_for_update().filter(pk=actor.user_id).first()
    if user is not None:
        user.preferences = {**user.preferences, _PREFERENCE: dismissed}
        user.save(update_fields=["preferences"])
