"""Calculated fields (PLT-3): the language, what drafts refuse, values through every door, and rights."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, Malformed
from crm_core.metadata.formulas import FormulaError, parse
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.security.actor import Actor
from crm_core.security.models import Role
from tests.api_client import ApiClient, person


def named(entity: Entity, label: str) -> str:
    return next(a.name for a in entity.custom_attributes if str(a.label) == label)


def drafted(admin: Actor, expression: str, object_name: str = "c_boat", **more: Any) -> str:
    """The name of a calculated field in the draft."""
    body = {"label": f"Calculated {expression}"[:60], "type": "calculated", "expression": expression, **more}
    return str(publishing.add_change("attribute", "create", object_name, None, body, admin.user_id).name)


def published(admin: Actor, expression: str, object_name: str = "c_boat", **more: Any) -> str:
    name = drafted(admin, expression, object_name, **more)
    publishing.publish(admin.user_id, admin.name)
    return name


# the language --------------------------------------------------------------------------------------------------------
VALUES = [
    ("1 + 2 * 3", "7.00"),
    ("(1 + 2) * -3", "-9.00"),
    ("7 / 2 / 0", None),
    ("{length} * 2 - 1", "24.00"),
    ("{price} / 3", "333.33"),
    ('name & " (" & {length} & " m)"', "Ada (12.5 m)"),
    ('if({length} > 10 and not {berth} = 2, "long", "short")', "long"),
    ('if({berth} = 1 or {berth} = 3, "outside", empty)', "outside"),
    ("isempty({sign})", True),
    ('name = "ADA"', True),
    ('name <> empty and {sign} < "b"', False),
    ("days({launched}, adddays({launched}, 30))", "30.00"),
    ("{launched} + 1", "2024-02-29"),
    ("{launched} - {launched}", "0.00"),
    ("adddays({launched}, 99999999)", None),
    ("year({launched}) * 100 + month({launched})", "202402.00"),
    ("coalesce({sign}, upper(left(name, 2)))", "AD"),
    ('if(contains(name, "d"), length(trim(name)), 0)', "3.00"),
    ("max(round({length} / 7, 1), min(1, 2), abs(-1))", "1.80"),
    ("floor(-1.5) + ceiling(1.2)", "0.00"),
    ("text({length}) & text({launched}) & text(empty)", "12.52024-02-28"),
    ("999999999999999 * 999999999999999", None),
]


def test_expressions_give_what_they_say(boat: Entity, admin: Actor) -> None:
    names = {n: named(boat, label) for n, label in
             {"length": "Length", "berth": "Berth", "price": "Price", "launched": "Launched", "sign": "Call sign"}.items()}  # fmt: skip
    # an expression that reads no field is refused, so each of these reads one
    made = {e: drafted(admin, _reading(e, names), label=f"F{n}") for n, (e, _v) in enumerate(VALUES)}
    publishing.publish(admin.user_id, admin.name)
    entity = registry.get("c_boat")
    record = service.create(
        entity,
        {"name": "Ada", names["length"]: "12.50", names["berth"]: 3, names["price"]: "1000", names["launched"]: "2024-02-28"},
        admin,
    )  # fmt: skip
    row = Query(entity, admin).one(record.id)
    assert {e: row[made[e]] for e, _value in VALUES} == dict(VALUES)


def _reading(expression: str, names: dict[str, str]) -> str:
    return (
        expression.format(**names)
        if "{" in expression or "name" in expression
        else f'if(name = "", 0, {expression})'
    )


@pytest.mark.parametrize(
    ("expression", "code", "position"),
    [
        ("", "formula.empty", 0),
        ("name &", "formula.syntax", 6),
        ("name ; 1", "formula.syntax", 5),
        ("name.", "formula.syntax", 4),
        ('"open', "formula.syntax", 0),
        ("(" * 40 + "name" + ")" * 40, "formula.too_deep", 30),
        ("+".join(["price"] * 60), "formula.too_deep", 179),
        ("f(" + ",".join(["name"] * 250) + ")", "formula.too_large", 1002),
        ("name" + " " * 2000, "formula.too_large", 0),
        ("1" * 30 + " + length(name)", "formula.number", 0),
        ("nothing", "formula.unknown_field", 0),
        ("1 + owner.nothing", "formula.unknown_field", 4),
        ("name.length", "formula.no_path", 0),
        ("owner", "formula.unreadable", 0),
        ("name + 1", "formula.type", 0),
        ("if(name, 1, 2)", "formula.type", 3),
        ("if(true, name, 1)", "formula.type", 0),
        ("name < created_at", "formula.type", 5),
        ("status_reason", "formula.type", 0),
        ("coalesce(status_reason, status_reason)", "formula.type", 0),
        ("exec(name)", "formula.unknown_function", 0),
        ("round(length(name), length(name))", "formula.digits", 20),
        ("today(name)", "formula.arguments", 0),
        ("1 + 1", "formula.constant", 2),
        ("empty", "formula.type", 0),
    ],
)
def test_expressions_that_cannot_work_are_refused_with_the_place(
    boat: Entity, admin: Actor, expression: str, code: str, position: int
) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(admin, expression, label="Wrong")
    assert (refused.value.code, refused.value.field) == (code, "expression")
    assert refused.value.details.get("position", 0) == position
    assert publishing.impact()["changes"] == []


def test_amounts_keep_their_currency_apart(boat: Entity, admin: Actor) -> None:
    price = named(boat, "Price")
    for expression in (
        f"{price} * {price}",
        f"{price} + parent_account.annual_revenue",
        "annual_revenue + annual_revenue_base",
        "parent_account.annual_revenue * 2",
    ):
        with pytest.raises(Invalid) as refused:
            drafted(admin, expression, "account" if "annual" in expression else "c_boat", label="X")
        assert refused.value.code in ("formula.currency", "formula.unknown_field", "formula.no_path"), (
            expression
        )
    own, base = drafted(admin, f"{price} * 1.19"), drafted(admin, "annual_revenue_base / 2", "account")
    share = drafted(admin, f"{price} / {price}")
    publishing.publish(admin.user_id, admin.name)
    attributes = registry.get("c_boat").attributes
    assert attributes[own].type.name == "money" and attributes[own].format is None
    assert registry.get("account").attributes[base].format == "base"
    assert attributes[share].type.name == "dec"


# doors ---------------------------------------------------------------------------------------------------------------
def test_lists_filter_sort_group_and_sum_by_them(workspace: Any, boat: Entity, admin: Actor) -> None:
    length = named(boat, "Length")
    double = drafted(admin, f"{length} * 2", label="Double")
    size = drafted(admin, f'if({length} > 10, "large", "small")', label="Size")
    whole = drafted(admin, f"floor({length})", label="Whole", precision=0)
    publishing.publish(admin.user_id, admin.name)
    entity = registry.get("c_boat")
    for n, metres in enumerate(("5", "12", "20", None)):
        service.create(entity, {"name": f"Boat {n}", length: metres}, admin)
    query = Query(entity, admin)
    assert [r[double] for r in query.order([f"-{double}"]).page([double]).rows] == [
        "40.00",
        "24.00",
        "10.00",
        None,
    ]
    tree = {"attribute": double, "operator": "between", "value": ["10", "24"]}
    assert {r["name"] for r in query.filter(tree).page(["name"]).rows} == {"Boat 0", "Boat 1"}
    page = query.order([double]).page([double], limit=2)
    assert [r[double] for r in query.order([double]).page([double], limit=2, cursor=page.next).rows] == [
        "40.00",
        None,
    ]
    found = aggregate(query, [{"attribute": size}], [{"fn": "count"}, {"fn": "sum", "attribute": double}])
    assert [(g["labels"], g["values"]) for g in found["groups"]] == [
        (["large"], [2, "64.00"]),
        (["small"], [2, "10.00"]),
    ]
    assert query.filter(found["groups"][0]["filter"]).count("exact") == {"value": 2, "exact": True}
    assert query.sums([double]) == {double: "74.00"}
    assert [g["keys"] for g in aggregate(query, [{"attribute": whole}], [{"fn": "count"}])["groups"]] == [["5"], ["12"], ["20"], [None]]  # fmt: skip
    with pytest.raises(Malformed) as refused:
        aggregate(query, [{"attribute": double}], [{"fn": "count"}])
    assert refused.value.code == "aggregate.not_groupable"
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    _over_http(api, double)


def _over_http(api: ApiClient, name: str) -> None:
    _status, boat = api.get("/c_boats?fields=name&limit=1")
    path = f"/c_boats/{boat['rows'][0]['id']}"
    status, refused = api.patch(path, {name: "1"})
    assert (status, refused["code"], refused["field"]) == (422, "attribute.read_only", name)
    schemas = api.get("/openapi.json")[1]["components"]["schemas"]
    assert schemas["c_boat"]["properties"][name]["readOnly"] is True
    assert name not in schemas["c_boat_create"]["properties"]
    shown = next(a for a in api.get("/metadata/objects/c_boat")[1]["attributes"] if a["name"] == name)
    assert (shown["type"], shown["read_only"], shown["importable"]) == ("dec", True, False)
    status, job = api.post("/c_boats/export", {"format": "csv", "fields": ["name", name]})
    assert status in (200, 202), job


def test_fields_of_linked_records_follow_at_once(boat: Entity, admin: Actor) -> None:
    mother, length = named(boat, "Mother ship"), named(boat, "Length")
    own = drafted(admin, f"{length} / {mother}.{length}", label="Share", precision=3)
    deep = drafted(admin, f'coalesce({mother}.{mother}.name, "none") & " / " & owner.full_name', label="Deep")
    publishing.publish(admin.user_id, admin.name)
    entity = registry.get("c_boat")
    flag = service.create(entity, {"name": "Flag"}, admin).id
    big = service.create(entity, {"name": "Big", length: "40", mother: str(flag)}, admin).id
    small = service.create(entity, {"name": "Small", length: "10", mother: str(big)}, admin).id
    assert Query(entity, admin).one(small)[own] == "0.250"
    assert Query(entity, admin).one(small)[deep] == "Flag / Ada Admin"
    service.update(entity, big, {length: "20"}, admin)
    assert Query(entity, admin).one(small)[own] == "0.500"
    found = (
        Query(entity, admin).filter({"attribute": own, "operator": "eq", "value": "0.5"}).page(["name"]).rows
    )
    assert [r["name"] for r in found] == ["Small"]


def test_a_path_through_a_standard_link_reads_a_calculated_field(boat: Entity, admin: Actor) -> None:
    name = published(admin, 'upper(name) & "!"', "account", label="Shout")
    account = registry.get("account")
    parent = service.create(account, {"name": "Acme"}, admin).id
    service.create(account, {"name": "Child", "parent_account": str(parent)}, admin)
    tree = {"attribute": f"parent_account.{name}", "operator": "eq", "value": "acme!"}
    page = (
        Query(account, admin)
        .filter(tree)
        .order([f"parent_account.{name}"])
        .page(["name", f"parent_account.{name}"])
    )
    assert [(r["name"], r[f"parent_account.{name}"]) for r in page.rows] == [("Child", "ACME!")]


# drafts --------------------------------------------------------------------------------------------------------------
def test_no_field_is_calculated_from_itself(boat: Entity, admin: Actor) -> None:
    length, mother = named(boat, "Length"), named(boat, "Mother ship")
    first = drafted(admin, f"{length} + 1", label="First")
    second = drafted(admin, f"{first} + 1", label="Second")
    for expression in (f"{second} + 1", f"{first} + 1", f"{mother}.{second} + 1"):
        change = {"expression": expression}
        with pytest.raises(Invalid) as refused:
            publishing.add_change("attribute", "update", "c_boat", first, change, admin.user_id)
        assert (refused.value.code, refused.value.field) == ("formula.cycle", "expression")
        assert refused.value.details["path"][0] == refused.value.details["path"][-1] == f"c_boat.{first}"
    publishing.publish(admin.user_id, admin.name)
    with pytest.raises(Conflict) as changed:
        publishing.add_change("attribute", "update", "c_boat", first, {"expression": "name"}, admin.user_id)
    assert changed.value.code == "formula.result_changed"


def test_nested_fields_stay_small_enough_to_be_one_expression(boat: Entity, admin: Actor) -> None:
    last = named(boat, "Length")
    with pytest.raises(Invalid) as refused:
        for n in range(30):
            last = drafted(admin, f"{last} + {last}", label=f"Level {n}")
    assert refused.value.code == "formula.too_large"


def test_a_field_an_expression_reads_cannot_be_deleted(workspace: Any, boat: Entity, admin: Actor) -> None:
    length = named(boat, "Length")
    mother = named(boat, "Mother ship")
    name = published(admin, f"{mother}.{length} * 2", label="Double")
    body = publishing.published()[1]
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    for used in (length, mother):
        change = {"kind": "attribute", "operation": "delete", "object": "c_boat", "name": used}
        assert api.post("/customization/changes", change)[0] == 201
        (row,) = api.get("/customization/impact")[1]["changes"]
        assert [(u["kind"], u["name"]) for u in row["used_in"] if u["blocking"]] == [("attribute", name)]
        status, refused = api.post("/customization/publish")
        assert (status, refused["code"]) == (409, "metadata.dependencies")
        api.post("/customization/discard")
    assert publishing.published()[1] == body
    rolled = publishing.roll_back(1, admin.user_id, admin.name)
    assert rolled.body == publishing.body_of(1)
    assert publishing.roll_back(2, admin.user_id, admin.name).body == body


def test_rules_and_duplicates_look_at_entered_values_only(boat: Entity, admin: Actor) -> None:
    name = published(admin, "upper(name)", label="Shout")
    rule = {"label": "R", "when": {"attribute": name, "operator": "eq", "value": "A"}, "then": [{"action": "hide", "attribute": "name"}]}  # fmt: skip
    with pytest.raises(Invalid) as refused:
        publishing.add_change("rule", "create", "c_boat", None, rule, admin.user_id)
    assert refused.value.code == "rule.calculated"


# rights --------------------------------------------------------------------------------------------------------------
def test_what_is_made_of_a_secured_value_is_masked_like_it(workspace: Any, admin: Actor) -> None:
    name = drafted(admin, "annual_revenue_base * 2", "account", label="Twice")
    outer = drafted(admin, f'if({name} > 100, "rich", "poor")', "account", label="Class")
    inner = drafted(admin, f"parent_account.{outer}", "account", label="Parent class")
    publishing.publish(admin.user_id, admin.name)
    _secure("account.annual_revenue")
    account = registry.get("account")
    record = service.create(account, {"name": "Acme", "annual_revenue": "500"}, admin).id
    assert Query(account, admin).one(record)[outer] == "rich"
    _user, api = person(workspace, "sam@example.com", "salesperson")
    status, row = api.post("/accounts", {"name": "Own"})
    assert status == 201, row
    for secret in (name, outer, inner):
        shown = api.get(f"/accounts/{row['id']}")[1]
        assert shown[secret] is None and secret in shown["masked"]
        for body in (
            {"filter": {"attribute": secret, "operator": "not_empty"}},
            {"order": [secret]},
        ):
            status, refused = api.post("/accounts/query", {"fields": ["name"], **body})
            assert (status, refused["code"]) == (403, "field.secured"), (secret, body)


def _secure(path: str) -> None:
    from crm_core.metadata import workspace as unit
    from crm_core.metadata.field_security import SETTING
    from crm_core.metadata.models import Organization

    organization = Organization.objects.get()
    organization.settings = {**organization.settings, SETTING: {path: True}}
    organization.save()
    unit.bump("security_version")


def test_values_of_a_record_one_may_not_see_are_empty(workspace: Any, boat: Entity, admin: Actor) -> None:
    """Not shown, not found by a filter, not sorted by, not counted in a group."""
    name = published(admin, 'coalesce(parent_account.name, "no parent")', "account", label="Group")
    account = registry.get("account")
    hidden = service.create(account, {"name": "Hidden Holding"}, admin).id
    every = dict.fromkeys(("create", "read", "write", "append", "append_to"), 1)
    role = Role.objects.create(name="Own only", privileges={"account": every, "user": {"read": 5}})
    user, api = person(workspace, "sam@example.com", str(role.pk))
    child = service.create(account, {"name": "Child", "parent_account": str(hidden)}, admin).id
    service.assign(account, child, {"object": "user", "id": str(user.pk)}, admin)
    status, shown = api.get(f"/accounts/{child}")
    assert status == 200 and api.get(f"/accounts/{hidden}")[0] == 404
    assert shown[name] == "no parent"
    tree = {"attribute": name, "operator": "contains", "value": "hidden"}
    assert api.post("/accounts/query", {"fields": ["name"], "filter": tree})[1]["rows"] == []
    _status, groups = api.post(
        "/accounts/aggregate", {"group": [{"attribute": name}], "measures": [{"fn": "count"}]}
    )
    assert [g["labels"] for g in groups["groups"]] == [["no parent"]]


# nonsense ------------------------------------------------------------------------------------------------------------
def _calls(*patterns: str) -> Any:
    """Expressions of these forms over parts drawn for n(umber), t(ext), d(ate) and b(ool)."""

    def extend(part: Any) -> Any:
        kinds = {"n": part[0], "t": part[1], "d": part[2], "b": part[3]}
        return [
            st.tuples(*[kinds[letter] for letter in letters]).map(
                lambda given, form=form: form.format(*given)
            )
            for form, letters in (p.split(" | ") for p in patterns)
        ]

    return extend


NUMBERS = [
    "annual_revenue_base",
    "number_of_employees",
    "parent_account.annual_revenue_base",
    "0",
    "2.5",
    "999999999999",
    "-1",
    "empty",
]
TEXTS = ["name", "parent_account.name", "owner.full_name", '"x"', '"é%s{}"', "state", "empty"]
DATES = ["created_at", "today()", "parent_account.modified_at", "empty"]
BOOLS = ["true", "isempty(name)", "industry = 3", "parent_account.industry <> empty"]
GROWING = {
    "n": _calls("({} + {}) | nn", "({} - {}) | nn", "round({}, 3) | n", "length({}) | t", "days({}, {}) | dd", "{} - {} | dd",
                "if({}, {}, {}) | bnn", "max({}, {}) | nn", "floor({}) | n", "year({}) | d", "({} / (1 + length({}))) | nt",
                "({} * length({})) | nt", "coalesce({}, {}) | nn"),
    "t": _calls("({} & {}) | tn", "upper({}) | t", "left({}, 2) | t", "text({}) | d", "if({}, {}, {}) | btt", "trim({}) | t", "({} & {}) | bt"),
    "d": _calls("adddays({}, {}) | dn", "({} + {}) | dn", "min({}, {}) | dd", "if({}, {}, {}) | bdd"),
    "b": _calls("({} < {}) | nn", "({} = {}) | tt", "({} and not {}) | bb", "contains({}, {}) | tt", "({} >= {}) | dd", "isempty({}) | n"),
}  # fmt: skip


def _grown(levels: int) -> tuple[Any, ...]:
    """Strategies for numbers, texts, dates and yes/no of at most so many levels."""
    if not levels:
        return tuple(st.sampled_from(leaves) for leaves in (NUMBERS, TEXTS, DATES, BOOLS))
    below = _grown(levels - 1)
    return tuple(st.one_of(leaf, *GROWING[kind](below)) for kind, leaf in zip("ntdb", _grown(0), strict=True))


EXPRESSIONS = st.one_of(*_grown(2))


@given(text=st.text(max_size=60) | EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        assert parse(text).depth >= 1
    except FormulaError as error:
        assert error.code.startswith("formula.") and 0 <= error.position <= len(text)


def test_fuzzed_expressions_never_break_a_list(workspace: Any, admin: Actor) -> None:
    """What the draft accepts can be read, filtered by, sorted by and added up on any data."""
    account = registry.get("account")
    parent = service.create(account, {"name": "Zéro", "annual_revenue": "0"}, admin).id
    service.create(account, {"name": "N", "parent_account": str(parent), "number_of_employees": 0}, admin)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    accepted: list[str] = []

    @given(expression=EXPRESSIONS)
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    def send(expression: str) -> None:
        body = {"label": f"F{len(accepted)}", "type": "calculated", "expression": expression}
        change = {"kind": "attribute", "operation": "create", "object": "account", "definition": body}
        status, answer = api.post("/customization/changes", change)
        assert status in (201, 422), (expression, answer)
        if status == 201:
            accepted.append(answer["name"])
        else:
            assert answer["code"].startswith("formula."), (expression, answer)

    send()
    assert len(accepted) > 15, "examples that mean something"
    assert api.post("/customization/publish")[0] == 200
    entity = registry.get("account")
    for start in range(0, len(accepted), 30):
        names = accepted[start : start + 30]
        assert len(Query(entity, admin).page(names).rows) == 2
    for name in accepted:
        rows = Query(entity, admin).filter({"attribute": name, "operator": "not_empty"}).order([f"-{name}"])
        assert len(rows.page([name]).rows) <= 2
        assert rows.page([name], limit=1).rows is not None
