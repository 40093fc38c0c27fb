"""Duplicate rules as data: comparisons, publishing, blocking, across objects, limits (CUS-10)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.records import duplicates, jobs, service
from crm_core.records.duplicates import editing
from crm_core.records.models import DuplicateRule, Job, MatchCode
from crm_core.security.actor import Actor
from tests.sales_people import everything, make


def condition(attribute: str, operator: str = "same", **more: Any) -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator, **more}


def run_jobs(kind: str) -> None:
    for job in Job.objects.filter(kind=kind, state__in=("queued", "running")):
        jobs.run_inline(job, jobs.actor_of(job))


def rule(actor: Actor, base: str, *conditions: dict, on: bool = True, **more: Any) -> DuplicateRule:
    """A published rule of the workspace's own."""
    made = editing.create({"base_object": base, "conditions": list(conditions), **more}, actor)
    if on:
        editing.publish(made.pk, actor)
        run_jobs("duplicate_rule")
    return made


def off(actor: Actor, base: str) -> None:
    """Turn the delivered rules of an object off."""
    editing.listed()
    for row in DuplicateRule.objects.filter(base_object=base):
        editing.unpublish(row.pk, actor)


def matches(name: str, actor: Actor, /, **values: Any) -> list[str]:
    return [m["id"] for m in duplicates.find_raw(registry.get(name), values, actor)["matches"]]


@pytest.mark.parametrize(
    ("conditions", "there", "same", "different"),
    [
        ([condition("name", "begins", n=4)], {"name": "Nordlicht"}, {"name": "NORDsee"}, {"name": "Norwegen"}),
        ([condition("name", "ends", n=5)], {"name": "Alte Werft"}, {"name": "Neue Werft"}, {"name": "Neue Wert"}),
        ([condition("name", "company")], {"name": "Nord GmbH & Co. KG"}, {"name": "nord ag"}, {"name": "Nord West"}),
        ([condition("name", "phonetic")], {"name": "Meier"}, {"name": "Mayr"}, {"name": "Meister"}),
        ([condition("name", "similar")], {"name": "Lindberg Logistik"}, {"name": "Lindbreg Logistik"}, {"name": "Elbe Bau"}),
        ([condition("email", "email")], {"name": "A", "email": "a.b+x@gmail.com"}, {"email": "AB@googlemail.com"}, {"email": "ac@gmail.com"}),
        ([condition("website", "domain")], {"name": "A", "website": "https://www.nord.example/de"}, {"website": "nord.example"}, {"website": "nord2.example"}),
        ([condition("phone", "phone")], {"name": "A", "phone": "0431 555010"}, {"phone": "+49 431 555010"}, {"phone": "0431 555011"}),
        ([condition("name"), condition("address1_city")], {"name": "A", "address1_city": "Kiel"}, {"name": "a", "address1_city": "KIEL"}, {"name": "A", "address1_city": "Köln"}),
        ([condition("name", "similar"), condition("address1_city")], {"name": "Nord Marine", "address1_city": "Kiel"}, {"name": "Nord Marin", "address1_city": "Kiel"}, {"name": "Nord Marin", "address1_city": "Köln"}),
        ([condition("number_of_employees")], {"name": "A", "number_of_employees": 7}, {"number_of_employees": 7}, {"number_of_employees": 8}),
    ],
)  # fmt: skip
def test_each_comparison(admin: Actor, conditions: list, there: dict, same: dict, different: dict) -> None:
    off(admin, "account")
    before = str(make("account", admin, **there))
    rule(admin, "account", *conditions)
    assert matches("account", admin, **same) == [before]
    assert matches("account", admin, **different) == []
    after = str(make("account", admin, **{"name": "Later", **there}))
    assert set(matches("account", admin, **same)) == {before, after}


def test_blank_and_case(admin: Actor) -> None:
    off(admin, "account")
    first = str(make("account", admin, name="Nord"))
    exact = rule(admin, "account", condition("name"), case_sensitive=True)
    assert matches("account", admin, name="nord") == [] and matches("account", admin, name="Nord") == [first]
    editing.unpublish(exact.pk, admin)
    rule(admin, "account", condition("name"), condition("ticker", ignore_blank=False))
    assert matches("account", admin, name="nord") == [first]
    assert matches("account", admin, name="nord", ticker="NRD") == []


