"""References of an import: parents further down, names borne by several, owners, missing customers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm_core.security.services import create_system_user
from tests.exchange.wizards import make, map_columns, model


def test_parents_further_down_and_chains(wizard: Any) -> None:
    text = "Name,Parent account\nLeaf,Branch\nBranch,Trunk\nTrunk,\nLost,Nobody\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    checked = wizard.act(import_, "check")
    assert checked.stats["new"] == 3
    assert wizard.codes(import_) == {5: [("parent_account", "lookup.does_not_exist")]}
    done = wizard.act(import_, "run")
    assert done.stats == {"created": 3, "updated": 0, "duplicate": 0, "failed": 1}
    assert model("account").get(name="Leaf").parent_account.parent_account.name == "Trunk"


def test_circles_in_a_file_are_reported_and_the_rest_stands(wizard: Any) -> None:
    import_ = wizard.upload("Name,Parent account\nA,B\nB,A\n", "accounts.csv", "account")
    done = wizard.act(import_, "run")
    assert done.stats["created"] == 2
    codes = [e["code"] for r in wizard.rows(import_) for e in r["errors"]]
    assert codes == ["account.hierarchy_cycle"]


def test_missing_references_error_create_or_empty(wizard: Any) -> None:
    text = "Last name,Company\nOne,Nord AG\nTwo,nord ag\nThree,Ost GmbH\n"
    import_ = wizard.upload(text, "contacts.csv", "contact")
    assert import_.mapping["columns"]["1"]["attribute"] == "parent_customer"
    assert wizard.act(import_, "check").stats["error"] == 3
    import_.mapping["columns"]["1"]["on_missing"] = "empty"
    import_ = wizard.change(import_, mapping=import_.mapping)
    assert wizard.act(import_, "check").stats["new"] == 3
    import_.mapping["columns"]["1"]["on_missing"] = "create"
    import_ = wizard.change(import_, mapping=import_.mapping)
    assert wizard.act(import_, "check").stats["creates"] == {"account": 2}
    wizard.act(import_, "run")
    assert sorted(model("account").values_list("name", flat=True)) == ["Nord AG", "Ost GmbH"]
    assert model("contact").filter(parent_account__name="Nord AG").count() == 2
    undone = wizard.act(import_, "undo")
    assert undone.job.result["undo_conflicts"] == 0
    assert model("account").count() == model("contact").count() == 0


def test_names_borne_by_several_are_ambiguous_unless_one_is_active(wizard: Any) -> None:
    make(wizard, "account", {"name": "Twin", "account_number": "1"}, {"name": "Twin", "account_number": "2"})
    import_ = wizard.upload("Last name,Company\nOne,Twin\n", "contacts.csv", "contact")
    wizard.act(import_, "check")
    assert wizard.codes(import_) == {2: [("parent_customer", "lookup.ambiguous")]}
    model("account").filter(account_number="2").update(state="inactive", status_reason=2)
    assert wizard.act(import_, "check").stats["new"] == 1


def test_lookups_by_number_and_id(wizard: Any) -> None:
    (first, second) = make(wizard, "account", {"name": "A", "account_number": "77"}, {"name": "B"})
    import_ = wizard.upload(f"Last name,Company,Second\nOne,77,\nTwo,{second},\n", "contacts.csv", "contact")
    import_ = map_columns(
        wizard,
        import_,
        **{
            "Last name": "last_name",
            "Company": {"attribute": "parent_customer", "lookup_by": "account_number"},
        },
    )
    assert wizard.act(import_, "run").stats["created"] == 2
    assert model("contact").get(last_name="One").parent_account_id == first
    assert model("contact").get(last_name="Two").parent_account_id == second


def test_owners_by_name_mail_and_mapping(wizard: Any) -> None:
    user = create_system_user("Olga Owner", "olga@example.com", roles=["salesperson"])
    text = "Name,Owner\nA,Olga Owner\nB,OLGA@example.com\nC,O. Owner\nD,\nE,Stranger\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    import_.mapping["columns"]["1"]["values"] = {"O. Owner": {"object": "user", "id": str(user.pk)}}
    import_ = wizard.change(import_, mapping=import_.mapping)
    wizard.act(import_, "run")
    owners = dict(model("account").values_list("name", "owner_id"))
    assert owners == {"A": user.pk, "B": user.pk, "C": user.pk, "D": wizard.actor.user_id}
    assert wizard.codes(import_, "failed") == {6: [("owner", "lookup.does_not_exist")]}


def test_rows_without_customer_become_leads(wizard: Any) -> None:
    text = "Opportunity number,Account,Amount,Owner\nO1,,150.50,Ada Admin\nO2,Nord,10,Ada Admin\n"
    make(wizard, "account", {"name": "Nord"})
    import_ = wizard.upload(text, "deals.csv", "opportunity")
    wizard.act(import_, "check")
    assert wizard.codes(import_) == {2: [("customer", "value.required")]}
    import_ = wizard.change(import_, mapping={**import_.mapping, "missing_customer": "lead"})
    assert wizard.act(import_, "check").stats["new"] == 2
    done = wizard.act(import_, "run")
    assert done.stats["created"] == 2
    lead = model("lead").get()
    assert (lead.topic, lead.company_name, lead.estimated_value) == (
        "O1",
        "Unknown customer",
        Decimal("150.50"),
    )
    assert "Amount: 150.50" in lead.description
    assert wizard.rows(done, "created")[0]["record"]["object"] == "lead"
