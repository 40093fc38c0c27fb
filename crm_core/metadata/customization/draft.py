"""What is published and what the draft would make of it (PLT-11). A body is the whole customization of a workspace."""

from __future__ import annotations

import copy
from typing import Any

from crm_core.metadata import workspace
from crm_core.metadata.customization.apply import DOCUMENTS, apply_change
from crm_core.metadata.errors import NotFound
from crm_core.metadata.models import DraftChange, Publication

KINDS = ("object", "attribute", "option_list", "override", *DOCUMENTS)
OPERATIONS = ("create", "update", "delete")


def published() -> tuple[int, dict[str, Any]]:
    """Current version and body."""
    version = workspace.current().metadata_version
    publication = Publication.objects.filter(version=version).first() if version else None
    return version, publication.body if publication else {}


def draft_body() -> dict[str, Any]:
    """The body as it would be published now."""
    body = copy.deepcopy(published()[1])
    for change in DraftChange.objects.all():
        apply_change(body, change)
    return body


def body_of(version: int) -> dict[str, Any]:
    """The body of an earlier version; 0 is as delivered. Raises NotFound `publication.unknown`."""
    if version == 0:
        return {}
    body = Publication.objects.filter(version=version).values_list("body", flat=True).first()
    if body is None:
        raise NotFound("publication.unknown", "There is no such version.")
    return body
