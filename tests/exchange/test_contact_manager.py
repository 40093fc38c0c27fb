"""AC-29: a contact manager's export of 1,000 rows, with its figures."""

from __future__ import annotations

import csv
import io
from typing import Any

from crm_core.exchange.services.failures import REASON, failures_file
from crm_core.metadata import registry

HEADER = ["First Name", "Last Name", "E-mail", "Business Phone", "City"]


def export_file() -> str:
    """950 good rows, 30 without last name, 20 repeating an e-mail address (10 of the file, 10 of the workspace)."""
    rows = [
        [f"First{i}", f"Last{i}", f"person{i}@example.com", f"+49 30 {100000 + i}", "Berlin"]
        for i in range(950)
    ]
    rows += [[f"Nameless{i}", "", f"nameless{i}@example.com", "", "Bonn"] for i in range(30)]
    rows += [[f"Again{i}", f"Other{i}", f"PERSON{i}@example.com", "", "Ulm"] for i in range(10)]
    rows += [[f"Old{i}", f"Known{i}", f"known{i}@example.com", "", "Ulm"] for i in range(10)]
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue()


def test_the_figures_of_ac_29(wizard: Any, fingerprint: Any) -> None:
    from crm_core.records import service

    contacts = registry.get("contact")
    service.create_many(
        contacts, [{"last_name": f"K{i}", "email": f"known{i}@example.com"} for i in range(10)], wizard.actor
    )
    before = fingerprint()
    first = wizard.upload(export_file(), "act-export.csv")
    assert first.object == "contact"
    assert [o["attribute"] for o in first.mapping["columns"].values()] == [
        "first_name", "last_name", "email", "business_phone", "address1_city",
    ]  # fmt: skip
    checked = wizard.act(first, "check")
    assert checked.stats == {"new": 950, "update": 0, "duplicate": 20, "error": 30, "creates": {}}
    assert set(map(tuple, wizard.codes(first).values())) == {(("last_name", "value.required"),)}
    done = wizard.act(first, "run")
    assert done.stats == {"created": 950, "updated": 0, "duplicate": 20, "failed": 30}
    assert contacts.model.objects.count() == 960

    name, _kind, content = failures_file(done, "csv")
    failed = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (name, len(failed)) == ("act-export-failures.csv", 30)
    assert {row[REASON] for row in failed} == {"Last name is needed."}

    for index, row in enumerate(failed):
        row["Last Name"] = f"Found{index}"
    out = io.StringIO()
    writer = csv.DictWriter(out, [*HEADER, REASON])
    writer.writeheader()
    writer.writerows(failed)
    second = wizard.upload(out.getvalue(), name)
    assert REASON not in {second.columns[int(i)]["header"] for i in second.mapping["columns"]}
    assert wizard.act(second, "run").stats == {"created": 30, "updated": 0, "duplicate": 0, "failed": 0}
    assert contacts.model.objects.count() == 990

    undone = wizard.act(first, "undo")
    assert undone.job.result["undo_conflicts"] == 0
    assert contacts.model.objects.count() == 40
    wizard.act(second, "undo")
    assert fingerprint() == before


def test_duplicates_may_be_created_all_the_same(wizard: Any) -> None:
    import_ = wizard.upload(
        "First name,Last name,E-mail\nA,One,same@example.com\nB,Two,same@example.com\n",
        "people.csv",
        "contact",
    )
    import_ = wizard.change(import_, match={"duplicates": "create"})
    assert wizard.act(import_, "run").stats["created"] == 2


def test_a_failures_workbook_is_imported_again_too(wizard: Any) -> None:
    import_ = wizard.upload(
        "First name,Last name,E-mail\nA,,a@example.com\nB,Two,not an address\n", "people.csv", "contact"
    )
    done = wizard.act(import_, "run")
    assert done.stats["failed"] == 2
    name, _kind, content = failures_file(done, "xlsx")
    again = wizard.upload(content, name)
    assert (again.object, again.row_count, again.format["kind"]) == ("contact", 2, "xlsx")
    assert wizard.codes(wizard.act(again, "check")) == {
        2: [("last_name", "value.required")],
        3: [("email", "value.not_an_email")],
    }
