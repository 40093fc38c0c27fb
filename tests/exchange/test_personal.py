"""Access requests and erasure for one person: complete, for good, and nothing brings him back (CUS-15.8)."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from crm_core.exchange.models import Import, ImportOutcome, ImportRow, PersonalRequest
from crm_core.exchange.personal import erasure, register, report, retention, scope
from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, CrmError, Forbidden, Invalid, NotFound
from crm_core.records import audit, bulk, erased, files, jobs, service
from crm_core.records.models import AuditEntry, ErasedAddress, Job, MatchCode, StoredFile
from crm_core.records.query import Query
from crm_core.search.find import search
from crm_core.security.actor import Actor
from tests.api_client import person as sign_in
from tests.sales_people import act, change, everything, make, read, refers

#: what must not be found anywhere afterwards
TRACES = ("Quirin", "Zwiebelfisch", "quirin@zwiebelfisch.example", "1701742", "Geheimgasse", "Nachtisch")
ALL = {"confirm": "Quirin Zwiebelfisch", "notes": True, "activities": True, "files": True}


@pytest.fixture
def person(admin: Actor) -> dict[str, Any]:
    """A contact with everything that can hang on one."""
    account = make("account", admin, name="Werft AG")
    contact = make(
        "contact", admin, first_name="Quirin", last_name="Zwiebelfisch", email="quirin@zwiebelfisch.example",
        mobile_phone="+49 151 1701742", birth_date="1970-02-03", description="Likes Nachtisch", gender=1, source=1,
        address1_line1="Geheimgasse 1", parent_customer=refers("account", account), external_key="ZF-Quirin",
    )  # fmt: skip
    change("contact", contact, admin, nickname="Quirin")
    about = refers("contact", contact)
    made = {
        "account": account,
        "contact": contact,
        "address": make("customer_address", admin, parent=about, line1="Geheimgasse 2"),
        "note": make("note", admin, title="Quirin called", body="Nachtisch again", regarding=about),
        "mail": make("email", admin, subject="To Quirin", body="Dear Zwiebelfisch", parties=[
            {"role": "to", "object": "contact", "id": str(contact), "name": "Quirin Zwiebelfisch",
             "address": "quirin@zwiebelfisch.example"}]),
        "deal": make("opportunity", admin, topic="Ferry", customer=about, estimated_revenue="100.00"),
    }  # fmt: skip
    change("opportunity", made["deal"], admin, customer=refers("account", account))
    change("opportunity", made["deal"], admin, customer=about)
    import_ = Import.objects.create(
        file_name="people.csv", columns=[{"header": "Name", "samples": ["Quirin"]}]
    )
    ImportRow.objects.create(import_id=import_.pk, number=1, cells=["Quirin", "Zwiebelfisch"])
    ImportOutcome.objects.create(import_id=import_.pk, number=1, status="created", object="contact", record_id=contact)  # fmt: skip
    return made


def whole_database() -> str:
    """The text of every row of every table of the workspace."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if not model.__module__.startswith("crm_core."):
                continue
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def erase(record_id: Any, actor: Actor, **more: Any) -> PersonalRequest:
    return erasure.erase(registry.get("contact"), record_id, {**ALL, **more}, actor)


def test_nothing_of_an_erased_person_is_left_in_any_table(admin: Actor, person: dict[str, Any]) -> None:
    held = whole_database()
    assert all(trace in held for trace in TRACES)
    row = erase(person["contact"], admin, requested="letter of 3 November")
    left = whole_database()
    assert [trace for trace in TRACES if trace in left] == []
    contact = read("contact", person["contact"], admin)
    assert contact["full_name"] == "Erased person" and contact["email"] is None and contact["gender"] is None
    assert contact["source"] == 1 and contact["parent_customer"]["name"] == "Werft AG"
    deal = read("opportunity", person["deal"], admin)
    assert deal["estimated_revenue"] == "100.00" and deal["customer"]["name"] == "Erased person"
    assert not MatchCode.objects.filter(record_id=person["contact"]).exists()
    assert search("Zwiebelfisch", admin) == []
    entry = AuditEntry.objects.get(record_id=person["contact"], operation="erase")
    assert entry.changes == {"records": [None, 1]} and entry.actor_id == admin.user_id
    assert row.done_by == admin.user_id and row.requested == "letter of 3 November"
    assert register.rows(admin)[0]["kind"] == "erasure"


