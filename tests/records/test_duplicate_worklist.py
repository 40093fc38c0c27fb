"""The work-list over existing records: scan, groups, decisions, rights (CUS-10.4, PEERS 3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Forbidden, Malformed, NotFound
from crm_core.metadata.field_security import can_be_secured, secured_as
from crm_core.records import jobs, securing, service
from crm_core.records.duplicates import scanning, worklist
from crm_core.records.duplicates.profiles import ProfileReader, scanned_objects
from crm_core.records.models import DuplicatePair, DuplicateScan, Job
from crm_core.security.actor import Actor
from tests.records.labelled_records import people
from tests.sales_people import make, refers


def scan(actor: Actor, name: str | None = None) -> Job:
    job = scanning.start(name, actor)
    jobs.run_inline(job, jobs.actor_of(job))
    return job


def listed(actor: Actor, **more: Any) -> list[list[str]]:
    """Names per group, sorted."""
    found = worklist.groups(actor, **more)["groups"]
    return [sorted(r["name"] for r in group["records"]) for group in found]


@pytest.fixture
def petras(admin: Actor) -> list[Any]:
    """Three records of one person and one of somebody else."""
    make("contact", admin, first_name="Ole", last_name="Berg", email="ole@fjord.example")
    return [
        make("contact", admin, first_name="Petra", last_name="Lindberg", email="petra.lindberg@nord.example"),
        make("contact", admin, first_name="Petra", last_name="Lindbreg", email="Petra.Lindberg@nord.example"),
        make("contact", admin, first_name="Petra", last_name="Lindberg", email="petra.lindberg@nord.example", mobile_phone="0171 2345678"),
    ]  # fmt: skip


def test_a_scan_finds_one_group_of_three(admin: Actor, petras: list) -> None:
    job = scan(admin, "contact")
    assert job.state == "succeeded" and job.result == {"pairs": 3} and DuplicateScan.objects.count() == 0
    assert listed(admin) == [["Petra Lindberg", "Petra Lindberg", "Petra Lindbreg"]]
    (group,) = worklist.groups(admin)["groups"]
    assert group["score"] >= 90 and "same_email" in group["reasons"] and len(group["pairs"]) == 3
    assert all(r["mergeable"] for r in group["records"])


def test_a_second_scan_changes_nothing_and_drops_what_no_longer_matches(admin: Actor, petras: list) -> None:
    scan(admin)
    before = set(DuplicatePair.objects.values_list("pk", "first_id", "second_id", "score"))
    scan(admin)
    assert set(DuplicatePair.objects.values_list("pk", "first_id", "second_id", "score")) == before
    values = {"first_name": "Olga", "last_name": "Zimmermann", "email": "olga@zimmer.example"}
    service.update(registry.get("contact"), petras[1], values, admin)
    scan(admin)
    assert listed(admin) == [["Petra Lindberg", "Petra Lindberg"]]


def test_a_decision_is_remembered(admin: Actor, petras: list) -> None:
    scan(admin)
    (group,) = worklist.groups(admin)["groups"]
    pairs = [p["id"] for p in group["pairs"] if str(petras[1]) in (p["first"], p["second"])]
    assert worklist.decide(pairs, "not_duplicate", admin) == 2
    scan(admin)
    assert listed(admin) == [["Petra Lindberg", "Petra Lindberg"]]
    assert worklist.groups(admin, state="not_duplicate")["count"] == 2
    worklist.decide([p["id"] for p in worklist.groups(admin)["groups"][0]["pairs"]], "later", admin)
    assert listed(admin) == [] and len(listed(admin, state="later")) == 1
    worklist.decide(pairs, "open", admin)
    assert worklist.groups(admin)["count"] == 2


def test_only_pairs_whose_both_records_one_may_read_are_shown(admin: Actor, rep: Actor, petras: list) -> None:
    scan(admin)
    assert len(worklist.groups(rep)["groups"][0]["records"]) == 3
    rep.depths["contact"] = {"create": 1, "read": 1, "write": 1, "merge": 1}  # own records only
    assert worklist.groups(rep)["groups"] == [] and worklist.groups(rep)["count"] == 0
    pair = DuplicatePair.objects.first()
    assert pair is not None
    with pytest.raises(NotFound):
        worklist.decide([pair.pk], "not_duplicate", rep)
    mine = make("contact", rep, first_name="Petra", last_name="Lindberg", email="petra.lindberg@nord.example")
    again = make(
        "contact", rep, first_name="Petra", last_name="Lindberg", email="petra.lindberg@nord.example"
    )
    scan(admin)
    (group,) = worklist.groups(rep)["groups"]
    assert {r["id"] for r in group["records"]} == {str(mine), str(again)}
    pair.refresh_from_db()
    assert pair.state == "open"


def test_who_may_not_write_may_not_decide_or_scan(admin: Actor, rep: Actor, petras: list) -> None:
    scan(admin)
    for entity in scanning.scanned_objects():
        rep.depths[entity.name] = {"read": 5}
    pair = DuplicatePair.objects.first()
    assert pair is not None
    with pytest.raises(Forbidden):
        worklist.decide([pair.pk], "not_duplicate", rep)
    with pytest.raises(Forbidden):
        scanning.start("contact", rep)
    assert not worklist.groups(rep)["groups"][0]["records"][0]["mergeable"]


def test_a_lead_that_is_a_contact(admin: Actor) -> None:
    make("contact", admin, first_name="Petra", last_name="Lind", email="petra@nord.example")
    make("lead", admin, topic="Ferry", first_name="Petra", last_name="Lind", email="Petra@nord.example")
    scan(admin, "lead")
    (group,) = worklist.groups(admin, object_name="lead")["groups"]
    assert {r["object"] for r in group["records"]} == {"lead", "contact"}


def test_merged_and_deleted_records_leave_the_list(admin: Actor, petras: list) -> None:
    scan(admin)
    entity = registry.get("contact")
    service.merge(entity, petras[0], petras[1], admin)
    assert listed(admin) == [["Petra Lindberg", "Petra Lindberg"]]
    service.delete(entity, petras[2], admin)
    assert listed(admin) == []
    scan(admin)
    assert DuplicatePair.objects.count() == 0


def test_companies_are_told_apart(admin: Actor) -> None:
    for name, city in (
        ("Nord Marine GmbH", "Kiel"),
        ("Nord Marine AG", "Kiel"),
        ("Nord Marine Malmö AB", "Malmö"),
        ("Werk 1", ""),
        ("Werk 2", ""),
    ):
        make("account", admin, name=name, **({"address1_city": city} if city else {}))
    scan(admin, "account")
    assert listed(admin) == [["Nord Marine AG", "Nord Marine GmbH"]]


def test_pages_and_steps(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small steps and small pages give what one step and one page give."""
    entity = registry.get("contact")
    rows = [{k: v for k, v in p.values.items() if k not in ("company_name", "city")} for p in people(120, 4)]
    assert all(r.error is None for r in service.create_many(entity, rows, admin))
    scan(admin, "contact")
    whole = worklist.groups(admin, limit=100)
    pairs = set(DuplicatePair.objects.values_list("first_id", "second_id", "score"))
    DuplicatePair.objects.all().delete()
    monkeypatch.setattr(scanning, "READ_STEP", 7)
    monkeypatch.setattr(scanning, "BLOCKS_STEP", 5)
    scan(admin, "contact")
    assert (
        set(DuplicatePair.objects.values_list("first_id", "second_id", "score")) == pairs and len(pairs) > 20
    )
    found, cursor = [], None
    while True:
        page = worklist.groups(admin, limit=7, cursor=cursor)
        found += page["groups"]
        cursor = page["next"]
        if cursor is None:
            break
    ids = [sorted(r["id"] for r in g["records"]) for g in found]
    assert sorted(ids) == sorted(sorted(r["id"] for r in g["records"]) for g in whole["groups"])


