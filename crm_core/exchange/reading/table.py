"""What reading a file gives: its format, its header and a stream of rows of text (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from crm_core.metadata.errors import Invalid

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 500_000
MAX_COLUMNS = 702  # columns A to ZZ
MAX_CELL = 100_000  # characters; the longest memo
KEPT_OF_LONG_CELL = 1_000


class FileRefused(Invalid):
    """The file cannot be read as a table; `code` says why (`file.*`, `import.too_many_rows`)."""


class Row(NamedTuple):
    """One record of the file: `number` as a spreadsheet counts it (the header is row 1), cells as text.

    `problems` are what reading itself found wrong: `{"column": index or None, "code", "message"}`.
    """

    number: int
    cells: list[str]
    problems: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class Format:
    """How the file is written; people may override what was guessed (`encoding`, `delimiter`, `sheet`, `header`)."""

    kind: str
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header: bool = True
    notices: tuple[dict[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "sheets": list(self.sheets), "notices": list(self.notices)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Format:
        known = {k: v for k, v in values.items() if k in cls.__dataclass_fields__}
        known["sheets"] = tuple(known.get("sheets") or ())
        known["notices"] = tuple(known.get("notices") or ())
        return cls(**known)

    def with_notice(self, code: str, message: str) -> Format:
        return replace(self, notices=(*self.notices, {"code": code, "message": message}))


class RecordSource(Protocol):
    """A reader of one kind of file."""

    format: Format

    def records(self) -> Iterator[tuple[list[str], list[dict[str, Any]] | None]]:
        """Every record from the top, the header included, with what was wrong in reading it."""


@dataclass
class Table:
    """A readable file: `header` names the columns, `rows()` streams from the top each time it is called."""

    source: RecordSource
    format: Format
    header: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Data rows without the blank ones. Raises FileRefused `import.too_many_rows` beyond the limit."""
        width, seen = len(self.header), 0
        header_passed = not self.format.header
        for index, (cells, problems) in enumerate(self.source.records()):
            if _blank(cells):
                continue
            if not header_passed:
                header_passed = True
                continue
            seen += 1
            if seen > MAX_ROWS:
                raise too_many_rows()
            yield Row(index + 1, *_fitted(cells, width, problems))


def _blank(cells: list[str]) -> bool:
    return not "".join(cells).strip()


def too_many_rows() -> FileRefused:
    return FileRefused(
        "import.too_many_rows",
        f"The file has more than {MAX_ROWS:,} rows. Please split it.",
        field="file",
        details={"limit": MAX_ROWS},
    )


def problem(code: str, message: str, column: int | None = None) -> dict[str, Any]:
    return {"column": column, "code": code, "message": message}


def _fitted(cells: list[str], width: int, problems: list | None) -> tuple[list[str], list | None]:
    """The cells of a row made `width` long, and a problem when they were not (a ragged row)."""
    if len(cells) > width:
        if any(cells[width:]):
            message = f"The row has {len(cells)} cells, the header {width}."
            problems = [*(problems or ()), problem("row.too_many_cells", message)]
        cells = cells[:width]
    elif len(cells) < width:
        message = f"The row has {len(cells)} cells, the header {width}."
        problems = [*(problems or ()), problem("row.too_few_cells", message)]
        cells = cells + [""] * (width - len(cells))
    if sum(map(len, cells)) > MAX_CELL:
        for index, cell in enumerate(cells):
            if len(cell) > MAX_CELL:
                cells[index] = cell[:KEPT_OF_LONG_CELL]
                message = f"The cell has {len(cell):,} characters; at most {MAX_CELL:,} are possible."
                problems = [*(problems or ()), problem("value.too_long", message, index)]
    return cells, problems


def table_of(source: RecordSource) -> Table:
    """The table a source describes, its header read. Raises FileRefused for too many columns or no rows."""
    records = source.records()
    try:
        first = next((cells for cells, _problems in records if not _blank(cells)), None)
    finally:
        close = getattr(records, "close", None)
        if close:
            close()
    if first is None:
        raise FileRefused("file.empty", "The file has no content.", field="file")
    if len(first) > MAX_COLUMNS:
        message = f"The file has {len(first):,} columns; at most {MAX_COLUMNS} are possible."
        raise FileRefused("file.too_many_columns", message, field="file")
    while first and not first[-1].strip():
        first = first[:-1]
    if source.format.header:
        header = [cell.strip()[:200] or f"Column {index}" for index, cell in enumerate(first, 1)]
    else:
        header = [f"Column {index}" for index in range(1, len(first) + 1)]
    return Table(source, source.format, header)