def test_an_undo_after_the_erasure_brings_nothing_back(admin: Actor, person: dict[str, Any]) -> None:
    job = bulk.start(registry.get("contact"), {"operation": "edit", "ids": [str(person["contact"])], "values": {"job_title": "Captain", "last_name": "Other"}}, admin)  # fmt: skip
    job.refresh_from_db()
    assert job.state == "succeeded"
    erase(person["contact"], admin, confirm="Quirin Other")
    jobs.control(job.pk, "undo", admin, force=[person["contact"]])
    job.refresh_from_db()
    if job.state == "undoing":
        jobs.run_inline(job, admin)
    contact = read("contact", person["contact"], admin)
    assert contact["full_name"] == "Erased person" and contact["last_name"] == "Erased person"
    assert [trace for trace in TRACES if trace in whole_database()] == []


def test_a_merge_cannot_be_taken_back_and_both_are_erased(admin: Actor, person: dict[str, Any]) -> None:
    twin = make("contact", admin, first_name="Quirin", last_name="Zwiebelfisch", fax="+49 1701742")
    contact = registry.get("contact")
    _written, _moved = service.merge(contact, person["contact"], twin, admin, values={}, fill_empty=True)
    erase(person["contact"], admin)
    assert [trace for trace in TRACES if trace in whole_database()] == []
    job = Job.objects.get(kind="merge")
    with pytest.raises(Conflict):
        jobs.control(job.pk, "undo", admin)


def test_from_the_recycle_bin_and_restored_afterwards(admin: Actor, person: dict[str, Any]) -> None:
    contact = registry.get("contact")
    service.delete(contact, person["contact"], admin)
    erase(person["contact"], admin)
    assert [trace for trace in TRACES if trace in whole_database()] == []
    service.restore(contact, person["contact"], admin)
    assert read("contact", person["contact"], admin)["full_name"] == "Erased person"
    assert [trace for trace in TRACES if trace in whole_database()] == []


def test_no_old_value_can_be_restored_from_the_audit(admin: Actor, person: dict[str, Any]) -> None:
    change("contact", person["contact"], admin, nickname="Q")
    entry = AuditEntry.objects.filter(record_id=person["contact"], operation="update").order_by("-id").first()
    assert entry is not None
    erase(person["contact"], admin)
    with pytest.raises(CrmError):
        audit.restore_value(entry.pk, "nickname", admin)
    assert read("contact", person["contact"], admin)["nickname"] is None


def test_texts_stay_where_they_are_not_chosen(admin: Actor, person: dict[str, Any]) -> None:
    erase(person["contact"], admin, notes=False, activities=False)
    assert read("note", person["note"], admin)["body"] == "Nachtisch again"
    mail = read("email", person["mail"], admin)
    assert mail["body"] == "Dear Zwiebelfisch"
    assert mail["parties"][0]["name"] == "Erased person" and mail["parties"][0]["address"] is None


def test_the_lead_a_contact_was_is_the_same_person(admin: Actor) -> None:
    lead = make("lead", admin, topic="Quirin wants a boat", first_name="Quirin", last_name="Zwiebelfisch")
    _written, result = act("lead", "qualify", lead, admin, create_contact=True)
    contact = result["contact_id"]
    erase(contact, admin)
    assert read("lead", lead, admin)["topic"] == "Erased person"
    assert [trace for trace in TRACES if trace in whole_database()] == []


def test_without_the_right_or_the_name_nothing_happens(
    admin: Actor, rep: Actor, person: dict[str, Any]
) -> None:
    before = everything()
    with pytest.raises(Forbidden):
        erase(person["contact"], rep)
    with pytest.raises(Forbidden):
        report.start(registry.get("contact"), person["contact"], {}, rep)
    with pytest.raises(Forbidden):
        register.rows(rep)
    for wrong in ("", "quirin", "Quirin  Zwiebelfisch", None, 3):
        with pytest.raises(Invalid) as refused:
            erase(person["contact"], admin, confirm=wrong)
        assert refused.value.code == "personal.not_confirmed"
    able = replace(rep, capabilities=rep.capabilities | {scope.CAPABILITY}, depths={"contact": {"read": 1}})
    with pytest.raises(NotFound):
        erase(person["contact"], able)
    with pytest.raises(Invalid):
        erasure.erase(registry.get("account"), person["account"], ALL, admin)
    assert everything() == before and not PersonalRequest.objects.exists()


