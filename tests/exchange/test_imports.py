"""The steps of an import on small files: mapping, matching, references, corrections, states, undo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crm_core.exchange.services import column_values, imports, uploading
from crm_core.exchange.services.maps import create as save_map
from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Malformed, NotFound
from crm_core.records import service
from crm_core.security.actor import actor_for
from crm_core.security.services import create_system_user


def model(name: str) -> Any:
    return registry.get(name).model.objects


def make(wizard: Any, name: str, *rows: dict[str, Any]) -> list[Any]:
    results = service.create_many(registry.get(name), rows, wizard.actor)
    assert all(r.error is None for r in results), [r.error for r in results]
    return [r.id for r in results]


def map_columns(wizard: Any, import_: Any, **by_header: Any) -> Any:
    """Map columns by header: an attribute's name, or its options; None leaves a column out."""
    columns = {}
    for index, column in enumerate(import_.columns):
        wanted = by_header.get(column["header"])
        if wanted:
            columns[str(index)] = wanted if isinstance(wanted, dict) else {"attribute": wanted}
    return wizard.change(import_, mapping={**import_.mapping, "columns": columns})


# matching -------------------------------------------------------------------------------------------------------------
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


# references -----------------------------------------------------------------------------------------------------------
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


# values ---------------------------------------------------------------------------------------------------------------
def test_stages_states_and_reasons_of_one_column(wizard: Any) -> None:
    text = "Topic,Account,Status\nA,X,Won\nB,X,engaging\nC,X,Out-sold\nD,X,shipped\nE,X,gone\n"
    make(wizard, "account", {"name": "X"})
    import_ = wizard.upload(text, "deals.csv", "opportunity")
    column = import_.mapping["columns"]["2"]
    assert column["attribute"] == "stage_or_state"
    column["values"] = {"shipped": {"state": "won"}, "gone": {"state": "nowhere"}}
    import_ = wizard.change(import_, mapping=import_.mapping)
    wizard.act(import_, "run")
    found = {t: (s, r) for t, s, r in model("opportunity").values_list("topic", "state", "status_reason")}
    assert found == {"A": ("won", 3), "B": ("open", 1), "C": ("lost", 5), "D": ("won", 3)}
    assert model("opportunity").get(topic="B").stage == 2
    assert wizard.codes(import_, "failed") == {6: [("stage_or_state", "state.unknown")]}


def test_closed_records_can_only_be_updated_by_nobody(wizard: Any) -> None:
    (one,) = make(wizard, "account", {"name": "X"})
    import_ = wizard.upload(
        "Topic,Account,Status,Opportunity number\nA,X,Won,N1\n", "deals.csv", "opportunity"
    )
    wizard.act(import_, "run")
    again = wizard.upload("Topic,Opportunity number\nRenamed,N1\n", "deals.csv", "opportunity")
    again = wizard.change(again, match={"mode": "update", "keys": ["opportunity_number"]})
    wizard.act(again, "run")
    assert wizard.codes(again, "failed") == {2: [("topic", "record.read_only")]}
    assert one


def test_numbers_scales_commas_and_dates(wizard: Any) -> None:
    text = "Name;Umsatz;Mitarbeiter\nA;1.100,04;1.200\nB;2,5;30\nC;zwei;7\n"
    import_ = wizard.upload(text, "firmen.csv", "account")
    columns = import_.mapping["columns"]
    assert columns["1"]["decimal_comma"] is True and columns["2"]["attribute"] == "number_of_employees"
    columns["1"]["scale"] = 1_000_000
    import_ = wizard.change(import_, mapping=import_.mapping)
    wizard.act(import_, "run")
    found = dict(model("account").values_list("name", "annual_revenue"))
    assert found == {"A": Decimal("1100040000"), "B": Decimal("2500000")}
    assert dict(model("account").values_list("name", "number_of_employees")) == {"A": 1200, "B": 30}
    assert wizard.codes(import_, "failed") == {4: [("annual_revenue", "value.wrong_type")]}