def test_codes_follow_the_records(admin: Actor) -> None:
    account = make("account", admin, name="Nord", email="a@nord.example")
    entity = registry.get("account")
    service.update(entity, account, {"name": "Süd"}, admin)
    assert matches("account", admin, name="Nord") == [] and matches("account", admin, name="süd") == [
        str(account)
    ]
    service.delete(entity, account, admin)
    assert matches("account", admin, name="Süd") == []
    service.restore(entity, account, admin)
    assert matches("account", admin, name="Süd") == [str(account)]
    service.delete(entity, account, admin)
    service.purge(entity, account, admin)
    assert not MatchCode.objects.filter(record_id=account).exists()


def test_a_rule_across_objects(admin: Actor) -> None:
    account = str(make("account", admin, name="Nord Marine AG"))
    conditions = {"attribute": "company_name", "matching_attribute": "name", "operator": "company"}
    rule(admin, "lead", conditions, matching_object="account")
    (match,) = duplicates.find_raw(registry.get("lead"), {"company_name": "Nord Marine"}, admin)["matches"]
    assert (match["object"], match["id"], match["attributes"]) == ("account", account, ["name"])


def test_inactive_records_may_be_left_out(admin: Actor) -> None:
    off(admin, "account")
    account = make("account", admin, name="Nord")
    service.run_action(registry.get("account"), "deactivate", account, {}, admin)
    strict = rule(admin, "account", condition("name"), exclude_inactive=True)
    assert matches("account", admin, name="Nord") == []
    editing.unpublish(strict.pk, admin)
    rule(admin, "account", condition("name"))
    assert matches("account", admin, name="Nord") == [str(account)]


def test_a_blocking_rule_cannot_be_waved_through(admin: Actor) -> None:
    off(admin, "account")
    first = make("account", admin, name="Nord", email="x@nord.example")
    rule(admin, "account", condition("email", "email"), blocks=True)
    before = everything()
    for options in ({}, {"detect_duplicates": True}, {"allow_duplicates": True, "detect_duplicates": True}):
        with pytest.raises(Conflict) as refused:
            service.create(
                registry.get("account"), {"name": "B", "email": "X@nord.example"}, admin, **options
            )
        assert refused.value.code == "record.duplicates_found" and refused.value.details["blocked"] is True
    assert everything() == before
    other = make("account", admin, name="C", email="c@nord.example")
    before = everything()
    with pytest.raises(Conflict):
        service.update(registry.get("account"), other, {"email": "x@nord.example"}, admin)
    assert everything() == before
    service.update(
        registry.get("account"), first, {"phone": "0431 1234567"}, admin
    )  # it does not match itself


def test_a_rule_works_from_published_on(admin: Actor) -> None:
    off(admin, "account")
    account = str(make("account", admin, name="Nord"))
    made = rule(admin, "account", condition("name"), on=False)
    assert matches("account", admin, name="nord") == []
    editing.publish(made.pk, admin)
    made.refresh_from_db()
    assert made.state == "publishing" and matches("account", admin, name="nord") == []
    meanwhile = str(make("account", admin, name="NORD"))
    run_jobs("duplicate_rule")
    assert set(matches("account", admin, name="nord")) == {account, meanwhile}
    with pytest.raises(Conflict) as refused:
        editing.change(made.pk, {"conditions": [condition("email")]}, admin)
    assert refused.value.code == "dedup.rule_is_published"


