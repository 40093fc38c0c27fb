"""Account and contact hierarchies: no circles, at most ten levels (CUS-1, CUS-2, AC-03)."""

from __future__ import annotations

import pytest

from crm_core.metadata.errors import Invalid
from crm_core.security.actor import Actor
from tests.sales_people import change, everything, make, read, refers


def chain(actor: Actor, length: int) -> list:
    """`length` accounts, each under the one before."""
    found = [make("account", actor, name="Level 1")]
    for level in range(2, length + 1):
        found.append(make("account", actor, name=f"Level {level}", parent_account=str(found[-1])))
    return found


def test_circle_of_two_accounts_is_refused_and_nothing_changes(admin: Actor) -> None:
    nord, holding = make("account", admin, name="Nord AG"), make("account", admin, name="Nord Holding")
    change("account", nord, admin, parent_account=str(holding))
    before = everything()
    with pytest.raises(Invalid) as refused:
        change("account", holding, admin, parent_account=str(nord))
    assert refused.value.code == "account.hierarchy_cycle" and refused.value.field == "parent_account"
    assert everything() == before


@pytest.mark.parametrize("distance", [0, 1, 3])
def test_circle_through_others_is_refused(admin: Actor, distance: int) -> None:
    accounts = chain(admin, distance + 1)
    with pytest.raises(Invalid) as refused:
        change("account", accounts[0], admin, parent_account=str(accounts[-1]))
    assert refused.value.code == "account.hierarchy_cycle"


def test_ten_levels_are_allowed_and_the_eleventh_is_not(admin: Actor) -> None:
    accounts = chain(admin, 10)
    with pytest.raises(Invalid) as refused:
        make("account", admin, name="Level 11", parent_account=str(accounts[-1]))
    assert refused.value.code == "account.hierarchy_too_deep"


def test_moving_a_tree_counts_the_levels_below_it(admin: Actor) -> None:
    upper, lower = chain(admin, 6), chain(admin, 5)
    with pytest.raises(Invalid) as refused:
        change("account", lower[0], admin, parent_account=str(upper[-1]))
    assert refused.value.code == "account.hierarchy_too_deep"
    change("account", lower[0], admin, parent_account=str(upper[-2]))


def test_contact_under_contact_makes_no_circle(admin: Actor) -> None:
    boss = make("contact", admin, last_name="Boss")
    clerk = make("contact", admin, last_name="Clerk", parent_customer=refers("contact", boss))
    with pytest.raises(Invalid) as refused:
        change("contact", boss, admin, parent_customer=refers("contact", clerk))
    assert refused.value.code == "contact.hierarchy_cycle"


def test_contact_moves_from_person_to_company(admin: Actor) -> None:
    boss = make("contact", admin, last_name="Boss")
    account = make("account", admin, name="Nord AG")
    clerk = make("contact", admin, last_name="Clerk", parent_customer=refers("contact", boss))
    change("contact", clerk, admin, parent_customer=refers("account", account))
    assert read("contact", clerk, admin)["parent_customer"] == {
        "object": "account",
        "id": str(account),
        "name": "Nord AG",
    }
