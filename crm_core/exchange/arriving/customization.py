"""The archive's customization: checked as strictly as a package of definitions before records are read by it (PLT-12)."""

from __future__ import annotations

from typing import Any

from crm_core.exchange.arriving.opening import Archive
from crm_core.exchange.arriving.refusals import ArchiveRefused
from crm_core.metadata import plan_limits, registry, workspace
from crm_core.metadata.customization.carrying import place_checked
from crm_core.metadata.customization.components import OWNED, components
from crm_core.metadata.customization.overlay import compile_entities
from crm_core.metadata.errors import CrmError
from crm_core.metadata.models import Publication

_ENTRY = "customization_versions.jsonl"
_PARTS = {"objects", "option_lists", "option_list_labels", "attributes", *OWNED.values()}


def take_over(archive: Archive) -> None:
    """Check what was read in, and make it the registry of this transaction.

    Raises ArchiveRefused `archive.bad_customization`, PlanLimit when the plan has room for fewer objects.
    """
    workspace.begin()
    version = workspace.current().metadata_version
    versions = list(Publication.objects.order_by("version").values_list("version", "body"))
    if (version or versions) and version not in dict(versions):
        raise ArchiveRefused(
            "bad_customization", "The published version of the customization is missing.", entry=_ENTRY
        )
    for row, (number, body) in enumerate(versions, start=1):
        _check(body, row, whole=number == version)
    plan_limits.require_custom_objects({}, dict(versions).get(version, {}))
    registry.forget()
    registry.current()


def _check(body: dict[str, Any], row: int, *, whole: bool) -> None:
    """Every version must compile, because it can be published again; the current one must hold what designers make."""
    try:
        if set(body) - _PARTS:
            raise _refused(row, f"“{sorted(set(body) - _PARTS)[0][:60]}” is unknown")
        compile_entities(body)
        problems = place_checked({}, components(body), {}) if whole else {}
    except ArchiveRefused:
        raise
    except CrmError as error:
        raise _refused(row, error.message) from error
    except (
        Exception
    ) as error:  # whatever a document of any shape can cause: it is refused, with the cause kept
        raise _refused(row, "it is not built as customizations are") from error
    for key, problem in problems.items():
        raise _refused(row, f"{key.kind} {key.object} {key.name}: {problem.message}", component=key.as_json())


def _refused(row: int, message: str, **details: Any) -> ArchiveRefused:
    return ArchiveRefused(
        "bad_customization", f"Customization {row}: {message}", entry=_ENTRY, row=row, **details
    )
