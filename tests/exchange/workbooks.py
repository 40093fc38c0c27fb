"""Workbooks made by hand: good ones, and ones nobody should open."""

from __future__ import annotations

import zipfile
from pathlib import Path

import xlsxwriter

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = (
    f'<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{MAIN}" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def sheet_xml(rows: str, before: str = "") -> bytes:
    """A worksheet part holding `rows`, with `before` between the XML declaration and the root."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet xmlns="{MAIN}"><sheetData>'
    return (head + rows + "</sheetData></worksheet>").encode()


def row_xml(number: int, *cells: str) -> str:
    """A row of inline texts."""
    inside = "".join(
        f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for i, cell in enumerate(cells)
    )
    return f'<row r="{number}">{inside}</row>'


def handmade(path: Path, sheet: bytes, extra: dict[str, bytes] | None = None) -> Path:
    """A minimal workbook whose only sheet is exactly `sheet`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml")
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return path


def written(path: Path, rows: list[list], sheets: tuple[str, ...] = ("Data",)) -> Path:
    """An ordinary workbook as a spreadsheet program saves it; the rows stand on the first sheet."""
    book = xlsxwriter.Workbook(str(path))
    for index, name in enumerate(sheets):
        sheet = book.add_worksheet(name)
        for y, row in enumerate(rows if index == 0 else [["other"], [name]]):
            for x, value in enumerate(row):
                if hasattr(value, "year"):
                    sheet.write_datetime(y, x, value, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
                else:
                    sheet.write(y, x, value)
    book.close()
    return path
