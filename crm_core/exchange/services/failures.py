"""The rows of an import that were not taken, as a file that can be corrected and imported again (PLT-45.5)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_core.exchange import staging
from crm_core.exchange.exporting import files as writing
from crm_core.exchange.exporting.exports import FORMATS
from crm_core.exchange.models import Import, ImportOutcome
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed

REASON = "Import error"
PAGE = 1_000


def failures_file(import_: Import, kind: str) -> tuple[str, str, bytes]:
    """(name, media type, content) of the failed rows in the file's own columns and a last one with the reason.

    Raises Malformed for a format other than csv and xlsx.
    """
    if kind not in FORMATS:
        raise Malformed("import.format", "csv or xlsx.", field="format")
    headers = [c["header"] for c in import_.columns] + [REASON]
    stem = import_.file_name.rsplit(".", 1)[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"failures.{kind}"
        if kind == "csv":
            writing.write_csv(path, headers, _rows(import_))
        else:
            writing.write_xlsx(path, headers, _rows(import_), title=stem)
        return f"{stem}-failures.{kind}", FORMATS[kind], path.read_bytes()


def _rows(import_: Import) -> Iterator[list[str]]:
    labels = _labels(import_)
    after = 0
    while True:
        found = ImportOutcome.objects.filter(
            import_id=import_.pk, number__gt=after, status__in=("failed", "error")
        )
        outcomes = {o.number: o for o in found.order_by("number")[:PAGE]}
        for row in staging.rows(import_.pk, numbers=list(outcomes)):
            yield [*row.cells, reason(outcomes[row.number].errors or [], labels)]
        if len(outcomes) < PAGE:
            return
        after = max(outcomes)


def _labels(import_: Import) -> dict[str, str]:
    if import_.object is None:
        return {}
    return {a.name: str(a.label) for a in registry.get(import_.object).attributes.values()}


def reason(errors: list[dict[str, Any]], labels: dict[str, str]) -> str:
    """All errors of a row in one text: `required: last_name` reads as `Last name: …`."""
    return "; ".join(
        e["message"]
        if not e["field"] or e["message"].startswith(labels.get(e["field"], "\0"))
        else f"{e['field']}: {e['message']}"
        for e in errors
    )
