"""Errors of the CRM. Each carries a stable code, a field path and details; the API turns them into answers (PRODUCT_SPEC 0.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class CrmError(Exception):
    """A refusal with a stable `code`, a message for people, the `field` path it concerns and machine-readable `details`."""

    status = 400

    def __init__(
        self, code: str, message: str = "", *, field: str | None = None, details: dict | None = None
    ):
        super().__init__(message or code)
        self.code = code
        self.message = str(message or code)
        self.field = field
        self.details: dict[str, Any] = details or {}

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "field": self.field, "details": self.details}


class Malformed(CrmError):
    """The request itself makes no sense: unknown name, wrong shape."""

    status = 400


class PlanLimit(CrmError):
    status = 402


class Forbidden(CrmError):
    status = 403


class NotFound(CrmError):
    """Absent or not visible: the two are never told apart."""

    status = 404

    def __init__(
        self, code: str = "record.not_found", message: str = "There is no such record.", **kwargs: Any
    ):
        super().__init__(code, message, **kwargs)


class Conflict(CrmError):
    status = 409


class VersionMismatch(CrmError):
    status = 412


class Invalid(CrmError):
    """A value breaks a rule."""

    status = 422


class ReadOnlyWorkspace(CrmError):
    status = 423


class ValidationFailed(Invalid):
    """Several values break rules at once; `errors` keeps each with its own field."""

    def __init__(self, errors: Sequence[Invalid]):
        first = errors[0]
        super().__init__(
            "validation.failed" if len(errors) > 1 else first.code,
            first.message,
            field=first.field,
            details={
                **first.details,
                "errors": [{"code": e.code, "message": e.message, "field": e.field} for e in errors],
            },
        )
        self.errors = list(errors)
