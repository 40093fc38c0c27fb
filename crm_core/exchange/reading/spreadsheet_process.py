"""The child process that opens a workbook: no Django, little memory, little time; rows leave as lines of JSON.

Arguments: path, sheet name (empty for the first), address space in bytes, CPU seconds. Output: one line
`{"sheets": […], "sheet": name}`, then one JSON array of texts per row. A refusal is one line `{"refused": code}`.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys

import orjson
import python_calamine as calamine

_BATCH = 500


def text(value: object) -> str:
    """A cell as text that says what the spreadsheet says: whole numbers without places, ISO dates."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return "" if value is None else str(value)


def emit(value: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")


def run(path: str, wanted: str) -> None:
    workbook = calamine.CalamineWorkbook.from_path(path)
    names = [s.name for s in workbook.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    if not names:
        emit({"refused": "file.no_sheet"})
        return
    name = wanted or names[0]
    if name not in names:
        emit({"refused": "file.unknown_sheet"})
        return
    emit({"sheets": names, "sheet": name})
    sheet = workbook.get_sheet_by_name(name)
    if sheet.height == 0:
        return
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for _row in range(sheet.start[0] if sheet.start else 0):
        emit([])
    for row in sheet.iter_rows():
        emit(left + [text(cell) for cell in row])


def main() -> None:
    path, wanted, memory, seconds = sys.argv[1:5]
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        run(path, wanted)
    except calamine.PasswordError:
        emit({"refused": "file.password_protected"})
    except MemoryError:
        emit({"refused": "file.too_complex"})
    except calamine.CalamineError:
        emit({"refused": "file.damaged"})
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
