"""What stands inside an .xlsx before anything parses it: sizes, macros, document types, rows and columns of a sheet (I8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from crm_core.exchange.reading.content import refuse
from crm_core.exchange.reading.table import MAX_COLUMNS, MAX_ROWS, too_many_rows

_CHUNK = 512 * 1024
_OVERLAP = 64
_MAX_PARTS = 5_000
_MAX_INSIDE = 1024 * 1024 * 1024
_FREE_INSIDE = 20 * 1024 * 1024
_MAX_RATIO = 200
_MAX_CELLS = 20_000_000
_ROW = re.compile(rb"<(?:\w+:)?row[ />]")
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row[^>]{0,200}?\sr="(\d{1,9})"')
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]{0,60}?r="([A-Z]{1,7})\d')
_FAR_COLUMN = re.compile(rb'\sr="[A-Z]{3,7}\d')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]{0,60}?r="([A-Z]{1,3})(\d{1,7})"[^>]{0,60}?\st="e"')
_MAX_ERROR_CELLS = 10_000
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NAMESPACE = re.compile(r"^\{[^}]*\}")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class SheetSize:
    """The grid a reader will have to hold: last row, last column, bytes of XML and shared texts.

    `error_cells` are (row, column) from 0 of cells whose formula failed; the reader shows those as empty.
    """

    rows: int
    columns: int
    xml_bytes: int
    error_cells: frozenset[tuple[int, int]] = frozenset()


def damaged() -> Exception:
    return refuse("file.damaged", "The workbook is damaged and cannot be opened.")


def examine(path: Path, sheet: str | None) -> SheetSize:
    """Look at every part a reader would open. Raises FileRefused for anything that must not be opened."""
    try:
        with ZipFile(path) as archive:
            parts = {info.filename: info for info in archive.infolist()}
            _check_parts(list(parts.values()))
            for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
                if name not in parts:
                    raise damaged()
            texts = 0
            for name, info in parts.items():
                if name.endswith((".xml", ".rels")) and not name.startswith("xl/worksheets/sheet"):
                    texts += sum(len(chunk) for chunk in _checked(archive, info))
            part = _sheet_part(archive, sheet, parts)
            size = _grid(archive, part)
            return replace(size, xml_bytes=size.xml_bytes + texts)
    except (
        BadZipFile,
        ZlibError,
        EOFError,
        NotImplementedError,
        ElementTree.ParseError,
        UnicodeDecodeError,
        ValueError,
    ):
        raise damaged() from None
    except RuntimeError:  # zipfile's word for an encrypted part
        raise refuse("file.password_protected", "The workbook is protected by a password.") from None


def _check_parts(infos: list[ZipInfo]) -> None:
    if len(infos) > _MAX_PARTS:
        raise refuse("file.too_complex", "The workbook has too many parts.")
    if any(info.filename.lower().endswith("vbaproject.bin") for info in infos):
        raise refuse("file.macros", "The workbook contains macros. Please save it as .xlsx without macros.")
    if any(info.flag_bits & 1 for info in infos):
        raise refuse("file.password_protected", "The workbook is protected by a password.")
    inside = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos) or 1
    if inside > _MAX_INSIDE or (inside > _FREE_INSIDE and inside > _MAX_RATIO * packed):
        raise bomb()


def bomb() -> Exception:
    return refuse("file.zip_bomb", "The workbook unpacks to far more than its size. It is not opened.")


def _checked(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    """The unpacked part in chunks; refuses document types, other encodings and more bytes than were announced."""
    total, tail = 0, b""
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            if total == 0 and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in chunk[:64]):
                raise damaged()  # XML of a workbook is UTF-8; anything else could hide a document type
            total += len(chunk)
            if total > info.file_size:
                raise bomb()
            if _DOCUMENT_TYPE.search(tail + chunk):
                raise refuse("file.entities", "The workbook declares XML entities. It is not opened.")
            tail = chunk[-_OVERLAP:]
            yield chunk


def _sheet_part(archive: ZipFile, sheet: str | None, parts: dict[str, ZipInfo]) -> ZipInfo:
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - no document type, checked above
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    for element in workbook.iter():
        if _NAMESPACE.sub("", element.tag) != "sheet" or (sheet and element.get("name") != sheet):
            continue
        relation = element.get(_RELATION) or next(
            (v for k, v in element.attrib.items() if k.endswith("}id")), None
        )
        target = targets.get(relation, "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name in parts and "worksheets/" in name:
            return parts[name]
    if sheet:
        raise refuse("file.unknown_sheet", f"The workbook has no sheet “{sheet}”.")
    raise refuse("file.no_sheet", "The workbook has no sheet with a table.")


def _grid(archive: ZipFile, info: ZipInfo) -> SheetSize:
    """Rows and columns really mentioned; a stated dimension may lie and is not believed."""
    rows = last_row = columns = total = 0
    tail = b""
    errors: set[tuple[int, int]] = set()
    for chunk in _checked(archive, info):
        total += len(chunk)
        rows += len(_ROW.findall(tail + chunk)) - len(_ROW.findall(tail))
        chunk_and_tail = tail + chunk
        if found := _ROW_NUMBER.findall(chunk_and_tail):
            last_row = max(last_row, *(int(n) for n in found))
        if max(rows, last_row) > MAX_ROWS + 1:
            raise too_many_rows()
        if _FAR_COLUMN.search(chunk_and_tail):
            raise refuse("file.too_many_columns", f"The sheet has more than {MAX_COLUMNS} columns.")
        columns = max([columns, *(_number(letters) for letters in set(_CELL.findall(chunk_and_tail)))])
        errors.update(
            (int(row) - 1, _number(letters) - 1) for letters, row in _ERROR_CELL.findall(chunk_and_tail)
        )
        if len(errors) > _MAX_ERROR_CELLS:
            raise refuse(
                "file.formula_errors", "Too many formulas of the sheet fail. Please correct them first."
            )
        tail = chunk[-256:]
    rows = max(rows, last_row)
    if rows * columns > _MAX_CELLS:
        raise refuse("file.too_complex", "The sheet has too many cells. Please save it as CSV.")
    return SheetSize(rows, columns, total, frozenset(errors))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
