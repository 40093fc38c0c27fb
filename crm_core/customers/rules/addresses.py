"""Addresses beside the form: numbers, the two that belong to the form, defaults per type (CUS-3).

Numbers 1 and 2 are the blocks of the form. They become rows when a third address is added; from then on the first
row and the block on the record follow each other.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm_core.customers.services.addresses import (
    BLOCK,
    BUILT_IN,
    NUMBERED,
    addresses_of,
    block_values,
    number_once,
)
from crm_core.metadata import registry
from crm_core.metadata.conditions import all_of, condition, equals
from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.metadata.types.reference import Reference
from crm_core.records import service
from crm_core.records.change import Change
from crm_core.records.query import Query


@rule(on=("create",))
def address_number_from_parent(change: Change) -> None:
    """The next free number of this parent, counting from 3; numbers are never given twice at the same time."""
    if change.get("address_number") is not None:
        return
    parent, actor = change.get("parent"), change.actor.for_rules()
    Query(registry.get(parent.object), actor).instance(
        parent.id, lock=True
    )  # two writers would see the same number
    last = addresses_of(parent, actor).order(["-address_number"]).page(["address_number"], limit=1).rows
    change.set("address_number", max([*BUILT_IN, *(row["address_number"] for row in last)]) + 1)


@rule(on=("create", "update"), attributes=("name", "line1", "city"))
def address_has_a_name(change: Change) -> None:
    """Without a name the address is called after its place."""
    if change.get("name"):
        return
    place = ", ".join(p for p in (change.get("line1"), change.get("city")) if p)
    change.set("name", (place or _("Address %(number)s") % {"number": change.get("address_number")})[:200])


@rule(on=("create",))
def address_owner_from_parent(change: Change) -> None:
    """An address belongs to whom its customer belongs, so that the same people see it."""
    parent = change.get("parent")
    row = Query(registry.get(parent.object), change.actor.for_rules()).instance(parent.id)
    if row.owner_id and row.owner_id != getattr(change.get("owner"), "id", None):
        change.set("owner", Reference("user", row.owner_id))
        change.set_unit(row.owning_business_unit_id)


@rule(on=("after_create",))
def built_in_addresses_exist(change: Change) -> None:
    """With the first further address the blocks of the form become rows too, and every number is given once."""
    if change.get("address_number") in BUILT_IN:
        return
    parent, actor = change.get("parent"), change.actor.for_rules()
    rows = addresses_of(parent, actor).page(["address_number"], limit=1000).rows
    there = [row["address_number"] for row in rows]
    if there.count(change.get("address_number")) > 1:
        number_once(parent, actor)  # rows of one import were numbered before any of them was there
    for number in BUILT_IN:
        if number not in there:
            block = block_values(parent, actor) if number == 1 else {}
            values = {
                **block,
                "parent": {"object": parent.object, "id": str(parent.id)},
                "address_number": number,
            }
            service.create(change.entity, values, actor, privileged=NUMBERED)


@rule(on=("after_update",), attributes=tuple(BLOCK.values()))
def block_follows_address(change: Change) -> None:
    """Address 1 is the block on the form."""
    if change.get("address_number") != 1:
        return
    parent = change.get("parent")
    values = {source: change.get(target) for source, target in BLOCK.items() if change.changed(target)}
    parent_entity = registry.get(parent.object)
    actor = change.actor.for_rules()
    state = Query(parent_entity, actor).one(parent.id, ["state"])["state"]
    if not parent_entity.state(state).closed:
        service.update(parent_entity, parent.id, values, actor)


@rule(on=("after_update",), attributes=tuple(BLOCK))
def address_follows_block(change: Change) -> None:
    """The block on the form is address 1, where that exists as a row."""
    actor = change.actor.for_rules()
    mine = Reference(change.entity.name, change.record.pk)
    first = addresses_of(mine, actor).filter(equals("address_number", 1)).ids(limit=1)
    if first:
        values = {target: change.get(source) for source, target in BLOCK.items() if change.changed(source)}
        service.update(registry.get("customer_address"), first[0], values, actor)


@rule(on=("after_update",), attributes=("owner",))
def addresses_follow_owner(change: Change) -> None:
    """A customer's addresses change hands with the customer."""
    actor = change.actor.for_rules()
    owner = change.get("owner")
    for address_id in addresses_of(Reference(change.entity.name, change.record.pk), actor).ids():
        service.update(registry.get("customer_address"), address_id, {"owner": str(owner.id)}, actor)


@rule(on=("after_create", "after_update"), attributes=("is_default", "address_type"))
def address_is_only_default(change: Change) -> None:
    """At most one default per type: a new default takes the mark from the old one."""
    if not change.get("is_default"):
        return
    kind = change.get("address_type")
    same_type = equals("address_type", kind) if kind is not None else condition("address_type", "empty")
    tree = all_of(same_type, equals("is_default", True))
    actor = change.actor.for_rules()
    for address_id in addresses_of(change.get("parent"), actor).filter(tree).ids():
        if address_id != change.record.pk:
            service.update(change.entity, address_id, {"is_default": False}, actor)


@rule(on=("delete",))
def builtin_address_stays(change: Change) -> None:
    """Numbers 1 and 2 are emptied, not deleted; they go only with their customer."""
    if change.get("address_number") in BUILT_IN and not change.options.get("cascaded"):
        raise Invalid(
            "address.builtin",
            _("Addresses 1 and 2 belong to the form; empty them instead."),
            field="address_number",
        )


@rule(on=("after_restore",))
def restored_address_has_its_own_number(change: Change) -> None:
    """Meanwhile another address may have been given the number."""
    number_once(change.get("parent"), change.actor.for_rules())


@rule(on=("after_update",), attributes=("state",))
def merged_addresses_are_numbered_once(change: Change) -> None:
    """The addresses of a merged record came with their numbers (CUS-11.3)."""
    if change.record.merged_into is not None:
        number_once(Reference(change.entity.name, change.record.merged_into), change.actor.for_rules())
