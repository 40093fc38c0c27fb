"""The addresses of one customer or lead: finding them, and numbering each once (CUS-3)."""

from __future__ import annotations

import itertools
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.conditions import equals
from crm_core.metadata.types.reference import Reference
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor

BUILT_IN = (1, 2)
NUMBERED = frozenset({"address_number"})
LIMIT = 1000
# attribute of the block on the record → attribute of the address
BLOCK = {
    "address1_line1": "line1",
    "address1_line2": "line2",
    "address1_city": "city",
    "address1_state": "state_or_province",
    "address1_postal_code": "postal_code",
    "address1_country": "country",
}

#: for data sheets: the block and the first address follow each other, so neither tells what is hidden in the other
BLOCK_DERIVED = {source: (f"customer_address.{target}",) for source, target in BLOCK.items()}
ADDRESS_DERIVED = {
    target: tuple(f"{owner}.{source}" for owner in ("account", "contact", "lead"))
    for source, target in BLOCK.items()
}


def addresses_of(parent: Reference, actor: Actor) -> Query:
    """The query over the addresses of `parent`."""
    tree = equals("parent", {"object": parent.object, "id": str(parent.id)})
    return Query(registry.get("customer_address"), actor).filter(tree)


def block_values(parent: Reference, actor: Actor) -> dict[str, Any]:
    """The block on the form as values of an address, empty ones left out."""
    row = Query(registry.get(parent.object), actor).one(parent.id, list(BLOCK))
    return {target: row[source] for source, target in BLOCK.items() if row[source] is not None}


def number_once(parent: Reference, actor: Actor) -> None:
    """Give every address a number of its own, after a merge or a restore brought two with the same.

    The block of the form stays address 1; an empty second address 1 or 2 goes.
    """
    query = addresses_of(parent, actor).order(["address_number", "created_at"])
    rows = query.page(["address_number", *BLOCK.values()], limit=LIMIT).rows
    free = itertools.count(max([*BUILT_IN, *(row["address_number"] for row in rows)]) + 1)
    block = block_values(parent, actor)
    for number, group in itertools.groupby(rows, key=lambda row: row["address_number"]):
        same = list(group)
        keeper = next((row for row in same if number == 1 and _filled(row) == block), same[0])
        for row in same:
            if row is keeper:
                continue
            service.update(
                query.entity, row["id"], {"address_number": next(free)}, actor, privileged=NUMBERED
            )
            if number in BUILT_IN and not _filled(row):
                service.delete(query.entity, row["id"], actor)


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in BLOCK.values() if row[name] is not None}
