"""People, products, accounts and a pipeline come in through the wizard, in a real browser, and go out again (PLT-45.5).

Uses the b2b_sales files beside the repository where they are; elsewhere small files of the same shape made here.
The test's own output says which.
"""

from __future__ import annotations

import csv
import re
import secrets
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_signup_journey import api, sign_up
from tests.product import Product

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "b2b_sales"
# the figures the folder's README promises
README_STAGES = {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
README_WON = Decimal(10_005_534)
README_QUARTERS = {"2017 Q1": 1_134_672, "2017 Q2": 3_086_111, "2017 Q3": 2_982_255, "2017 Q4": 2_802_496}
SECONDS = 1000
RUN_LIMIT = 300 * SECONDS

SMALL_FILES = {
    "sales_teams.csv": "sales_agent,manager,regional_office\nMona Frey,Dora Brink,Central\nNils Quast,Dora Brink,East\n",
    "products.csv": "product,series,sales_price\nGTX Basic,GTX,550\nGTX Pro,GTX,4821\n",
    # a parent that stands further down, a misspelt sector
    "accounts.csv": (
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
        "Codehow,software,1998,2714.9,2641,United States,Zathunicon\n"
        "Cancity,technolgy,2001,718.62,2448,Philipines,\n"
        "Zathunicon,retail,2010,71.12,144,Kenya,\n"
    ),
    # two-digit years, a product spelt otherwise, a row without account, one without dates, values only on closed rows
    "sales_pipeline.csv": (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "A1,Mona Frey,GTX Basic,Cancity,Won,20-10-16,01-03-17,1054\n"
        "A2,Nils Quast,GTXPro,Codehow,Won,25-10-16,31-05-17,4514\n"
        "A3,Mona Frey,GTXPro,Zathunicon,Lost,29-10-16,13-03-17,0\n"
        "A4,Nils Quast,GTX Basic,,Engaging,30-10-16,,\n"
        "A5,Mona Frey,GTX Basic,Codehow,Prospecting,,,\n"
    ),
}


@dataclass(frozen=True)
class Files:
    """The four files, and what must come out of them."""

    folder: Path
    real: bool

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of one file."""
        with (self.folder / name).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    @property
    def stages(self) -> dict[str, int]:
        return dict(Counter(row["deal_stage"] for row in self.rows("sales_pipeline.csv")))

    @property
    def won(self) -> Decimal:
        rows = self.rows("sales_pipeline.csv")
        return sum((Decimal(r["close_value"]) for r in rows if r["deal_stage"] == "Won"), Decimal(0))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The real files where they lie beside the repository, else small ones."""
    if all((REAL_FILES / name).is_file() for name in SMALL_FILES):
        print("import journey: with the b2b_sales files beside the repository")
        return Files(REAL_FILES, real=True)
    print("import journey: b2b_sales is not beside the repository; with small files of its own")
    for name, text in SMALL_FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Files(tmp_path, real=False)


@pytest.fixture
def inside(page: Page, product: Product) -> Page:
    """A window in a fresh workspace without sample data."""
    sign_up(page, product, f"import-{secrets.token_hex(3)}", sample_data=False)
    return page


def upload(page: Page, path: Path) -> None:
    """From the list of imports to the mapping of the columns."""
    origin = page.evaluate("location.origin")
    page.goto(f"{origin}/import")
    page.set_input_files("[data-testid=import-file]", str(path))
    page.wait_for_url("**/import/*step=object", timeout=60 * SECONDS)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="Saved mappings")).to_be_visible()


def step(page: Page, name: str) -> None:
    """Go to a step by its name in the bar on top."""
    page.get_by_role("list", name="Steps of the import").get_by_role("button", name=name).click()


def check_and_run(page: Page, expected_rows: int) -> None:
    """Check without errors, run, and see every row created."""
    step(page, "Check")
    expect(page.get_by_role("tab", name="With errors")).to_be_visible(timeout=RUN_LIMIT)
    expect(page.get_by_role("tab", name="With errors")).to_have_text("0With errors")
    page.get_by_role("button", name=f"Import {expected_rows:,} rows").click()
    expect(page.get_by_role("heading", name="The import is done")).to_be_visible(timeout=RUN_LIMIT)
    expect(page.get_by_role("tab", name="Created")).to_have_text(f"{expected_rows:,}Created")


def count(page: Page, plural: str) -> int:
    status, answer = api(page, "GET", f"/{plural}?count=exact&limit=1")
    assert status == 200, answer
    return answer["count"]["value"]


def sums(
    page: Page, group: dict[str, str], condition: dict[str, Any] | None = None
) -> dict[str, tuple[int, Any]]:
    """`{label: (count, sum of actual revenue)}` of the opportunities by a group."""
    body = {"filter": condition, "group": [group], "measures": [{"fn": "count"}, {"fn": "sum", "attribute": "actual_revenue"}]}  # fmt: skip
    status, answer = api(page, "POST", "/opportunities/aggregate", body)
    assert status == 200, answer
    return {found["labels"][0]: (found["values"][0], found["values"][1]) for found in answer["groups"]}


def state(value: str) -> dict[str, Any]:
    return {"attribute": "state", "operator": "eq", "value": value}


