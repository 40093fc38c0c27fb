"""The steps of a provisioning in words (ASP-10.1 progress page)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tenants import provisioning
from tenants.models import Provisioning

STEP_LABELS = {
    "claimed": _("Database of your own"),
    "domain": _("Address"),
    "owner": _("Your user"),
    "plan": _("Plan"),
    "crm": _("Roles, views and currencies"),
    "sample_data": _("Sample data"),
    "directory": _("Entry for “Find my workspace”"),
    "welcome": _("Mail with the address"),
    "done": _("Opening the doors"),
}
STATE_LABELS = {"done": _("done"), "running": _("running"), "failed": _("failed"), "waiting": _("waiting")}


@dataclass(frozen=True)
class StepInWords:
    """One line of the progress page."""

    name: str
    label: Any
    state: str
    state_label: Any


@dataclass(frozen=True)
class Progress:
    """All steps and what they amount to: `running`, `failed` (retryable) or `done`."""

    state: str
    steps: tuple[StepInWords, ...]


def progress_of(wish: Provisioning) -> Progress:
    """Where `wish` stands. The first step that is not done counts as running unless it failed."""
    states = provisioning.progress(wish)
    steps, found_current = [], False
    for name, state in states:
        if state != "done" and not found_current:
            found_current = True
            state = "failed" if state == "failed" else "running"
        label = STEP_LABELS.get(name) or name.replace("_", " ").capitalize()
        steps.append(StepInWords(name, label, state, STATE_LABELS[state]))
    if wish.state == Provisioning.State.DONE:
        return Progress("done", tuple(steps))
    failed = any(step.state == "failed" for step in steps) or wish.state in {
        Provisioning.State.FAILED,
        Provisioning.State.REAPED,
    }
    return Progress("failed" if failed else "running", tuple(steps))
