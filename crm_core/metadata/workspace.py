"""The current workspace's settings and version counters, read once per unit of work (request, task)."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

from tenants.context import current_schema
from tenants.postgresql.statement import Statement

_TRUST_SECONDS = 2.0  # only outside a unit of work; each request and task calls begin()
_local = threading.local()
_statement: Statement | None = None  # asked in every unit of work, the same in every workspace


@dataclass(frozen=True)
class WorkspaceState:
    name: str = ""
    currency: str = "EUR"
    language: str = "en"
    country: str = "DE"
    time_zone: str = "UTC"
    metadata_version: int = 0
    security_version: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def fiscal_start(self) -> int:
        """Month the fiscal year begins in, 1 … 12."""
        return int(self.settings.get("fiscal_start", 1))

    @property
    def manager_depth(self) -> int:
        """Levels of people below them whose records managers read; 0 for none (PLT-40 Manager hierarchy)."""
        return int(self.settings.get("manager_depth", 0))


@lru_cache(maxsize=300)
def first_weekday(country: str) -> int:
    """First day of the week in `country` (ISO 3166 code), Monday 1 … Sunday 7; Monday where nothing is known."""
    try:
        return Locale.parse(f"und_{country}").first_week_day + 1
    except (UnknownLocaleError, ValueError):
        return 1


def begin() -> None:
    """Start a unit of work: the next `current()` asks the database, so no process trusts an old version longer."""
    _local.entry = None


def current() -> WorkspaceState:
    """Settings of the workspace whose path is active."""
    entry = getattr(_local, "entry", None)
    if entry and entry[0] == current_schema() and time.monotonic() - entry[1] < _TRUST_SECONDS:
        return entry[2]
    state = _read()
    _local.entry = (current_schema(), time.monotonic(), state)
    return state


def _read() -> WorkspaceState:
    global _statement
    if _statement is None:
        from crm_core.metadata.models import Organization

        _statement = Statement(Organization.objects.values_list(*WorkspaceState.__dataclass_fields__)[:1])
    rows = _statement.run()
    return WorkspaceState(*rows[0]) if rows else WorkspaceState()


def bump(counter: str) -> None:
    """Raise `metadata_version` or `security_version` in the current transaction, so that every process rereads.

    The security version is a moment in microseconds: a version that was rolled back is never given again, so nothing
    that was read and kept inside the lost transaction can be taken for the rights of a later one.
    """
    from django.db.models import F
    from django.db.models.functions import Greatest

    from crm_core.metadata.models import Organization

    following: Any = F(counter) + 1
    if counter == "security_version":
        following = Greatest(following, time.time_ns() // 1000)
    Organization.objects.filter(pk=1).update(**{counter: following})
    begin()
