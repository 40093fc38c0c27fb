"""The readable part of the workspace's archive: how a record and an object stand in it."""

from __future__ import annotations

import csv
import io
from typing import IO, Any

import orjson

from crm_core.exchange.exporting.cells import csv_text, writer_for
from crm_core.exchange.exporting.exports import headers
from crm_core.metadata.entity import Entity
from crm_core.security.actor import Actor

PAGE = 1_000


class Table:
    """An object's CSV: labels for people, then id and version."""

    def __init__(self, entity: Entity, fields: list[str], actor: Actor, stream: IO[bytes]) -> None:
        self.titles = [*headers(entity, fields), "Record id", "Record version"]
        self.writers = [(n, writer_for(entity, entity.attributes[n], actor.time_zone)) for n in fields]
        self.stream = stream

    def head(self) -> None:
        self.stream.write(b"\xef\xbb\xbf")
        self._write([csv_text(title) for title in self.titles])

    def row(self, row: dict[str, Any]) -> None:
        cells = [csv_text(write(row[name])) for name, write in self.writers]
        self._write([*cells, row["id"], str(row["version"])])

    def _write(self, cells: list[str]) -> None:
        text = io.StringIO()
        csv.writer(text).writerow(cells)
        self.stream.write(text.getvalue().encode())


def without_links(entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
    """The row without download links, which are dead in ten minutes; the file's id stays."""
    for name, value in row.items():
        if isinstance(value, dict) and entity.attributes[name].type.name == "file":
            row[name] = {key: fact for key, fact in value.items() if key != "url"}
    return row


def as_json(content: Any) -> bytes:
    """A document for people: indented."""
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2)


def described(entity: Entity) -> dict[str, Any]:
    """What an object looked like when it was exported."""
    return {
        "name": entity.name,
        "plural": entity.plural,
        "label": str(entity.label),
        "label_plural": str(entity.label_plural),
        "custom": entity.custom,
        "attributes": [
            {
                "name": a.name,
                "label": str(a.label),
                "type": a.type.name,
                "custom": a.custom,
                "targets": list(a.targets),
                "options": {str(o.value): str(o.label) for o in a.options},
            }
            for a in entity.attributes.values()
        ],
    }
