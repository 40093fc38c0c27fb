"""One way to open any file that can be imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_core.exchange.reading.content import kind_of
from crm_core.exchange.reading.spreadsheet import Spreadsheet
from crm_core.exchange.reading.table import Format, Table, table_of
from crm_core.exchange.reading.text_file import TextFile
from crm_core.exchange.reading.vcard import VCards

_READERS = {"csv": TextFile, "xlsx": Spreadsheet, "vcard": VCards}
_EXTENSIONS = {
    "csv": {".csv", ".txt", ".tsv", ".tab", ".dat", ""},
    "xlsx": {".xlsx"},
    "vcard": {".vcf", ".vcard"},
}


def open_table(path: Path, file_name: str = "", wanted: Format | None = None) -> Table:
    """The table in the file at `path` (PLT-45.5).

    `file_name` is what the sender called it: when the content is something else, the content counts and a notice
    says so. `wanted` overrides guesses. Raises FileRefused with a `file.*` or `import.*` code.
    """
    kind = kind_of(path)
    source: Any = _READERS[kind](path, wanted if wanted and wanted.kind == kind else None)
    suffix = Path(file_name).suffix.lower()
    if file_name and suffix not in _EXTENSIONS[kind]:
        what = {"csv": "a text file", "xlsx": "an Excel workbook", "vcard": "a file of contacts"}[kind]
        source.format = source.format.with_notice(
            "file.wrong_extension", f"“{file_name[:100]}” is {what} and was read as one."
        )
    return table_of(source)