def test_everything_held_is_handed_out_and_readable(admin: Actor, person: dict[str, Any]) -> None:
    change("contact", person["contact"], admin, description="<script>alert(1)</script>")
    stored = files.store("cv.txt", io.BytesIO(b"CV"), "text/plain", admin.user_id)
    StoredFile.objects.filter(pk=stored.pk).update(regarding_object="contact", regarding_id=person["contact"])
    job = report.start(registry.get("contact"), person["contact"], {"requested": "e-mail"}, admin)
    jobs.run_inline(job, admin)
    with zipfile.ZipFile(files.path_of(job.file)) as archive:
        names = archive.namelist()
        document = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
        assert archive.read(f"files/{stored.pk}/cv.txt") == b"CV"
    assert {"data.json", "index.html"} <= set(names)
    sections = {s["object"]: s for s in document["sections"]}
    assert {"contact", "note", "email", "opportunity"} <= set(sections)
    assert sections["contact"]["records"][0]["email"] == "quirin@zwiebelfisch.example"
    assert "Nachtisch again" in page and "quirin@zwiebelfisch.example" in page
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert register.rows(admin)[0]["job"]["state"] == "succeeded"
    erase(person["contact"], admin)
    job.file.refresh_from_db()
    assert job.file.deleted_at is not None, "what was handed out before goes too"


def test_what_one_may_not_read_is_not_handed_out(admin: Actor, rep: Actor, person: dict[str, Any]) -> None:
    able = replace(rep, capabilities=rep.capabilities | {scope.CAPABILITY}, depths={"contact": {"read": 5}})
    found = report.collected(scope.find(registry.get("contact"), person["contact"], able), able)
    assert [s["object"] for s in found] == ["contact"]
    assert Query(registry.get("contact"), able).count()["value"] == 1


def test_an_erased_address_does_not_come_back_by_any_way(
    workspace: Any, admin: Actor, person: dict[str, Any]
) -> None:
    _user, api = sign_in(workspace, "ivy@example.com", "system_administrator")
    erase(person["contact"], admin)
    contacts = registry.get("contact").model.objects.count()
    again = {"last_name": "Back", "email2": " QUIRIN@Zwiebelfisch.example "}
    status, answer = api.post("/contacts", again)
    assert (status, answer["code"], answer["field"]) == (422, "personal.erased", "email2")
    other = make("contact", admin, last_name="Other", email="other@example.com")
    status, answer = api.patch(f"/contacts/{other}", {"email": "quirin@zwiebelfisch.example"})
    assert (status, answer["code"]) == (422, "personal.erased")
    status, answer = api.post(
        "/leads", {"topic": "T", "last_name": "B", "email": "quirin@zwiebelfisch.example"}
    )
    assert (status, answer["code"]) == (422, "personal.erased")
    rows = [
        {"last_name": "A", "email": "a@example.com"},
        {"last_name": "B", "email": "quirin@zwiebelfisch.example"},
    ]
    for dry in (True, False):
        results = service.create_many(registry.get("contact"), rows, admin.acting("import"), dry_run=dry)
        assert [r.error.code if r.error else None for r in results] == [None, "personal.erased"]
    assert registry.get("contact").model.objects.count() == contacts + 2
    assert change("contact", other, admin, job_title="Cook").version == 2, (
        "what was there before stays changeable"
    )
    assert api.get("/personal_requests")[1]["blocked"] == 1
    for wrong in ({"email": 7}, {"email": "nobody"}, {}):
        assert api.post("/personal_requests/actions/release", wrong)[0] == 400
    status, answer = api.post("/personal_requests/actions/release", {"email": "stranger@example.com"})
    assert (status, answer["code"]) == (404, "personal.not_blocked")
    assert api.post("/personal_requests/actions/release", {"email": "Quirin@zwiebelfisch.example"})[0] == 204
    assert api.post("/contacts", again)[0] == 201
    entry = AuditEntry.objects.get(object="personal_request", operation="release")
    assert "quirin" not in str(entry.changes).lower()


