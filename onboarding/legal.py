"""Versions of the legal texts. A new text is a new pair of templates and a new first entry here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tenants.countries import SITE_LANGUAGES


@dataclass(frozen=True)
class Document:
    """One legal text; `versions` newest first, each an ISO date and a template per site language."""

    code: str
    title: Any
    versions: tuple[str, ...]

    @property
    def current(self) -> str:
        """The version in force, the one a new sign-up accepts."""
        return self.versions[0]

    def template(self, version: str, language: str) -> str:
        """Template name of `version` in `language`. Raises KeyError for a version that never was."""
        if version not in self.versions:
            raise KeyError(version)
        language = language if language in SITE_LANGUAGES else "en"
        return f"onboarding/legal/{self.code}-{version}.{language}.html"


DOCUMENTS = {
    "terms": Document("terms", _("Terms of service"), ("2026-11-01",)),
    "dpa": Document("dpa", _("Data processing agreement"), ("2026-11-22",)),
    "privacy": Document("privacy", _("Privacy notice"), ("2026-11-01",)),
}
