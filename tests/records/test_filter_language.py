"""The filter language beyond plain comparisons: trees, me and mine, relative dates, related records (PLT-45.2, PLT-6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.metadata.errors import Forbidden, Invalid, Malformed
from crm_core.metadata.types.temporal import COUNTED, RELATIVE, relative_range
from crm_core.records import general_settings, service
from crm_core.records.query import Query
from crm_core.search import views
from crm_core.search.models import SavedView
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import BusinessUnit, SystemUser
from crm_core.security.services import create_system_user
from tests.records.test_kernel import key
from tests.sales_people import make, refers


def named(object_name: str, actor: Actor, tree: dict[str, Any]) -> set[str]:
    entity = registry.get(object_name)
    rows = Query(entity, actor).filter(tree).page([entity.primary], limit=1000).rows
    return {row[entity.primary] for row in rows}


def about(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
    tree = {"attribute": attribute, "operator": operator}
    return tree if value is None else {**tree, "value": value}


@pytest.fixture
def group(admin: Actor) -> dict[str, str]:
    """Holding > Nord > Werft, and Süd beside them; each with a contact."""
    ids: dict[str, str] = {}
    for name, parent in (("Holding", None), ("Nord", "Holding"), ("Werft", "Nord"), ("Süd", None)):
        more = {"parent_account": ids[parent]} if parent else {}
        ids[name] = str(make("account", admin, name=name, **more))
        make("contact", admin, last_name=f"Of {name}", parent_customer=refers("account", ids[name]))
    return ids


def test_places_in_a_tree_of_the_record_itself(admin: Actor, group: dict[str, str]) -> None:
    expected = {
        "under": {"Werft"}, "under_or_equal": {"Nord", "Werft"}, "above": {"Holding"},
        "above_or_equal": {"Holding", "Nord"}, "not_under": {"Holding", "Nord", "Süd"},
        "not_under_or_equal": {"Holding", "Süd"},
    }  # fmt: skip
    for operator, names in expected.items():
        assert named("account", admin, about("id", operator, group["Nord"])) == names, operator
    both = [group["Nord"], group["Süd"]]
    assert named("account", admin, about("id", "under_or_equal", both)) == {"Nord", "Werft", "Süd"}


def test_places_in_a_tree_of_a_parent(admin: Actor, group: dict[str, str]) -> None:
    assert named("account", admin, about("parent_account", "under_or_equal", group["Holding"])) == {"Nord", "Werft"}  # fmt: skip
    assert named("account", admin, about("parent_account", "under", group["Holding"])) == {"Werft"}
    expected = {"Holding", "Süd", "Nord"}  # nothing above it is not below it either
    assert named("account", admin, about("parent_account", "not_under", group["Holding"])) == expected
    of_group = about("parent_customer", "under_or_equal", group["Nord"])
    assert named("contact", admin, of_group) == {"Of Nord", "Of Werft"}
    others = named("contact", admin, about("parent_customer", "not_under_or_equal", group["Nord"]))
    assert others == {"Of Holding", "Of Süd"}
    through = about("parent_customer.parent_account", "under_or_equal", group["Nord"])
    assert named("contact", admin, through) == {"Of Werft"}


def test_only_what_forms_a_tree_takes_such_conditions(admin: Actor, group: dict[str, str]) -> None:
    for object_name, attribute in (("account", "primary_contact"), ("lead", "id")):
        operators = (
            registry.get(object_name)
            .attributes[attribute]
            .type.operators_for(registry.get(object_name).attributes[attribute])
            if attribute != "id"
            else ()
        )
        if "under" in operators:
            continue  # contacts form a tree too
        with pytest.raises(Malformed) as refused:
            named(object_name, admin, about(attribute, "under", group["Nord"]))
        assert refused.value.code == "filter.unknown_operator"
    with pytest.raises(Malformed) as refused:
        named("account", admin, about("id", "under", "no id"))
    assert refused.value.code == "filter.invalid_value"


def test_my_reports_my_unit_and_below(admin: Actor) -> None:
    root = BusinessUnit.objects.get(parent=None)
    north = BusinessUnit.objects.create(name="North", parent=root)
    people = {}
    for name, unit, boss in (("Max", root, None), ("Rita", north, "Max"), ("Tim", north, "Rita"), ("Zoe", root, None)):  # fmt: skip
        user = create_system_user(name, None, roles=["system_administrator"], business_unit_id=unit.pk)
        SystemUser.objects.filter(pk=user.pk).update(manager_id=people[boss] if boss else None)
        people[name] = user.pk
        make("account", admin, name=f"{name}’s", owner=str(user.pk))
    actors = {name: actor_for(pk, "screen") for name, pk in people.items()}
    assert named("account", actors["Max"], about("owner", "my_reports")) == {"Max’s", "Rita’s", "Tim’s"}
    assert named("account", actors["Rita"], about("owner", "my_reports")) == {"Rita’s", "Tim’s"}
    assert named("account", actors["Zoe"], about("owner", "my_reports")) == {"Zoe’s"}
    assert named("account", admin, about("owner", "under", str(people["Max"]))) == {"Rita’s", "Tim’s"}
    everyone = {"Max’s", "Rita’s", "Tim’s", "Zoe’s"}
    assert named("account", actors["Max"], about("owner", "my_unit_and_below")) == everyone
    assert named("account", actors["Max"], about("owner", "my_unit")) == {"Max’s", "Zoe’s"}
    assert named("account", actors["Rita"], about("owner", "my_unit_and_below")) == {"Rita’s", "Tim’s"}
    assert named("user", actors["Rita"], about("business_unit", "my_unit")) == {"Rita", "Tim"}
    assert named("user", actors["Max"], about("manager", "me")) == {"Rita"}


def test_lookups_offer_only_what_fits_their_object(admin: Actor) -> None:
    account = registry.get("account").attributes
    assert "me" not in account["parent_account"].type.operators_for(account["parent_account"])
    assert "me" in account["created_by"].type.operators_for(account["created_by"])
    with pytest.raises(Malformed):
        named("account", admin, about("parent_account", "me"))


def test_related_records_are_counted(admin: Actor, rep: Actor, group: dict[str, str]) -> None:
    for n in range(2):
        make("contact", admin, last_name=f"More {n}", parent_customer=refers("account", group["Nord"]))

    def where(operator: str, value: Any, actor: Actor = admin, **more: Any) -> set[str]:
        return named("account", actor, {"related": "contacts", "count": {"operator": operator, "value": value}, **more})  # fmt: skip

    assert where("ge", 3) == {"Nord"} and where("gt", 3) == set()
    assert where("eq", 1) == {"Holding", "Werft", "Süd"}
    assert where("lt", 3) == where("le", 2) == {"Holding", "Werft", "Süd"}
    more = {"filter": about("full_name", "contains", "More")}
    assert where("eq", 2, **more) == {"Nord"} and where("eq", 0, **more) == {"Holding", "Werft", "Süd"}
    blind = replace(rep, depths={**rep.depths, "contact": {}, "account": {"read": 5}})
    assert where("eq", 0, blind) == {"Holding", "Nord", "Werft", "Süd"}
    for wrong in ({"operator": "ge"}, {"operator": "ge", "value": -1}, {"operator": "ge", "value": True},
                  {"operator": "in", "value": 1}, {"operator": [], "value": 1}, 3):  # fmt: skip
        with pytest.raises(Malformed):
            named("account", admin, {"related": "contacts", "count": wrong})
    with pytest.raises(Malformed):
        named("account", admin, {"related": "contacts", "exists": True, "count": {"operator": "ge", "value": 1}})  # fmt: skip


def test_activities_about_a_record_count_as_related(admin: Actor, group: dict[str, str]) -> None:
    make("task", admin, subject="Call back", regarding=refers("account", group["Nord"]))
    make("note", admin, title="Seen", regarding=refers("account", group["Süd"]))
    assert named("account", admin, {"related": "about.task"}) == {"Nord"}
    without = {"related": "about.task", "exists": False}
    assert named("account", admin, without) == {"Holding", "Werft", "Süd"}
    assert named("account", admin, {"related": "about.note", "filter": about("created_at", "today")}) == {"Süd"}  # fmt: skip
    with pytest.raises(Malformed):
        named("task", admin, {"related": "about.task"})


def test_custom_lookups_are_followed(boat: Any, admin: Actor) -> None:
    mother, length = key(boat, "Mother ship"), key(boat, "Length")
    first = service.create(boat, {"name": "Gorch", length: "80.5"}, admin).id
    second = service.create(boat, {"name": "Dingi", length: "3.2", mother: str(first)}, admin).id
    service.create(boat, {"name": "Float", length: "1", mother: str(second)}, admin)
    assert named("c_boat", admin, about(f"{mother}.{length}", "gt", "50")) == {"Dingi"}
    assert named("c_boat", admin, about(f"{mother}.name", "ne", "Gorch")) == {"Gorch", "Float"}
    assert named("c_boat", admin, about(f"{mother}.{mother}.name", "eq", "Gorch")) == {"Float"}
    for path, code in ((f"{mother}.nonsense", "attribute.unknown"), (f"{mother}.{mother}.{mother}.name", "attribute.path_too_long")):  # fmt: skip
        with pytest.raises(Malformed) as refused:
            named("c_boat", admin, about(path, "eq", "x"))
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("operator", "n", "first", "last"),
    [
        ("this_week", 0, "2026-03-01", "2026-03-07"),  # Sunday to Saturday
        ("last_week", 0, "2026-02-22", "2026-02-28"),
        ("last_n_weeks", 2, "2026-02-18", "2026-03-04"),
        ("next_n_months", 1, "2026-03-04", "2026-04-04"),
        ("last_n_months", 1, "2026-02-04", "2026-03-04"),
        ("last_n_years", 1, "2025-03-04", "2026-03-04"),
        ("this_quarter", 0, "2026-01-01", "2026-03-31"),
        ("this_fiscal_quarter", 0, "2026-02-01", "2026-04-30"),  # years begin in May
        ("this_fiscal_year", 0, "2025-05-01", "2026-04-30"),
        ("last_fiscal_year", 0, "2024-05-01", "2025-04-30"),
        ("next_fiscal_quarter", 0, "2026-05-01", "2026-07-31"),
    ],
)
def test_relative_dates_on_the_fourth_of_march(operator: str, n: int, first: str, last: str) -> None:
    start, end = relative_range(operator, dt.date(2026, 3, 4), n, week_start=7, fiscal_start=5)
    assert start is not None
    assert (start.isoformat(), (end - dt.timedelta(days=1)).isoformat()) == (first, last)


def test_older_than_ends_before_the_day_counted_back_to() -> None:
    assert relative_range("older_than_n_months", dt.date(2026, 3, 31), 1) == (None, dt.date(2026, 2, 28))


@given(
    day=st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),
    week_start=st.integers(1, 7),
    fiscal_start=st.integers(1, 12),
    operator=st.sampled_from(RELATIVE),
)
def test_periods_lie_beside_each_other(
    day: dt.date, week_start: int, fiscal_start: int, operator: str
) -> None:
    """This period holds today, the last one ends where it begins, the next one begins where it ends."""
    kept = {"week_start": week_start, "fiscal_start": fiscal_start}
    if not operator.startswith("this_"):
        return
    period = operator.removeprefix("this_")
    start, end = relative_range(operator, day, **kept)
    assert start is not None and start <= day < end
    assert relative_range(f"last_{period}", day, **kept)[1] == start
    assert relative_range(f"next_{period}", day, **kept)[0] == end
    if period == "week":
        assert start.isoweekday() == week_start
    if period == "fiscal_year":
        assert (start.month, start.day) == (fiscal_start, 1)


def test_weeks_and_fiscal_years_are_those_of_the_person_and_the_company(admin: Actor) -> None:
    assert admin.filter_context().week_start == 1  # Germany
    SystemUser.objects.filter(pk=admin.user_id).update(preferences={"week_start": 7})
    assert replace(admin, week_starts=7).filter_context().week_start == 7
    general_settings.change({"fiscal_start": 7}, admin)
    assert admin.filter_context().fiscal_start == 7
    for wrong in (0, 13, True, "7", None):
        with pytest.raises(Invalid):
            general_settings.change({"fiscal_start": wrong}, admin)
    with pytest.raises(Forbidden):
        general_settings.change(
            {"fiscal_start": 1}, replace(admin, is_administrator=False, capabilities=frozenset())
        )
    assert admin.filter_context().fiscal_start == 7


def test_numbers_of_days_weeks_months_and_years_have_an_end(admin: Actor) -> None:
    for operator in COUNTED:
        for wrong in (-1, 40_000, True, "3", None, 2.5):
            with pytest.raises(Malformed):
                named("account", admin, about("created_at", operator, wrong))
        assert isinstance(named("account", admin, about("created_at", operator, 100)), set)


def test_a_view_over_something_that_is_gone_is_broken(admin: Actor, group: dict[str, str]) -> None:
    account = registry.get("account")
    sound = {"and": [about("id", "under", group["Nord"]), {"related": "contacts", "filter": about("full_name", "contains", "x")}]}  # fmt: skip
    cases = {
        "sound": (sound, []),
        "attribute": (about("c_gone", "eq", 1), ["c_gone"]),
        "parent": (about("parent_account.c_gone", "eq", 1), ["parent_account.c_gone"]),
        "relation": ({"related": "boats", "exists": False}, ["boats"]),
        "inside": ({"not": {"related": "contacts", "filter": about("c_gone", "empty")}}, ["contacts.c_gone"]),
        "option": (about("industry", "in", [9_999]), ["industry"]),
        "tree": (about("c_gone", "under", group["Nord"]), ["c_gone"]),
    }
    for name, (tree, gone) in cases.items():
        row = SavedView(object="account", name=name, owner_id=admin.user_id, columns=[{"name": "name"}], filter=tree)  # fmt: skip
        row.save(force_insert=True)
        assert views.broken(account, row) == gone, name
        assert views.find(account, str(row.pk), admin)["broken"] == gone


def test_a_view_of_another_object_counts_as_a_use(boat: Any, admin: Actor) -> None:
    length = key(boat, "Length")
    relation = next(r for r in registry.get("c_boat").relationships if r.object == "c_boat")
    tree = {"related": relation.name, "filter": about(length, "gt", "1")}
    SavedView.objects.create(object="c_boat", name="Mothers", owner_id=admin.user_id, columns=[{"name": "name"}], filter=tree, is_shared=True)  # fmt: skip
    uses = views.uses_of("c_boat", length)
    assert [(u["name"], u["blocking"]) for u in uses] == [("Mothers", True)]