def test_constants_and_templates(wizard: Any) -> None:
    make(wizard, "account", {"name": "X"})
    import_ = wizard.upload("Account,Product name,Code\nX,Boat,7\nX,,8\n", "deals.csv", "opportunity")
    import_ = map_columns(wizard, import_, Account="customer")
    constants = {"topic": "{product name} – {code}", "rating": 1, "stage_or_state": {"state": "won"}}
    import_ = wizard.change(import_, mapping={**import_.mapping, "constants": constants})
    wizard.act(import_, "run")
    assert sorted(model("opportunity").values_list("topic", "rating", "state")) == [
        ("8", 1, "won"),
        ("Boat – 7", 1, "won"),
    ]


def test_full_names_are_split(wizard: Any) -> None:
    import_ = wizard.upload(
        'Name,E-mail\nAnna Maria Müller,a@example.com\n"Stone, Ben",b@example.com\nCher,\n',
        "contacts.csv",
        "contact",
    )
    assert import_.mapping["columns"]["0"] == {"attribute": "full_name"}
    assert imports.describe(import_, wizard.actor)["missing"] == []
    wizard.act(import_, "run")
    assert sorted(model("contact").values_list("last_name", "first_name")) == [
        ("Cher", None),
        ("Müller", "Anna Maria"),
        ("Stone", "Ben"),
    ]


def test_distinct_values_with_what_they_become(wizard: Any) -> None:
    import_ = wizard.upload(
        "Name,Sector\nA,technolgy\nB,Retail\nC,Retail\nD,nonsense\n", "accounts.csv", "account"
    )
    found = {v["value"]: v for v in column_values.distinct_values(import_, 1, wizard.actor)["values"]}
    assert found["Retail"]["count"] == 2 and found["Retail"]["known"] and found["Retail"]["label"] == "Retail"
    assert found["technolgy"]["label"] == "Technology" and found["technolgy"]["known"]
    assert found["nonsense"] == {
        "value": "nonsense",
        "count": 1,
        "target": None,
        "label": None,
        "known": False,
        "guess": None,
    }
    with pytest.raises(Malformed):
        column_values.distinct_values(import_, 9, wizard.actor)


def test_problems_of_reading_are_row_errors_until_corrected(wizard: Any) -> None:
    content = b"Name,City\nA\nB,Bonn,extra\nC\x00D,Ulm\n" + b"E,Rome\n" * 3
    import_ = wizard.upload(content, "accounts.csv", "account")
    wizard.act(import_, "check")
    assert {n: [c for _f, c in codes] for n, codes in wizard.codes(import_).items()} == {
        2: ["row.too_few_cells"],
        3: ["row.too_many_cells"],
        4: ["value.bad_characters"],
    }
    fixed = imports.edit_row(import_.pk, 2, {"1": "Berlin"}, wizard.actor)
    assert fixed["row"]["status"] == "new" and fixed["stats"]["error"] == 2
    imports.edit_row(import_.pk, 4, {"0": "CD"}, wizard.actor)
    done = wizard.act(import_, "run")
    assert done.stats["failed"] == 1
    assert model("account").get(name="A").address1_city == "Berlin"


# correcting -----------------------------------------------------------------------------------------------------------
def test_only_the_corrected_row_and_its_repetitions_are_checked_again(wizard: Any) -> None:
    text = "Name,E-mail\nA,one@example.com\nB,one@example.com\nC,not a mail\nD,two@example.com\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    assert wizard.act(import_, "check").stats == {
        "new": 2,
        "update": 0,
        "duplicate": 1,
        "error": 1,
        "creates": {},
    }
    answer = imports.edit_row(import_.pk, 4, {"1": "c@example.com"}, wizard.actor)
    assert (answer["row"]["status"], answer["row"]["values"]["1"], answer["stats"]["error"]) == (
        "new",
        "c@example.com",
        0,
    )
    answer = imports.edit_row(import_.pk, 2, {"1": "other@example.com"}, wizard.actor)
    assert answer["stats"] == {"new": 4, "update": 0, "duplicate": 0, "error": 0, "creates": {}}
    assert wizard.act(import_, "run").stats["created"] == 4
    assert model("account").get(name="A").email == "other@example.com"
    with pytest.raises(Conflict):
        imports.edit_row(import_.pk, 2, {"1": "late@example.com"}, wizard.actor)


