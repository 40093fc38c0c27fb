"""Workbooks: what they hold, and the ones that must not be opened (SAAS I8)."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from crm_core.exchange.reading.opening import open_table
from crm_core.exchange.reading.table import FileRefused, Format
from tests.exchange.workbooks import handmade, row_xml, sheet_xml, written


def refused(path: Path, wanted: Format | None = None) -> str:
    """The refusal's code."""
    with pytest.raises(FileRefused) as refusal:
        list(open_table(path, path.name, wanted).rows())
    return refusal.value.code


def rows(path: Path, wanted: Format | None = None) -> list[list[str]]:
    return [row.cells for row in open_table(path, path.name, wanted).rows()]


def test_cells_become_text_without_losing_what_they_say(tmp_path: Path) -> None:
    day, moment = dt.datetime(2017, 3, 1), dt.datetime(2017, 3, 1, 9, 30)
    path = written(
        tmp_path / "a.xlsx",
        [["n", "f", "d", "m", "b", "t", "z"], [5, 1100.04, day, moment, True, "Straße", "007"]],
    )
    assert rows(path) == [["5", "1100.04", "2017-03-01", "2017-03-01T09:30:00", "true", "Straße", "007"]]


def test_sheets_are_named_and_chosen(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", [["name"], ["A"]], sheets=("Data", "More"))
    found = open_table(path, path.name)
    assert (found.format.sheet, found.format.sheets) == ("Data", ("Data", "More"))
    assert rows(path, Format("xlsx", sheet="More")) == [["More"]]
    assert refused(path, Format("xlsx", sheet="None")) == "file.unknown_sheet"


def test_formula_cells_give_their_value_and_broken_ones_an_error(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>v</t></is></c><c r="B1" t="inlineStr"><is><t>w</t></is></c></row>'
    cells += '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    cells += '<row r="3"><c r="A3"><v>5</v></c><c r="B3" t="str"><f>"=cmd"</f><v>=cmd</v></c></row>'
    path = handmade(tmp_path / "f.xlsx", sheet_xml(cells))
    first, second = open_table(path, path.name).rows()
    assert first.cells[0] == "2"
    assert [p["code"] for p in first.problems] == ["value.formula_error"]
    assert second.cells == ["5", "=cmd"] and second.problems is None


def test_merged_cells_stand_in_their_first_cell(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "m.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b", "c"])
    sheet.merge_range(1, 0, 1, 1, "both")
    sheet.write(1, 2, "c")
    book.close()
    assert rows(tmp_path / "m.xlsx") == [["both", "", "c"]]


def test_a_table_that_does_not_begin_in_the_corner(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "m.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(5, 0, ["x", "y"])
    book.close()
    (only,) = open_table(tmp_path / "m.xlsx", "m.xlsx").rows()
    assert (only.number, only.cells) == (6, ["x", "y"])


def test_a_workbook_called_csv_is_read_with_a_notice(tmp_path: Path) -> None:
    path = written(tmp_path / "data.csv", [["name"], ["A"]])
    found = open_table(path, "data.csv")
    assert found.format.kind == "xlsx" and found.format.notices[0]["code"] == "file.wrong_extension"


def test_an_external_entity_is_refused(tmp_path: Path) -> None:
    before = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert refused(handmade(tmp_path / "e.xlsx", sheet_xml(row_xml(1, "&a;"), before))) == "file.entities"


def test_a_billion_laughs_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    before = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    strings = {"xl/sharedStrings.xml": sheet_xml(row_xml(1, "&l9;"), before)}
    assert refused(handmade(tmp_path / "l.xlsx", sheet_xml(row_xml(1, "x")), strings)) == "file.entities"


def test_a_document_type_cannot_hide_in_another_encoding(tmp_path: Path) -> None:
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><worksheet/>'.encode("utf-16")
    assert refused(handmade(tmp_path / "h.xlsx", hidden)) == "file.damaged"


def test_a_document_type_across_two_chunks_is_found(tmp_path: Path) -> None:
    from crm_core.exchange.reading import workbook_parts

    padding = "<!--" + "x" * (workbook_parts._CHUNK - 47) + "-->"
    body = sheet_xml(row_xml(1, "x"), padding + "<!DOCTYPE x []>")
    assert refused(handmade(tmp_path / "c.xlsx", body)) == "file.entities"


def test_a_bomb_is_refused_by_its_announced_size(tmp_path: Path) -> None:
    path = handmade(tmp_path / "b.xlsx", sheet_xml(row_xml(1, "x")), {"xl/media/a.xml": b" " * 60_000_000})
    assert path.stat().st_size < 100_000
    assert refused(path) == "file.zip_bomb"


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = handmade(tmp_path / "b.xlsx", sheet_xml("<row/>" + " " * 3_000_000))
    content = bytearray(path.read_bytes())
    real = len(sheet_xml("<row/>" + " " * 3_000_000)).to_bytes(4, "little")
    assert content.count(real) == 2
    path.write_bytes(bytes(content).replace(real, (5000).to_bytes(4, "little")))
    assert refused(path) in {"file.zip_bomb", "file.damaged"}


def test_a_million_rows_empty_or_not_are_refused(tmp_path: Path) -> None:
    empty = "".join(f'<row r="{i}" ht="15"/>' for i in range(1, 1_000_001))
    assert refused(handmade(tmp_path / "e.xlsx", sheet_xml(empty))) == "import.too_many_rows"
    unnumbered = "<row><c><v>1</v></c></row>" * 600_000
    assert refused(handmade(tmp_path / "u.xlsx", sheet_xml(unnumbered))) == "import.too_many_rows"
    far = row_xml(1, "x") + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    assert refused(handmade(tmp_path / "f.xlsx", sheet_xml(far))) == "import.too_many_rows"


def test_far_columns_are_refused(tmp_path: Path) -> None:
    assert (
        refused(handmade(tmp_path / "w.xlsx", sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')))
        == "file.too_many_columns"
    )
    beyond = "".join(f'<c r="{"A" * 4}1"><v>{i}</v></c>' for i in range(20_000))
    assert (
        refused(handmade(tmp_path / "v.xlsx", sheet_xml(f'<row r="1">{beyond}</row>')))
        == "file.too_many_columns"
    )


def test_a_sparse_giant_is_refused(tmp_path: Path) -> None:
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="499999"><c r="ZZ499999"><v>1</v></c></row>'
    assert refused(handmade(tmp_path / "s.xlsx", sheet_xml(corner))) == "file.too_complex"


def test_macros_passwords_and_damage_are_refused(tmp_path: Path) -> None:
    assert (
        refused(handmade(tmp_path / "m.xlsm", sheet_xml(row_xml(1, "x")), {"xl/vbaProject.bin": b"x"}))
        == "file.macros"
    )
    plain = written(tmp_path / "p.xlsx", [["a"], ["b"]])
    content = bytearray(plain.read_bytes())
    content[6] |= 1
    start = content.find(b"PK\x01\x02")
    while start >= 0:
        content[start + 8] |= 1
        start = content.find(b"PK\x01\x02", start + 1)
    plain.write_bytes(content)
    assert refused(plain) == "file.password_protected"
    cut = written(tmp_path / "c.xlsx", [["a"], ["b"]])
    cut.write_bytes(cut.read_bytes()[:-60])
    assert refused(cut) == "file.damaged"
    assert refused(handmade(tmp_path / "x.xlsx", b"<worksheet><sheetData><row r='1'><c")) in {
        "file.damaged",
        "file.empty",
    }


def test_other_archives_are_refused_by_what_they_are(tmp_path: Path) -> None:
    for name, inside, code in (
        ("a.zip", "readme.txt", "file.not_a_table"),
        ("a.docx", "word/document.xml", "file.not_a_table"),
        ("a.ods", "content.xml", "file.unsupported"),
        ("a.xlsb", "xl/workbook.bin", "file.unsupported"),
    ):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(inside, "x")
        assert refused(tmp_path / name) == code


def test_the_child_process_is_ended_when_nobody_reads_on(tmp_path: Path) -> None:
    import psutil

    path = written(tmp_path / "big.xlsx", [["a", "b"]] + [[i, "x" * 50] for i in range(20_000)])
    stream = open_table(path, path.name).rows()
    next(stream)
    stream.close()
    assert not [c for c in psutil.Process().children() if "spreadsheet_process" in " ".join(c.cmdline())]


def test_a_child_over_its_memory_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_core.exchange.reading import spreadsheet

    path = written(
        tmp_path / "big.xlsx", [["a", "b"]] + [[f"t{i}", "x" * 200 + str(i)] for i in range(30_000)]
    )
    monkeypatch.setattr(spreadsheet, "_BASE_MEMORY", 30 * 1024 * 1024)
    monkeypatch.setattr(spreadsheet, "_BYTES_PER_CELL", 0)
    monkeypatch.setattr(spreadsheet, "_MAX_MEMORY", 30 * 1024 * 1024)
    with pytest.raises(FileRefused):
        list(open_table(path, path.name).rows())


def test_refusing_takes_less_than_200_mb(tmp_path: Path) -> None:
    """A fresh process refuses the worst files one after the other: its peak is measured.

    (`ru_maxrss` would not do: a process inherits its parent's.)
    """
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    handmade(tmp_path / "1.xlsx", sheet_xml(row_xml(1, "x")), {"xl/media/a.xml": b" " * 60_000_000})
    handmade(tmp_path / "2.xlsx", sheet_xml(row_xml(1, "&b;"), laughs))
    handmade(tmp_path / "3.xlsx", sheet_xml("".join(f'<row r="{i}" ht="15"/>' for i in range(1, 1_000_001))))
    handmade(
        tmp_path / "4.xlsx",
        sheet_xml(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="499999"><c r="ZZ499999"><v>1</v></c></row>'
        ),
    )
    (tmp_path / "5.csv").write_text("name,city\n" + "Anna,Rome\n" * 1_000_000)
    script = (
        "import re, sys\nfrom pathlib import Path\n"
        "from crm_core.exchange.reading.opening import open_table\nfrom crm_core.exchange.reading.table import FileRefused\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n        list(open_table(path, path.name).rows())\n"
        "    except FileRefused as refusal:\n        print(refusal.code)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text()).group(1))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    *codes, peak = done.stdout.split()
    assert codes == [
        "file.zip_bomb",
        "file.entities",
        "import.too_many_rows",
        "file.too_complex",
        "import.too_many_rows",
    ]
    assert int(peak) < 200 * 1024  # kilobytes
