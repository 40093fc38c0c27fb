"""Exports: rights, safe cells, and files that come back as they went."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.exchange.exporting import exports
from crm_core.exchange.exporting.files import write_csv, write_xlsx
from crm_core.exchange.formulas import plain_text, safe_text
from crm_core.exchange.reading.opening import open_table
from crm_core.exchange.reading.table import Format
from crm_core.metadata import registry
from crm_core.metadata.errors import CrmError, Forbidden, Invalid, Malformed
from crm_core.records import files, service
from crm_core.records.models import Job
from crm_core.security.actor import actor_for
from crm_core.security.services import create_system_user
from tests.exchange.conftest import work_off


def export(actor: Any, name: str, **request: Any) -> bytes:
    job = exports.start(registry.get(name), request, actor)
    if job.state == "queued":
        job = work_off(job.pk)
    job = Job.objects.select_related("file").get(pk=job.pk)
    assert job.state == "succeeded", job.error
    return files.path_of(job.file).read_bytes()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def make(actor: Any, name: str, *rows: dict[str, Any]) -> list[Any]:
    results = service.create_many(registry.get(name), rows, actor)
    assert all(r.error is None for r in results), [r.error for r in results]
    return [r.id for r in results]


DANGEROUS = [
    "=1+1",
    "+49 30 1",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =cmd|' /C calc'!A0",
    "\x0b=1",
    "＝1",
    "'=1",
    "''=1",
    "'",
    "'plain",
    "plain",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_are_made_harmless_and_put_back(text: str) -> None:
    assert plain_text(safe_text(text)) == text
    assert safe_text(text).lstrip("'")[:1] == text.lstrip("'")[:1]
    if text not in ("'", "'plain", "plain"):
        assert safe_text(text).startswith("'")


@given(st.text(max_size=30))
def test_any_text_survives_the_way_out_and_in(text: str) -> None:
    assert plain_text(safe_text(text)) == text
    assert safe_text(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


def test_labels_names_numbers_and_dates(admin: Any) -> None:
    (nord,) = make(
        admin,
        "account",
        {"name": 'Nord, "AG"', "industry": 3, "annual_revenue": "1100.04", "number_of_employees": 5},
    )
    make(admin, "contact", {"first_name": "=A1", "last_name": "Müller", "birth_date": "1980-01-31", "do_not_email": True,
                            "parent_customer": {"object": "account", "id": str(nord)}})  # fmt: skip
    (account,) = table(
        export(
            admin,
            "account",
            format="csv",
            fields=["name", "industry", "annual_revenue", "number_of_employees", "owner", "state"],
        )
    )
    assert account == {
        "Account name": 'Nord, "AG"', "Industry": "Technology", "Annual revenue": "1100.04", "Number of employees": "5",
        "Owner": "Ada Admin", "State": "Active",
    }  # fmt: skip
    fields = ["first_name", "birth_date", "do_not_email", "parent_customer", "parent_customer.industry"]
    (contact,) = table(export(admin, "contact", format="csv", fields=fields))
    assert list(contact.values()) == ["'=A1", "1980-01-31", "true", 'Nord, "AG"', "Technology"]
    assert list(contact)[3:] == ["Company or parent", "Company or parent: Industry"]


def test_views_filters_search_and_order(admin: Any) -> None:
    make(
        admin,
        "account",
        {"name": "B", "industry": 1},
        {"name": "A", "industry": 1},
        {"name": "C", "industry": 2},
    )
    content = export(
        admin,
        "account",
        format="csv",
        fields=["name"],
        filter={"attribute": "industry", "operator": "eq", "value": 1},
        order=["name"],
    )
    assert [r["Account name"] for r in table(content)] == ["A", "B"]
    assert len(table(export(admin, "account", format="csv", q="c"))) == 1
    view = registry.get("account").views[0]
    assert len(table(export(admin, "account", format="csv", view=f"standard:account:{view.key}"))) == 3


def test_what_one_may_not_see_is_not_in_the_file(admin: Any) -> None:
    make(admin, "contact", {"last_name": "Rich", "annual_income": "5"})
    seller = actor_for(
        create_system_user("Sam Seller", "sam@example.com", roles=["salesperson"]).pk, "screen"
    )
    rows = table(export(seller, "contact", format="csv", fields=["last_name", "annual_income"]))
    assert all("Annual income" not in row for row in rows)
    with pytest.raises(Forbidden):
        exports.start(registry.get("contact"), {"fields": ["annual_income"]}, seller)
    nobody = actor_for(create_system_user("Nina None", "nina@example.com", roles=["scheduler"]).pk, "screen")
    with pytest.raises(Forbidden):
        exports.start(registry.get("contact"), {}, nobody)


def test_only_rows_one_may_export(admin: Any) -> None:
    make(admin, "account", {"name": "Admin's"})
    partner = actor_for(create_system_user("Pia Partner", "pia@example.com", roles=["partner"]).pk, "screen")
    with pytest.raises(Forbidden):
        exports.start(registry.get("account"), {}, partner)


@pytest.mark.parametrize(
    "request_",
    [
        {"format": "pdf"}, {"fields": ["nope"]}, {"fields": "name"}, {"fields": [5]}, {"order": ["nope"]}, {"order": "name"}, {"with_ids": "yes"},
        {"filter": {"attribute": "nope", "operator": "eq", "value": 1}}, {"view": "nope"}, {"fields": []}, {"q": "a\x00"},
    ],
)  # fmt: skip
def test_unusable_requests_are_refused(admin: Any, request_: dict[str, Any]) -> None:
    if request_ == {"fields": []}:
        assert exports.start(registry.get("account"), request_, admin).state == "succeeded"
        return
    with pytest.raises(CrmError):
        exports.start(registry.get("account"), request_, admin)
    assert Job.objects.count() == 0


def test_many_rows_come_in_steps_and_a_repeated_step_adds_nothing(
    admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGES_PER_STEP", 1)
    make(admin, "account", *({"name": f"A{i:05}"} for i in range(2_500)))
    job = exports.start(
        registry.get("account"), {"format": "csv", "fields": ["name"], "order": ["name"]}, admin
    )
    assert job.state == "queued"
    from crm_core.records import jobs

    assert jobs.run_next_step(job.pk)
    part = exports._part_file(job.pk)
    with part.open("ab") as stream:
        stream.write(b'{"half a row of a killed worker')
    job = work_off(job.pk)
    names = [r["Account name"] for r in table(files.path_of(Job.objects.get(pk=job.pk).file).read_bytes())]
    assert names == [f"A{i:05}" for i in range(2_500)]
    assert not part.exists()


def test_too_many_rows_are_refused(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 2)
    make(admin, "account", {"name": "A"}, {"name": "B"}, {"name": "C"})
    with pytest.raises(Invalid) as refusal:
        exports.start(registry.get("account"), {}, admin)
    assert refusal.value.code == "export.too_many_rows"


def test_workbooks_hold_no_formula_and_hide_the_ids(admin: Any, tmp_path: Path) -> None:
    make(
        admin,
        "account",
        {"name": "=1+1", "website": "http://x.example", "annual_revenue": "12345678901234.56"},
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(export(admin, "account", format="xlsx", fields=["name", "website", "annual_revenue"]))
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "hyperlink" not in sheet and 'hidden="1"' in sheet
    found = open_table(path, "a.xlsx")
    assert found.header == ["Account name", "Website", "Annual revenue", "Record id", "Record version"]
    (row,) = found.rows()
    assert row.cells[:3] == ["=1+1", "http://x.example", "12345678901234.56"]


# round trips ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_edited_sheet_updates_what_changed_and_reports_what_others_changed(
    admin: Any, wizard: Any, kind: str
) -> None:
    make(admin, "account", *({"name": f"N{i}", "phone": f"{i}"} for i in range(5)))
    content = export(admin, "account", format=kind, fields=["name", "phone"], order=["name"], with_ids=True)
    accounts = registry.get("account").model.objects
    service.update(registry.get("account"), accounts.get(name="N1").pk, {"phone": "99"}, admin)
    edited = _edited(content, kind, {"N0": "100", "N1": "101"})
    import_ = wizard.upload(edited, f"Accounts.{kind}")
    assert (
        import_.object == "account" and import_.match["mode"] == "update" and import_.match["keys"] == ["id"]
    )
    wizard.act(import_, "check")
    assert wizard.codes(import_) == {3: [(None, "record.version_mismatch")]}
    done = wizard.act(import_, "run")
    assert (done.stats["updated"], done.stats["failed"]) == (4, 1)
    assert dict(accounts.values_list("name", "phone")) == {
        "N0": "100",
        "N1": "99",
        "N2": "2",
        "N3": "3",
        "N4": "4",
    }
    assert accounts.get(name="N2").version == 1  # nothing changed, nothing written


def _edited(content: bytes, kind: str, phones: dict[str, str]) -> bytes:
    """The file with other phone numbers, as a spreadsheet program would save it."""
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        for row in rows:
            row[1] = phones.get(row[0], row[1])
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return out.getvalue().encode()
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.active.iter_rows(min_row=2):
        row[1].value = phones.get(row[0].value, row[1].value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_what_a_sheet_cannot_hold_is_not_lost_on_its_way_back(admin: Any, wizard: Any) -> None:
    task = registry.get("task")
    text, late = "y" * 40_000, "2026-11-22T23:59:59.999999Z"
    make(admin, "task", {"subject": "Long", "description": text, "scheduled_end": late})
    names = ["subject", "description", "scheduled_end", "priority"]
    content = export(admin, "task", format="xlsx", fields=names, with_ids=True)
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    assert str(book.active["C2"].value) == "2026-11-22 23:59:59"  # not the next day
    wizard.act(wizard.upload(content, "Tasks.xlsx"), "run")
    kept = task.model.objects.get(subject="Long")
    assert (kept.version, len(kept.description), kept.scheduled_end.microsecond) == (1, 40_000, 999_999)
    book.active["B2"].value = "short"
    saved = io.BytesIO()
    book.save(saved)
    wizard.act(wizard.upload(saved.getvalue(), "Tasks.xlsx"), "run")
    kept.refresh_from_db()
    assert (kept.version, kept.description, kept.scheduled_end.microsecond) == (2, "short", 999_999)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_references_nobody_edited_stay_however_many_are_called_so(admin: Any, wizard: Any, kind: str) -> None:
    accounts = registry.get("account")
    _first, second = make(admin, "account", {"name": "Twin"}, {"name": "Twin"})
    make(admin, "account", {"name": "N0", "phone": "1", "parent_account": str(second)}, {"name": "N1", "phone": "2"})  # fmt: skip
    asked = {"attribute": "name", "operator": "begins", "value": "N"}
    names = ["name", "phone", "parent_account"]
    content = export(admin, "account", format=kind, fields=names, filter=asked, order=["name"], with_ids=True)
    done = wizard.act(wizard.upload(_edited(content, kind, {"N0": "100"}), f"Accounts.{kind}"), "run")
    assert (done.stats["updated"], done.stats["failed"]) == (2, 0)
    kept = accounts.model.objects.get(name="N0")
    assert (kept.phone, kept.parent_account_id, kept.version) == ("100", second, 2)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_object_imports_again_into_an_empty_one(admin: Any, wizard: Any, kind: str) -> None:
    accounts = registry.get("account")
    (parent,) = make(admin, "account", {"name": "=Parent"})
    make(admin, "account", {"name": "Nord\nAG ß", "industry": 3, "annual_revenue": "1100.04", "number_of_employees": 5, "phone": "+49 30 12",
                            "do_not_email": True, "parent_account": {"object": "account", "id": str(parent)}, "description": "a\nb;\"c\",'d"})  # fmt: skip
    names = [
        "name",
        "industry",
        "annual_revenue",
        "number_of_employees",
        "phone",
        "do_not_email",
        "parent_account",
        "description",
        "owner",
    ]
    content = export(admin, "account", format=kind, fields=names, with_ids=False)
    before = sorted(
        map(
            str,
            accounts.model.objects.values_list(
                *[n for n in names if n != "parent_account"], "parent_account__name"
            ),
        )
    )
    accounts.model.objects.update(parent_account=None)
    accounts.model.objects.all().delete()
    import_ = wizard.upload(content, f"Accounts.{kind}")
    assert import_.object == "account"
    assert {o["attribute"] for o in import_.mapping["columns"].values()} == set(names)
    done = wizard.act(import_, "run")
    assert done.stats["created"] == 2, wizard.codes(import_, "failed")
    after = sorted(
        map(
            str,
            accounts.model.objects.values_list(
                *[n for n in names if n != "parent_account"], "parent_account__name"
            ),
        )
    )
    assert after == before


printable = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc", "Co", "Cn"), blacklist_characters="\ufffd\ufeff\ufffe\uffff_"
    ),
    max_size=15,
)
cells = st.one_of(printable, st.integers(-(10**9), 10**9), st.decimals(-(10**6), 10**6, places=2))


def shown(cell: Any) -> str:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(printable.filter(str.strip), cells, cells), min_size=1, max_size=10))
def test_written_files_are_read_back(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    write_csv(tmp_path / "a.csv", ["a", "b", "c"], rows)
    found = open_table(tmp_path / "a.csv", "a.csv", Format("csv", encoding="utf-8-sig", delimiter=","))
    assert [r.cells for r in found.rows()] == [[shown(c) for c in row] for row in rows]
    write_xlsx(tmp_path / "a.xlsx", ["a", "b", "c"], rows, title="x")
    read = [r.cells for r in open_table(tmp_path / "a.xlsx", "a.xlsx").rows()]
    for row, cells_ in zip(rows, read, strict=True):
        for cell, text in zip(row, cells_, strict=True):
            assert Decimal(text) == cell if isinstance(cell, int | Decimal) else text == cell


def test_unusable_format_names_the_field(admin: Any) -> None:
    with pytest.raises(Malformed) as refusal:
        exports.start(registry.get("account"), {"format": "pdf"}, admin)
    assert refusal.value.field == "format"
