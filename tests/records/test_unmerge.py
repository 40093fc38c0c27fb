"""What a merge moves, where old ids lead, and taking it back from the journal (CUS-11, PEERS 3.7)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, CrmError, Forbidden
from crm_core.records import files, jobs, service, undo_preview
from crm_core.records.models import AuditEntry, Job, StoredFile
from crm_core.records.service import merging
from crm_core.records.service.merged import live_master
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Share
from tests.api_client import person
from tests.records.workspace_state import differences, state
from tests.sales_people import change, everything, make, read, refers


def merge(
    name: str, master: Any, subordinate: Any, actor: Actor, **options: Any
) -> tuple[dict[str, int], Job]:
    written, moved = service.merge(registry.get(name), master, subordinate, actor, **options)
    return moved, Job.objects.get(pk=written.job_id)


def undo(job: Job, actor: Actor, force: tuple = ()) -> Job:
    job = jobs.control(job.pk, "undo", actor, force=force)
    return jobs.run_inline(job, jobs.actor_of(job))


@pytest.fixture
def two(admin: Actor, rep: Actor) -> tuple[Any, Any]:
    """Two accounts with contacts, deals, notes, a visit of a party, a file and shares."""
    nord = make("account", admin, name="Nord AG", do_not_email=False)
    north = make("account", admin, name="Nord Aktiengesellschaft", phone="+49 431 123456", do_not_email=True)
    make("contact", admin, last_name="Lind", parent_customer=refers("account", north))
    make("opportunity", admin, topic="Ferry", customer=refers("account", north))
    make("note", admin, title="Said yes", regarding=refers("account", north))
    make(
        "task",
        admin,
        subject="Call",
        regarding=refers("account", north),
        scheduled_end="2026-12-03T09:00:00Z",
    )
    party = {"role": "required", "object": "account", "id": str(north)}
    both = [party, {"role": "required", "object": "account", "id": str(nord)}]
    make("appointment", admin, subject="Visit", parties=both)
    stored = files.store("plan.txt", [b"plan"], "text/plain", admin.user_id)
    StoredFile.objects.filter(pk=stored.pk).update(regarding_object="account", regarding_id=north)
    service.share(registry.get("account"), north, rep.user_id, ["read", "write"], admin)
    service.share(registry.get("account"), nord, rep.user_id, ["read"], admin)
    return nord, north


def test_everything_moves_and_comes_back(admin: Actor, two: tuple) -> None:
    nord, north = two
    before = state()
    expected = merging.preview(registry.get("account"), nord, north, admin)
    moved, job = merge("account", nord, north, admin)
    assert moved == expected["moves"] == {"contacts": 1, "opportunities": 1, "notes": 1, "tasks": 1, "appointments": 1, "files": 1, "shares": 1}  # fmt: skip
    assert (
        read("account", nord, admin)["phone"] == "+49 431 123456"
        and read("account", nord, admin)["do_not_email"] is True
    )
    (share,) = Share.objects.filter(record_id=nord)
    assert share.rights == ["read", "write"]
    assert StoredFile.objects.get().regarding_id == nord
    job = undo(job, admin)
    assert job.state == "undone" and job.failed == 0
    after = state()
    assert differences(before, after) == []


def test_both_records_tell_of_the_merge(admin: Actor, two: tuple) -> None:
    nord, north = two
    merge("account", nord, north, admin)
    kept = AuditEntry.objects.get(record_id=nord, operation="merge")
    gone = AuditEntry.objects.get(record_id=north, operation="merged")
    assert kept.changes["phone"] == [None, "+49 431 123456"] and gone.changes["state"] == [
        "active",
        "inactive",
    ]
    assert kept.actor_id == gone.actor_id == admin.user_id


def test_what_somebody_changed_since_stays_unless_chosen(admin: Actor, two: tuple) -> None:
    nord, north = two
    before = state()
    _moved, job = merge("account", nord, north, admin)
    change("account", nord, admin, phone="+49 40 99999999")
    (conflict,) = undo_preview.preview(job, admin)["conflicts"]
    assert (conflict["id"], conflict["changed"], conflict["by"]) == (str(nord), ["Phone"], "Ada Admin")
    kept = undo(job, admin)
    assert kept.failed == 1 and kept.failures.get().code == "undo.changed_since"
    assert read("account", nord, admin)["phone"] == "+49 40 99999999"
    assert read("account", north, admin)["state"] == "active"
    assert differences(before, state()) != []


def test_a_chosen_conflict_is_undone_all_the_same(admin: Actor, two: tuple) -> None:
    nord, north = two
    before = state()
    _moved, job = merge("account", nord, north, admin)
    change("account", nord, admin, phone="+49 40 99999999")
    assert undo(job, admin, force=(nord,)).failed == 0
    assert differences(before, state()) == []


def test_other_fields_changed_since_are_no_conflict(admin: Actor, two: tuple) -> None:
    nord, north = two
    _moved, job = merge("account", nord, north, admin)
    change("account", nord, admin, website="nord.example")
    assert undo(job, admin).failed == 0
    row = read("account", nord, admin)
    assert row["website"] == "nord.example" and row["phone"] is None


def test_an_old_id_leads_to_the_new_place(admin: Actor) -> None:
    entity = registry.get("account")
    first, second, third = (make("account", admin, name=f"Nord {n}") for n in range(3))
    merge("account", second, first, admin)
    merge("account", third, second, admin)
    assert live_master(entity, first) == third
    contact = make("contact", admin, last_name="Lind", parent_customer=refers("account", first))
    assert read("contact", contact, admin)["parent_customer"]["id"] == str(third)
    with pytest.raises(Conflict) as refused:
        service.merge(entity, third, first, admin)
    assert refused.value.code == "merge.already_merged" and refused.value.details["merged_into"] == str(third)


def test_merging_needs_the_right_on_both(admin: Actor, rep: Actor) -> None:
    mine, other = make("account", rep, name="Mine"), make("account", admin, name="Other")
    rep.depths["account"] = {"create": 5, "read": 5, "write": 5, "merge": 1}
    before = everything()
    for pair in ((mine, other), (other, mine)):
        with pytest.raises(Forbidden):
            service.merge(registry.get("account"), *pair, rep)
    assert everything() == before


def test_over_http(workspace: Any) -> None:
    _user, api = person(workspace, "ada@example.com", "system_administrator")
    _status, one = api.post("/accounts", {"name": "One"})
    _status, two = api.post("/accounts", {"name": "Two", "phone": "+49 431 123456"})
    status, shown = api.post("/accounts/merge/preview", {"master": one["id"], "subordinate": two["id"]})
    assert (status, shown) == (200, {"moves": {}, "parents_differ": False})
    status, merged = api.post("/accounts/merge", {"master": one["id"], "subordinate": two["id"]})
    assert status == 200 and merged["record"]["phone"] == "+49 431 123456"
    status, gone = api.get(f"/accounts/{two['id']}")
    assert (status, gone["merged_into"]) == (200, one["id"])
    status, preview = api.get(f"/jobs/{merged['job']}/undo")
    assert status == 200 and preview["conflicts"] == [] and preview["records"] == 2
    status, job = api.post(f"/jobs/{merged['job']}/actions/undo", {"force": []})
    assert (status, job["state"]) == (200, "undone")
    assert api.get(f"/accounts/{two['id']}")[1]["state"] == "active"
    assert api.post(f"/jobs/{merged['job']}/actions/undo")[0] == 409
    assert api.post("/accounts/merge/preview", {"master": "x", "subordinate": two["id"]})[0] == 400
    assert api.post(f"/jobs/{merged['job']}/actions/undo", {"force": ["x"]})[0] == 400


@pytest.mark.real_commit
def test_two_people_merge_overlapping_pairs_at_once(workspace: Any) -> None:
    """One wins, the other is told; nothing is half done."""
    from django.db import connection, transaction

    from tenants.context import activate

    user, _api = person(workspace, "ada@example.com", "system_administrator")
    with transaction.atomic():
        actor = actor_for(user.pk)
        assert actor is not None
        ids = [make("account", actor, name=f"Nord {n}") for n in range(3)]
        for i in ids:
            make("contact", actor, last_name="Lind", parent_customer=refers("account", i))
    barrier = threading.Barrier(2, timeout=30)
    codes: list[str] = []

    def work(master: Any, subordinate: Any) -> None:
        try:
            with activate(workspace):
                barrier.wait()
                with transaction.atomic():
                    mine = actor_for(user.pk)
                    assert mine is not None
                    service.merge(registry.get("account"), master, subordinate, mine)
            codes.append("done")
        except CrmError as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in ((ids[0], ids[1]), (ids[2], ids[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(codes) == ["done", "merge.already_merged"]
    rows = {i: registry.get("account").model.objects.get(pk=i) for i in ids}  # type: ignore[attr-defined]
    master = rows[ids[1]].merged_into
    assert master in (ids[0], ids[2]) and [r.merged_into for i, r in rows.items() if i != ids[1]] == [
        None,
        None,
    ]
    parents = [str(c.parent_account_id) for c in registry.get("contact").model.objects.all()]  # type: ignore[attr-defined]
    assert sorted(parents) == sorted([str(master), str(master), str(ids[2] if master == ids[0] else ids[0])])
    assert Job.objects.filter(kind="merge").count() == 1