def test_only_who_handles_personal_data_allows_an_address_again(admin: Actor, person: dict[str, Any]) -> None:
    erase(person["contact"], admin)
    with pytest.raises(Forbidden):
        register.release(
            "quirin@zwiebelfisch.example", replace(admin, is_administrator=False, capabilities=frozenset())
        )
    assert ErasedAddress.objects.count() == 1


def test_the_hash_tells_neither_the_address_nor_that_another_workspace_knows_it() -> None:
    one, other = erased.digest("a@example.com", "00" * 32), erased.digest("a@example.com", "11" * 32)
    assert one != other and erased.digest(" A@Example.com", "00" * 32) == one and "example" not in one


def test_a_night_erases_so_many_and_no_more(
    workspace: Any, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "A_NIGHT", 2)
    needed: dict[str, dict[str, str]] = {"contact": {}, "lead": {"topic": "Boats"}}
    people = {
        name: [make(name, admin, last_name=f"Old {n}", **more) for n in range(2)]
        for name, more in needed.items()
    }
    long_ago = timezone.now() - dt.timedelta(days=3000)
    for name, ids in people.items():
        registry.get(name).model.objects.filter(pk__in=ids).update(modified_at=long_ago)
        retention.create({"object": name, "state": None, "months": 12}, admin)
    assert [retention.erase_due() for _night in range(3)] == [2, 2, 0]


def test_a_retention_rule_erases_who_was_not_touched_for_so_long(workspace: Any, admin: Actor) -> None:
    _user, api = sign_in(workspace, "ivy@example.com", "system_administrator")
    lead = registry.get("lead")
    ages = {"old": 25, "young": 23, "open": 40, "called": 40, "planned": 40}
    ids = {n: make("lead", admin, topic=n, last_name=n.title(), email=f"{n}@example.com") for n in ages}
    for name, months in ages.items():
        then = timezone.now() - dt.timedelta(days=30.5 * months)
        state = {} if name == "open" else {"state": "disqualified", "status_reason": 4}
        lead.model.objects.filter(pk=ids[name]).update(modified_at=then, **state)
    lead.model.objects.filter(pk=ids["called"]).update(last_contacted_at=timezone.now())
    lead.model.objects.filter(pk=ids["planned"]).update(next_activity_at=timezone.now())
    body = {"object": "lead", "state": "disqualified", "months": 24}
    assert retention.erase_due() == 0 and api.post("/retention_rules/preview", body) == (200, {"due": 1})
    status, rule = api.post("/retention_rules", body)
    assert (status, rule["due"]) == (201, 1)
    assert api.post("/retention_rules", body)[1]["code"] == "retention.exists"
    for wrong, code in (
        ({**body, "object": "account"}, "personal.not_a_person"), ({**body, "state": "nope"}, "state.unknown"),
        ({**body, "months": 0}, "request.malformed"), ({**body, "months": True}, "request.malformed"),
        ({**body, "x": 1}, "request.unknown_parameter"),
    ):  # fmt: skip
        status, answer = api.post("/retention_rules", wrong)
        assert 400 <= status < 500 and answer["code"] == code, answer
    assert retention.erase_due() == 1 and retention.erase_due() == 0
    assert lead.model.objects.get(pk=ids["old"]).email is None
    assert all(lead.model.objects.get(pk=ids[n]).email for n in ages if n != "old")
    row = PersonalRequest.objects.get(record_id=ids["old"])
    assert (row.kind, row.done_by, row.requested) == ("erasure", None, "retention rule")
    assert ErasedAddress.objects.count() == 0, "nobody asked to be forgotten"
    lead.model.objects.filter(pk=ids["old"]).update(modified_at=timezone.now() - dt.timedelta(days=3000))
    assert retention.erase_due() == 0, "once is enough"
    assert api.delete(f"/retention_rules/{rule['id']}")[0] == 204
    lead.model.objects.filter(pk=ids["young"]).update(modified_at=timezone.now() - dt.timedelta(days=3000))
    assert retention.erase_due() == 0
    with pytest.raises(Forbidden):
        retention.rows(replace(admin, is_administrator=False, capabilities=frozenset()))
