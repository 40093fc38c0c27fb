"""Places in a tree while accounts are made, moved, deleted and brought back at random: one answer, from every side (PLT-6, PLT-45.2)."""

from __future__ import annotations

import random
import uuid
from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import CrmError
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tests.sales_people import change, make, refers

Tree = dict[uuid.UUID, uuid.UUID | None]


def parent(chance: random.Random, tree: Tree) -> Any:
    chosen = chance.choice([None, *sorted(tree)])
    return refers("account", chosen) if chosen else None


def stored(actor: Actor) -> Tree:
    """Every account with its parent, as lists show it."""
    rows = Query(registry.get("account"), actor).page(["parent_account"], limit=500).rows
    return {
        uuid.UUID(r["id"]): uuid.UUID(r["parent_account"]["id"]) if r["parent_account"] else None
        for r in rows
    }


def above(tree: Tree, record_id: uuid.UUID) -> set[uuid.UUID]:
    found: set[uuid.UUID] = set()
    at = tree[record_id]
    while at is not None:
        found.add(at)
        at = tree[at]
    return found


def asked(operator: str, record_id: uuid.UUID, actor: Actor) -> set[uuid.UUID]:
    condition = {"attribute": "id", "operator": operator, "value": str(record_id)}
    return set(Query(registry.get("account"), actor).filter(condition).ids())


@pytest.mark.parametrize("seed", [1, 2])
def test_under_and_above_agree_with_the_tree_whatever_happened_to_it(seed: int, admin: Actor) -> None:
    chance = random.Random(seed)
    account, binned = registry.get("account"), set[uuid.UUID]()
    for step in range(40):
        tree, act = stored(admin), chance.random()
        try:
            if act < 0.35 or len(tree) < 4:
                make("account", admin, name=f"A{step}", parent_account=parent(chance, tree))
            elif act < 0.65:
                change("account", chance.choice(sorted(tree)), admin, parent_account=parent(chance, tree))
            elif act < 0.85 or not binned:
                service.delete(account, gone := chance.choice(sorted(tree)), admin)
                binned.add(gone)
            else:
                service.restore(account, back := chance.choice(sorted(binned)), admin)
                binned.remove(back)
        except CrmError as refusal:
            assert refusal.code == "account.hierarchy_cycle"
        tree = stored(admin)
        assert not binned & set(tree) and set(tree.values()) <= {None, *tree}, "nobody refers to the bin"
        for one in chance.sample(sorted(tree), min(3, len(tree))):
            up, down = above(tree, one), {other for other in tree if one in above(tree, other)}
            assert (asked("above", one, admin), asked("above_or_equal", one, admin)) == (up, up | {one})
            assert (asked("under", one, admin), asked("under_or_equal", one, admin)) == (down, down | {one})
            assert asked("not_under", one, admin) == set(tree) - down
            assert asked("not_under_or_equal", one, admin) == set(tree) - down - {one}
        for one in binned:
            assert not asked("under_or_equal", one, admin) and asked("not_under_or_equal", one, admin) == set(
                tree
            )