def test_at_most_five_rules_are_on(admin: Actor) -> None:
    off(admin, "account")
    for name in ("email", "phone", "phone2", "phone3", "website"):
        rule(admin, "account", condition(name))
    sixth = rule(admin, "account", condition("ticker"), on=False)
    with pytest.raises(Conflict) as refused:
        editing.publish(sixth.pk, admin)
    assert refused.value.code == "dedup.too_many_rules"
    sixth.refresh_from_db()
    assert sixth.state == "unpublished"


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"base_object": "nothing", "conditions": [condition("name")]}, "object.unknown", "base_object"),
        ({"base_object": "account", "conditions": []}, "dedup.conditions", "conditions"),
        ({"base_object": "account", "conditions": [condition("name", "sounds")]}, "dedup.unknown_operator", "conditions.0.operator"),
        ({"base_object": "account", "conditions": [condition("nothing")]}, "attribute.unknown", "conditions.0.attribute"),
        ({"base_object": "account", "conditions": [condition({"a": 1})]}, "attribute.unknown", "conditions.0.attribute"),
        ({"base_object": "account", "conditions": [condition("name", "begins")]}, "dedup.length", "conditions.0.n"),
        ({"base_object": "account", "conditions": [condition("name", "begins", n=0)]}, "dedup.length", "conditions.0.n"),
        ({"base_object": "account", "conditions": [condition("name", "email")]}, "dedup.operator_does_not_suit", "conditions.0.attribute"),
        ({"base_object": "account", "conditions": [condition("industry", "begins", n=2)]}, "dedup.operator_does_not_suit", "conditions.0.attribute"),
        ({"base_object": "account", "conditions": [condition("description")]}, "dedup.matchcode_too_long", "conditions"),
        ({"base_object": "account", "conditions": [condition("address1_line1", "similar")]}, "dedup.similar_needs_searchable", "conditions.0.matching_attribute"),
        ({"base_object": "account", "conditions": [condition("name")], "blocks": "yes"}, "value.wrong_type", "blocks"),
        ({"base_object": "account", "conditions": [condition("name")], "name": "x" * 161}, "value.too_long", "name"),
    ],
)  # fmt: skip
def test_unusable_rules_are_refused(admin: Actor, values: dict, code: str, field: str) -> None:
    editing.listed()
    before = DuplicateRule.objects.count()
    with pytest.raises(Invalid) as refused:
        editing.create(values, admin)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert DuplicateRule.objects.count() == before


def test_only_customizers_change_rules(admin: Actor, rep: Actor) -> None:
    made = rule(admin, "account", condition("ticker"), on=False)
    for attempt in (
        lambda: editing.create({"base_object": "account", "conditions": [condition("name")]}, rep),
        lambda: editing.publish(made.pk, rep),
        lambda: editing.remove(made.pk, rep),
        lambda: editing.set_suffixes([], rep),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert DuplicateRule.objects.get(pk=made.pk).state == "unpublished"


def test_delivered_rules_stay_and_own_ones_go(admin: Actor) -> None:
    delivered = next(r for r in editing.listed()["rows"] if r["delivered"])
    with pytest.raises(Conflict) as refused:
        editing.remove(delivered["id"], admin)
    assert refused.value.code == "dedup.rule_is_delivered"
    made = rule(admin, "account", condition("ticker"))
    make("account", admin, name="A", ticker="AAA")
    editing.remove(made.pk, admin)
    assert not MatchCode.objects.filter(rule_id=made.pk).exists()
    with pytest.raises(NotFound):
        editing.publish(made.pk, admin)


def test_the_list_of_legal_forms_is_the_workspace_s_own(admin: Actor) -> None:
    account = str(make("account", admin, name="Nord Reederei"))
    assert matches("account", admin, name="Nord") == []
    editing.set_suffixes(["Reederei"], admin)
    run_jobs("duplicate_rule")
    assert matches("account", admin, name="Nord") == [account]
    assert matches("account", admin, name="Nord GmbH") == []
    editing.set_suffixes(None, admin)
    run_jobs("duplicate_rule")
    assert matches("account", admin, name="Nord Reederei GmbH") == [account]


def test_a_custom_object_has_its_rule_at_once(admin: Actor, boat: Any) -> None:
    first = str(make("c_boat", admin, name="Möwe"))
    with pytest.raises(Conflict):
        service.create(boat, {"name": "MÖWE"}, admin, detect_duplicates=True)
    assert matches("c_boat", admin, name="möwe ") == [first]
