"""What becomes of one row of a file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

# What an import may set although people may not: the state by which a closed record arrives, and when it was made.
PRIVILEGED = frozenset({"state", "status_reason", "created_at"})


@dataclass
class PlannedRow:
    """One row as it will be written. `action`: create, update, skip (a duplicate) or error.

    `pending` are names of records further down in the file; `expected` are attributes whose record the run will
    create first.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    action: str = "create"
    object: str = ""
    record_id: uuid.UUID | None = None
    version: int | None = None
    pending: dict[str, str] = field(default_factory=dict)
    expected: set[str] = field(default_factory=set)
    keys: list[int] = field(default_factory=list)

    def fail(self, code: str, message: str, name: str | None = None) -> None:
        self.errors.append({"field": name, "code": code, "message": message})
        self.action = "error"