@pytest.mark.parametrize(
    "values", [None, {}, {"9": "x"}, {"x": "y"}, {"0": 5}, {"0": "a\x00b"}, {"0": "x" * 100_001}]
)
def test_unusable_corrections_are_refused(wizard: Any, values: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    with pytest.raises(Malformed):
        imports.edit_row(import_.pk, 2, values, wizard.actor)
    with pytest.raises(NotFound):
        imports.edit_row(import_.pk, 77, {"0": "x"}, wizard.actor)


def test_what_the_mapping_may_not_say(wizard: Any) -> None:
    import_ = wizard.upload("Name,Founded\nA,1990\n", "accounts.csv", "account")
    wrong = [
        ({"columns": {"7": {"attribute": "name"}}}, "mapping.columns.7"),
        ({"columns": {"0": {"attribute": "nope"}}}, "mapping.columns.0.attribute"),
        ({"columns": {"0": {"attribute": "version_"}}}, "mapping.columns.0.attribute"),
        (
            {"columns": {"0": {"attribute": "name"}, "1": {"attribute": "name"}}},
            "mapping.columns.1.attribute",
        ),
        ({"columns": {"0": {"attribute": "name", "surprise": 1}}}, "mapping.columns.0.surprise"),
        ({"columns": {"1": {"attribute": "year_established", "scale": "-1"}}}, "mapping.columns.1.scale"),
        ({"columns": {"0": {"attribute": "name", "on_missing": "maybe"}}}, "mapping.columns.0.on_missing"),
        ({"columns": {"0": {"attribute": "owner", "lookup_by": "password"}}}, "mapping.columns.0.lookup_by"),
        ({"columns": {"0": {"attribute": "name", "date_format": "%d%d"}}}, "date_format"),
        ({"constants": {"exchange_rate": 5}}, "mapping.constants.exchange_rate"),
        ({"constants": {"industry": 99_999}}, "mapping.constants.industry"),
        ({"missing_customer": "hope"}, "mapping.missing_customer"),
        ([], "mapping."),
    ]
    for mapping, field in wrong:
        with pytest.raises(Malformed) as refusal:
            wizard.change(import_, mapping=mapping)
        assert refusal.value.field == field, mapping
    for match, field in (
        ({"mode": "replace"}, "match.mode"),
        ({"mode": "update", "keys": []}, "match.keys"),
        ({"keys": ["phone"]}, "match.keys"),
        ({"surprise": 1}, "match.surprise"),
    ):
        with pytest.raises(Malformed) as refusal:
            wizard.change(import_, match=match)
        assert refusal.value.field == field, match


def test_states_say_what_is_possible(wizard: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    with pytest.raises(Conflict):
        wizard.act(import_, "undo")
    done = wizard.act(import_, "run")
    assert imports.state_of(done) == "done"
    for action in ("check", "run", "cancel"):
        with pytest.raises(Conflict):
            imports.act(import_.pk, action, wizard.actor)
    with pytest.raises(Conflict):
        wizard.change(import_, object="contact")
    assert imports.state_of(wizard.act(import_, "undo")) == "undone"
    assert model("account").count() == 0
    with pytest.raises(NotFound):
        imports.act(import_.pk, "dance", wizard.actor)
    imports.delete(import_.pk, wizard.actor)
    with pytest.raises(NotFound):
        imports.find(import_.pk, wizard.actor)


def test_another_object_maps_anew_and_format_reads_anew(wizard: Any) -> None:
    import_ = wizard.upload("Name|City\nA|Bonn\n", "list.csv")
    changed = wizard.change(import_, object="contact")
    assert changed.mapping["columns"]["0"]["attribute"] == "full_name"
    changed = wizard.change(changed, format={"delimiter": ","})
    assert [c["header"] for c in changed.columns] == ["Name|City"]
    changed = wizard.change(changed, format={"delimiter": "|", "header": False})
    assert changed.row_count == 2
    with pytest.raises(Malformed):
        wizard.change(changed, format={"quote": "x"})


def test_saved_maps_are_used_for_the_same_headers(wizard: Any) -> None:
    import_ = wizard.upload("Firma X,Kürzel\nA,1\n", "a.csv", "account")
    mapping = {
        "columns": {"0": {"attribute": "name"}, "1": {"attribute": "account_number"}},
        "constants": {"rating": 2},
    }
    save_map(
        {
            "name": "ERP",
            "object": "account",
            "headers": ["Firma X", "Kürzel"],
            "mapping": mapping,
            "match": {"mode": "both", "keys": ["account_number"]},
        },
        wizard.actor,
    )
    again = wizard.upload("Firma X,Kürzel\nB,2\n", "b.csv", "account")
    assert again.mapping["columns"]["1"]["attribute"] == "account_number" and again.mapping["constants"] == {
        "rating": 2
    }
    assert again.match["mode"] == "both"
    assert import_.mapping["columns"].get("1") is None


def test_a_saved_map_that_no_longer_fits_is_left_aside(wizard: Any) -> None:
    mapping = {"columns": {"0": {"attribute": "gone_for_good"}}}
    save_map({"name": "Old", "object": "account", "headers": ["Name"], "mapping": mapping}, wizard.actor)
    assert wizard.upload("Name\nB\n", "b.csv", "account").mapping["columns"]["0"]["attribute"] == "name"


def test_a_run_that_failed_half_way_is_resumed_or_undone_but_never_begun_again(
    wizard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_core.exchange import staging
    from crm_core.records import jobs
    from tests.exchange.conftest import work_off

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    import_ = wizard.upload("Name\n" + "".join(f"A{i}\n" for i in range(25)), "accounts.csv", "account")
    job = imports.act(import_.pk, "run", wizard.actor).job
    assert jobs.run_next_step(job.pk)
    jobs.Job.objects.filter(pk=job.pk).update(state="failed", error="power cut")
    assert imports.state_of(imports.find(import_.pk, wizard.actor)) == "failed"
    for action in ("check", "run"):
        with pytest.raises(Conflict):
            imports.act(import_.pk, action, wizard.actor)
    jobs.control(job.pk, "retry", wizard.actor)
    assert work_off(job.pk).state == "succeeded"
    assert model("account").count() == 25


def test_a_run_whose_field_is_taken_away_meanwhile_fails_in_words_and_can_be_undone(
    wizard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_core.exchange import staging
    from crm_core.metadata.customization import publishing
    from crm_core.records import jobs

    def published(operation: str, name: str | None, definition: dict[str, Any]) -> str:
        actor = wizard.actor
        made = publishing.add_change("attribute", operation, "account", name, definition, actor.user_id).name
        publishing.publish(actor.user_id, actor.name)
        return str(made)

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    name = published("create", None, {"label": "Berths", "type": "text"})
    rows = "Name,Berths\n" + "".join(f"A{i},{i}\n" for i in range(25))
    import_ = wizard.upload(rows, "accounts.csv", "account")
    assert import_.mapping["columns"]["1"]["attribute"] == name
    job = imports.act(import_.pk, "run", wizard.actor).job
    assert jobs.run_next_step(job.pk)
    published("delete", name, {})
    jobs.run_next_step(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["refused"]["code"]) == ("failed", "import.field_gone")
    assert "“Berths”" in job.error and model("account").count() == 10
    wizard.act(import_, "undo")
    assert model("account").count() == 0


def test_a_cancelled_run_stops_and_can_be_undone(wizard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_core.exchange import staging
    from crm_core.records import jobs

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    monkeypatch.setattr(staging, "RUN_BLOCK", 10)
    import_ = wizard.upload("Name\n" + "".join(f"A{i}\n" for i in range(25)), "accounts.csv", "account")
    job = imports.act(import_.pk, "run", wizard.actor).job
    jobs.run_next_step(job.pk)
    canceled = imports.act(import_.pk, "cancel", wizard.actor)
    assert imports.state_of(canceled) == "canceled" and not jobs.run_next_step(job.pk)
    assert model("account").count() == 10
    wizard.act(import_, "undo")
    assert model("account").count() == 0


def test_old_imports_are_forgotten_and_their_records_stay(wizard: Any, settings: Any) -> None:
    from datetime import timedelta
    from pathlib import Path

    from django.utils import timezone

    from crm_core.exchange.handlers import forget_old
    from crm_core.exchange.models import Import, ImportRow

    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    wizard.act(import_, "run")
    forget_old()
    assert Import.objects.count() == 1
    Import.objects.update(created_at=timezone.now() - timedelta(days=31))
    forget_old()
    assert Import.objects.count() == ImportRow.objects.count() == 0
    assert model("account").count() == 1
    assert Path(settings.MEDIA_ROOT).is_dir()


# rights ---------------------------------------------------------------------------------------------------------------
def test_importing_needs_its_privilege_and_foreign_imports_do_not_exist(wizard: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    reader = actor_for(
        create_system_user("Rita Reader", "rita@example.com", roles=["read_only"]).pk, "screen"
    )
    with pytest.raises(Forbidden):
        uploading.create_import(reader, [b"Name\nA\n"], "a.csv", "account")
    with pytest.raises(Forbidden):
        uploading.create_import(reader, [b"Name\nA\n"], "a.csv")
    with pytest.raises(NotFound):
        imports.find(import_.pk, reader)
    seller = actor_for(
        create_system_user("Sam Seller", "sam@example.com", roles=["salesperson"]).pk, "screen"
    )
    with pytest.raises(NotFound):
        imports.find(import_.pk, seller)
    with pytest.raises(CrmError):
        uploading.create_import(wizard.actor, [b"Name\nA\n"], "a.csv", "business_unit")


def test_secured_attributes_are_no_targets_for_those_who_may_not_write_them(wizard: Any) -> None:
    seller = actor_for(
        create_system_user("Sam Seller", "sam@example.com", roles=["salesperson"]).pk, "screen"
    )
    wizard.actor = seller
    import_ = wizard.upload("Last name,Annual income\nA,5\n", "contacts.csv", "contact")
    assert "annual_income" not in {t["name"] for t in imports.describe(import_, seller)["targets"]}
    with pytest.raises(Malformed):
        map_columns(wizard, import_, **{"Last name": "last_name", "Annual income": "annual_income"})


def test_a_refused_file_leaves_nothing_behind(wizard: Any, settings: Any) -> None:
    from pathlib import Path

    from crm_core.exchange.models import Import

    with pytest.raises(CrmError) as refusal:
        wizard.upload(b"%PDF-1.7 x", "a.csv")
    assert refusal.value.code == "file.not_a_table"
    with pytest.raises(CrmError):
        wizard.upload("Name,City\n", "a.csv")
    assert not [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]
    assert Import.objects.count() == 0


# undo -----------------------------------------------------------------------------------------------------------------
def test_undo_gives_back_the_former_state_and_lists_conflicts(wizard: Any, fingerprint: Any) -> None:
    make(
        wizard,
        "account",
        {"name": "Kept", "account_number": "1", "phone": "1"},
        {"name": "Edited", "account_number": "2", "phone": "2"},
    )
    before = fingerprint()
    text = "Account number,Phone,Name\n1,111,Kept\n2,222,Edited\n3,333,Fresh\n4,444,Used\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    import_ = wizard.change(import_, match={"mode": "both", "keys": ["account_number"]})
    assert wizard.act(import_, "run").stats == {"created": 2, "updated": 2, "duplicate": 0, "failed": 0}
    edited, used = model("account").get(name="Edited"), model("account").get(name="Used")
    service.update(registry.get("account"), edited.pk, {"phone": "999"}, wizard.actor)
    make(
        wizard,
        "contact",
        {"last_name": "Guest", "parent_customer": {"object": "account", "id": str(used.pk)}},
    )
    undone = wizard.act(import_, "undo")
    assert undone.job.result["undo_conflicts"] == 2
    assert {f.code for f in undone.job.failures.all()} == {"undo.changed_since", "undo.in_use"}
    assert dict(model("account").values_list("name", "phone")) == {
        "Kept": "1",
        "Edited": "999",
        "Used": "444",
    }

    second = wizard.upload("Account number,Phone,Name\n1,5,Kept\n8,8,Gone\n", "accounts.csv", "account")
    second = wizard.change(second, match={"mode": "both", "keys": ["account_number"]})
    between = fingerprint()
    wizard.act(second, "run")
    wizard.act(second, "undo")
    assert fingerprint() == between != before
