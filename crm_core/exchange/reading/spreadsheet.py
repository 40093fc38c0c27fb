"""Excel workbooks, opened by a child process with little memory and time (I8)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from crm_core.exchange.reading import spreadsheet_process
from crm_core.exchange.reading.content import refuse
from crm_core.exchange.reading.table import Format, problem
from crm_core.exchange.reading.workbook_parts import damaged, examine

_BASE_MEMORY = 192 * 1024 * 1024
_BYTES_PER_CELL = 80
_MAX_MEMORY = 2 * 1024 * 1024 * 1024
_SECONDS = 120
_REFUSALS = {
    "file.password_protected": "The workbook is protected by a password. Please remove it and try again.",
    "file.no_sheet": "The workbook has no sheet with a table.",
    "file.unknown_sheet": "The workbook has no such sheet.",
    "file.too_complex": "The workbook needs too much memory. Please save it as CSV.",
    "file.damaged": "The workbook is damaged and cannot be opened.",
}


class Spreadsheet:
    """One sheet of a workbook. Formula cells give the value the spreadsheet program stored with them."""

    def __init__(self, path: Path, wanted: Format | None = None):
        self.path = path
        given = wanted or Format("xlsx")
        size = examine(path, given.sheet)
        self._errors: dict[int, list[int]] = {}
        for row, column in sorted(size.error_cells):
            self._errors.setdefault(row, []).append(column)
        cells = size.rows * max(size.columns, 1)
        self._memory = min(_BASE_MEMORY + _BYTES_PER_CELL * cells + 3 * size.xml_bytes, _MAX_MEMORY)
        self.format = replace(Format("xlsx"), sheet=given.sheet, header=given.header)
        stream = self._lines()
        try:
            facts = next(stream)
        finally:
            stream.close()
        self.format = replace(self.format, sheets=tuple(facts["sheets"]), sheet=facts["sheet"])

    def records(self) -> Iterator[tuple[list[str], list[dict[str, Any]] | None]]:
        lines = self._lines()
        try:
            next(lines)
            for index, cells in enumerate(lines):
                broken = self._errors.get(index)
                yield cells, [_formula_error(column) for column in broken] if broken else None
        finally:
            lines.close()

    def _lines(self) -> Generator[Any, None, None]:
        """Parsed lines of the child; it is ended when nobody reads on. Raises FileRefused for its refusals and its death."""
        command = [
            sys.executable, "-I", spreadsheet_process.__file__, str(self.path), self.format.sheet or "", str(self._memory), str(_SECONDS),
        ]  # fmt: skip
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        output = child.stdout
        assert output is not None
        try:
            started = False
            for line in output:
                value = orjson.loads(line)
                if isinstance(value, dict) and "refused" in value:
                    raise refuse(value["refused"], _REFUSALS[value["refused"]])
                started = True
                yield value
            if (code := child.wait()) != 0:
                # killed by a limit or an abort in the reader; ordinary errors arrive as a refusal line
                raise refuse("file.too_complex", _REFUSALS["file.too_complex"]) if code < 0 else damaged()
            if not started:
                raise damaged()
        finally:
            if child.poll() is None:
                child.kill()
            output.close()
            child.wait()


def _formula_error(column: int) -> dict[str, Any]:
    return problem("value.formula_error", "The cell's formula gives an error.", column)