def import_people_products_accounts(page: Page, files: Files) -> None:
    """What the pipeline refers to comes first."""
    upload(page, files.folder / "sales_teams.csv")
    step(page, "Values")
    # the managers are nobody yet: they are made with the others
    page.get_by_text(re.compile("open values?:")).locator("select").select_option("create")
    check_and_run(page, len(files.rows("sales_teams.csv")))

    upload(page, files.folder / "products.csv")
    check_and_run(page, len(files.rows("products.csv")))

    upload(page, files.folder / "accounts.csv")
    page.get_by_role("row", name="revenue").locator("select").first.select_option("1000000")
    step(page, "Values")
    # a parent further down in the file is no open question
    expect(page.get_by_text("comes with this file").first).to_be_visible()
    check_and_run(page, len(files.rows("accounts.csv")))


def import_pipeline(page: Page, files: Files) -> None:
    upload(page, files.folder / "sales_pipeline.csv")
    page.get_by_label("are kept on a stand-in account").check()
    step(page, "Values")
    expect(page.get_by_role("row", name="GTXPro").get_by_role("textbox")).to_have_value("GTX Pro")
    check_and_run(page, len(files.rows("sales_pipeline.csv")))


def test_four_files_come_in_and_go_out_again(inside: Page, files: Files) -> None:
    page = inside
    accounts_before, deals_before = count(page, "accounts"), count(page, "opportunities")
    import_people_products_accounts(page, files)
    first = files.rows("accounts.csv")[0]
    _, found = api(page, "GET", f"/accounts?q={first['account'].split()[0]}&fields=name,annual_revenue")
    revenue = next(row["annual_revenue"] for row in found["rows"] if row["name"] == first["account"])
    assert Decimal(revenue) == Decimal(first["revenue"]) * 1_000_000
    accounts_before_pipeline = count(page, "accounts")

    import_pipeline(page, files)
    by_state = sums(page, {"attribute": "state"})
    open_by_stage = sums(page, {"attribute": "stage"}, state("open"))
    came_out = {
        "Won": by_state["Won"][0],
        "Lost": by_state["Lost"][0],
        **{label: open_by_stage[label][0] for label in ("Engaging", "Prospecting")},
    }
    assert came_out == files.stages
    assert Decimal(by_state["Won"][1]) == files.won
    quarters = sums(page, {"attribute": "actual_close_date", "by": "quarter"}, state("won"))
    assert sum(Decimal(total) for _, total in quarters.values()) == files.won
    if files.real:
        assert came_out == README_STAGES
        assert files.won == README_WON
        assert {label: int(Decimal(total)) for label, (_, total) in quarters.items()} == README_QUARTERS
    # the stand-in account was made on the way
    assert count(page, "accounts") == accounts_before_pipeline + 1

    # exactly the imported rows open from the report
    page.get_by_role("link", name="Open Opportunities").click()
    expect(page.get_by_text(f"{len(files.rows('sales_pipeline.csv')):,} records")).to_be_visible(
        timeout=30 * SECONDS
    )

    undo(page, "sales_pipeline.csv")
    assert count(page, "opportunities") == deals_before
    assert count(page, "accounts") == accounts_before_pipeline
    undo(page, "accounts.csv")
    assert count(page, "accounts") == accounts_before
    assert page.faults == []  # type: ignore[attr-defined]


def undo(page: Page, file_name: str) -> None:
    """From the list of imports: open one and take it back."""
    origin = page.evaluate("location.origin")
    page.goto(f"{origin}/import")
    page.get_by_role("link", name=file_name).click()
    page.get_by_role("button", name="Undo import").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo import").click()
    expect(page.get_by_role("heading", name="The import was undone")).to_be_visible(timeout=RUN_LIMIT)


def test_wrong_rows_are_corrected_in_place(inside: Page, tmp_path: Path) -> None:
    page = inside
    path = tmp_path / "wrong.csv"
    path.write_text("Account name;Industry;Annual revenue\nGood AG;Retail;1\n;Retail;2\nThird AG;Retail;abc\n", encoding="utf-8")  # fmt: skip
    upload(page, path)
    address = page.url
    step(page, "Check")
    errors = page.get_by_role("tab", name="With errors")
    expect(errors).to_have_text("2With errors", timeout=RUN_LIMIT)
    page.get_by_label("Account name, row 3").click()
    page.keyboard.type("Second AG")
    page.keyboard.press("Enter")
    expect(errors).to_have_text("1With errors")
    # the address alone is enough to come back to it
    page.goto(address.split("?")[0])
    expect(errors).to_have_text("1With errors")
    page.get_by_role("button", name="Import 2 rows, leave out 1").click()
    expect(page.get_by_role("heading", name="The import is done")).to_be_visible(timeout=RUN_LIMIT)
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    assert "Third AG" in started.value.path().read_text(encoding="utf-8-sig")


REFUSED = [
    ("letters.exe", b"MZ", "is neither CSV nor Excel"),
    ("old.xls", b"\xd0\xcf\x11\xe0", "is an old Excel file"),
    ("nothing.csv", b"", "is empty"),
]


def test_files_that_cannot_be_imported_are_refused(inside: Page, tmp_path: Path) -> None:
    page = inside
    address = f"{page.evaluate('location.origin')}/import"
    for name, content, reason in REFUSED:
        path = tmp_path / name
        path.write_bytes(content)
        page.goto(address)
        page.set_input_files("[data-testid=import-file]", str(path))
        expect(page.get_by_role("alert")).to_contain_text(reason)
        status, answer = api(page, "GET", "/imports")
        assert (status, answer["rows"]) == (200, []), name
