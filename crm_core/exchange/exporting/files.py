"""Writing the file of an export in little memory."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter

from crm_core.exchange.exporting.cells import Cell, csv_text, fits_a_number_cell

MAX_SHEET_TEXT = 32_767  # characters a spreadsheet's cell can hold
_WIDTH_SAMPLE = 200


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with a byte order mark, so that Excel reads the letters right."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream)
        out.writerow([csv_text(h) for h in headers])
        for row in rows:
            out.writerow([csv_text(cell) for cell in row])


def write_xlsx(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str, hidden: int = 0
) -> None:
    """One sheet with a frozen header and filters; the last `hidden` columns (id and version) are not shown."""
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd", "nan_inf_to_errors": True, "tmpdir": str(path.parent),
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Export")
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    shown = len(headers) - hidden

    @cache
    def of_places(places: int) -> Any:
        return book.add_format({"num_format": f"#,##0.{'0' * places}" if places else "#,##0"})

    def with_places(number: Decimal) -> Any:
        """As many decimals as the number has: 10.00 is not shown as 10."""
        return of_places(max(0, -int(number.as_tuple().exponent)))

    for column, header in enumerate(headers):
        sheet.set_column(column, column, max(10, min(len(header) + 4, 40)), None, {"hidden": column >= shown})
        sheet.write_string(0, column, header, bold)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                sheet.write_string(last, column, cell[:MAX_SHEET_TEXT])
            elif isinstance(cell, bool):
                sheet.write_boolean(last, column, cell)
            elif isinstance(cell, dt.datetime):
                if cell.year >= 1900:
                    # a sheet would round up, to the next day where it is late enough
                    sheet.write_datetime(last, column, cell.replace(microsecond=0), moment)
                else:
                    sheet.write_string(last, column, csv_text(cell))
            elif isinstance(cell, dt.date):
                if cell.year >= 1900:
                    sheet.write_datetime(last, column, cell, day)
                else:
                    sheet.write_string(last, column, cell.isoformat())
            elif isinstance(cell, Decimal) and not fits_a_number_cell(cell):
                sheet.write_string(last, column, csv_text(cell))
            elif isinstance(cell, Decimal):
                sheet.write_number(last, column, cell, with_places(cell))
            else:
                sheet.write_number(last, column, cell)
    if shown > 0:
        sheet.autofilter(0, 0, max(last, 1), shown - 1)
    book.close()
