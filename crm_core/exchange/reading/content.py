"""What a file is by its content; its name only gives a hint and, when it is wrong, a notice (I8)."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from crm_core.exchange.reading.table import MAX_BYTES, FileRefused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_TABLES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"SQLite format 3", "a database"),
)
_MARKUP = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML document"),
    (b"<svg", "a picture"),
)


def refuse(code: str, message: str) -> FileRefused:
    return FileRefused(code, message, field="file")


def not_a_table(what: str) -> FileRefused:
    return refuse(
        "file.not_a_table", f"This is {what}. Please upload a CSV file or an Excel workbook (.xlsx)."
    )


def kind_of(path: Path) -> str:
    """`csv`, `vcard` or `xlsx`. Raises FileRefused for everything else, and for empty and too large files."""
    size = path.stat().st_size
    if size == 0:
        raise refuse("file.empty", "The file is empty.")
    if size > MAX_BYTES:
        raise refuse("file.too_large", f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(_OLE):
        raise _ole_refusal(path)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    for magic, what in _NOT_TABLES:
        if head.startswith(magic):
            raise not_a_table(what)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, what in _MARKUP:
        if text.startswith(start):
            raise not_a_table(what)
    if text.startswith((b"{", b"[{")):
        raise not_a_table("a JSON document")
    return "vcard" if text.startswith(b"begin:vcard") else "csv"


def _ole_refusal(path: Path) -> FileRefused:
    with path.open("rb") as stream:
        content = stream.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return refuse(
            "file.password_protected",
            "The workbook is protected by a password. Please remove it and try again.",
        )
    return refuse("file.unsupported", "This is an old Office file. Please save it as .xlsx or CSV.")


def _kind_of_zip(path: Path) -> str:
    if not is_zipfile(path):
        raise refuse("file.damaged", "The workbook is damaged and cannot be opened.")
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, ValueError, OSError):
        raise refuse("file.damaged", "The workbook is damaged and cannot be opened.") from None
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "word/document.xml" in names:
        raise not_a_table("a text document")
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise refuse("file.unsupported", "This kind of workbook is not read. Please save it as .xlsx or CSV.")
    raise not_a_table("an archive of files")
