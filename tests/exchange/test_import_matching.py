"""Which record a row of a file means, and what becomes of the values that record has."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.security.actor import actor_for
from crm_core.security.services import create_system_user
from tests.exchange.wizards import make, model


def test_create_update_and_both(wizard: Any) -> None:
    make(wizard, "account", {"name": "Nord AG", "account_number": "K1", "phone": "030 1"})
    text = "Name,Account number,Website\nNord SE,k1,nord.example\nSüd AG,K2,sued.example\n"
    import_ = wizard.upload(text, "accounts.csv")
    assert import_.object == "account"
    both = wizard.change(import_, match={"mode": "both", "keys": ["account_number"]})
    assert wizard.act(both, "check").stats == {
        "new": 1,
        "update": 1,
        "duplicate": 0,
        "error": 0,
        "creates": {},
    }
    update = wizard.change(both, match={"mode": "update"})
    assert wizard.act(update, "check").stats["update"] == 1
    assert wizard.codes(update) == {3: [(None, "import.no_match")]}
    create = wizard.change(update, match={"mode": "create"})
    assert wizard.act(create, "check").stats["duplicate"] == 1
    done = wizard.act(wizard.change(create, match={"mode": "both"}), "run")
    assert done.stats == {"created": 1, "updated": 1, "duplicate": 0, "failed": 0}
    nord = model("account").get(account_number="k1")
    assert (nord.name, nord.website, nord.phone, nord.version) == ("Nord SE", "nord.example", "030 1", 2)
    row = wizard.rows(done, "updated")[0]
    assert row["record"] == {"object": "account", "id": str(nord.pk), "name": "Nord SE"}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"on_conflict": "overwrite"}, ("New name", "old.example", "1")),
        ({"on_conflict": "overwrite", "clear_empty": True}, ("New name", None, "1")),
        ({"on_conflict": "fill_empty"}, ("Old name", "old.example", "1")),
        ({"on_conflict": "keep"}, ("Old name", "old.example", None)),
    ],
)
def test_what_happens_to_values_that_exist(
    wizard: Any, choice: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    make(wizard, "account", {"name": "Old name", "account_number": "K1", "website": "old.example"})
    import_ = wizard.upload(
        "Name,Account number,Website,Phone\nNew name,K1,,1\nOther,K2,other.example,2\n",
        "accounts.csv",
        "account",
    )
    import_ = wizard.change(import_, match={"mode": "both", "keys": ["account_number"], **choice})
    wizard.act(import_, "run")
    found = model("account").get(account_number="K1")
    assert (found.name, found.website, found.phone) == expected


def test_repeated_rows_of_a_file_are_told(wizard: Any) -> None:
    import_ = wizard.upload(
        "Name,E-mail\nA,one@example.com\nB,two@example.com\nC,ONE@example.com\n", "accounts.csv", "account"
    )
    checked = wizard.act(import_, "check")
    assert checked.stats["duplicate"] == 1
    (row,) = wizard.rows(import_, "duplicate")
    assert (
        row["number"] == 4
        and row["errors"][0]["code"] == "import.repeated_row"
        and row["errors"][0]["row"] == 2
    )
    assert wizard.act(import_, "run").stats == {"created": 2, "updated": 0, "duplicate": 1, "failed": 0}


def test_external_keys_match_and_are_never_taken_twice(wizard: Any) -> None:
    make(wizard, "account", {"name": "Nord", "external_key": "X1"})
    import_ = wizard.upload("Name,External key\nNord neu,X1\nOst,X2\n", "accounts.csv", "account")
    assert wizard.act(import_, "check").stats["duplicate"] == 1
    import_ = wizard.change(import_, match={"mode": "both", "keys": ["external_key"]})
    assert wizard.act(import_, "run").stats["updated"] == 1


def test_rows_matching_what_one_may_not_change_are_errors(wizard: Any) -> None:
    make(wizard, "account", {"name": "Secret", "account_number": "K1"})
    clerk = create_system_user("Clara Clerk", "clara@example.com", roles=["partner"])
    role = create_role({"@customers": {"create": 1, "read": 1, "write": 1, "import": 1}})
    from crm_core.security.services.people import assign_roles

    assign_roles(clerk.principal, [str(role.pk)])
    wizard.actor = actor_for(clerk.pk, "screen")
    import_ = wizard.upload("Name,Account number\nMine,K1\n", "accounts.csv", "account")
    import_ = wizard.change(import_, match={"mode": "both", "keys": ["account_number"]})
    wizard.act(import_, "check")
    (row,) = wizard.rows(import_, "error")
    assert row["errors"][0]["code"] == "privilege.missing" and row["record"] is None


def create_role(privileges: dict[str, Any]) -> Any:
    from crm_core.security.models import Role

    return Role.objects.create(name="Importer", privileges=privileges)