def test_bad_input(admin: Actor) -> None:
    for more in ({"state": "x"}, {"cursor": "%%"}, {"cursor": "eA=="}, {"limit": 0}):
        with pytest.raises(Malformed):
            worklist.groups(admin, **more)
    with pytest.raises(NotFound):
        worklist.groups(admin, object_name="nothing")
    with pytest.raises(Malformed):
        scanning.start("task", admin)


def test_a_scan_under_way_is_answered(admin: Actor, petras: list) -> None:
    assert scanning.start("contact", admin).pk == scanning.start("contact", admin).pk


def test_the_company_counts(admin: Actor) -> None:
    nord = make("account", admin, name="Nord Marine AG")
    for first in ("Robert", "Bob"):
        make(
            "contact",
            admin,
            first_name=first,
            last_name="Lindqvist",
            parent_customer=refers("account", nord),
            address1_city="Kiel",
        )
    scan(admin, "contact")
    assert worklist.groups(admin)["groups"][0]["reasons"][:1] == ["similar_name"]


def test_a_secured_value_speaks_for_nobody(admin: Actor) -> None:
    """Score and reasons of the work-list are for everybody who reads both records: secured values play no part (PLT-41)."""
    same = {"last_name": "Berg", "email": "ole@fjord.example", "birth_date": "1980-05-06"}
    make("contact", admin, first_name="Ole", **same)
    make("contact", admin, first_name="Ole", **same)
    scan(admin, "contact")
    (before,) = worklist.groups(admin)["groups"]
    assert {"same_email", "same_birthday"} <= set(before["reasons"])
    securing.secure({"contact.email": True, "contact.birth_date": True}, admin)
    assert worklist.groups(admin)["groups"] == []
    scan(admin, "contact")
    for group in worklist.groups(admin)["groups"]:
        assert not {"same_email", "similar_email", "same_birthday"} & set(group["reasons"])
        assert group["score"] < before["score"]


def test_no_scanned_object_compares_secured_values(admin: Actor) -> None:
    for entity in scanned_objects():
        chosen = {
            f"{entity.name}.{n}": True
            for n, a in entity.attributes.items()
            if can_be_secured(entity, a, registry.current().entities)
        }
        hidden = secured_as({entity.name: entity}, tuple(sorted(chosen.items())))[entity.name]
        assert [a.name for _what, a, _column in ProfileReader(hidden).parts if a.secured] == []
