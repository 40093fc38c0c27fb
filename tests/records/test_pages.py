"""Pages behind a cursor come from a kept statement; it gives what one compiled for this very cursor gives (PLT-45)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.db.models import Q

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tests.records.test_kernel import key

pytestmark = pytest.mark.django_db


def all_pages(query: Query, path: str) -> list[list[dict[str, Any]]]:
    pages, cursor = [], None
    while True:
        page = query.page(["name", path], limit=2, cursor=cursor)
        pages.append(page.rows)
        if (cursor := page.next) is None:
            return pages


@pytest.mark.parametrize("sort", ["name", "created_at", "Length", "Berth", "Launched", "Call sign"])
@pytest.mark.parametrize("direction", ["", "-"])
def test_kept_pages_are_those_compiled_anew(boat: Entity, admin: Actor, sort: str, direction: str) -> None:
    path = sort if sort in boat.attributes else key(boat, sort)
    for n in range(7):
        values = {"name": f"Boat {n % 3} %s"}
        if n % 2:
            values |= {key(boat, "Length"): f"{n % 4}.25", key(boat, "Berth"): n % 3 + 1,
                       key(boat, "Launched"): f"2026-01-0{n % 4 + 1}", key(boat, "Call sign"): f"50% {n}"}  # fmt: skip
        service.create(boat, values, admin)
    query = Query(boat, admin).order([direction + path])
    anew = query.where(Q())
    assert query.signature is not None and anew.signature is None
    expected = all_pages(anew, path)
    assert len(expected) == 4
    assert all_pages(query, path) == expected
    assert all_pages(query, path) == expected  # and again from what was kept


@pytest.mark.parametrize(
    "values",
    [[["v", 5]], [["v", "x"]], [["v", True]], [["n", "NaN"]], [["t", "2026-01-01"]], [["d", "2026-01-01"]],
     [["v", "\ud800"]], [["u", "00000000-0000-0000-0000-000000000001"]], [["v", 1e400]], [["v", 10**40]], [["n", "1E+200000"]]],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["name", "created_at", "Length", "Berth", "Launched"])
def test_values_of_another_kind_are_refused_or_compared(
    boat: Entity,
    admin: Actor,
    sort: str,
    values: list[Any],
) -> None:
    path = sort if sort in boat.attributes else key(boat, sort)
    service.create(boat, {"name": "Anna"}, admin)
    packed = json.dumps([path, values, "00000000-0000-0000-0000-000000000001"])
    cursor = base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")
    try:
        page = Query(boat, admin).order([path]).page(["name"], cursor=cursor)
    except Malformed as refused:
        assert refused.code == "cursor.invalid"
    else:
        assert page.next is None
