"""The audit as a CSV file: one row for each changed value (PLT-41)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from crm_core.exchange.exporting.cells import csv_text
from crm_core.metadata import registry
from crm_core.records import audit, files
from crm_core.records.audit_changes import text
from crm_core.records.models import StoredFile
from crm_core.security.actor import Actor

COLUMNS = ("at", "actor", "source", "operation", "object", "record", "record_id", "attribute", "old", "new")
MAX_BYTES = 200 * 1024 * 1024
_NO_VALUES = ({"attribute": "", "old": None, "new": None},)


def export_audit(actor: Actor, wanted: Mapping[str, Any]) -> tuple[StoredFile, int]:
    """Write what `audit.page` shows for `wanted` to a stored file; the export is an entry itself.

    Returns the file and the number of entries. Raises what `audit.page` raises, Invalid `file.too_large`.
    """
    entries = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal entries
        for entry in audit.every(actor, wanted):
            entries += 1
            yield entry

    stored = files.store("audit.csv", _lines(counted()), "text/csv", actor.user_id, limit=MAX_BYTES)
    audit.note(actor, "audit", "export", {"rows": [None, entries], "conditions": [None, dict(wanted)]})
    return stored, entries


def _lines(entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """The file piece by piece; it never stands in memory as a whole."""
    yield "\ufeff".encode() + _csv([COLUMNS])
    for entry in entries:
        record, entity = entry["record"], registry.current().entities.get(entry["object"])
        head = (entry["at"], entry["actor"]["name"], entry["source"], entry["operation"], entry["object"], record["name"], record["id"])  # fmt: skip
        yield _csv(
            (
                *head,
                change["attribute"],
                *[_text(text(entity, str(change["attribute"]), change[k])) for k in ("old", "new")],
            )
            for change in entry["changes"] or _NO_VALUES
        )


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([csv_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _text(value: Any) -> str:
    """A value of any type as text; `csv_text` makes it harmless."""
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
