"""Names people read for what the code knows by keys: limits with their units, features, steps, places (ASP-30)."""

from __future__ import annotations

from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

Words = Any  # a text, translated or lazily so

#: In the order they are shown in: people, what they keep, what they send, what they build.
LIMITS: dict[str, Words] = {
    "users": gettext_lazy("Users"),
    "read_only_users": gettext_lazy("Read-only users"),
    "invitations_per_day": gettext_lazy("Invitations a day"),
    "storage_bytes": gettext_lazy("Storage"),
    "file_bytes": gettext_lazy("Largest file"),
    "api_calls_per_day": gettext_lazy("API calls a day"),
    "emails_per_day": gettext_lazy("E-mails a day"),
    "custom_objects": gettext_lazy("Own objects"),
    "sandboxes": gettext_lazy("Sandboxes"),
    "statement_ms": gettext_lazy("Longest database statement"),
    "audit_retention_days": gettext_lazy("Change history"),
}
FEATURES: dict[str, Words] = {
    "custom_domain": gettext_lazy("Own domain"),
    "field_security": gettext_lazy("Field-level access rights"),
}
STEPS: dict[str, Words] = {
    "claimed": gettext_lazy("Taken from the stock"),
    "domain": gettext_lazy("Address set up"),
    "owner": gettext_lazy("Owner's account made"),
    "plan": gettext_lazy("Plan and trial set"),
    "crm": gettext_lazy("Roles and base data written"),
    "duplicate_rules": gettext_lazy("Duplicate rules written"),
    "sample_data": gettext_lazy("Sample data added"),
    "directory": gettext_lazy("Owner listed for the workspace finder"),
    "welcome": gettext_lazy("Welcome mail queued"),
    "done": gettext_lazy("Opened"),
}
#: What an operator did inside a workspace, as the journal of support names it.
SUPPORT_ACTS: dict[str, Words] = {
    "link": gettext_lazy("Link made"),
    "entered": gettext_lazy("Entered"),
    "request": gettext_lazy("Request"),
    "left": gettext_lazy("Left"),
    "ended": gettext_lazy("Sent out"),
}
STEP_STATES: dict[str, tuple[Words, str]] = {
    "done": (gettext_lazy("Done"), "good"),
    "failed": (gettext_lazy("Failed"), "bad"),
    "running": (gettext_lazy("Running"), "info"),
    "waiting": (gettext_lazy("Waiting"), ""),
}


def locale() -> str:
    """The reader's locale, as Babel names it."""
    return to_locale(get_language() or "en")


def plain(key: str) -> str:
    """A key without a name of its own, readable at least: what a customer named, or a newer release."""
    return key.replace("_", " ").capitalize()


def limit_name(key: str) -> str:
    """What a limit is called."""
    return str(LIMITS.get(key) or plain(key))


def feature_name(key: str) -> str:
    """What a limit or a switch is called; objects are both a limit and a switch, told apart by the caller."""
    return str(FEATURES.get(key) or LIMITS.get(key) or plain(key))


def step_name(key: str) -> str:
    """What a step of making a workspace has done."""
    return str(STEPS.get(key) or plain(key))


def limit_value(key: str, value: int | None) -> str:
    """A limit with its unit; "unlimited" for None, and the installation's own for a statement's time."""
    if value is None:
        return _("as the installation") if key == "statement_ms" else _("unlimited")
    if key.endswith("_bytes"):
        return str(filesizeformat(value))
    if key.endswith("_ms"):
        return _("%(seconds)s s") % {"seconds": format_decimal(value / 1000, locale=locale())}
    number = format_decimal(value, locale=locale())
    return _("%(days)s days") % {"days": number} if key.endswith("_days") else number


def country_name(code: str) -> str:
    """The country's name in the reader's language; the code where there is none."""
    return str(Locale.parse(locale()).territories.get(code, code))


def language_name(code: str) -> str:
    """The language's name in the reader's language; the code where there is none."""
    return str(
        Locale.parse(locale()).languages.get(code, dict(settings.LANGUAGES).get(code, code))
    ).capitalize()
