"""Text files as they really arrive: encodings, delimiters, quotes, ragged rows, hostile content (PLT-45.5, issue "Bad input")."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from crm_core.exchange.reading import table
from crm_core.exchange.reading.opening import open_table
from crm_core.exchange.reading.table import FileRefused, Format


def put(folder: Path, content: bytes | str, name: str = "people.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refused(path: Path, name: str = "", wanted: Format | None = None) -> str:
    with pytest.raises(FileRefused) as refusal:
        list(open_table(path, name or path.name, wanted).rows())
    assert refusal.value.field == "file"
    assert len(refusal.value.message) > 10
    return refusal.value.code


def cells(path: Path, wanted: Format | None = None) -> list[list[str]]:
    return [row.cells for row in open_table(path, path.name, wanted).rows()]


GERMAN = "Name;Ort\nMüller & Söhne;Köln\nGroß AG;Straße 5\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, GERMAN, encoding=encoding)
    found = open_table(path)
    assert found.header == ["Name", "Ort"]
    assert [r.cells for r in found.rows()] == [["Müller & Söhne", "Köln"], ["Groß AG", "Straße 5"]]


def test_cyrillic_in_a_code_page_is_found(tmp_path: Path) -> None:
    text = (
        "Компания;Город\n"
        + "Северный ветер;Новосибирск\nБольшая медведица;Екатеринбург\nЗаря;Санкт-Петербург\n" * 5
    )
    path = put(tmp_path, text, encoding="cp1251")
    assert open_table(path).header == ["Компания", "Город"]


def test_a_person_may_state_the_encoding(tmp_path: Path) -> None:
    path = put(tmp_path, "Name,Ort\nŁódź,Kraków\n", encoding="cp1250")
    assert cells(path, Format("csv", encoding="cp1250")) == [["Łódź", "Kraków"]]
    assert refused(path, wanted=Format("csv", encoding="idna")) == "file.encoding"


def test_broken_bytes_in_utf8_are_an_error_of_their_row_only(tmp_path: Path) -> None:
    good = "".join(f"Jürgen {i},Köln\n" for i in range(50))
    path = put(tmp_path, b"name,city\n" + good.encode() + b"B\xffd,Ulm\n")
    rows = list(open_table(path).rows())
    assert all(r.problems is None for r in rows[:-1])
    assert rows[-1].problems == [
        {
            "column": 0,
            "code": "value.bad_characters",
            "message": "The cell has characters that cannot be read.",
        }
    ]
    assert rows[0].cells == ["Jürgen 0", "Köln"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_although_others_stand_in_the_text(tmp_path: Path, delimiter: str) -> None:
    lines = [["name", "note", "amount"]] + [[f"N{i}", "a; b, c | d", "1.5"] for i in range(10)]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    path = put(tmp_path, out.getvalue())
    found = open_table(path)
    assert found.format.delimiter == delimiter
    assert [r.cells for r in found.rows()] == lines[1:]


def test_sep_line_single_quotes_and_backslash_escapes(tmp_path: Path) -> None:
    assert cells(put(tmp_path, "sep=^\nname^city\nA^B\n")) == [["A", "B"]]
    single = "'name','city'\n" + "'O,x','Bonn'\n" * 5
    assert cells(put(tmp_path, single))[0] == ["O,x", "Bonn"]
    escaped = 'name,city\n"a \\"b\\" c","d"\n"e \\"f\\"","g"\n'
    assert cells(put(tmp_path, escaped))[0] == ['a "b" c', "d"]


def test_quotes_hold_line_ends_and_delimiters(tmp_path: Path) -> None:
    path = put(tmp_path, 'name,note\r\n"A ""x"" B","first\nsecond, third"\r\nC,\r\n')
    assert cells(path) == [['A "x" B', "first\nsecond, third"], ["C", ""]]


def test_ragged_rows_are_errors_of_their_rows(tmp_path: Path) -> None:
    path = put(tmp_path, "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n\n,,\n9,9,9\n")
    rows = list(open_table(path).rows())
    assert [r.number for r in rows] == [2, 3, 4, 5, 8]
    assert [(r.problems or [{}])[0].get("code") for r in rows] == [
        None,
        "row.too_few_cells",
        "row.too_many_cells",
        None,
        None,
    ]
    assert all(len(r.cells) == 3 for r in rows)


def test_nul_bytes_are_an_error_of_their_row(tmp_path: Path) -> None:
    path = put(tmp_path, b"name,city\nAnna,Rome\nBo\x00b,Oslo\n" + b"Cara,Paris\n" * 10)
    rows = list(open_table(path).rows())
    assert [bool(r.problems) for r in rows[:3]] == [False, True, False]
    assert "\x00" not in rows[1].cells[0]


def test_over_long_cells_are_cut_and_reported(tmp_path: Path) -> None:
    path = put(tmp_path, "name,note\nA," + "x" * 150_000 + "\nB,short\n")
    first, second = open_table(path).rows()
    assert first.problems[0]["code"] == "value.too_long" and first.problems[0]["column"] == 1
    assert len(first.cells[1]) == table.KEPT_OF_LONG_CELL
    assert second.problems is None


def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, 'name,city\nA,"Rome\n' + "Berta,Oslo\n" * 200_000)
    assert refused(path) == "file.unclosed_quote"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"\n\n  \n,,\n", "file.empty"),
        (b"%PDF-1.7\n1 0 obj", "file.not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "file.not_a_table"),
        (b"<!DOCTYPE html><html><table><tr><td>x</td></tr></table>", "file.not_a_table"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "file.not_a_table"),
        (b'{"a": 1}', "file.not_a_table"),
        (bytes(range(256)) * 40, "file.not_a_table"),
        (b"\x01\x02\x03\x04\x05" * 200, "file.not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file.unsupported"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file.password_protected",
        ),
        (b"PK\x03\x04 not really", "file.damaged"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(put(tmp_path, content)) == code


def test_a_million_rows_are_refused_without_reading_them_all(tmp_path: Path) -> None:
    path = put(tmp_path, "name,city\n" + "Anna,Rome\n" * 1_000_000)
    tracemalloc.start()
    assert refused(path) == "import.too_many_rows"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_rows_stream_in_bounded_memory(tmp_path: Path) -> None:
    path = put(tmp_path, "name,note\n" + ("Anna," + "x" * 200 + "\n") * 100_000)
    tracemalloc.start()
    assert sum(1 for _ in open_table(path).rows()) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_too_large_and_too_wide_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = put(tmp_path, ",".join(f"c{i}" for i in range(20_000)) + "\n" + ",".join("1" * 20_000) + "\n")
    assert refused(wide) == "file.too_many_columns"
    monkeypatch.setattr("crm_core.exchange.reading.content.MAX_BYTES", 10)
    assert refused(put(tmp_path, "name\n" + "x" * 20)) == "file.too_large"


def test_the_name_of_a_file_is_only_a_hint(tmp_path: Path) -> None:
    path = put(tmp_path, "name,city\nA,B\n", name="list.xlsx")
    found = open_table(path, "list.xlsx")
    assert found.format.kind == "csv"
    assert [n["code"] for n in found.format.notices] == ["file.wrong_extension"]


def test_a_file_without_header_is_noticed(tmp_path: Path) -> None:
    path = put(tmp_path, "Anna,12\nBerta,15\n")
    found = open_table(path)
    assert found.format.header is False and found.header == ["Column 1", "Column 2"]
    assert len(list(found.rows())) == 2
    assert len(cells(path, Format("csv", header=True))) == 1


def test_vcards_become_rows(tmp_path: Path) -> None:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Anna;Maria;Dr.;\r\nFN:Anna Müller\r\nORG:Nord GmbH;Sales\r\n"
        "EMAIL;TYPE=work:anna@nord.example\r\nEMAIL:a2@nord.example\r\nTEL;TYPE=CELL:+49 170\r\n 12345\r\n"
        "ADR;TYPE=work:;;Hauptstr. 1;Köln;NRW;50667;Germany\r\nBDAY:19800131\r\nNOTE:one\\, two\\nthree\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ben Stone\r\nTEL:tel:+15550100\r\nEND:VCARD\r\n"
    )
    found = open_table(put(tmp_path, card, name="people.vcf"), "people.vcf")
    first, second = (dict(zip(found.header, r.cells, strict=True)) for r in found.rows())
    assert (
        first["Last name"] == "Müller"
        and first["Company"] == "Nord GmbH"
        and first["Mobile phone"] == "+49 17012345"
    )
    assert first["E-mail 2"] == "a2@nord.example" and first["Postal code"] == "50667"
    assert first["Birth date"] == "1980-01-31" and first["Description"] == "one, two\nthree"
    assert (second["First name"], second["Last name"], second["Business phone"]) == (
        "Ben",
        "Stone",
        "+15550100",
    )


texts = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffd\ufeff"), max_size=20
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([["", "", "\\"], ["", "", "\\"]], ",")
@given(
    st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=15),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_a_csv_writer_wrote_is_read_back(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    assume(all("".join(row).strip() for row in rows))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [["first", "second", "third"], *rows]
    )
    path = put(tmp_path, out.getvalue())
    assert cells(path, Format("csv", encoding="utf-8", delimiter=delimiter)) == rows


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    try:
        found = open_table(path)
        for row in found.rows():
            assert len(row.cells) == len(found.header) and not any("\x00" in c for c in row.cells)
    except FileRefused as refusal:
        assert refusal.code.startswith(("file.", "import."))
