"""The measurement itself on some hundred records: every answer is checked on every side, no time is asserted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.db import connection

from tests import databases
from tests.bench import __main__ as bench
from tests.bench.operations import Product, named


@pytest.fixture
def floor_database(database_name: str) -> Iterator[str]:
    name = f"{database_name}_floor"
    databases.drop(name)
    yield name
    databases.drop(name)


@pytest.mark.slow
@pytest.mark.real_commit
@pytest.mark.timeout(180)
def test_every_operation_answers_rightly_on_all_sides(database: None, floor_database: str) -> None:
    from tests.bench.run import compare

    entry = connection.settings_dict
    url = f"postgresql://{entry['USER']}:{entry['PASSWORD']}@/{entry['NAME']}?host={quote(entry['HOST'])}"
    options = bench.parse([
        "--rounds=1", "--seconds=0", "--at-least=1", "--rows=200", "--workers=1", "--no-statements",
        f"--floor-database={floor_database}"])  # fmt: skip
    result = compare(
        options, bench.scaled(0), bench.FLOOR_HOST, bench.FLOOR_TOKEN, (bench.free_port(), bench.free_port()),
        {"DATABASE_URL": url},
    )  # fmt: skip
    figures = result["figures"]
    assert set(figures["product"]) == set(named(Product))
    for side in ("product", "floor", "raw"):
        assert {name[0] for name in figures[side]} >= set("abcdefghj"), side
        assert all(figure["bytes"] >= 0 and figure["cpu_ms"] >= 0 for figure in figures[side].values())
    assert set(result["ratios"]) <= set(figures["product"]) and "h_board" in result["ratios"]
    imported = result["bulk"]["i_import"]
    # every hundredth repeats an e-mail, every five hundredth has no name
    assert (imported["created"], imported["duplicate"], imported["failed"]) == (198, 2, 0)
    assert result["bulk"]["i_import_floor"]["created"] >= 198
    assert result["bulk"]["l_workspace"]["wall_ms"] > 0
